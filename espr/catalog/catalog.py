"""The catalog: what a library knows about its recordings and pieces, read from its one file.

Reading never waits for a writer and never writes. What changes the catalog lives beside
this file: :mod:`espr.catalog.recordings` (what indexing found), :mod:`espr.catalog.regroup`
(grouping) and :mod:`espr.catalog.corrections` (what the user said).
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import espr
from espr.catalog.checked_rows import Database, count_and_sum
from espr.catalog.connection import connect_read, connect_write
from espr.catalog.locations import library_path
from espr.catalog.lock import WriterLock
from espr.catalog.models import Piece, Recording
from espr.catalog.schema import SEALED, checksum
from espr.closing import Closing
from espr.errors import EsprError
from espr.works.tags import Tags

if TYPE_CHECKING:
    import numpy as np

    from espr.audio.encoder import Windows

_RECORDINGS = f"SELECT {', '.join(SEALED['recordings'])}, checksum FROM recordings"
_PROFILES = "SELECT recording_id, encoder, space, profile, checksum FROM profiles"
__all__ = ["Catalog", "Piece", "Recording"]


class Catalog(Database, Closing):
    """An open library; a context manager.

    Attributes
    ----------
    path : Path
        The library's file.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, lock: WriterLock | None = None
    ) -> None:
        super().__init__(path, connection)
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
            the file is no library, damaged, or of another format.
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
        if self._lock is not None:
            # SQLite itself merges the log only where nobody reads meanwhile, and a reader that
            # closes last cannot: the file alone, moved or copied, would lack what was written.
            with suppress(sqlite3.Error):
                self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        self.connection.close()
        if self._lock is not None:
            self._lock.release()

    # -- reading --------------------------------------------------------------------------

    def grouping_is_current(self) -> bool:
        """Whether pieces were found since the last recording was stored, by this version."""
        return self.meta().get("grouped") == self.grouped_state()

    def grouped_state(self, ahead: int = 0) -> str:
        """What pieces depend on: what was written, and the rules of this version."""
        return f"{self.generation() + ahead} {espr.__version__}"

    def why_no_pieces(self) -> str:
        """Why there are none: nothing was analysed, or it has not been grouped yet."""
        count, _ = self.totals().get("recordings analysed", (0, 0))
        if not count:
            return "no recordings yet; run: espr index FOLDER"
        return (
            f"recordings analysed: {count:,}; they are not grouped into pieces yet, because"
            " indexing was interrupted. Run again: espr index FOLDER"
        )

    def pieces(self, ids: Sequence[int] | None = None) -> list[Piece]:
        """All pieces with a performance that was heard, or those of these ids; by slug."""
        with self.snapshot():
            rows = self.read_table("pieces") if ids is None else self.checked_pieces(ids)
            counted = self._counted(ids)
        return sorted(
            (
                Piece(identity, slug, title, composer, rule, counted[identity])
                for identity, _, slug, title, composer, rule in rows
                if identity in counted
            ),
            key=lambda piece: piece.slug,
        )

    def pieces_of(self) -> dict[int, int]:
        """Recording id → piece id, where it has one."""
        with self.snapshot():
            self._counted()
            return dict(self.rows("SELECT id, piece_id FROM recordings WHERE piece_id IS NOT NULL"))

    def durations(self) -> dict[int, float]:
        """Recording id → seconds."""
        with self.snapshot():
            self._counted()
            return dict(self.rows("SELECT id, duration FROM recordings"))

    def grouped(self) -> int:
        """How many recordings are of a piece, by any encoder and copies included."""
        counted = self.rows("SELECT count(*) FROM recordings WHERE piece_id IS NOT NULL")
        if counted != self.rows("SELECT coalesce(sum(members), 0) FROM pieces"):
            raise self.damaged("it has lost track of which recordings are of which piece")
        return int(counted[0][0])

    def checked_pieces(self, ids: Sequence[int]) -> list[tuple[Any, ...]]:
        """The rows of these pieces as in ``SEALED``, none missing, each as it was written."""
        columns = ", ".join(SEALED["pieces"])
        rows = self.rows_of(f"SELECT {columns}, checksum FROM pieces WHERE id IN (?)", ids)
        if len(rows) != len(set(ids)):
            raise self.damaged("pieces are missing")
        for row in rows:
            if checksum("pieces", *row[:-1]) != row[-1]:
                raise self.damaged(f"the row of piece {row[0]} is not what was written")
        return [row[:-1] for row in rows]

    def _counted(self, ids: Sequence[int] | None = None) -> dict[int, int]:
        """Piece id → its distinct performances."""
        return {identity: members - copies for identity, members, copies, _ in self._members(ids)}

    def _members(self, ids: Sequence[int] | None = None) -> list[tuple[int, int, int, int]]:
        """Of each piece, its recordings: counted twice, by recording and by piece."""
        of_recordings = (
            "SELECT piece_id, count(*), count(duplicate_of), sum(id) FROM recordings"
            " WHERE piece_id {} GROUP BY piece_id"
        )
        of_pieces = "SELECT id, members, copies, ids FROM pieces WHERE members != 0"
        if ids is None:
            rows, kept = self.rows(of_recordings.format("IS NOT NULL")), self.rows(of_pieces)
        else:
            rows = self.rows_of(of_recordings.format("IN (?)"), ids)
            kept = self.rows_of(of_pieces + " AND id IN (?)", ids)
        if set(rows) != set(kept):
            raise self.damaged("it has lost track of which recordings are of which piece")
        return kept

    def slugs(self) -> dict[int, str]:
        """Recording id → the slug of its piece."""
        with self.snapshot():
            slug_of = {row[0]: row[2] for row in self.read_table("pieces")}
            return {
                recording: slug_of[piece]
                for recording, piece in self.pieces_of().items()
                if piece in slug_of
            }

    def recordings(self, piece_id: int | None = None) -> list[Recording]:
        """The recordings of a piece, or all; by performer, then path. Duplicates are marked."""
        with self.snapshot():
            if piece_id is None:
                rows = self.rows(_RECORDINGS + " WHERE state = 'analysed'")
                self.verify_total("recordings analysed", [row[-1] for row in rows])
            else:
                rows = self.rows(_RECORDINGS + " WHERE piece_id = ?", [piece_id])
                kept = self.rows("SELECT members, sum FROM pieces WHERE id = ?", [piece_id])
                if (kept or [(0, 0)]) != [count_and_sum([row[-1] for row in rows])]:
                    raise self.damaged(f"recordings of piece {piece_id} are missing")
        found = [self._recording(row) for row in rows]
        return sorted(found, key=lambda r: (r.performer.casefold(), r.path, r.start))

    def recordings_by_id(self, ids: Sequence[int]) -> dict[int, Recording]:
        """The recordings of these ids, as far as there are any."""
        rows = self.rows_of(_RECORDINGS + " WHERE state = 'analysed' AND id IN (?)", ids)
        return {row[0]: self._recording(row) for row in rows}

    def performers(self) -> list[str]:
        """The performers of the recordings, each once, in order."""
        rows = self.rows("SELECT DISTINCT performer FROM recordings WHERE state = 'analysed'")
        return sorted(row[0] for row in rows if row[0])

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

        with self.snapshot():
            if recording_ids is None:
                rows = self.rows(_PROFILES + " WHERE encoder = ?", [encoder])
                self.verify_total(f"profiles {encoder}", [row[4] for row in rows])
                self._as_written(rows)
            else:
                rows = [row for row in self._profiles_of(recording_ids) if row[1] == encoder]
        rows.sort()
        ids = np.array([row[0] for row in rows], np.int64)
        if not rows:
            return ids, np.zeros((0, 0), np.float32)
        profiles = np.frombuffer(b"".join(row[3] for row in rows), "<f4")
        return ids, profiles.reshape(len(rows), -1)

    def windows(self, recording_id: int, encoder: str | None = None) -> Windows:
        """The windows of a recording, as the given encoder, or the last one, heard them."""
        import numpy as np

        from espr.audio.encoder import Windows
        from espr.features import get_space

        with self.snapshot():
            space_of = {row[1]: row[2] for row in self._profiles_of([recording_id])}
            if encoder is None:
                known = self.recordings_by_id([recording_id])
                encoder = known[recording_id].encoder if known else ""
            if encoder not in space_of:
                by = f" by {encoder}" if encoder else ""
                raise EsprError(
                    f"recording {recording_id} was not heard{by}; run: espr index FOLDER"
                )
            rows = self.rows(
                "SELECT recording_id, encoder, times, features, checksum FROM windows"
                " WHERE recording_id = ? AND encoder = ?",
                [recording_id, encoder],
            )
        if not rows or checksum("windows", *rows[0][:4]) != rows[0][4]:
            raise self.damaged(f"the windows of recording {recording_id} are not what was written")
        fields = rows[0]
        times = np.frombuffer(fields[2], "<f8").reshape(-1, 2)
        features = np.frombuffer(fields[3], "<f4").reshape(len(times), -1)
        return Windows(times, features, get_space(space_of[encoder]).measured)

    def _profiles_of(self, recording_ids: Sequence[int]) -> list[tuple[Any, ...]]:
        """All profiles of recordings, none missing, each as it was written.

        Of every encoder: whose they are is among what may have flipped.
        """
        rows = self.rows_of(_PROFILES + " WHERE recording_id IN (?)", recording_ids)
        self._as_written(rows)
        found: Counter[int] = Counter()
        for row in rows:
            found[row[0]] += row[4]
        kept = self.rows_of(
            "SELECT id, profile_sum FROM recordings WHERE profile_sum != 0 AND id IN (?)",
            recording_ids,
        )
        for identity, _ in set(kept) ^ set(found.items()):
            raise self.damaged(f"profiles of recording {identity} are missing")
        return rows

    def _as_written(self, rows: Sequence[tuple[Any, ...]]) -> None:
        for row in rows:
            if checksum("profiles", *row[:4]) != row[4]:
                raise self.damaged(f"the profile of recording {row[0]} is not what was written")

    def _recording(self, row: tuple[Any, ...]) -> Recording:
        if checksum("recordings", *row[:-1]) != row[-1]:
            raise self.damaged(f"the row of recording {row[0]} is not what was written")
        identity, path, start, end, _, _, _, _, encoder, _, audio_hash, duration, tags = row[:13]
        piece_id, rule, title, performer, duplicate_of = row[13:18]
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
