"""Which recordings may play similar notes, among any number of them.

Of each recording's note vector, from which the mean of the library's is subtracted, the 256 signs
are kept, 32 bytes, beside the library as ``<library>.notes``. The share of signs that differ is,
with a little noise, the angle between two vectors over 180 degrees (Charikar, STOC 2002): those
with the fewest differences are candidates, whose vectors are then compared. What all music plays is
in the mean: without it, of a million recordings one performance in eighteen was no candidate.

The file is derived and only grows: after the mean come rows of an id and its signs. The library
says how many rows count, the sum of all words, of how many recordings they are, and the mean. What
a run that was killed left behind them is written over; where they are not as the library says, all
is made again from the vectors. A recording that is gone leaves its row, and one that plays
something else gets one more: when there are more such rows than recordings, all is made again, too,
and so it is where the mean is of few recordings, and the library has twice as many.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from espr.alignment.note_vector import DIMENSION
from espr.catalog.locations import note_codes_path, write_derived
from espr.catalog.sound import note_vectors, vectors_of

if TYPE_CHECKING:
    from espr.catalog.catalog import Catalog

_META = "note codes"  # key in meta: rows that count, sum of words, recordings, those of the mean
_ROW = np.dtype([("id", "<i8"), ("signs", "<u8", DIMENSION // 64)])
_BLOCK = 1 << 15  # rows that are compared at once: they stay in the processor's cache
_FEW = 1_000  # rows of past recordings that are no trouble in any library
_MANY = 10_000  # recordings whose mean is that of any number


class NoteCodes:
    """The signs of the note vectors of a library.

    Parameters
    ----------
    changed : sequence of int
        Recordings that are new, or play something else than before.
    """

    def __init__(self, catalog: Catalog, changed: Sequence[int]) -> None:
        self._catalog = catalog
        self._count = catalog.totals().get("note_vectors", (0, 0))[0]
        self._mean, self._kept, known, self._of = self._read()
        added = sign_rows(*vectors_of(catalog, changed if len(self._kept) else ()), self._mean)
        same = {row.tobytes() for row in self._kept[np.isin(self._kept["id"], added["id"])]}
        self._added = added[[row.tobytes() not in same for row in added]]
        rows = len(self._kept) + len(self._added)
        if (
            self._count > known + len(self._added)
            or rows > 2 * self._count + _FEW
            or (self._of < _MANY and self._count >= 2 * self._of)
        ):
            self._make()
        self._ids = np.concatenate([self._kept["id"], self._added["id"]])

    def nearest(self, wanted: Sequence[np.ndarray], count: int) -> dict[int, np.ndarray]:
        """The note vectors, by id, of ``count`` recordings that point most like each of these.

        By their signs, that is; of equally near ones those with the smallest ids.
        """
        found: set[int] = set()
        for signs in sign_rows(range(len(wanted)), np.stack(wanted), self._mean)["signs"]:
            differ = np.concatenate([differences(rows, signs) for rows in self._parts()])
            least = np.partition(differ, count - 1)[count - 1] if count < len(differ) else DIMENSION
            near = np.flatnonzero(differ <= least)
            order = np.lexsort((self._ids[near], differ[near]))[:count]
            found.update(self._ids[near[order]].tolist())
        return dict(zip(*vectors_of(self._catalog, sorted(found)), strict=True))

    def store(self) -> None:
        """Keep all this for the next time."""
        path = note_codes_path(self._catalog.path)
        mean, added = self._mean.tobytes(), self._added.tobytes()
        if not len(self._kept):
            write_derived(path, mean + added)
        else:
            # where it cannot be written, the file will not be as the library says
            with suppress(OSError), path.open("r+b") as file:
                file.seek(len(mean) + self._kept.nbytes)
                file.write(added)
                file.truncate()
        words = sum(map(_sum, (self._mean, *self._parts()))) % (1 << 64)
        says = f"{len(self._ids)} {words} {self._count} {self._of}"
        with self._catalog.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [_META, says]
            )

    def _parts(self) -> tuple[np.ndarray, np.ndarray]:
        return self._kept, self._added

    def _read(self) -> tuple[np.ndarray, np.ndarray, int, int]:
        """The mean and the rows as they were stored, and of how many recordings either are.

        Nothing when in doubt.
        """
        says = self._catalog.meta().get(_META, "")
        # no file, or one that is too short, or what another version says of it
        with suppress(OSError, ValueError, OverflowError):
            rows, words, count, of = map(int, says.split())
            path = note_codes_path(self._catalog.path)
            mean = np.fromfile(path, "<f4", DIMENSION)
            kept = np.asarray(np.memmap(path, _ROW, "r", mean.nbytes, (rows,)))
            if (_sum(mean) + _sum(kept)) % (1 << 64) == words:
                return mean, kept, count, of
        return np.zeros(DIMENSION, "<f4"), np.zeros(0, _ROW), 0, 0

    def _make(self) -> None:
        """Take the signs from the vectors."""
        total = sum(
            (vectors.sum(axis=0, dtype=float) for _, vectors in note_vectors(self._catalog)),
            np.zeros(DIMENSION),
        )
        self._mean, self._of = (total / max(1, self._count)).astype("<f4"), self._count
        chunks = [sign_rows(*chunk, self._mean) for chunk in note_vectors(self._catalog)]
        self._kept = np.zeros(0, _ROW)
        self._added = np.concatenate([self._kept, *chunks])


def sign_rows(ids: Sequence[int], vectors: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """The signs of note vectors, shape=(n, 256): fields ``id`` and ``signs``, 4 words of 64."""
    rows = np.zeros(len(ids), _ROW)
    rows["id"] = ids
    rows["signs"] = np.packbits(vectors > mean, axis=1).view("<u8")
    return rows


def differences(rows: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """How many signs of each row are not these, shape=(n,), uint16."""
    found = np.zeros(len(rows), np.uint16)
    for first in range(0, len(rows), _BLOCK):
        block, within = rows["signs"][first : first + _BLOCK], found[first : first + _BLOCK]
        for word in range(block.shape[1]):
            within += _ones(block[:, word] ^ signs[word])
    return found


def _ones(words: np.ndarray) -> np.ndarray:
    """How many bits of each word of 64 are 1."""
    if hasattr(np, "bitwise_count"):  # since numpy 2
        ones: np.ndarray = np.bitwise_count(words)
    else:
        bits = np.unpackbits(np.ascontiguousarray(words).view(np.uint8).reshape(-1, 8), axis=1)
        ones = bits.sum(axis=1, dtype=np.uint8)
    return ones


def _sum(rows: np.ndarray) -> int:
    """The sum of the words of 64 bits of an array, modulo 2 to the 64th."""
    return int(np.add.reduce(np.ascontiguousarray(rows).view("<u8")))
