"""The catalog on disk: one SQLite file, its tables, and how it is opened.

WAL journal, synchronous FULL, ``application_id`` "ESPR", ``user_version`` the format.
Vectors are little-endian: profiles and features float32, times float64 seconds. Paths are
the bytes of the file system, because a file name need not be UTF-8.

Every row that came from hearing carries a CRC-32 of its contents, so that a flipped byte
is found before it is ranked. What grouping derives (pieces, performers, duplicates) does
not: it can be derived again.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import espr
from espr.errors import LIBRARY_DAMAGED, LIBRARY_IN_USE, NO_LIBRARY, EsprError

APPLICATION_ID = 0x45535052  # "ESPR"
FORMAT = 1

_BUSY_SECONDS = 10.0
# Python's sqlite3 gives these no error code of their own.
_SIGNS_OF_DAMAGE = ("no such table", "no such column", "Could not decode")

_TABLES = """
-- espr: the version that made the file; id: 32 random digits; generation: see Catalog
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE pieces (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,  -- the grouping key, to which corrections refer
    slug TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    composer TEXT NOT NULL,
    rule TEXT NOT NULL
);

CREATE TABLE recordings (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL,
    start REAL NOT NULL,  -- seconds; a track of a one-file album, else 0
    end REAL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('heard', 'unreadable')),
    reason TEXT NOT NULL,
    encoder TEXT NOT NULL,  -- the one that heard it last, or failed to,
    espr TEXT NOT NULL,  -- and the version of ESPR
    audio_hash TEXT NOT NULL,
    duration REAL NOT NULL,
    tags TEXT NOT NULL,
    checksum INTEGER NOT NULL,
    -- what grouping derives
    piece_id INTEGER REFERENCES pieces (id),
    rule TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    performer TEXT NOT NULL DEFAULT '',
    duplicate_of INTEGER REFERENCES recordings (id) ON DELETE SET NULL,
    UNIQUE (path, start)
);
CREATE INDEX recordings_of_piece ON recordings (piece_id);
CREATE INDEX recordings_of_audio ON recordings (audio_hash);
CREATE INDEX recordings_duplicated ON recordings (duplicate_of) WHERE duplicate_of IS NOT NULL;

-- Apart from the windows: a search reads every profile, 48 bytes each, and no window.
CREATE TABLE profiles (
    recording_id INTEGER NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    encoder TEXT NOT NULL,
    space TEXT NOT NULL,
    profile BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (recording_id, encoder)
) WITHOUT ROWID;

CREATE TABLE windows (
    recording_id INTEGER NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    encoder TEXT NOT NULL,
    times BLOB NOT NULL,
    features BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (recording_id, encoder)
);

-- What the user said. Never keyed by row: a row comes and goes with its file.
CREATE TABLE manifest (
    path BLOB PRIMARY KEY,
    piece TEXT NOT NULL,
    performer TEXT NOT NULL,
    source BLOB NOT NULL  -- the manifest it was read from
) WITHOUT ROWID;
CREATE TABLE renamed (key TEXT PRIMARY KEY, title TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE merged (key TEXT PRIMARY KEY, into_key TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE assigned (audio_hash TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE aliases (slug TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
"""


def checksum(*fields: object) -> int:
    """CRC-32 of a row's fields (str, bytes, int, float or None)."""
    return zlib.crc32(repr(fields).encode("utf-8", "surrogatepass"))


def storable(text: str) -> str:
    """``text`` as UTF-8 can hold it: bytes of a file name that are no text become "?"."""
    return text.encode("utf-8", "replace").decode("utf-8")


def connect_read(path: Path) -> sqlite3.Connection:
    """Open an existing library for reading; it may lie in a folder that cannot be written."""
    if not os.path.lexists(path):
        raise EsprError(f"no library at {path}; run: espr index FOLDER", NO_LIBRARY)
    if path.is_dir():
        raise EsprError(f"{path} is a folder, not an ESPR library", LIBRARY_DAMAGED)
    with told(path):
        try:
            connection = _connect(path, "mode=ro")
            _check_format(connection, path)
        except sqlite3.OperationalError:
            # A WAL database needs a -shm file beside it. Where none can be made and no
            # log waits to be read, the file is whole and nobody writes it.
            log = Path(f"{path}-wal")
            if log.exists() and log.stat().st_size:
                raise
            connection = _connect(path, "mode=ro&immutable=1")
            _check_format(connection, path)
    return connection


def connect_write(path: Path) -> sqlite3.Connection:
    """Open a library for writing; make it when there is none. The caller holds the lock."""
    if os.path.lexists(path):
        connect_read(path).close()
    else:
        with told(path):
            _create(path)
    with told(path):
        connection = _connect(path, "mode=rw")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    return connection


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Tell SQLite's errors in one line, with the exit code that fits."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT):
            what = (
                f"{path} is not an ESPR library"
                if code == sqlite3.SQLITE_NOTADB
                else f"the library {path} is damaged ({error})"
            )
            raise EsprError(f"{what}; nothing was changed", LIBRARY_DAMAGED) from error
        if any(sign in str(error) for sign in _SIGNS_OF_DAMAGE):
            raise EsprError(
                f"the library {path} is damaged ({error}); nothing was changed", LIBRARY_DAMAGED
            ) from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise EsprError(
                f"the library {path} is in use by another program", LIBRARY_IN_USE
            ) from error
        if code in (
            sqlite3.SQLITE_FULL,
            sqlite3.SQLITE_READONLY,
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_IOERR,
            sqlite3.SQLITE_PERM,
        ):
            raise EsprError(f"the library {path} cannot be used: {error}") from error
        raise


def _connect(path: Path, options: str) -> sqlite3.Connection:
    uri = "file:" + quote(os.fsencode(path)) + "?" + options
    # isolation_level None: transactions begin and end where the code says so
    return sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)


def _check_format(connection: sqlite3.Connection, path: Path) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID:
        raise EsprError(
            f"{path} is not an ESPR library; nothing was changed. Give another --library",
            LIBRARY_DAMAGED,
        )
    if version > FORMAT:
        raise EsprError(
            f"the library {path} was written by a newer ESPR (format {version}, this one reads "
            f"{FORMAT}); upgrade with: pip install --upgrade espr",
            LIBRARY_DAMAGED,
        )
    if version < FORMAT:
        raise EsprError(f"the library {path} has no known format", LIBRARY_DAMAGED)


def _create(path: Path) -> None:
    """Make an empty library under another name, then move it into place: none is half made."""
    unfinished = Path(f"{path}.new")
    for leftover in (unfinished, Path(f"{unfinished}-wal"), Path(f"{unfinished}-shm")):
        leftover.unlink(missing_ok=True)
    connection = _connect(unfinished, "mode=rwc")
    try:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript("BEGIN;" + _TABLES + "COMMIT;")
        connection.executemany(
            "INSERT INTO meta VALUES (?, ?)",
            [("espr", espr.__version__), ("id", os.urandom(16).hex()), ("generation", "0")],
        )
    finally:
        connection.close()
    os.replace(unfinished, path)
