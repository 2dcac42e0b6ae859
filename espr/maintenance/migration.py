"""Older formats brought to this one: once, in one transaction, a copy kept beside the library.

Format 1 had no checksums but those of what was heard, and no sums.
"""

from __future__ import annotations

import filecmp
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from espr.catalog.connection import (
    OlderFormatError,
    connect,
    connect_read,
    prepare,
    remove_files,
    told,
)
from espr.catalog.locations import unused_name
from espr.catalog.lock import WriterLock
from espr.catalog.schema import CORRECTIONS, FORMAT, SEALED, STATEMENTS, checksum
from espr.errors import LIBRARY_DAMAGED, EsprError

# What the checksums of format 1 were of.
_HEARD = (
    'path, start, "end", size, mtime_ns, state, reason, encoder, espr, audio_hash, duration, tags'
)
_OLD_TABLES = ("meta", "pieces", "recordings", "profiles", "windows", *CORRECTIONS)


def migrate(path: Path, *, keep: bool = True) -> None:
    """Bring the library at ``path`` to this format; the caller holds its lock.

    What it was is kept as ``<library>.format-1``, if ``keep``. Recordings whose row, profile or
    windows are not what was written are left out: they will be heard again.

    Raises
    ------
    EsprError
        When it is damaged, or cannot be written.
    """
    try:
        connect_read(path).close()
        return  # another process was faster
    except OlderFormatError as older:
        version = older.version
    with told(path):
        connection = connect(path, "mode=rw")
        try:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            whole = connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
            if "totals" in tables or not whole or not set(_OLD_TABLES) <= tables:
                raise EsprError(
                    f"the library {path} is of format {version} and damaged; move it away and run: "
                    "espr index FOLDER",
                    LIBRARY_DAMAGED,
                )
            if keep:
                _copy(connection, Path(f"{path}.format-{version}"))
            prepare(connection)
            connection.execute("PRAGMA foreign_keys = OFF")
            # a renamed table shall not be followed by the references to it
            connection.execute("PRAGMA legacy_alter_table = ON")
            connection.execute("BEGIN IMMEDIATE")
            _from_format_1(connection)
            connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.execute("COMMIT")
        finally:
            connection.close()


def migrate_for_reading(path: Path) -> sqlite3.Connection:
    """Migrate a library that was opened only to be read; return it open."""
    lock = WriterLock(path)
    try:
        migrate(path)
    finally:
        lock.release()
    return connect_read(path)


def _copy(connection: sqlite3.Connection, path: Path) -> None:
    """Copy a library to ``path``, or beside another one that is kept there."""
    unfinished = Path(f"{path}.new")
    remove_files(unfinished)
    try:
        with closing(connect(unfinished, "mode=rwc")) as copy:
            connection.backup(copy)
    except BaseException:
        remove_files(unfinished)
        raise
    if path.exists() and not filecmp.cmp(unfinished, path, shallow=False):
        path = unused_name(path, "also")
    os.replace(unfinished, path)


def _from_format_1(connection: sqlite3.Connection) -> None:
    for (name,) in connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall():
        connection.execute(f"DROP INDEX {name}")
    for table in _OLD_TABLES:
        connection.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    for statement in STATEMENTS:
        connection.execute(statement)
    for table in ("meta", "pieces", *CORRECTIONS):
        columns = ", ".join(SEALED[table])
        connection.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM old_{table}")
    connection.execute("INSERT INTO meta (key, value) VALUES ('stamp', ?)", [os.urandom(8).hex()])
    columns = ", ".join(SEALED["recordings"])
    connection.execute(
        f"INSERT INTO recordings ({columns}) SELECT {columns} FROM old_recordings"
        f" WHERE checksum = crc({_HEARD})"
    )
    for table in ("profiles", "windows"):
        columns = ", ".join(SEALED[table])
        rows = connection.execute(
            f"SELECT {columns} FROM old_{table} WHERE checksum = crc({columns})"
            " AND recording_id IN (SELECT id FROM recordings)"
        )
        connection.executemany(
            f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)",
            ((*row, checksum(table, *row)) for row in rows),
        )
    drop_the_unheard(connection)
    for table in reversed(_OLD_TABLES):
        connection.execute(f"DROP TABLE old_{table}")


def drop_the_unheard(connection: sqlite3.Connection) -> list[bytes]:
    """Drop halves of hearings, and recordings of which nothing that was heard is left.

    Returns
    -------
    list of bytes
        The paths of these recordings.
    """
    for one, other in (("profiles", "windows"), ("windows", "profiles")):
        connection.execute(
            f"DELETE FROM {one} WHERE NOT EXISTS (SELECT 1 FROM {other} o"
            f" WHERE o.recording_id = {one}.recording_id AND o.encoder = {one}.encoder)"
        )
    # what another encoder heard still counts
    connection.execute(
        """
        UPDATE recordings SET encoder =
            (SELECT max(encoder) FROM profiles p WHERE p.recording_id = recordings.id)
        WHERE state = 'heard' AND encoder NOT IN
            (SELECT encoder FROM profiles p WHERE p.recording_id = recordings.id)
        AND id IN (SELECT recording_id FROM profiles)
        """
    )
    unheard = "state = 'heard' AND id NOT IN (SELECT recording_id FROM profiles)"
    gone = [path for (path,) in connection.execute(f"SELECT path FROM recordings WHERE {unheard}")]
    connection.execute(f"DELETE FROM recordings WHERE {unheard}")
    for column, table in (("piece_id", "pieces"), ("duplicate_of", "recordings")):
        connection.execute(
            f"UPDATE recordings SET {column} = NULL"
            f" WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {table})"
        )
    return gone
