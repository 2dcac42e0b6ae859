"""Which recordings may play similar notes, among any number of them.

Of each recording's note vector the 256 signs are kept, 32 bytes, beside the library as
``<library>.notes``. The share of signs that differ is, with a little noise, the angle between two
vectors over 180 degrees (Charikar, STOC 2002): those with the fewest differences are candidates,
whose vectors are then compared.

The file is derived and only grows, by rows of an id and its signs. The library says how many rows
count, their sum, and of how many recordings they are: what a run that was killed left behind them
is written over, and where they are not as it says, all is made again from the vectors. A recording
that is gone leaves its row, and one that plays something else gets one more; when there are more
such rows than recordings, all is made again, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from espr.catalog.locations import note_codes_path, write_derived
from espr.catalog.sound import note_vectors, vectors_of

if TYPE_CHECKING:
    from espr.catalog.catalog import Catalog

_META = "note codes"  # key in meta: rows that count, the sum of their words, recordings
_ROW = np.dtype([("id", "<i8"), ("signs", "<u8", 4)])
_BLOCK = 1 << 15  # rows that are compared at once: they stay in the processor's cache
_FEW = 1_000  # rows of past recordings that are no trouble in any library


class NoteCodes:
    """The signs of the note vectors of a library.

    Parameters
    ----------
    changed : sequence of int
        Recordings that are new, or play something else than before.
    """

    def __init__(self, catalog: Catalog, changed: Sequence[int]) -> None:
        self._catalog = catalog
        self._kept, known = self._read()
        added = sign_rows(vectors_of(catalog, changed).items())
        same = {row.tobytes() for row in self._kept[np.isin(self._kept["id"], added["id"])]}
        self._added = added[[row.tobytes() not in same for row in added]]
        self._count = catalog.totals().get("note_vectors", (0, 0))[0]
        rows = len(self._kept) + len(self._added)
        if self._count > known + len(self._added) or rows > 2 * self._count + _FEW:
            self._kept = self._kept[:0]
            self._added = sign_rows(zip(*note_vectors(catalog), strict=True))
        self._ids = np.concatenate([self._kept["id"], self._added["id"]])

    def nearest(self, wanted: Sequence[np.ndarray], count: int) -> dict[int, np.ndarray]:
        """The note vectors, by id, of ``count`` recordings that point most like each of these.

        By their signs, that is; of equally near ones those with the smallest ids.
        """
        found: set[int] = set()
        for signs in sign_rows(enumerate(wanted))["signs"]:
            differ = np.concatenate([differences(rows, signs) for rows in self._parts()])
            least = np.partition(differ, count - 1)[count - 1] if count < len(differ) else 256
            near = np.flatnonzero(differ <= least)
            order = np.lexsort((self._ids[near], differ[near]))[:count]
            found.update(self._ids[near[order]].tolist())
        return vectors_of(self._catalog, sorted(found))

    def store(self) -> None:
        """Keep all this for the next time."""
        path = note_codes_path(self._catalog.path)
        content = self._added.tobytes()
        if not len(self._kept):
            write_derived(path, content)
        else:
            # where it cannot be written, the file will not be as the library says
            with suppress(OSError), path.open("r+b") as file:
                file.seek(self._kept.nbytes)
                file.write(content)
                file.truncate()
        says = f"{len(self._ids)} {sum(map(_sum, self._parts())) % (1 << 64)} {self._count}"
        with self._catalog.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [_META, says]
            )

    def _parts(self) -> tuple[np.ndarray, np.ndarray]:
        return self._kept, self._added

    def _read(self) -> tuple[np.ndarray, int]:
        """The rows as they were stored, and of how many recordings; none when in doubt."""
        says = self._catalog.meta().get(_META, "")
        # no file, or one that is too short, or what another version says of it
        with suppress(OSError, ValueError, OverflowError):
            rows, words, count = map(int, says.split())
            path = note_codes_path(self._catalog.path)
            kept = np.asarray(np.memmap(path, _ROW, "r", shape=(rows,)))
            if _sum(kept) == words:
                return kept, count
        return np.zeros(0, _ROW), 0


def sign_rows(vectors: Iterable[tuple[int, np.ndarray]]) -> np.ndarray:
    """Ids and signs of note vectors, shape=(n,): fields ``id`` and ``signs``, 4 words of 64."""
    every = list(vectors)
    rows = np.zeros(len(every), _ROW)
    if every:
        rows["id"] = [identity for identity, _ in every]
        bits = np.packbits(np.stack([vector for _, vector in every]) > 0.0, axis=1)
        rows["signs"] = bits.view("<u8")
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
        return np.bitwise_count(words)
    bytes_of_each = np.ascontiguousarray(words).view(np.uint8).reshape(-1, 8)
    return np.unpackbits(bytes_of_each, axis=1).sum(axis=1, dtype=np.uint8)


def _sum(rows: np.ndarray) -> int:
    """The sum of the words of rows, modulo 2 to the 64th."""
    return int(np.add.reduce(np.ascontiguousarray(rows).view(np.uint64)))
