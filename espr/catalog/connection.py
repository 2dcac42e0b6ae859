"""How a library's file is made and opened, and SQLite's errors in plain terms.

WAL journal where the file system allows it, else a rollback journal; synchronous FULL;
``application_id`` "ESPR", ``user_version`` the format.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import espr
from espr.catalog.locations import permitted, refuse_no_file
from espr.catalog.name_words import SQL_FUNCTIONS
from espr.catalog.schema import (
    ADDED_STATEMENTS,
    APPLICATION_ID,
    FORMAT,
    OLDEST_FORMAT,
    OLDEST_STATEMENTS,
    STAND_INS,
    STATEMENTS,
    checksum,
)
from espr.errors import (
    LIBRARY_DAMAGED,
    LIBRARY_IN_USE,
    NO_LIBRARY,
    UNEXPECTED,
    WRONG_INPUT,
    EsprError,
)

_BUSY_SECONDS = 10.0
# Python's sqlite3 gives these no error code of their own.
_SIGNS_OF_DAMAGE = (
    *("no such table", "no such column", "Could not decode", "unsupported file format"),
    *("attached databases must use the same text encoding", "no such index"),
    "user-defined function raised exception",  # of `crc`, by a text that is no UTF-8
)


class OtherFormatError(EsprError):
    """The library was written by another version of ESPR, which is no damage."""

    def __init__(self, message: str) -> None:
        super().__init__(message, LIBRARY_DAMAGED)


def connect_read(path: Path) -> sqlite3.Connection:
    """Open an existing library for reading; it may lie in a folder that cannot be written."""
    refuse_no_file(path)
    if not path.exists():
        raise EsprError(f"no library at {path}; run: espr index FOLDER", NO_LIBRARY)
    with sqlite_errors_as_espr(path):
        try:
            connection = connect(path, "mode=ro")
            _check_format(connection, path)
        except sqlite3.OperationalError:
            # A WAL database needs a -shm file beside it. Where none can be made and no
            # log waits to be read, the file is whole and nobody writes it.
            how = "mode=ro&immutable=1"
            for log in (Path(f"{path}-wal"), Path(f"{path}-journal")):
                if not (log.exists() and log.stat().st_size):
                    continue
                if not permitted(path.parent, os.W_OK):
                    raise EsprError(
                        f"the library {path} was left while it was written, and cannot be read "
                        f"where nothing can be written; copy it and {log.name} elsewhere, and "
                        "run: espr check"
                    ) from None
                if log.name.endswith("-wal"):
                    raise
                # A writer was killed where there is no WAL: its half transaction is undone.
                with closing(connect(path, "mode=rw")) as undoing:
                    undoing.execute("SELECT count(*) FROM sqlite_master").fetchone()
                how = "mode=ro"
            connection = connect(path, how)
            _check_format(connection, path)
    return connection


def connect_write(path: Path) -> sqlite3.Connection:
    """Open a library for writing; make it when there is none. The caller holds the lock."""
    if os.path.lexists(path):
        reading = connect_read(path)
        older = format_of(reading) < FORMAT
        reading.close()
        if older:
            _bring_up_to_date(path)
    else:
        with sqlite_errors_as_espr(path):
            create(path)
    with sqlite_errors_as_espr(path):
        try:
            connection = _prepared(path)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR):
                raise
            connection = _prepared(path, shared_memory=False)
        if not schema_is_whole(connection):
            connection.close()
            raise EsprError(
                f"the library {path} is damaged: its tables are not as they were made; "
                "run: espr repair",
                LIBRARY_DAMAGED,
            )
    return connection


def _bring_up_to_date(path: Path) -> None:
    """Give a library of the format before this one what it lacks; all or nothing.

    The tables, that is; and triggers, which differ between versions, are made again.
    """
    with sqlite_errors_as_espr(path), closing(connect(path, "mode=rw")) as connection:
        if not schema_is_whole(connection):
            return  # which whoever asked finds out
        prepare(connection)
        connection.execute("BEGIN IMMEDIATE")
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in STATEMENTS:
            if statement in ADDED_STATEMENTS or _is_trigger(statement):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute("COMMIT")


def _prepared(path: Path, *, shared_memory: bool = True) -> sqlite3.Connection:
    """Open a library that exists for writing.

    Without shared memory, as on some network file systems, a WAL can be read in exclusive mode
    alone. It is merged then, and a rollback journal used from now on.
    """
    connection = connect(path, "mode=rw")
    try:
        if shared_memory:
            with _unless_busy():  # a backup is in no WAL, and nor is what was just made
                connection.execute("PRAGMA journal_mode = WAL")
        else:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA locking_mode = NORMAL")
        prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _unless_busy() -> Iterator[None]:
    """Pass over what cannot be done while another connection reads."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise


def prepare(connection: sqlite3.Connection) -> None:
    """Set what every writing connection needs."""
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # what REPLACE deletes is counted, too; our own triggers call our own function
    connection.execute("PRAGMA recursive_triggers = ON")
    connection.execute("PRAGMA trusted_schema = ON")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


def create(path: Path) -> None:
    """Make an empty library under another name, then move it into place: none is half made."""
    unfinished = Path(f"{path}.new")
    connection = create_unfinished(unfinished)
    connection.close()
    os.replace(unfinished, path)


