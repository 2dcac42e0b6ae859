"""Words spelt nearly alike, to suggest for one that is not known.

Nearly alike: the optimal string alignment distance (insertions, deletions, substitutions
and swaps of neighbours, each 1; Damerau 1964), over the whole vocabulary at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_LONGEST = 30  # letters; what is longer is no word


def tolerance(word: str) -> int:
    """The distance up to which another spelling is worth suggesting."""
    return 1 if len(word) <= 5 else 2 if len(word) <= 9 else 3


class Speller:
    """Finds the words of a vocabulary nearest in spelling.

    Parameters
    ----------
    words : sequence of str
        The most frequent first: of two equally near, the more frequent is suggested.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        encoded = np.array([word.encode("ascii", "replace") for word in words])
        self._letters = encoded.view(np.uint8).reshape(len(words), -1)
        self._lengths = np.char.str_len(encoded)

    def suggest(self, word: str, n: int = 3) -> tuple[str, ...]:
        """Up to ``n`` words within the tolerance: nearest, same first letter, frequent first."""
        if not word.isascii() or not 2 <= len(word) <= _LONGEST:
            return ()
        limit = tolerance(word)
        near = np.flatnonzero(np.abs(self._lengths - len(word)) <= limit)
        if not len(near):
            return ()
        distances = alignment_distances(word, self._letters[near], self._lengths[near])
        # beside a word one letter away, a word three letters away is noise
        kept = distances <= min(limit, int(distances.min()) + 1)
        near, distances = near[kept], distances[kept]
        other_initial = self._letters[near, 0] != ord(word[0])
        order = np.lexsort((near, other_initial, distances))[:n]
        return tuple(self._words[k] for k in near[order])


def alignment_distances(word: str, letters: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Optimal string alignment distance of ``word`` to n words, shape=(n,).

    ``letters``, shape=(n, ≥ longest), uint8: the words, padded; ``lengths``, shape=(n,).
    """
    columns = np.ascontiguousarray(letters[:, : int(lengths.max())].T)
    rows = _distance_rows(word.encode("ascii"), columns)
    distances: np.ndarray = rows[lengths, np.arange(len(lengths))]
    return distances


def _distance_rows(word: bytes, columns: np.ndarray) -> np.ndarray:
    """The last row of the dynamic programme, shape=(longest + 1, n): one entry a prefix."""
    longest, n = columns.shape
    current = np.repeat(np.arange(longest + 1, dtype=np.uint8)[:, None], n, axis=1)
    previous = before = current
    for i, letter in enumerate(word):
        before, previous, current = previous, current, np.empty_like(current)
        current[0] = i + 1
        equal = columns == letter
        # substitution and deletion need only the row above: all columns at once
        np.minimum(previous[:-1] + ~equal, previous[1:] + 1, out=current[1:])
        if i > 0:
            swapped = equal[:-1] & (columns[1:] == word[i - 1])
            swap = np.where(swapped, before[:-2] + 1, np.uint8(255))
            np.minimum(current[2:], swap, out=current[2:])
        for j in range(1, longest + 1):
            np.minimum(current[j], current[j - 1] + 1, out=current[j])
    return current
