"""Tokens to weighted terms: what negates, what weighs, what compares, what is one phrase.

Negations and degrees stand before a term or inside it, begin a new term, and hold to its
end; "or" and "nor" carry a negation on; "than" turns it round. What says nothing about the
sound is a term, too, unknown and with a note, so that it can be told. Tables: ``grammar.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from espr.text.grammar import (
    BREAK,
    CARRYING,
    COMPARISONS,
    DEGREES,
    EQUAL,
    JOINING,
    NEGATING,
    NEGATIONS,
    PLAIN,
    POINTING,
    POSTPOSED,
    REFERENCES,
    STOP_WORDS,
    STRONGEST,
    SUBJECTS,
    WEAKENED,
)
from espr.text.recognition import Recogniser, Token, resolve

SHOWN = 40  # letters of an unknown word that are shown
_PHRASES = NEGATIONS | PLAIN | COMPARISONS | DEGREES.keys() | POSTPOSED.keys()
_LONGEST_PHRASE = max(len(phrase) for phrase in _PHRASES)
_LONGEST_WORD = 4  # parts of a word of the vocabulary: "con tutta la forza"
SAYS_NOTHING = "says nothing about the sound"
_NOT_NAMED = "compares with what is not named"


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
        How it was read, when not as typed ("'hastily' read as 'hasty'"); why it was left out, when
        it is no unknown word ("compares with what is not named").
    """

    text: str
    words: tuple[str, ...]
    weight: float
    known: bool
    suggestions: tuple[str, ...] = ()
    note: str = ""


