"""The other spelling: American for British and the other way round, "ue" for the German "ü".

Only groups of letters that differ by rule, and only before an ordinary ending: a looser
table would correct misspellings in silence ("allley" is no respelling of "alley"). Beside it, what
scores abbreviate, words that are stretched for emphasis, and English words that are no slips.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from espr.paths import shipped_words

# As scores write them, without the full stop. "dim." stays the English "dim"; "f" is a key, too,
# and "piano" the instrument.
ABBREVIATIONS = {
    "ppp": "pianissimo",
    "pp": "pianissimo",
    "mp": "mezzo piano",
    "mf": "mezzo forte",
    "ff": "fortissimo",
    "fff": "fortissimo",
    "sf": "sforzando",
    "sfz": "sforzando",
    "fz": "sforzando",
    "cresc": "crescendo",
    "decresc": "decrescendo",
    "accel": "accelerando",
    "rit": "ritardando",
    "ritard": "ritardando",
    "riten": "ritenuto",
    "rall": "rallentando",
    "stacc": "staccato",
    "marc": "marcato",
    "espr": "espressivo",
    "legg": "leggiero",
    "sost": "sostenuto",
    "ped": "pedal",
}
# What the vocabulary has from captions and comments, but WordNet has not, and is a likely slip of a
# word at least four times as frequent.
MISSPELT = {"agressive": "aggressive", "paino": "piano", "theyre": "they"}

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
    ("ical", "ic"),
)
_DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"))  # accents are folded: "ü" is "u"
_TAILS = ("", "s", "d", "ed", "r", "er", "ers", "ing", "ly", "ful", "fully", "less", "able")
_STRETCHED = re.compile(r"([a-z])\1\1+")  # no English word has it
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


def unstretched(word: str) -> Iterator[str]:
    """A word that has one letter three times in a row, with two of them, then with one: "soooo"."""
    if _STRETCHED.search(word):
        yield _STRETCHED.sub(r"\1\1", word)
        yield _STRETCHED.sub(r"\1", word)


@cache
def other_words() -> frozenset[str]:
    """English words that the vectors lack: "shimmer" is no slip of "simmer".

    How they were chosen: ``espr/training/other_words.py``.
    """
    return frozenset(shipped_words("other_words"))


@cache
def pianists() -> frozenset[str]:
    """Surnames of well-known pianists, folded: "gould" is no slip of "gold"."""
    return frozenset(shipped_words("pianists"))
