"""Tokens to weighted terms: what negates, what weighs, what is one phrase.

Negations and degrees stand before a term or inside it, begin a new term, and hold to its
end; "or" and "nor" carry a negation on. The tables are in ``grammar.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from espr.text.grammar import (
    BREAK,
    CARRYING,
    DEGREES,
    JOINING,
    NEGATING,
    NEGATIONS,
    PLAIN,
    STOP_WORDS,
    STRONGEST,
    WEAKENED,
)
from espr.text.inflection import bases
from espr.text.spelling import variants

SHOWN = 40  # letters of an unknown word that are shown
_LONGEST_PHRASE = max(len(phrase) for phrase in NEGATIONS | PLAIN | DEGREES.keys())
_SHORTEST_BASE = 4  # letters: "siced" is a misspelling, not a form of "sic"


class Vocabulary(Protocol):
    """The words that the vectors know."""

    def __contains__(self, word: object) -> bool: ...

    def suggest(self, word: str, n: int = 3) -> tuple[str, ...]:
        """Up to ``n`` words of the vocabulary spelt nearly like ``word``."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a query.

    Attributes
    ----------
    text : str
        As typed, lower case, without its negation and degree.
    words : tuple of str
        The words of the vocabulary that it was resolved to; empty when unknown.
    weight : float
        Degree times sign: "not" and ``--not`` make it negative.
    known : bool
    suggestions : tuple of str
        For an unknown word, words of the vocabulary spelt nearly alike.
    note : str
        How it was read, when not as typed ("'hastily' read as 'hasty'").
    """

    text: str
    words: tuple[str, ...]
    weight: float
    known: bool
    suggestions: tuple[str, ...] = ()
    note: str = ""


def resolve(word: str, vocabulary: Vocabulary) -> str | None:
    """The word of the vocabulary that ``word`` is: as typed, respelt, or its base form."""
    if word in vocabulary:
        return word
    for form in _forms(word):
        if form in vocabulary and form not in STOP_WORDS:
            return form
    return None


def _forms(word: str) -> Iterator[str]:
    """What ``word`` may be a respelling or an inflection of, the likeliest first."""
    yield from variants(word)
    plural = (word.removesuffix("s"),) if word.endswith("s") else ()
    for inflected in (word, *plural):  # "leanings" is the plural of a participle
        for base in bases(inflected):
            if len(base) >= _SHORTEST_BASE:
                yield base
                yield from variants(base)


class TermReader:
    """Reads tokens from left to right; holds what the next words will be weighed by."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.terms: list[Term] = []
        self._vocabulary = vocabulary
        self._sign = 1.0
        self._outer = 1.0  # the degree before a negation: "much less staccato"
        self._degree = 1.0  # the degree after it: "not very fast"
        self._typed: list[str] = []
        self._words: list[str] = []
        self._weight_is_used = False  # by a word: a further modifier begins a new term

    def read(self, tokens: Sequence[str], at: int) -> int:
        """Read the phrase or word at ``at``; the number of tokens that were read."""
        for length in range(min(_LONGEST_PHRASE, len(tokens) - at), 0, -1):
            phrase = tuple(tokens[at : at + length])
            if phrase in PLAIN:
                return length
            if phrase in NEGATIONS:
                self._negate()
                return length
            if phrase in DEGREES:
                self._weigh(DEGREES[phrase])
                return length
        self._read_word(tokens[at])
        return 1

    def _read_word(self, token: str) -> None:
        if token == BREAK or token in JOINING:
            self.end_term(keep_sign=token in CARRYING)
            if token == NEGATING:
                self._sign = -1.0
        elif token not in STOP_WORDS:
            self._add(token)

    def _add(self, token: str) -> None:
        word = resolve(token, self._vocabulary)
        if word is None:
            weight = self._weight
            self._flush()
            self.terms.append(Term(token[:SHOWN], (), weight, known=False))
        else:
            self._typed.append(token)
            self._words.append(word)
        self._weight_is_used = True

    def _negate(self) -> None:
        self._begin_modifier()
        self._sign = -self._sign  # "not without feeling" asks for feeling
        self._outer, self._degree = self._outer * self._degree, 1.0

    def _weigh(self, degree: float) -> None:
        self._begin_modifier()
        self._degree *= degree

    def _begin_modifier(self) -> None:
        """A modifier after words begins a new term: "soft very slow"."""
        if self._weight_is_used:
            self.end_term()

    @property
    def _weight(self) -> float:
        is_weakened = self._sign < 0 and self._degree > 1
        degree = self._outer * (WEAKENED if is_weakened else self._degree)
        return self._sign * max(-STRONGEST, min(STRONGEST, degree))

    def end_term(self, *, keep_sign: bool = False) -> None:
        """Close the term: what weighed it weighs nothing after it."""
        self._flush()
        self._outer = self._degree = 1.0
        if not keep_sign:
            self._sign = 1.0
        self._weight_is_used = False

    def _flush(self) -> None:
        if self._words:
            read = zip(self._typed, self._words, strict=True)
            note = "; ".join(f"'{t}' read as '{w}'" for t, w in read if t != w)
            text = " ".join(self._typed)
            self.terms.append(Term(text, tuple(self._words), self._weight, True, note=note))
        self._typed, self._words = [], []
