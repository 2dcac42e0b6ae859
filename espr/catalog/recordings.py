"""What indexing found, written to the catalog: one transaction a recording."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import espr
from espr.catalog.models import ScannedFile
from espr.catalog.schema import checksum, storable
from espr.catalog.sound import forget_sound, store_notes
from espr.works.tags import Tags

if TYPE_CHECKING:
    import sqlite3

    from espr.audio.encoder import Analysis
    from espr.catalog.catalog import Catalog

# No file has this mtime: what is stored with it is tried again at the next run.
_NEVER = -1
CURRENT_ENCODER = "encoder"  # key in meta


@dataclass(frozen=True, slots=True)
class CatalogedFile:
    """What the catalog knows of one recording, as far as a scan needs it.

    Attributes
    ----------
    encoder : str
        Id of the one that heard it last, or failed to.
    analysed : bool
        Whether the encoder in question heard it.
    lacks_notes : bool
        Whether the encoder would write down its notes, and none are stored.
    reason : str
        Why it could not be read; empty when it could.
    """

    id: int
    path: str
    start: float
    end: float | None
    size: int
    mtime_ns: int
    reason: str
    audio_hash: str
    duration: float
    encoder: str
    analysed: bool
    lacks_notes: bool = False

    def matches(self, source: ScannedFile) -> bool:
        """Whether nothing has changed since, and nothing is left to hear."""
        complete = self.analysed and not self.lacks_notes
        return self.is_of(source) and (complete or bool(self.reason))

    def is_of(self, source: ScannedFile) -> bool:
        """Whether the file has not changed since."""
        return (
            self.size == source.size and self.mtime_ns == source.mtime_ns and self.end == source.end
        )


def known_recordings(
    catalog: Catalog, encoder: str, *, with_notes: bool = False
) -> dict[tuple[str, float], CatalogedFile]:
    """Everything in the catalog by path and start, in one query.

    What another encoder or another version of ESPR could not read is tried again.

    Parameters
    ----------
    with_notes : bool
        Whether ``encoder`` writes down notes.

    Raises
    ------
    EsprError
        Exit code 12 when a recording is not what was written: now, not after a night of hearing.
    """
    if catalog.corrupt_keys("recordings"):
        raise catalog.damaged("recordings are not what was written")
    rows = catalog.rows(
        """
        SELECT r.id, r.path, r.start, r."end", r.size, r.mtime_ns, r.reason, r.audio_hash,
               r.duration, r.encoder, r.encoder = ?1 AND r.espr = ?2, p.recording_id IS NOT NULL,
               ?3 AND NOT EXISTS (SELECT 1 FROM notes WHERE notes.id = r.id)
        FROM recordings r LEFT JOIN profiles p ON p.recording_id = r.id AND p.encoder = ?1
        """,
        [encoder, espr.__version__, with_notes],
    )
    found = {}
    for identity, raw, start, end, size, mtime, reason, *rest in rows:
        audio, duration, by, same, heard, mute = rest
        path = os.fsdecode(raw)
        if reason and not same:
            mtime = _NEVER
        found[path, start] = CatalogedFile(
            *(identity, path, start, end, size, mtime, reason, audio, duration, by),
            analysed=bool(heard),
            lacks_notes=bool(mute),
        )
    return found


def current_encoder(catalog: Catalog) -> str | None:
    """The id of the audio encoder that the library was last indexed with; None in an empty one.

    A query is compared with what this encoder heard.
    """
    return catalog.meta().get(CURRENT_ENCODER)


def store_current_encoder(catalog: Catalog, encoder: str) -> None:
    """Remember what a library was indexed with; nothing is written when that is known."""
    if catalog.meta().get(CURRENT_ENCODER) != encoder:
        with catalog.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [CURRENT_ENCODER, encoder]
            )


def store_analysis(
    catalog: Catalog,
    source: ScannedFile,
    tags: Tags,
    hearing: Analysis,
    encoder: str,
    new_id: int | None = None,
) -> int:
    """Store a recording that was analysed; return its id: ``new_id`` where it is new.

    Profiles by other encoders stay as long as they are of the same audio; those by another
    version of this encoder go.
    """
    windows = hearing.windows
    profile = windows.profile.astype("<f4").tobytes()
    times = windows.times.astype("<f8").tobytes()
    features = windows.features.astype("<f4").tobytes()
    with catalog.transaction() as connection:
        before = connection.execute(
            "SELECT id, audio_hash FROM recordings WHERE path = ? AND start = ?",
            [os.fsencode(source.path), source.start],
        ).fetchone()
        identity = _store_row(
            *(connection, source, "analysed", "", encoder),
            *(hearing.audio_hash, hearing.duration, tags, new_id),
        )
        if before is not None and before[1] != hearing.audio_hash:
            _forget_vectors(connection, identity)
        for table in ("profiles", "windows"):
            connection.execute(
                f"DELETE FROM {table} WHERE recording_id = ? AND substr(encoder, 1, ?) = ?",
                [identity, len(_versions(encoder)), _versions(encoder)],
            )
        for table, columns in (
            ("profiles", (windows.space.name, profile)),
            ("windows", (times, features)),
        ):
            row = (identity, encoder, *columns)
            connection.execute(
                f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", [*row, checksum(table, *row)]
            )
        if hearing.notes is not None:
            store_notes(connection, identity, encoder, hearing.notes, hearing.tuning, hearing.pedal)
        # so that a library whose first run never ended can be asked
        connection.execute(
            "INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)", [CURRENT_ENCODER, encoder]
        )
    return identity


def store_unreadable(
    catalog: Catalog,
    source: ScannedFile,
    encoder: str,
    reason: str,
    *,
    retry: bool,
    new_id: int | None = None,
) -> None:
    """Remember a file that could not be read; ``retry``: but try it again at the next run."""
    if retry:
        source = ScannedFile(source.path, source.start, source.end, source.size, _NEVER, source.cue)
    with catalog.transaction() as connection:
        identity = _store_row(
            *(connection, source, "unreadable", reason, encoder, "", 0.0, Tags(), new_id)
        )
        _forget_vectors(connection, identity)
        connection.execute(
            "UPDATE recordings SET piece_id = NULL, duplicate_of = NULL WHERE id = ?", [identity]
        )


def store_place(catalog: Catalog, identity: int, source: ScannedFile, tags: Tags) -> None:
    """Store where a recording whose audio is known now lies, and its tags as they now are."""
    with catalog.transaction() as connection:
        encoder, audio_hash, duration, old = connection.execute(
            "SELECT encoder, audio_hash, duration, path FROM recordings WHERE id = ?", [identity]
        ).fetchone()
        new = os.fsencode(source.path)
        # what was remembered of the new place, e.g. a file that could not be read, is past
        connection.execute(
            "DELETE FROM recordings WHERE path = ? AND start = ? AND id != ?",
            [new, source.start, identity],
        )
        connection.execute(
            "UPDATE recordings SET path = ?, start = ? WHERE id = ?", [new, source.start, identity]
        )
        _store_row(connection, source, "analysed", "", encoder, audio_hash, duration, tags)
        if old != new:
            connection.execute("UPDATE OR REPLACE manifest SET path = ? WHERE path = ?", [new, old])


def remove(catalog: Catalog, ids: Sequence[int]) -> None:
    """Forget recordings whose files are gone."""
    if ids:
        with catalog.transaction() as connection:
            connection.executemany("DELETE FROM recordings WHERE id = ?", [(i,) for i in ids])


def _store_row(
    connection: sqlite3.Connection,
    source: ScannedFile,
    state: str,
    reason: str,
    encoder: str,
    audio_hash: str,
    duration: float,
    tags: Tags,
    new_id: int | None = None,
) -> int:
    """Insert or update the row of a source; return its id: ``new_id`` where it is new."""
    row = (
        new_id,
        os.fsencode(source.path),
        source.start,
        source.end,
        source.size,
        source.mtime_ns,
        state,
        storable(reason),
        encoder,
        espr.__version__,
        audio_hash,
        duration,
        storable(tags.to_json()),
    )
    cursor = connection.execute(
        """
        INSERT INTO recordings (id, path, start, "end", size, mtime_ns, state, reason, encoder,
                                espr, audio_hash, duration, tags)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (path, start) DO UPDATE SET
            "end" = excluded."end", size = excluded.size, mtime_ns = excluded.mtime_ns,
            state = excluded.state, reason = excluded.reason, encoder = excluded.encoder,
            espr = excluded.espr, audio_hash = excluded.audio_hash, duration = excluded.duration,
            tags = excluded.tags
        RETURNING id
        """,
        row,
    )
    return int(cursor.fetchone()[0])


def _forget_vectors(connection: sqlite3.Connection, identity: int) -> None:
    connection.execute("DELETE FROM profiles WHERE recording_id = ?", [identity])
    connection.execute("DELETE FROM windows WHERE recording_id = ?", [identity])
    forget_sound(connection, identity)


def _versions(encoder: str) -> str:
    """``signal/`` of ``signal/1``."""
    return encoder.partition("/")[0] + "/"
