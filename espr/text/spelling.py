"""The other spelling: American for British and the other way round, "ue" for the German "ü".

Only groups of letters that differ by rule, and only before an ordinary ending: a looser
table would mend misspellings in silence ("allley" is no respelling of "alley").
"""

from __future__ import annotations

from collections.abc import Iterator

_SPELLINGS = (
    ("our", "or"),
    ("ise", "ize"),
    ("ising", "izing"),
    ("isation", "ization"),
    ("yse", "yze"),
    ("ysing", "yzing"),
    ("tre", "ter"),
    ("bre", "ber"),
    ("tred", "tered"),
    ("tring", "tering"),
    ("lled", "led"),
    ("lling", "ling"),
    ("ller", "ler"),
    ("ogue", "og"),
    ("ence", "ense"),
)
_DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"))  # accents are folded: "ü" is "u"
_TAILS = ("", "s", "d", "ed", "r", "er", "ers", "ing", "ly", "ful", "fully", "less", "able")
_SHORTEST = 5  # letters: "grey" is in both spellings, and "tre" is not "ter"


def variants(word: str) -> Iterator[str]:
    """The word in the other spelling: "colour" for "color", "sturmisch" for "stuermisch"."""
    if len(word) < _SHORTEST:
        return
    for pair in _SPELLINGS:
        for here, there in (pair, pair[::-1]):
            start, found, tail = word.rpartition(here)
            if start and found and tail in _TAILS:
                yield start + there + tail
    plain = word
    for digraph, letter in _DIGRAPHS:
        plain = plain.replace(digraph, letter)
    if plain != word:
        yield plain
