"""The catalog: what a library knows about its recordings and pieces, read from its one file.

Reading never waits for a writer and never writes. What changes the catalog lives beside
this file: :mod:`espr.library.hearings` (what indexing found), :mod:`espr.library.pieces`
(grouping) and :mod:`espr.library.corrections` (what the user said).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from espr.errors import LIBRARY_DAMAGED, EsprError
from espr.library import finding
from espr.library.lock import WriterLock
from espr.library.paths import library_path
from espr.library.schema import checksum, connect_read, connect_write, told
from espr.library.tags import Tags

if TYPE_CHECKING:
    import numpy as np

    from espr.audio.encoder import Windows

_RECORDINGS = """
SELECT id, path, start, "end", size, mtime_ns, state, reason, encoder, espr, audio_hash,
       duration, tags, checksum, performer, title, rule, piece_id, duplicate_of
FROM recordings WHERE state = 'heard'
"""
_CHUNK = 500  # host parameters in one statement; SQLite's oldest limit is 999


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece and how many distinct performances of it the library holds.

    Attributes
    ----------
    rule : str
        The rule that put most of its recordings together.
    count : int
        Performances; a duplicate reissue counts once.
    """

    id: int
    slug: str
    title: str
    composer: str
    rule: str
    count: int


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording that was heard: a file, or a track of a one-file album.

    Attributes
    ----------
    start, end : float
        Seconds into the file; ``end`` None is the file's end.
    duration : float
        Seconds.
    encoder : str
        Id of the audio encoder that heard it last, e.g. ``signal/1``.
    duplicate_of : int or None
        The recording that this one is a reissue of.
    """

    id: int
    path: str
    start: float
    end: float | None
    duration: float
    audio_hash: str
    encoder: str
    performer: str
    title: str
    rule: str
    piece_id: int | None
    tags: Tags
    duplicate_of: int | None = None


class Catalog:
    """An open library; a context manager.

    Attributes
    ----------
    path : Path
        The library's file.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, lock: WriterLock | None = None
    ) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock

    @classmethod
    def open(cls, path: str | os.PathLike[str] | None = None, *, write: bool = False) -> Self:
        """Open the library at ``path``, by default the user's own.

        With ``write`` it is made when there is none, and nobody else may write until it
        is closed.

        Raises
        ------
        EsprError
            Exit code 10 when there is no library, 11 when another process writes it, 12 when
            the file is no library, damaged, or of a newer format.
        """
        path = library_path(path)
        if not write:
            return cls(path, connect_read(path))
        lock = WriterLock(path)
        try:
            return cls(path, connect_write(path), lock)
        except BaseException:
            lock.release()
            raise

    def close(self) -> None:
        """Close the file and let the next writer in."""
        self._connection.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- what SQLite says, in plain terms ------------------------------------------------

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement."""
        with told(self.path):
            return self._connection.execute(statement, parameters).fetchall()

    def rows_of(
        self, statement: str, ids: Sequence[object], before: Sequence[object] = ()
    ) -> list[tuple[Any, ...]]:
        """All rows of a statement whose ``(?)`` stands for ids, as many as there are.

        ``before``: the parameters of the marks before it.
        """
        found: list[tuple[Any, ...]] = []
        for first in range(0, len(ids), _CHUNK):
            some = ids[first : first + _CHUNK]
            marks = "(" + ",".join("?" * len(some)) + ")"
            found += self.rows(statement.replace("(?)", marks), [*before, *some])
        return found

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, on disk when it ends; counts as one generation.

        Within another transaction it is a part of that.
        """
        connection = self._connection
        if connection.in_transaction:
            yield connection
            return
        with told(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute(
                    "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'generation'"
                )
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise

    # -- reading ----------------------------------------------------------------------------

    def generation(self) -> int:
        """A count of the transactions so far: what was derived at another count is stale."""
        rows = self.rows("SELECT value FROM meta WHERE key = 'generation'")
        if not rows:
            raise self._damaged("its generation is missing")
        return int(rows[0][0])

    def pieces(self) -> list[Piece]:
        """All pieces with a performance that was heard, by slug."""
        rows = self.rows(
            """
            SELECT p.id, p.slug, p.title, p.composer, p.rule, count(*)
            FROM pieces p JOIN recordings r ON r.piece_id = p.id
            WHERE r.state = 'heard' AND r.duplicate_of IS NULL
            GROUP BY p.id ORDER BY p.slug
            """
        )
        return [Piece(*row) for row in rows]

    def slugs(self) -> dict[int, str]:
        """Recording id → the slug of its piece."""
        return dict(
            self.rows("SELECT r.id, p.slug FROM recordings r JOIN pieces p ON p.id = r.piece_id")
        )

    def find_pieces(self, words: str) -> list[Piece]:
        """The pieces that ``words`` name: by slug, beginning of a slug, or words."""
        return finding.find_pieces(self, words)

    def recordings(self, piece_id: int | None = None) -> list[Recording]:
        """The recordings of a piece, or all; by performer, then path. Duplicates are marked."""
        if piece_id is None:
            found = [self._recording(row) for row in self.rows(_RECORDINGS)]
        else:
            rows = self.rows(_RECORDINGS + " AND piece_id = ?", [piece_id])
            found = [self._recording(row) for row in rows]
        return sorted(found, key=lambda r: (r.performer.casefold(), r.path, r.start))

    def recordings_by_id(self, ids: Sequence[int]) -> dict[int, Recording]:
        """The recordings of these ids, as far as there are any."""
        rows = self.rows_of(_RECORDINGS + " AND id IN (?)", ids)
        return {row[0]: self._recording(row) for row in rows}

    def find_recordings(self, text: str) -> list[Recording]:
        """The recordings that ``text`` names: a path, a file name, or words."""
        return finding.find_recordings(self, text)

    def profiles(
        self, recording_ids: Sequence[int] | None, encoder: str
    ) -> tuple[np.ndarray, np.ndarray]:
        """Profiles as one encoder heard them.

        Parameters
        ----------
        recording_ids : sequence of int or None
            None: of all recordings.
        encoder : str
            Id of the audio encoder; recordings that it did not hear are left out.

        Returns
        -------
        ids : np.ndarray, shape=(n,), int64
            Ascending.
        profiles : np.ndarray, shape=(n, d), float32
            Means over windows, in the encoder's own units.
        """
        import numpy as np

        statement = (
            "SELECT recording_id, encoder, space, profile, checksum FROM profiles WHERE encoder = ?"
        )
        if recording_ids is None:
            rows = self.rows(statement, [encoder])
        else:
            rows = self.rows_of(statement + " AND recording_id IN (?)", recording_ids, [encoder])
        rows.sort()
        for row in rows:
            if checksum(*row[:4]) != row[4]:
                raise self._damaged(f"the profile of recording {row[0]} is not what was written")
        ids = np.array([row[0] for row in rows], np.int64)
        if not rows:
            return ids, np.zeros((0, 0), np.float32)
        profiles = np.frombuffer(b"".join(row[3] for row in rows), "<f4")
        return ids, profiles.reshape(len(rows), -1)

    def windows(self, recording_id: int, encoder: str | None = None) -> Windows:
        """The windows of a recording, as the given encoder, or the last one, heard them."""
        import numpy as np

        from espr.audio.encoder import Windows
        from espr.space import get_space

        rows = self.rows(
            """
            SELECT w.recording_id, w.encoder, w.times, w.features, w.checksum, p.space
            FROM windows w JOIN recordings r ON r.id = w.recording_id
            JOIN profiles p ON p.recording_id = w.recording_id AND p.encoder = w.encoder
            WHERE w.recording_id = ? AND w.encoder = coalesce(?, r.encoder)
            """,
            [recording_id, encoder],
        )
        if not rows:
            by = f" by {encoder}" if encoder else ""
            raise EsprError(f"recording {recording_id} was not heard{by}; run: espr index FOLDER")
        *fields, check, space = rows[0]
        if checksum(*fields) != check:
            raise self._damaged(f"the windows of recording {recording_id} are not what was written")
        times = np.frombuffer(fields[2], "<f8").reshape(-1, 2)
        features = np.frombuffer(fields[3], "<f4").reshape(len(times), -1)
        return Windows(times, features, get_space(space))

    def _recording(self, row: tuple[Any, ...]) -> Recording:
        if checksum(*row[1:13]) != row[13]:
            raise self._damaged(f"the row of recording {row[0]} is not what was written")
        identity, path, start, end = row[:4]
        encoder, _, audio_hash, duration, tags = row[8:13]
        performer, title, rule, piece_id, duplicate_of = row[14:]
        return Recording(
            id=identity,
            path=os.fsdecode(path),
            start=start,
            end=end,
            duration=duration,
            audio_hash=audio_hash,
            encoder=encoder,
            performer=performer,
            title=title,
            rule=rule,
            piece_id=piece_id,
            tags=Tags.from_json(tags),
            duplicate_of=duplicate_of,
        )

    def _damaged(self, what: str) -> EsprError:
        return EsprError(f"the library {self.path} is damaged: {what}", LIBRARY_DAMAGED)
