"""The lexicon of expression: terms of performance in plain English, of our own writing.

``espr/assets/expression_lexicon.csv`` has a term (as it is written, accents and all), its
languages (``en``, ``it``, ``de``, ``fr``, ``es``; "intenso" is ``it es``) and a gloss: one to four
plain English words for what it means *in a performance* ("dry": short detached crisp plain;
"pedal": sustained resonance blending, for corpora know those of bicycles). It holds the terms of
scores, and the describing words that people use most in these languages. Training takes from it
the vectors of terms that no corpus of English has, and draws those that it has to their musical
sense.
``espr words`` prints the glosses of foreign terms, and a query with a term that the vectors lack
is answered with its gloss.

It says what words mean, never how they sound in features: that is
``espr/evaluation/expression_terms.csv``, whose cues come from published experiments on performance.
``score_terms.txt`` beside that one only lists which Italian and French words the plain ``glove``
keeps; it is frozen with it.

Written from general knowledge of scores and of how musicians and critics speak, with no benchmark
answer at hand; which words of a language are used most was looked up in wordfreq 3.1.1 (Speer
2022), and nothing else was taken from there. The eleven words whose neighbours are a check of the
vectors (``CHECKED``) are neither terms nor in glosses. Terms that are an English word of another
sense (German "hell", French "net", Italian "piano") are in ``languages.py``, which reads them in
texts of their language only, and so are degrees and negations (molto, sehr, sans).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from espr.paths import ASSETS
from espr.query_language.inflection import adjective
from espr.query_language.tokenizer import tokenise

LEXICON = ASSETS / "expression_lexicon.csv"
LANGUAGES = {"en": "English", "it": "Italian", "de": "German", "fr": "French", "es": "Spanish"}
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
    languages : tuple of str
        Keys of ``LANGUAGES``.
    gloss : tuple of str
        Plain English words, lower case.
    """

    term: str
    languages: tuple[str, ...]
    gloss: tuple[str, ...]

    @property
    def key(self) -> str:
        """As a vocabulary has it and queries are folded: ``sturmisch``, ``con fuoco``."""
        return " ".join(tokenise(self.term))

    @property
    def is_english(self) -> bool:
        return "en" in self.languages

    @property
    def meanings(self) -> tuple[str, ...]:
        """The gloss as queries are read: "faster" is "fast"."""
        return tuple(adjective(word) or word for word in self.gloss)


def read_lexicon(path: Path = LEXICON) -> list[Entry]:
    """The entries in the order of the file; the keys are unique."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_entry(row["term"], row["languages"], row["gloss"]) for row in csv.DictReader(file)]


def _entry(term: str, languages: str, gloss: str) -> Entry:
    return Entry(term, tuple(languages.split()), tuple(gloss.split()))


@cache
def _rows() -> dict[str, tuple[str, str, str]]:
    """The rows by key: a query looks up a few words, so 5,000 entries are not made of them."""
    with LEXICON.open(encoding="utf-8", newline="") as file:
        return {_key(row[0]): (row[0], row[1], row[2]) for row in islice(csv.reader(file), 1, None)}


def _key(term: str) -> str:
    plain = term.isascii() and term.islower() and term.isalpha()
    return term if plain else " ".join(tokenise(term))


def find_entry(key: str) -> Entry | None:
    """The entry of the lexicon whose key it is."""
    row = _rows().get(key)
    return _entry(*row) if row else None


def is_foreign(word: str) -> bool:
    """Whether ``word`` is the key of a term that is not English."""
    entry = find_entry(word)
    return entry is not None and not entry.is_english
