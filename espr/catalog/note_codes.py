"""Which recordings may play similar notes, among any number of them.

Of each recording's note vector the 256 signs are kept, 32 bytes, beside the library as
``<library>.notes``. The share of signs that differ is, with a little noise, the angle between two
vectors over 180 degrees (Charikar, STOC 2002): those with the fewest differences are candidates,
whose vectors are then compared.

The file is derived: the library holds its checksum, and where that is another one, or the count of
recordings does not fit, it is made again from the vectors.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from espr.catalog.locations import note_codes_path, write_derived
from espr.catalog.sound import note_vectors, vectors_of

if TYPE_CHECKING:
    from espr.catalog.catalog import Catalog

_META = "note codes"  # key of the checksum of the file
_WORDS = 16  # of 16 bits


class NoteCodes:
    """The signs of the note vectors of a library.

    Parameters
    ----------
    changed : sequence of int
        Recordings that are new, or play something else than before.
    """

    def __init__(self, catalog: Catalog, changed: Sequence[int]) -> None:
        self._catalog = catalog
        ids, codes = self._kept()
        place = np.searchsorted(ids, changed)
        again = place[place < len(ids)]
        stays = np.ones(len(ids), bool)
        stays[again[np.isin(ids[again], changed)]] = False
        added = vectors_of(catalog, changed)
        self._ids = np.concatenate([ids[stays], np.array(list(added), np.int64)])
        self._codes = np.concatenate([codes[stays], _signs(list(added.values()))])
        if len(self._ids) != catalog.totals().get("note_vectors", (0, 0))[0]:
            every, vectors = note_vectors(catalog)
            self._ids, self._codes = np.array(every, np.int64), _signs(list(vectors))
        if (self._ids[1:] < self._ids[:-1]).any():
            order = np.argsort(self._ids)
            self._ids, self._codes = self._ids[order], self._codes[order]

    def nearest(self, vector: np.ndarray, count: int) -> list[int]:
        """The ids of ``count`` recordings whose vectors point most like this one, ascending."""
        differ = _ones()[self._codes ^ _signs([vector])].sum(axis=1, dtype=np.int16)
        if count < len(differ):
            return sorted(self._ids[np.argpartition(differ, count)[:count]].tolist())
        found: list[int] = self._ids.tolist()
        return found

    def store(self) -> None:
        """Keep all this for the next time."""
        body = self._ids.astype("<i8").tobytes() + self._codes.astype("<u2").tobytes()
        write_derived(note_codes_path(self._catalog.path), body)
        with self._catalog.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)",
                [_META, str(zlib.crc32(body))],
            )

    def _kept(self) -> tuple[np.ndarray, np.ndarray]:
        """Ids, and signs as words, shape=(n, 16), as they were stored; none when in doubt."""
        try:
            body = note_codes_path(self._catalog.path).read_bytes()
        except OSError:
            body = b""
        count = len(body) // (8 + 2 * _WORDS)
        if self._catalog.meta().get(_META) != str(zlib.crc32(body)):
            count = 0
        codes = np.frombuffer(body, "<u2", _WORDS * count, 8 * count)
        return np.frombuffer(body, "<i8", count), codes.reshape(-1, _WORDS)


@cache
def _ones() -> np.ndarray:
    """How many bits of each word of 16 bits are 1."""
    ones: np.ndarray = np.zeros(1 << 16, np.uint8)
    for bit in range(16):
        ones += (np.arange(1 << 16) >> bit & 1).astype(np.uint8)
    return ones


def _signs(vectors: Sequence[np.ndarray]) -> np.ndarray:
    """shape=(n, 16), uint16"""
    if not len(vectors):
        return np.zeros((0, _WORDS), np.uint16)
    bits = np.packbits(np.stack(list(vectors)) > 0.0, axis=1)
    words: np.ndarray = np.ascontiguousarray(bits).view("<u2")
    return words
