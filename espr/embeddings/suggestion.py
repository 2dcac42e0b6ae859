"""Words spelt nearly alike, to suggest for one that is not known.

Nearly alike: the optimal string alignment distance (insertions, deletions, substitutions
and swaps of neighbours, each 1; Damerau 1964), as rapidfuzz computes it.
"""

from __future__ import annotations

from collections.abc import Sequence

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

    def suggest(self, word: str, n: int = 3) -> tuple[str, ...]:
        """Up to ``n`` words within the tolerance: nearest, same first letter, frequent first."""
        if not word.isascii() or not 2 <= len(word) <= _LONGEST:
            return ()
        # imported here: most queries need no suggestion, and it takes 25 ms
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        near = extract(
            word, self._words, scorer=OSA.distance, score_cutoff=tolerance(word), limit=None
        )
        if not near:
            return ()
        # beside a word one letter away, a word three letters away is noise
        farthest = min(distance for _, distance, _ in near) + 1
        ranked = sorted(
            (distance, found[:1] != word[0], position, found)
            for found, distance, position in near
            if distance <= farthest
        )
        return tuple(found for *_, found in ranked[:n])
