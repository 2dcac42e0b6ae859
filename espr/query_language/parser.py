"""Tokens to weighted terms: what negates, what weighs, what compares, what is one phrase.

Negations and degrees stand before a term or inside it, begin a new term, and hold to its
end; "or" and "nor" carry a negation on; "than" turns it round. What says nothing about the
sound is a term, too, unknown and with a note, so that it can be told. Tables: ``grammar.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from espr.query_language.inflection import adjective, is_describing
from espr.query_language.phrases import (
    AND,
    ANSWERS,
    BREAKS,
    CARRYING,
    COMMA,
    COMPARISONS,
    DEGREES,
    EQUAL,
    EXCESS,
    JOINING,
    LEAST,
    MEASURE,
    MODIFIERS,
    NEGATING,
    NEGATIONS,
    OR,
    PHRASES,
    PLACES,
    PLAIN,
    POSTPOSED,
    REPLACED,
    STOP,
    STOP_WORDS,
    STRONGEST,
    WEAKENED,
)
from espr.query_language.scope import (
    begins_anew,
    carrying,
    end_of_reference,
    end_of_term,
    ends,
    is_question,
    is_unnamed,
)
from espr.query_language.word_lookup import Recogniser, Token, resolve

SHOWN = 40  # letters of an unknown word that are shown
_LONGEST_PHRASE = max(map(len, PHRASES))
_LONGEST_WORD = 4  # parts of a word of the vocabulary: "con tutta la forza"
SAYS_NOTHING = "says nothing about the sound"
_NOT_NAMED = "compares with what is not named"
_TOO_MUCH_FOR = "says what it is too much for"
_WHERE = "says where, not how"


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
        self._notes: list[str] = []
        self._weight_is_used = False  # by a word: a further modifier begins a new term
        self._idle: list[str] = []  # what was typed since the last word and weighs nothing yet
        self._said = False  # whether anything between two ends was a word
        self._is_excess = False  # whether the term is "too" much of something
        self._is_replaced = False  # by what follows "as": "not so much soft as slow"
        self._reference_end = -1  # of what a sentence begins by comparing with, by its name
        self._before = STOP  # what ended the clause before
        self._carrying = CARRYING  # the ends of terms over which a negation is carried

    def read_all(self, tokens: Sequence[Token]) -> None:
        """Read the tokens of a text, and end the last term."""
        words = [token.read for token in tokens]
        at = 0
        while at < len(tokens):
            if at == self._reference_end:
                self._end_term()
            length = self._read_phrase(words, at) or self._read_token(tokens, words, at)
            at += length
        self._end_clause(is_last=True)

    def _read_phrase(self, words: Sequence[str], at: int) -> int:
        """Read the phrase at ``at``; the number of its tokens, 0 when there is none."""
        for length in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
            phrase = tuple(words[at : at + length])
            if phrase in POSTPOSED and ends(words, at + length) and self._words:
                self._degree *= POSTPOSED[phrase]
            elif phrase in POSTPOSED and ends(words, at + length) and self._has_just_ended:
                self._weigh_last(POSTPOSED[phrase])
            elif phrase in PLAIN:
                pass
            elif phrase in PLACES:
                return self._leave_out(words, at, at + length, _WHERE)
            elif phrase in COMPARISONS or (phrase == (EQUAL,) and self._words):
                return self._compare(words, at, length)
            elif phrase == (MEASURE,) and self._words and self._is_excess:
                return self._leave_out(words, at, end_of_term(words, at + length), _TOO_MUCH_FOR)
            elif phrase in NEGATIONS:
                self._negate()
                self._is_replaced = phrase == REPLACED
                self._carrying = carrying(phrase, words, at + length)
                self._idle += phrase
            elif phrase in DEGREES:
                self._weigh(DEGREES[phrase])
                if DEGREES[phrase] < 0:
                    self._carrying = carrying(phrase, words, at + length)
                self._is_excess |= EXCESS in phrase
                self._idle += phrase
            elif not 1 < length <= _LONGEST_WORD or not self._read_word_of_parts(phrase):
                continue
            return length
        return 0

    def _read_word_of_parts(self, parts: tuple[str, ...]) -> bool:
        """Take a word of the vocabulary that is written in parts: "con fuoco", "laid back"."""
        spaced = " ".join(parts)
        word = self._vocabulary.phrases.get(spaced)
        # "so so soft" is not "so-so", nor "no nonsense" one word; "matter of fact" is
        ends = (parts[0], parts[-1])
        if word is None or (word != spaced and any(_is_grammatical(part) for part in ends)):
            return False
        self._take(spaced, word)
        return True

    def _read_token(self, tokens: Sequence[Token], words: Sequence[str], at: int) -> int:
        token = tokens[at]
        if token.read in BREAKS or token.read in JOINING:
            is_carried = token.read in self._carrying and not (
                token.read == AND and begins_anew(words, at + 1)
            )
            is_end = at + 1 == len(tokens) or token.read == STOP
            self._end_clause(keep_weight=is_carried, is_last=is_end)
            self._before = token.read
            if token.read == NEGATING:
                self._sign, self._outer, self._degree = -1.0, 1.0, 1.0
            if token.read == NEGATING or not is_carried:
                self._carrying = CARRYING
            elif token.read == OR or (token.read == AND and COMMA in self._carrying):
                self._carrying -= {COMMA, AND}  # what it stands before is the last of the list
        elif _is_stop_word(tokens, at):
            self._idle.append(token.read)
        else:
            self._add(token)
        return 1

    def _add(self, token: Token) -> None:
        word = resolve(token.read, self._vocabulary)
        if word is not None:
            self._take(token.typed, word)
            if token.weight:  # "unrushed": the term is "rushed", its weight -1
                self._typed[-1] = token.read
                self._notes[-1] = f"'{token.typed}' read as '{token.weight} {word}'"
            return
        weight = self._weight
        self._flush()
        near = self._recogniser.suggestions(token.read)
        self.terms.append(Term(token.typed[:SHOWN], (), weight, known=False, suggestions=near))
        self._heed()

    def _take(self, typed: str, word: str) -> None:
        self._typed.append(typed)
        self._words.append(word)
        is_as_typed = _bare(typed) == _bare(word)
        self._notes.append("" if is_as_typed else f"'{typed}' read as '{word}'")
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
        degree = self._degree
        if self._sign < 0 and degree > 0 and degree != 1:
            degree = WEAKENED if degree > LEAST else 1.0
        return self._sign * max(-STRONGEST, min(STRONGEST, self._outer * degree))

    def _compare(self, words: Sequence[str], at: int, length: int) -> int:
        """What stands after "than": the opposite of what stands before, or left out."""
        end = end_of_term(words, at + length)
        if not self._said:  # "unlike the others it is soft"
            self._reference_end = end = end_of_reference(words, at + length, end)
        if is_unnamed(words[at + length : end], is_equal=words[at] == EQUAL):
            return self._leave_out(words, at, end, _NOT_NAMED)
        if (
            not self._said and self._sign > 0 and words[max(0, at - 1)] == "more"
        ):  # "more than calm" is calm
            return length
        if words[at] != EQUAL or self._is_replaced:  # "as soft as silk" is one term
            sign = -self._sign
            self._end_term()
            self._sign = sign
        return length

    def _leave_out(self, words: Sequence[str], at: int, end: int, note: str) -> int:
        """Tell what stands from ``at`` to ``end``; its length."""
        self._flush()
        left_out = " ".join(words[at:end])
        self.terms.append(Term(left_out[:SHOWN], (), 1.0, known=False, note=note))
        self._said, self._idle = True, []
        return end - at

    # Where terms end

    def _end_clause(self, *, keep_weight: bool = False, is_last: bool = False) -> None:
        """At a comma or an "and": what was typed in vain is told.

        A negation at the end of a sentence (``is_last``) is that of what stands before.
        """
        idle = self._idle if self._is_waiting or not self._said else []
        if idle and self._is_waiting and self._stands_behind(is_last):
            if self._sign > 0 or self.terms[-1].weight > 0:  # "not legato, not at all" is not
                self._weigh_last(self._behind)
            idle = []
        self._end_term(keep_weight=keep_weight)
        if idle:
            text = " ".join(idle)[:SHOWN]
            self.terms.append(Term(text, (), 1.0, known=False, note=SAYS_NOTHING))
        self._idle, self._said = [], False

    def _stands_behind(self, is_last: bool) -> bool:
        """Whether what waits weighs the last term: "varies too much", "legato? not at all"."""
        if not self.terms or self.terms[-1].note:
            return False
        if self._sign > 0:
            return self._said
        # "calm, not" is not finished, and "but the others are not" speaks of others
        is_whole = (
            self._said
            or self._before == STOP
            or (self._before == COMMA and len(self._idle) > 1)
            or self._outer * self._degree != 1
        )
        is_answer = not ANSWERS.isdisjoint(self._idle) and not is_question(self._idle)
        return is_last and is_whole and is_answer and self.terms[-1].known

    @property
    def _behind(self) -> float:
        """The factor of what stands behind its term: "fast, but not very" is still fast."""
        if self._sign > 0:
            return self._degree
        return -1.0 if self._degree == self._outer == 1 else WEAKENED

    def _weigh_last(self, degree: float) -> None:
        """Multiply the weight of the last term."""
        weight = self.terms[-1].weight * degree
        self.terms[-1] = replace(self.terms[-1], weight=max(-STRONGEST, min(STRONGEST, weight)))

    @property
    def _has_just_ended(self) -> bool:
        """Whether a known term stands before, and nothing since: "fast, but not too much"."""
        return bool(self.terms and self.terms[-1].known and not self._idle and not self._said)

    @property
    def _is_waiting(self) -> bool:
        """Whether a negation or a degree has found no word."""
        return not self._weight_is_used and (self._sign, self._outer, self._degree) != (1, 1, 1)

    def _end_term(self, *, keep_weight: bool = False) -> None:
        """Close the term: what weighed it weighs nothing after it, but for a negation kept."""
        self._flush()
        if not (keep_weight and self._sign * self._degree < 0):
            self._sign = self._outer = self._degree = 1.0
        self._weight_is_used = self._is_excess = self._is_replaced = False

    def _flush(self) -> None:
        if self._words:
            text, note = " ".join(self._typed), "; ".join(filter(None, self._notes))
            self.terms.append(Term(text, tuple(self._words), self._weight, True, note=note))
        self._typed, self._words, self._notes = [], [], []


def _is_stop_word(tokens: Sequence[Token], at: int) -> bool:
    word = tokens[at].read
    if word == "music":  # "a music box" is none of "the music"
        return at == 0 or tokens[at - 1].read not in ("a", "an")
    if word == "even":  # "even softer", but "even tempo"
        after = tokens[at + 1].read if at + 1 < len(tokens) else ""
        is_last = at > 0 and tokens[at - 1].read == OR  # "gentle or even tender"
        return (
            after in ("more", "less")
            or adjective(after) is not None
            or (is_last and is_describing(after))
        )
    return word in STOP_WORDS


def _bare(word: str) -> str:
    """Without what two ways of writing a word may differ by and nobody need be told."""
    return word.replace("-", "").replace(" ", "")


def _is_grammatical(word: str) -> bool:
    return word in STOP_WORDS or word in MODIFIERS
