"""Libraries that were indexed apart, joined: a folder each, or several machines.

Recordings come with every encoder's analysis, and with the corrections; pieces are
grouped again over all. The sources are only read, and checked as they are.
"""

from __future__ import annotations

import heapq
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from espr.catalog.catalog import Catalog
from espr.catalog.locations import library_path, real_path
from espr.catalog.recordings import CURRENT_ENCODER
from espr.catalog.regroup import bring_up_to_date
from espr.catalog.schema import CORRECTIONS, SEALED, checksum
from espr.catalog.shards import SHARD
from espr.catalog.sound import NEW
from espr.errors import LIBRARY_DAMAGED, EsprError
from espr.indexing.sound_grouping import group_by_sound
from espr.maintenance.backup import same
from espr.maintenance.check import check
from espr.maintenance.shards import verify_shards, verify_target
from espr.works.grouping import unique_slugs

_COLUMNS = SEALED["recordings"]
_FILES_A_LIBRARY = 3  # open at once: itself, its log and the log's index
_OTHER_FILES = 256
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
    note : str
        What the user should know of it; or "".
    """

    library: Path
    added: int = 0
    updated: int = 0
    kept: int = 0
    note: str = ""


def merge(
    sources: Sequence[str | os.PathLike[str]],
    library: str | os.PathLike[str] | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
    notice: Callable[[str], None] = lambda line: None,
) -> list[Merged]:
    """Join libraries into one, which is made when there is none; all or nothing.

    Of one path in two libraries, the recording of the later file counts, and one that was analysed
    before one that was not; of one correction, the library's own. The same audio at two paths is
    one performance, as after any index. New recordings get their ids in the order of their paths
    and are compared by their notes, so that shards of a collection give what one index would.

    Parameters
    ----------
    progress, notice : callable
        See :func:`espr.indexing.sound_grouping.group_by_sound`.

    Raises
    ------
    EsprError
        When a source is not there (10) or damaged (12), a shard is missing or unfinished (2), or
        the library is in use (11).
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
    with ExitStack() as stack:
        _allow_files(_FILES_A_LIBRARY * len(paths) + _OTHER_FILES)
        opened = [stack.enter_context(Catalog.open(path)) for path in paths]
        for source in opened:
            stack.enter_context(source.snapshot())
        saw = verify_shards(opened)
        catalog = stack.enter_context(Catalog.open(target, write=True))
        verify_target(catalog)
        with catalog.transaction() as connection:
            outcomes = _take_all(opened, connection)
            for source in opened:
                _take_corrections(source, connection)
                _take_encoder(source, connection)
        _group(catalog, progress, notice)
    return [replace(outcome, note=note) for outcome, note in zip(outcomes, saw, strict=True)]


def _allow_files(count: int) -> None:
    """Let so many files be open at once, as far as the system allows."""
    if sys.platform != "win32":
        import resource

        now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = count if most == resource.RLIM_INFINITY else min(count, most)
        if now != resource.RLIM_INFINITY and now < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _group(
    catalog: Catalog, progress: Callable[[int, int], None], notice: Callable[[str], None]
) -> None:
    """Find the pieces; by tags and names alone where the user has no time for more."""
    try:
        group_by_sound(catalog, progress, notice)
    except KeyboardInterrupt:
        bring_up_to_date(catalog)
        raise


def _take_all(sources: Sequence[Catalog], connection: sqlite3.Connection) -> list[Merged]:
    """Take over the recordings of libraries, in the order of their paths."""
    outcomes = [Merged(source.path) for source in sources]
    for source in sources:
        if source.corrupt_keys("recordings"):
            raise source.damaged("recordings are not what was written")
    rows = (_by_path(number, source) for number, source in enumerate(sources))
    for number, row in heapq.merge(*rows, key=lambda numbered: numbered[1][1:3]):
        theirs = dict(zip(_COLUMNS, row, strict=True))
        change = _take(sources[number], theirs, connection)
        setattr(outcomes[number], change, getattr(outcomes[number], change) + 1)
    return outcomes


def _by_path(number: int, source: Catalog) -> Iterator[tuple[int, tuple[Any, ...]]]:
    columns = ", ".join(_COLUMNS)
    for row in source.iterate(f"SELECT {columns} FROM recordings ORDER BY path, start"):
        yield number, row


def _take(source: Catalog, theirs: dict[str, Any], connection: sqlite3.Connection) -> str:
    """Take over one recording; return which count of :class:`Merged` it belongs to."""
    ours = connection.execute(
        "SELECT id, state, mtime_ns, audio_hash FROM recordings WHERE path = ? AND start = ?",
        [theirs["path"], theirs["start"]],
    ).fetchone()
    vectors, notes = _vectors(source, theirs["id"]), _notes(source, theirs["id"])
    if ours is not None:
        identity, state, mtime, audio = ours
        if state == theirs["state"] == "analysed" and audio == theirs["audio_hash"]:
            new = _insert_vectors(connection, identity, vectors)
            new += _insert_notes(connection, identity, notes)
            return "updated" if new else "kept"
        if (theirs["state"] == "analysed", theirs["mtime_ns"]) <= (state == "analysed", mtime):
            return "kept"
        connection.execute("DELETE FROM recordings WHERE id = ?", [identity])
    identity = _insert(connection, theirs)
    _insert_vectors(connection, identity, vectors)
    _insert_notes(connection, identity, notes)
    return "added" if ours is None else "updated"


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
    rows = source.read_table("pieces")
    if SHARD in source.meta():
        # What a shard calls a piece follows from a share of its recordings: only what the user
        # corrected there keeps its name.
        said = {table: source.read_table(table) for table in ("renamed", "merged", "assigned")}
        corrected = {key for table in said.values() for row in table for key in row}
        rows = [row for row in rows if row[1] in corrected]
    for _, key, slug, title, composer, rule in rows:
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