class TermReader:
    """Reads tokens from left to right; holds what the next words will be weighed by."""

    def __init__(self, recogniser: Recogniser) -> None:
        self.terms: list[Term] = []
        self._recogniser = recogniser
        self._vocabulary = recogniser.vocabulary
        self._sign = 1.0
        self._outer = 1.0  # the degree before a negation: "much less staccato"
        self._degree = 1.0  # the degree after it: "not very fast"
        self._typed: list[str] = []
        self._words: list[str] = []
        self._weight_is_used = False  # by a word: a further modifier begins a new term
        self._idle: list[str] = []  # what was typed since the last word and weighs nothing yet
        self._said = False  # whether anything between two ends was a word

    def read_all(self, tokens: Sequence[Token]) -> None:
        """Read the tokens of a text, and end the last term."""
        words = [token.read for token in tokens]
        at = 0
        while at < len(tokens):
            length = self._read_phrase(words, at) or self._read_token(tokens[at])
            at += length
        self._end_clause()

    def _read_phrase(self, words: Sequence[str], at: int) -> int:
        """Read the phrase at ``at``; the number of its tokens, 0 when there is none."""
        for length in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
            phrase = tuple(words[at : at + length])
            if phrase in POSTPOSED and _ends(words, at + length) and self._words:
                self._degree *= POSTPOSED[phrase]
            elif phrase in PLAIN:
                pass
            elif phrase in COMPARISONS or (phrase == (EQUAL,) and self._words):
                return self._compare(words, at, length)
            elif phrase in NEGATIONS:
                self._negate()
                self._idle += phrase
            elif phrase in DEGREES:
                self._weigh(DEGREES[phrase])
                self._idle += phrase
            elif not 1 < length <= _LONGEST_WORD or not self._read_word_of_parts(phrase):
                continue
            return length
        return 0

    def _read_word_of_parts(self, parts: tuple[str, ...]) -> bool:
        """Take a word of the vocabulary that is written in parts: "con fuoco", "laid back"."""
        spaced = " ".join(parts)
        word = self._vocabulary.phrases.get(spaced)
        # "so so soft" is not "so-so", nor "no nonsense" one word
        if word is None or (word != spaced and any(_is_grammatical(part) for part in parts)):
            return False
        self._take(spaced, word)
        return True

    def _read_token(self, token: Token) -> int:
        if token.read == BREAK or token.read in JOINING:
            self._end_clause(keep_sign=token.read in CARRYING)
            if token.read == NEGATING:
                self._sign = -1.0
        elif token.read in STOP_WORDS:
            self._idle.append(token.read)
        else:
            self._add(token)
        return 1

    def _add(self, token: Token) -> None:
        word = resolve(token.read, self._vocabulary)
        if word is not None:
            self._take(token.typed, word)
            return
        weight = self._weight
        self._flush()
        near = self._recogniser.suggestions(token.read)
        self.terms.append(Term(token.typed[:SHOWN], (), weight, known=False, suggestions=near))
        self._heed()

    def _take(self, typed: str, word: str) -> None:
        self._typed.append(typed)
        self._words.append(word)
        self._heed()

    def _heed(self) -> None:
        self._weight_is_used = self._said = True
        self._idle = []

    # What changes the weight

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
            self._end_term()

    @property
    def _weight(self) -> float:
        is_weakened = self._sign < 0 and self._degree > 1
        degree = self._outer * (WEAKENED if is_weakened else self._degree)
        return self._sign * max(-STRONGEST, min(STRONGEST, degree))

    def _compare(self, words: Sequence[str], at: int, length: int) -> int:
        """What stands after "than": the opposite of what stands before, or left out."""
        end = at + length
        while not _ends(words, end):
            end += 1
        if _is_unnamed(words[at + length : end], is_equal=words[at] == EQUAL):
            self._flush()
            left_out = " ".join(words[at:end])
            self.terms.append(Term(left_out[:SHOWN], (), 1.0, known=False, note=_NOT_NAMED))
            self._said, self._idle = True, []
            return end - at
        if words[at] != EQUAL:  # "as soft as silk" is one term
            sign = -self._sign
            self._end_term()
            self._sign = sign
        return length

    # Where terms end

    def _end_clause(self, *, keep_sign: bool = False) -> None:
        """At a comma or an "and": what was typed in vain is told."""
        idle = self._idle if self._is_waiting or not self._said else []
        if idle and self._said and self._sign == 1 and not self.terms[-1].note:
            # a degree that stands behind: "varies too much"
            weight = self.terms[-1].weight * self._degree
            kept = max(-STRONGEST, min(STRONGEST, weight))
            self.terms[-1] = replace(self.terms[-1], weight=kept)
            idle = []
        self._end_term(keep_sign=keep_sign)
        if idle:
            text = " ".join(idle)[:SHOWN]
            self.terms.append(Term(text, (), 1.0, known=False, note=SAYS_NOTHING))
        self._idle, self._said = [], False

    @property
    def _is_waiting(self) -> bool:
        """Whether a negation or a degree has found no word."""
        return not self._weight_is_used and (self._sign, self._outer, self._degree) != (1, 1, 1)

    def _end_term(self, *, keep_sign: bool = False) -> None:
        """Close the term: what weighed it weighs nothing after it."""
        self._flush()
        self._outer = self._degree = 1.0
        if not keep_sign:
            self._sign = 1.0
        self._weight_is_used = False

    def _flush(self) -> None:
        if self._words:
            read = zip(self._typed, self._words, strict=True)
            note = "; ".join(f"'{t}' read as '{w}'" for t, w in read if _bare(t) != _bare(w))
            text = " ".join(self._typed)
            self.terms.append(Term(text, tuple(self._words), self._weight, True, note=note))
        self._typed, self._words = [], []


def _ends(words: Sequence[str], at: int) -> bool:
    """Whether a term ends before ``at``."""
    return at >= len(words) or words[at] == BREAK or words[at] in JOINING


def _bare(word: str) -> str:
    """Without what two ways of writing a word may differ by and nobody need be told."""
    return word.replace("-", "").replace(" ", "")


def _is_grammatical(word: str) -> bool:
    return word in STOP_WORDS or (word,) in NEGATIONS or (word,) in DEGREES


def _is_unnamed(words: Sequence[str], *, is_equal: bool) -> bool:
    """Whether a comparison is with what the words do not say: "the others", "I expected"."""
    if not words or words[0] in SUBJECTS or (words[0] in POINTING and not is_equal):
        return True
    return all(word in REFERENCES | POINTING or word.isdigit() for word in words)
