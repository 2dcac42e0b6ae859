"""The other spelling: American for British and the other way round."""

from __future__ import annotations

from collections.abc import Iterator

# Pairs of endings or letter groups that differ between the two spellings, either way.
_SPELLINGS = (
    ("our", "or"),
    ("is", "iz"),
    ("ys", "yz"),
    ("tre", "ter"),
    ("bre", "ber"),
    ("ogue", "og"),
    ("ence", "ense"),
    ("ll", "l"),
    ("ae", "e"),
    ("oe", "e"),
)
_SHORTEST_RESPELT = 5  # letters: "grey" is in both spellings, "de" is not "doe"


def variants(word: str) -> Iterator[str]:
    """The word in the other spelling: "colour" for "color", "mesmerising" for "…izing"."""
    if len(word) < _SHORTEST_RESPELT:
        return
    for pair in _SPELLINGS:
        for here, there in (pair, pair[::-1]):
            at = word.rfind(here)
            if at > 0:
                yield word[:at] + there + word[at + len(here) :]
