"""Libraries that were indexed apart, joined: a folder each, or several machines.

Recordings come with every encoder's analysis, and with the corrections; pieces are
grouped again over all. The sources are only read, and checked as they are.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from espr.catalog.catalog import Catalog
from espr.catalog.locations import library_path, real_path
from espr.catalog.recordings import CURRENT_ENCODER
from espr.catalog.regroup import regroup
from espr.catalog.schema import CORRECTIONS, SEALED, checksum
from espr.catalog.sound import NEW
from espr.errors import LIBRARY_DAMAGED, EsprError
from espr.maintenance.backup import same
from espr.maintenance.check import check
from espr.works.grouping import unique_slugs

_COLUMNS = SEALED["recordings"]
_HEARD = _COLUMNS[1:13]  # without the id and what grouping derives


@dataclass
class Merged:
    """What came of one source.

    Attributes
    ----------
    added : int
        Recordings that the library did not have.
    updated : int
        Recordings of paths that it had, taken over: analysed where it could not read them, or of
        a later file; or with the profiles of another encoder added.
    kept : int
        Recordings that it had, left as they are.
    """

    library: Path
    added: int = 0
    updated: int = 0
    kept: int = 0


def merge(
    sources: Sequence[str | os.PathLike[str]], library: str | os.PathLike[str] | None = None
) -> list[Merged]:
    """Join libraries into one, which is made when there is none; all or nothing.

    Of one path in two libraries, the recording of the later file counts, and one that was analysed
    before one that was not; of one correction, the library's own. The same audio at two paths is
    one performance, as after any index.

    Raises
    ------
    EsprError
        When a source is not there (10) or damaged (12), or the library is in use (11).
    """
    target = library_path(library)
    paths = [real_path(source) for source in sources]
    for path in paths:
        if path == target or same(path, target):
            raise EsprError(f"{path} is the library to merge into; name the others")
        if problems := check(path, files=False).problems:  # before one is made
            raise EsprError(
                f"the library {path} is damaged: {problems[0]}; nothing was changed. "
                f"Run: espr repair --library {path}",
                LIBRARY_DAMAGED,
            )
    outcomes = []
    with Catalog.open(target, write=True) as catalog, catalog.transaction() as connection:
        for path in paths:
            with Catalog.open(path) as source, source.snapshot():
                outcomes.append(_take(source, connection))
                _take_corrections(source, connection)
                _take_encoder(source, connection)
        regroup(catalog)
    return outcomes


def _take(source: Catalog, connection: sqlite3.Connection) -> Merged:
    """Take over the recordings of one library."""
    outcome = Merged(source.path)
    if source.corrupt_keys("recordings"):
        raise source.damaged("recordings are not what was written")
    source.recordings()  # none is missing
    place_of = {
        (path, start): (identity, state, mtime, audio)
        for identity, path, start, state, mtime, audio in connection.execute(
            "SELECT id, path, start, state, mtime_ns, audio_hash FROM recordings"
        )
    }
    for row in source.iterate(f"SELECT {', '.join(_COLUMNS)} FROM recordings ORDER BY id"):
        theirs = dict(zip(_COLUMNS, row, strict=True))
        ours = place_of.get((theirs["path"], theirs["start"]))
        vectors, notes = _vectors(source, theirs["id"]), _notes(source, theirs["id"])
        if ours is None:
            identity = _insert(connection, theirs)
            _insert_vectors(connection, identity, vectors)
            _insert_notes(connection, identity, notes)
            outcome.added += 1
            continue
        identity, state, mtime, audio = ours
        later = (theirs["state"] == "analysed", theirs["mtime_ns"]) > (state == "analysed", mtime)
        if state == theirs["state"] == "analysed" and audio == theirs["audio_hash"]:
            new = _insert_vectors(connection, identity, vectors)
            new += _insert_notes(connection, identity, notes)
            outcome.updated += bool(new)
            outcome.kept += not new
        elif later:
            connection.execute("DELETE FROM recordings WHERE id = ?", [identity])
            identity = _insert(connection, theirs)
            _insert_vectors(connection, identity, vectors)
            _insert_notes(connection, identity, notes)
            outcome.updated += 1
        else:
            outcome.kept += 1
    return outcome


def _vectors(source: Catalog, recording: int) -> list[tuple[Any, ...]]:
    """Encoder, space, profile, times and features: of each encoder, as they were written."""
    encoders = source.rows("SELECT encoder FROM profiles WHERE recording_id = ?", [recording])
    found = []
    for (encoder,) in encoders:
        source.profiles([recording], encoder)  # which check what they read
        source.windows(recording, encoder)
        found += source.rows(
            "SELECT encoder, space, profile, times, features"
            " FROM profiles JOIN windows USING (recording_id, encoder)"
            " WHERE recording_id = ? AND encoder = ?",
            [recording, encoder],
        )
    return found


def _insert(connection: sqlite3.Connection, theirs: dict[str, Any]) -> int:
    cursor = connection.execute(
        f"INSERT INTO recordings ({', '.join(_HEARD)}) VALUES ({', '.join('?' * len(_HEARD))})",
        [theirs[column] for column in _HEARD],
    )
    return int(cursor.lastrowid or 0)


def _insert_vectors(
    connection: sqlite3.Connection, recording: int, vectors: Sequence[tuple[Any, ...]]
) -> int:
    """Add the analyses of encoders other than those that the recording has, in any version."""
    present = {
        encoder.partition("/")[0]
        for (encoder,) in connection.execute(
            "SELECT encoder FROM profiles WHERE recording_id = ?", [recording]
        )
    }
    new = [row for row in vectors if row[0].partition("/")[0] not in present]
    for encoder, space, profile, times, features in new:
        for table, columns in (("profiles", (space, profile)), ("windows", (times, features))):
            row = (recording, encoder, *columns)
            connection.execute(
                f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", [*row, checksum(table, *row)]
            )
    return len(new)


def _notes(source: Catalog, recording: int) -> tuple[str, bytes, bytes] | None:
    """Encoder, notes and their vector, as they were written."""
    rows = source.rows(
        "SELECT n.encoder, n.notes, v.vector, n.checksum, v.compared, v.checksum"
        " FROM notes n JOIN note_vectors v USING (id) WHERE id = ?",
        [recording],
    )
    if not rows:
        return None
    encoder, notes, vector, of_notes, compared, of_vector = rows[0]
    if checksum("notes", recording, encoder, notes) != of_notes or (
        checksum("note_vectors", recording, compared, vector) != of_vector
    ):
        raise source.damaged(f"the notes of recording {recording} are not what was written")
    return encoder, notes, vector


def _insert_notes(
    connection: sqlite3.Connection, recording: int, notes: tuple[str, bytes, bytes] | None
) -> int:
    """Add what a recording plays where that is not known; how many were added."""
    known = connection.execute("SELECT 1 FROM notes WHERE id = ?", [recording]).fetchone()
    if notes is None or known:
        return 0
    encoder, packed, vector = notes
    connection.execute(
        "INSERT INTO notes (id, encoder, notes) VALUES (?, ?, ?)", [recording, encoder, packed]
    )
    connection.execute(
        "INSERT INTO note_vectors (id, compared, vector) VALUES (?, ?, ?)",
        [recording, NEW, vector],
    )
    return 1


def _take_encoder(source: Catalog, connection: sqlite3.Connection) -> None:
    """Ask the library through the encoder that the first one was indexed with, if it is new."""
    encoder = source.meta().get(CURRENT_ENCODER)
    if encoder is not None:
        connection.execute(
            "INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)", [CURRENT_ENCODER, encoder]
        )


def _take_corrections(source: Catalog, connection: sqlite3.Connection) -> None:
    """Take over what the user said, and the pieces that it speaks of by their keys."""
    for table in CORRECTIONS:
        columns = SEALED[table]
        rows = source.read_table(table)
        if table == "merged":
            own = dict(connection.execute("SELECT key, into_key FROM merged").fetchall())
            rows = _without_circles(rows, own)
        connection.executemany(
            f"INSERT OR IGNORE INTO {table} ({', '.join(columns)})"
            f" VALUES ({', '.join('?' * len(columns))})",
            rows,
        )
    taken = dict(connection.execute("SELECT key, slug FROM pieces").fetchall())
    used = set(taken.values())
    for _, key, slug, title, composer, rule in source.read_table("pieces"):
        if key in taken:
            continue
        if slug in used:
            slug = unique_slugs([(key, title, composer)], taken)[key]
        taken[key] = slug
        used.add(slug)
        connection.execute(
            "INSERT INTO pieces (key, slug, title, composer, rule) VALUES (?, ?, ?, ?, ?)",
            [key, slug, title, composer, rule],
        )


def _without_circles(
    theirs: Sequence[tuple[str, str]], own: dict[str, str]
) -> list[tuple[str, str]]:
    """The merges of theirs that do not lead back: one made B of A, the other A of B."""
    merged = dict(own)
    taken = []
    for key, into in theirs:
        end = into
        for _ in range(len(merged)):  # no chain is longer
            if end == key:
                break
            end = merged.get(end, end)
        if key not in merged and end != key:
            merged[key] = into
            taken.append((key, into))
    return taken