def create_unfinished(path: Path) -> sqlite3.Connection:
    """Make an empty library, replacing what an earlier attempt left; return it open.

    With a rollback journal: closing a WAL database merges its log, and does not tell when
    the disk is too full for that. The first writer turns to WAL.
    """
    remove_files(path)
    connection = connect(path, "mode=rwc")
    try:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        prepare(connection)
        connection.execute("BEGIN")
        for statement in STATEMENTS:
            connection.execute(statement)
        connection.executemany(
            "INSERT INTO meta (key, value) VALUES (?, ?)",
            [
                ("espr", espr.__version__),
                ("id", os.urandom(16).hex()),
                ("generation", "0"),
                ("stamp", os.urandom(8).hex()),
            ],
        )
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        remove_files(path)
        raise
    return connection


def remove_files(path: Path) -> None:
    """Delete a database with its logs, ties and note codes, as far as they are there."""
    for suffix in ("", "-wal", "-shm", "-journal", ".ties", ".notes"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def put_in_place(unfinished: Path, path: Path) -> None:
    """Put a closed database in the place of another: there is one at any moment.

    A log of the old one must not be taken for one of the new one, whose own is empty.
    """
    for name in (unfinished, path):
        for suffix in ("-wal", "-shm", "-journal"):
            Path(f"{name}{suffix}").unlink(missing_ok=True)
    for suffix in (".ties", ".notes"):
        Path(f"{unfinished}{suffix}").unlink(missing_ok=True)
    os.replace(unfinished, path)


def schema_is_whole(connection: sqlite3.Connection) -> bool:
    """Whether tables, indexes and triggers are as this version makes them.

    Of an older format, tables and indexes alone.
    """
    rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    present = {_without_comments(sql) for (sql,) in rows}
    if format_of(connection) == FORMAT:
        return present == {_without_comments(sql) for sql in STATEMENTS}
    wanted = {_without_comments(sql) for sql in OLDEST_STATEMENTS if not _is_trigger(sql)}
    return {sql for sql in present if not _is_trigger(sql)} == wanted


def _is_trigger(statement: str) -> bool:
    return statement.startswith("CREATE TRIGGER")


def _without_comments(statement: str) -> str:
    return " ".join(re.sub(r"--[^\n]*", "", statement).split())


def format_of(connection: sqlite3.Connection) -> int:
    """The format of a library's file; those from ``OLDEST_FORMAT`` can be read."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def sqlite_errors_as_espr(path: Path) -> Iterator[None]:
    """Tell SQLite's errors in one line, with the exit code that fits."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_NOTADB:
            raise EsprError(
                f"{path} is not an ESPR library; nothing was changed", LIBRARY_DAMAGED
            ) from error
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT) or any(
            sign in str(error) for sign in _SIGNS_OF_DAMAGE
        ):
            raise EsprError(
                f"the library {path} is damaged ({error}); nothing was changed. Run: espr check",
                LIBRARY_DAMAGED,
            ) from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise EsprError(
                f"the library {path} is in use by another program", LIBRARY_IN_USE
            ) from error
        if code == sqlite3.SQLITE_FULL:
            raise EsprError(
                f"the library {path} cannot grow: {error}. What was finished is kept; "
                "make room and run the command again",
                UNEXPECTED,
            ) from error
        if code in (
            sqlite3.SQLITE_READONLY,
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_IOERR,
            sqlite3.SQLITE_PERM,
        ):
            code = UNEXPECTED if code == sqlite3.SQLITE_IOERR else WRONG_INPUT
            raise EsprError(f"the library {path} cannot be used: {error}", code) from error
        raise
    except UnicodeDecodeError as error:  # a message of SQLite that names what is damaged
        raise EsprError(
            f"the library {path} is damaged; nothing was changed. Run: espr check",
            LIBRARY_DAMAGED,
        ) from error


def connect(path: Path, options: str) -> sqlite3.Connection:
    """Open a file as a database; ``options`` of a SQLite URI, such as ``mode=ro``."""
    uri = "file:" + quote(os.fsencode(path)) + "?" + options
    # isolation_level None: transactions begin and end where the code says so
    # check_same_thread: whoever opened it may be another thread than the one that closes it
    connection = sqlite3.connect(
        uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    connection.create_function("crc", -1, checksum, deterministic=True)
    for name, function in SQL_FUNCTIONS.items():
        connection.create_function(name, -1, function, deterministic=True)
    return connection


def _check_format(connection: sqlite3.Connection, path: Path) -> None:
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = format_of(connection)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application != APPLICATION_ID:
            raise EsprError(
                f"{path} is not an ESPR library; nothing was changed. Give another --library",
                LIBRARY_DAMAGED,
            )
        if version > FORMAT:
            raise OtherFormatError(
                f"the library {path} was written by a newer ESPR (format {version}, this one "
                f"reads {FORMAT}); upgrade with: pip install --upgrade espr"
            )
        if version < 1:
            raise EsprError(f"the library {path} has no known format", LIBRARY_DAMAGED)
        if version < OLDEST_FORMAT:
            raise OtherFormatError(
                f"the library {path} was written by an older ESPR (format {version}, this one "
                f"reads {OLDEST_FORMAT} to {FORMAT}); move it away and run: espr index FOLDER"
            )
        if version < FORMAT:
            connection.execute("PRAGMA temp_store = MEMORY")
            for statement in STAND_INS:
                connection.execute(statement)
    except BaseException:
        with suppress(sqlite3.Error):
            connection.close()
        raise
