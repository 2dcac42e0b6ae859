"""The query grammar: what a listener types, as weighted terms of known words.

A *term* is what stands between commas, semicolons, slashes, "and", "but"; it may have
several words ("clear phrasing", ``clear_phrasing``). Before it, or inside it, stand
negations ("not", "without", "isn't": the weight changes sign) and degrees ("very",
"a bit": the weight is multiplied); they begin a new term and hold to its end. A negation
is carried over "or" and "nor", not over "and". Words that say nothing about the sound are
passed over; a word that the vocabulary does not know becomes a term of its own, marked as
unknown, with suggestions: it is never corrected in silence. Tables: ``grammar.py``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from espr.errors import EsprError
from espr.text.grammar import (
    CARRYING,
    DEGREES,
    JOINING,
    NEGATING,
    NEGATIONS,
    PLAIN,
    STOP_WORDS,
    STRONGEST,
    UNMARKED,
    WEAKENED,
)
from espr.text.inflection import bases
from espr.text.spelling import variants

MOST_SUGGESTED_FOR = 8  # unknown words of a query that get suggestions: 5 ms each
_NAMED = 5  # unknown words that an error names
_SHOWN = 40  # letters of a word that are shown
_LONGEST_PHRASE = max(len(phrase) for phrase in NEGATIONS | PLAIN | DEGREES.keys())
_BREAK = ","  # the token that ends a term
_AS_APOSTROPHE = str.maketrans(dict.fromkeys("’‘ʼ`´＇", "'"))
_HYPHENS = "-‐‑"  # longer dashes end a term
_ENDS = ',;/.:!?|()[]{}"“”–—\n\r&+…'


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


def parse_query(
    text: str, vocabulary: Vocabulary, *, exclude: Sequence[str] = ()
) -> tuple[Term, ...]:
    """The terms of a query, those of ``exclude`` (``--not``) with their weights negated.

    Raises
    ------
    EsprError
        When the query is empty, says nothing about the sound, or no word of it is known.
    """
    terms = _parse(text, vocabulary)
    for words in exclude:
        excluded = _parse(words, vocabulary)
        if not excluded:
            raise EsprError(_nothing_known(words, excluded))
        terms += [replace(term, weight=-term.weight) for term in excluded]
    terms = _with_suggestions(terms, vocabulary)
    if not any(term.known for term in terms):
        raise EsprError(_nothing_known(text, terms))
    return tuple(terms)


def _parse(text: str, vocabulary: Vocabulary) -> list[Term]:
    tokens = _without_stutter(_resolve_compounds(tokenise(text), vocabulary))
    reader = _Reader(vocabulary)
    at = 0
    while at < len(tokens):
        at += reader.read(tokens, at)
    reader.end_term()
    return reader.terms


# Text to tokens


def tokenise(text: str) -> list[str]:
    """Lower-case words without accents, and "," where a term ends.

    Hyphens stay inside words; "isn't" is "n't"; a possessive 's is dropped;
    underscores are spaces; emoji, control and direction marks are ignored.
    """
    tokens: list[str] = []
    for word in _plain(text).split():
        if word == _BREAK or any(letter.isalnum() for letter in word):
            tokens += _without_contraction(word.strip("'-"))
    return tokens


def _plain(text: str) -> str:
    """Accents folded, case folded, separators as " , ", anything else but words as spaces."""
    letters = []
    text = text.translate(_AS_APOSTROPHE)  # before NFKD, which makes an accent of "´"
    for letter in unicodedata.normalize("NFKD", text.casefold()):
        if letter.isalnum() or letter == "'":
            letters.append(letter)
        elif letter in _HYPHENS:
            letters.append("-")
        elif letter in _ENDS:
            letters.append(f" {_BREAK} ")
        elif unicodedata.category(letter) not in ("Mn", "Me", "Cf"):  # accents, direction marks
            letters.append(" ")
    return "".join(letters)


def _without_contraction(word: str) -> list[str]:
    if word in UNMARKED or word.endswith("n't"):
        return ["n't"]  # what remains is an auxiliary, and says nothing
    stem, _, ending = word.partition("'")
    return [stem] if ending in ("s", "re", "ve", "ll", "d", "m", "") else [stem + ending]


def _resolve_compounds(tokens: list[str], vocabulary: Vocabulary) -> list[str]:
    """As typed if known ("off-beat"), else joined ("offbeat"), else its parts."""
    resolved: list[str] = []
    for token in tokens:
        if "-" not in token or token in vocabulary:
            resolved.append(token)
        elif (joined := token.replace("-", "")) in vocabulary:
            resolved.append(joined)
        else:
            resolved += [part for part in token.split("-") if part]
    return resolved


def _without_stutter(tokens: list[str]) -> list[str]:
    """No end of a term between two equal degree words: "very, very soft"."""
    return [
        token
        for at, token in enumerate(tokens)
        if not (
            token == _BREAK
            and 0 < at < len(tokens) - 1
            and tokens[at - 1] == tokens[at + 1]
            and (tokens[at - 1],) in DEGREES
        )
    ]


def resolve(word: str, vocabulary: Vocabulary) -> str | None:
    """The word of the vocabulary that ``word`` is: as typed, respelt, or its base form."""
    if word in vocabulary:
        return word
    for form in _forms(word):
        if form in vocabulary and form not in STOP_WORDS:
            return form
    return None


def _forms(word: str) -> Iterator[str]:
    yield from variants(word)
    for base in bases(word):
        yield base
        yield from bases(base)  # "leanings": plural of a participle
    for base in bases(word):
        yield from variants(base)


# Tokens to terms


class _Reader:
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
        if token == _BREAK or token in JOINING:
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
            self.terms.append(Term(token[:_SHOWN], (), weight, known=False))
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


# What to say about words that are not known


def _with_suggestions(terms: Sequence[Term], vocabulary: Vocabulary) -> list[Term]:
    """The terms, the first unknown ones with suggestions."""
    unknown = list(dict.fromkeys(term.text for term in terms if not term.known))
    found = {word: vocabulary.suggest(word) for word in unknown[:MOST_SUGGESTED_FOR]}
    return [
        term if term.known else replace(term, suggestions=found.get(term.text, ()))
        for term in terms
    ]


def _nothing_known(text: str, terms: Sequence[Term]) -> str:
    if not terms and not text.strip():
        return 'the query is empty; say how it should sound, e.g. "shy, delicate"'
    if not terms:
        return (
            f"'{_cut(text.strip())}' says nothing about how a performance sounds; "
            'try words such as "shy, delicate" or "fast, aggressive"'
        )
    unknown = {term.text: term.suggestions for term in terms}
    named = [
        f"'{word}'" + (f" (did you mean {', '.join(suggestions)}?)" if suggestions else "")
        for word, suggestions in list(unknown.items())[:_NAMED]
    ]
    more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
    return f"no word of the query is known: {', '.join(named)}{more}"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
