"""The lexicon of expression: terms of performance in plain English, of our own writing.

``espr/assets/expression_lexicon.csv`` has a term (as it is written, accents and all), its
language (``en``, or ``it``, ``de``, ``fr`` of scores) and a gloss: one to four plain English words
for what it means *in a performance* ("dry": short detached crisp plain; "pedal": sustained
resonance blending, for corpora know those of bicycles). Training takes from it the vectors of
terms that no corpus of English has, and draws those that it has to their musical sense.
``espr words`` prints the glosses of foreign terms, and a query with a term that the vectors lack
is answered with its gloss.

It says what words mean, never how they sound in features: that is
``espr/evaluation/expression_terms.csv``, whose cues come from published experiments on performance.
``score_terms.txt`` beside that one only lists which Italian and French words the plain ``glove``
keeps; it is frozen with it.

Written from general knowledge of scores and of how musicians and critics speak, with no benchmark
answer at hand. The eleven words whose neighbours are a check of the vectors (``CHECKED``) are
neither terms nor in glosses. Terms that are an English word of another sense (German "hell",
French "net") are left out, and so is "piano", which in English is the instrument. Degrees and
negations (molto, sehr, sans) belong to ``grammar.py``: "sehr langsam" is a degree and a term.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from espr.paths import ASSETS
from espr.query_language.inflection import adjective
from espr.query_language.tokenizer import tokenise

LEXICON = ASSETS / "expression_lexicon.csv"
LANGUAGES = {"en": "English", "it": "Italian", "de": "German", "fr": "French"}
# The pairs named in the model card, as such: a check of the vectors must not be an input.
CHECKED = frozenset(
    "happy sad calm nervous gentle aggressive joyful melancholic shy delicate tender".split()
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One term of the lexicon.

    Attributes
    ----------
    term : str
        As it is written: ``stürmisch``, ``con fuoco``.
    language : str
        A key of ``LANGUAGES``.
    gloss : tuple of str
        Plain English words, lower case.
    """

    term: str
    language: str
    gloss: tuple[str, ...]

    @property
    def key(self) -> str:
        """As a vocabulary has it and queries are folded: ``sturmisch``, ``con fuoco``."""
        return " ".join(tokenise(self.term))

    @property
    def meanings(self) -> tuple[str, ...]:
        """The gloss as queries are read: "faster" is "fast"."""
        return tuple(adjective(word) or word for word in self.gloss)


def read_lexicon(path: Path = LEXICON) -> list[Entry]:
    """The entries in the order of the file; the keys are unique."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Entry(row["term"], row["language"], tuple(row["gloss"].split()))
            for row in csv.DictReader(file)
        ]


@cache
def glosses() -> dict[str, Entry]:
    """The entries by key."""
    return {entry.key: entry for entry in read_lexicon()}
