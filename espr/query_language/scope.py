"""Spans of tokens, and how far what negates or weighs reaches.

Three passes: :func:`mark_spans` names what each stretch of tokens is, :func:`split_clauses` cuts
at the terminators and puts modifiers before the words that they stand before, :func:`weigh` gives
each group its weight: what a clause before carries on, times its own modifiers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from espr.query_language.enumerations import (
    begins_clause,
    carrying,
    end_of_reference,
    end_of_term,
    ends,
    is_unnamed,
)
from espr.query_language.grammar_tables import (
    AND,
    CARRYING,
    COMMA,
    COMPARISONS,
    DEGREES,
    EQUAL,
    EXCESS,
    LEAST,
    MEASURE,
    NEGATING,
    NOT_PLAYING,
    ONCE,
    OR,
    PHRASE_LENGTHS,
    PHRASES,
    PLACES,
    POST_DEGREES,
    POST_NEGATIONS,
    PRE_NEGATIONS,
    PSEUDO_NEGATIONS,
    REPLACED,
    STOP,
    STOP_WORDS,
    STRONGEST,
    TERMINATORS,
    WEAKENED,
)
from espr.query_language.idioms import dimensions
from espr.query_language.inflection import adjective, is_describing
from espr.query_language.tokenizer import Token
from espr.query_language.word_lookup import Recogniser

_VERBAL = ("ed", "en", "ing", "wn", "ut", "it")  # "not driven too hard", "not cut too short"
_REACHING = frozenset(("not", "never", "without"))
NOT_NAMED = "compares with what is not named"
_TOO_MUCH_FOR = "says what it is too much for"
_WHERE = "says where, not how"
_NOT_PLAYING = "is not about the playing"


class Kind(Enum):
    """What a span of tokens is."""

    WORD = auto()  # one word of the vocabulary, or none
    SILENT = auto()
    NEGATION = auto()
    DEGREE = auto()
    COMPARED = auto()  # what follows is the opposite of what stands before
    RESET = auto()  # what follows is weighed by nothing that stands before
    BEHIND = auto()  # weighs what stands before
    LEFT_OUT = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of tokens.

    Attributes
    ----------
    factor : float
        Of a degree, or of what stands behind its word.
    carried : frozenset of str
        Of a negation: the terminators over which it is carried.
    is_new : bool
        Of a terminator: what follows begins something of its own, and no part of a list.
    note : str
        Of what is left out: why.
    word : str
        Of several parts, as the vocabulary has it: ``laid-back``.
    """

    kind: Kind
    tokens: tuple[Token, ...]
    factor: float = 1.0
    carried: frozenset[str] = CARRYING
    is_new: bool = False
    note: str = ""
    word: str = ""

    @property
    def read(self) -> tuple[str, ...]:
        return tuple(token.read for token in self.tokens)


@dataclass(frozen=True, slots=True)
class Weight:
    """Sign, the degree before a negation ("much less staccato") and after it ("not very fast")."""

    sign: float = 1.0
    outer: float = 1.0
    degree: float = 1.0

    def with_span(self, span: Span) -> Weight:
        """The weight, changed by a modifier."""
        if span.kind is Kind.NEGATION:  # "not without feeling" asks for feeling
            return Weight(-self.sign, self.outer * self.degree, 1.0)
        if span.kind is Kind.DEGREE:
            return replace(self, degree=self.degree * span.factor)
        if span.kind is Kind.COMPARED:
            return Weight(-self.sign)
        return Weight() if span.kind is Kind.RESET else self

    @property
    def is_weakened(self) -> bool:
        """Whether a degree is negated: "not very fast" is only a little on the slow side."""
        return self.sign < 0 and self.degree > 0 and self.degree != 1

    @property
    def value(self) -> float:
        degree = self.degree
        if self.is_weakened:
            degree = WEAKENED if degree > LEAST else 1.0
        return self.sign * max(-STRONGEST, min(STRONGEST, self.outer * degree))

    @property
    def target(self) -> float | None:
        """The amount that is asked for, in standard deviations; None: the more the better."""
        is_small = (self.is_weakened and self.degree > LEAST) or 0 < self.degree * self.outer < 1
        return abs(self.value) if is_small and abs(self.value) < 1 else None


PLAIN = Weight()


@dataclass(frozen=True, slots=True)
class Group:
    """Modifiers, and the words that they weigh; without words they may weigh what stands before."""

    lead: tuple[Span, ...]
    content: tuple[Span, ...]
    behind: float = 1.0
    weight: Weight = PLAIN

    @property
    def is_waiting(self) -> bool:
        """Whether a negation or a degree has found no word."""
        return not self.content and self.weight != PLAIN


@dataclass(frozen=True, slots=True)
class Clause:
    """What stands between two terminators."""

    groups: tuple[Group, ...]
    before: str
    end: Span | None  # the terminator; None at the end of the text


# Pass 1: spans


@dataclass(frozen=True, slots=True)
class _Before:
    """What stands before a token, as far as it matters."""

    has_words: bool = False  # in this clause
    is_open: bool = False  # a word stands before, and no modifier since
    is_idle: bool = False  # something since the last word
    is_known: bool = False  # the last word, in whatever clause
    is_excess: bool = False  # "too" much of something
    is_replaced: bool = False  # by what follows "as": "not so much soft as slow"
    read: str = ""

    def and_span(self, span: Span) -> _Before:
        """What stands before the token after ``span``."""
        read, kind = span.read[-1], span.kind
        if kind is Kind.END:
            return _Before(is_known=self.is_known, read=read)
        if kind in (Kind.WORD, Kind.LEFT_OUT):
            known = bool(span.word)
            return _Before(True, known, False, known, self.is_excess, self.is_replaced, read)
        if kind in (Kind.NEGATION, Kind.DEGREE):
            is_excess = EXCESS in span.read or (self.is_excess and not self.is_open)
            is_replaced = span.read == REPLACED or (self.is_replaced and not self.is_open)
            return _Before(self.has_words, False, True, self.is_known, is_excess, is_replaced, read)
        if kind in (Kind.COMPARED, Kind.RESET):
            return _Before(self.has_words, False, self.is_idle, self.is_known, read=read)
        return replace(self, is_idle=self.is_idle or kind is Kind.SILENT, read=read)


def mark_spans(tokens: Sequence[Token], recogniser: Recogniser) -> tuple[Span, ...]:
    """The spans of a text, one after the other."""
    words = [token.read for token in tokens]
    spans: list[Span] = []
    before = _Before()
    at, reference_end = 0, -1
    while at < len(tokens):
        if at == reference_end:  # of what a sentence begins by comparing with
            spans.append(Span(Kind.RESET, (Token("", ""),)))
        span, length = _span_at(tokens, words, at, before, recogniser)
        if span.kind is Kind.COMPARED and not before.has_words:
            end = end_of_term(words, at + length)
            reference_end = end_of_reference(words, at + length, end)
        spans.append(span)
        before = before.and_span(span)
        at += length
    return tuple(spans)


def _span_at(
    tokens: Sequence[Token], words: Sequence[str], at: int, before: _Before, recogniser: Recogniser
) -> tuple[Span, int]:
    """The span that begins at ``at``, and how many tokens it takes."""
    word, parts_length = recogniser.word_of_parts(words[at : at + 4])
    for length in PHRASE_LENGTHS.get(words[at], (1,)):
        phrase = tuple(words[at : at + length])
        if length >= parts_length and phrase in PHRASES:
            found = _grammar(phrase, words, at, before)
            if found is not None:
                kind, end, settings = found
                return Span(kind, tuple(tokens[at:end]), **settings), end - at
    if parts_length > 1:
        return Span(Kind.WORD, tuple(tokens[at : at + parts_length]), word=word), parts_length
    one = tokens[at : at + 1]
    if words[at] in TERMINATORS:
        return Span(Kind.END, tuple(one), is_new=begins_clause(words, at + 1)), 1
    if tokens[at].is_silent or is_silent(words, at):
        return Span(Kind.SILENT, tuple(one)), 1
    return Span(Kind.WORD, tuple(one), word=recogniser.word(words[at])), 1


def _grammar(
    phrase: tuple[str, ...], words: Sequence[str], at: int, before: _Before
) -> tuple[Kind, int, dict[str, Any]] | None:
    """What a phrase of the grammar is here, where it ends, and the settings of its span."""
    end = at + len(phrase)
    is_behind = phrase in POST_DEGREES or phrase in POST_NEGATIONS
    if (
        is_behind
        and ends(words, end)
        and (before.is_open or (before.is_known and not before.is_idle and not before.has_words))
    ):
        return Kind.BEHIND, end, {"factor": POST_DEGREES.get(phrase, -1.0)}
    if phrase in PSEUDO_NEGATIONS:
        return Kind.SILENT, end, {}
    if phrase in PLACES:
        return Kind.LEFT_OUT, end, {"note": _WHERE}
    if phrase in NOT_PLAYING:
        return Kind.LEFT_OUT, end, {"note": _NOT_PLAYING}
    if phrase in COMPARISONS or (phrase == (EQUAL,) and before.is_open):
        return _comparison(words, at, end, before)
    if phrase == (MEASURE,) and before.is_open and before.is_excess:
        return Kind.LEFT_OUT, end_of_term(words, end), {"note": _TOO_MUCH_FOR}
    if phrase in PRE_NEGATIONS:
        return Kind.NEGATION, end, {"carried": carrying(phrase, words, end)}
    if phrase in DEGREES:
        factor = DEGREES[phrase]
        carried = carrying(phrase, words, end) if factor < 0 else frozenset[str]()
        return Kind.DEGREE, end, {"factor": factor, "carried": carried}
    return None


def _comparison(
    words: Sequence[str], at: int, end: int, before: _Before
) -> tuple[Kind, int, dict[str, Any]]:
    """What stands after "than": the opposite of what stands before, or left out."""
    is_equal = words[at] == EQUAL
    after = end_of_term(words, end)
    if not before.has_words:  # "unlike the others it is soft"
        after = end_of_reference(words, end, after)
    if is_unnamed(words[end:after], is_equal=is_equal):
        return Kind.LEFT_OUT, after, {"note": NOT_NAMED}
    if is_equal and not before.is_replaced:  # "as soft as silk" is one term
        return Kind.SILENT, end, {}
    return Kind.COMPARED, end, {}


def is_silent(words: Sequence[str], at: int) -> bool:
    """Whether the word at ``at`` is a stop word there."""
    word = words[at]
    if word == "music":  # "a music box" is none of "the music"
        return at == 0 or words[at - 1] not in ("a", "an")
    if word == "even":  # "even softer", but "even tempo"
        after = words[at + 1] if at + 1 < len(words) else ""
        is_last = at > 0 and words[at - 1] == OR  # "gentle or even tender"
        is_compared = after in ("more", "less") or adjective(after) is not None
        return is_compared or (is_last and is_describing(after))
    return word in STOP_WORDS or word == ""


# Pass 2: clauses and groups


def split_clauses(spans: Sequence[Span]) -> Iterator[Clause]:
    """The clauses, each with its groups, not weighed yet."""
    before = STOP
    clause: list[Span] = []
    for span in spans:
        if span.kind is Kind.END:
            yield Clause(tuple(_groups(clause)), before, span)
            before, clause = span.read[0], []
        else:
            clause.append(span)
    yield Clause(tuple(_groups(clause)), before, None)


def _groups(spans: Sequence[Span]) -> Iterator[Group]:
    """A modifier after words begins a new group: "soft very slow"."""
    lead: list[Span] = []
    content: list[Span] = []
    silent: list[Span] = []  # since the last word
    behind = 1.0
    for span in spans:
        if span.kind in (Kind.WORD, Kind.LEFT_OUT):
            content.append(span)
            silent = []
        elif span.kind is Kind.BEHIND:
            behind *= span.factor
        elif not content:
            lead.append(span)
        elif span.kind is Kind.SILENT:
            silent.append(span)
        else:
            yield Group(tuple(lead), tuple(content), behind)
            lead, content, silent, behind = [*silent, span], [], [], 1.0
    yield Group(tuple(lead), tuple(content), behind)


# Pass 3: weights


def weigh(clauses: Sequence[Clause]) -> Iterator[Clause]:
    """The clauses with the weights of their groups."""
    carried, start = CARRYING, PLAIN
    for clause in clauses:
        groups: list[Group] = []
        for group in clause.groups:
            if groups:
                groups[-1], start = _handed_on(groups[-1], group)
            weight = start
            last = ""
            for span in group.lead:
                # "more than calm" is calm
                is_more_than = span.kind is Kind.COMPARED and last == "more" and not groups
                if not (is_more_than and weight.sign > 0):
                    weight = weight.with_span(span)
                if span.kind is Kind.NEGATION or (span.kind is Kind.DEGREE and span.factor < 0):
                    carried = span.carried
                last = span.read[-1]
            groups.append(replace(group, weight=weight))
        yield replace(clause, groups=tuple(groups))
        if clause.end is not None:
            carried, start = _over_terminator(clause.end, carried, groups[-1].weight)


def _handed_on(group: Group, after: Group) -> tuple[Group, Weight]:
    """The group, and the weight with which that after it begins in the same clause.

    A negation reaches over a verb to the degree behind it: "not driven too hard", "I don't want
    the tempo too fast".
    """
    if any(span.kind is Kind.COMPARED for span in after.lead):
        return group, replace(PLAIN, sign=group.weight.sign)
    kinds = {span.kind for span in after.lead} - {Kind.SILENT}
    is_reached = (
        kinds == {Kind.DEGREE}
        and bool(after.content and group.content)
        and group.weight == Weight(-1.0)
        and any(not _REACHING.isdisjoint(span.read) for span in group.lead)
    )
    if not is_reached:
        return group, PLAIN
    # the verb, or the noun of a dimension, says nothing of its own
    content = tuple(
        span
        for span in group.content
        if not (span.read[-1].endswith(_VERBAL) or span.read[-1] in dimensions())
    )
    return replace(group, content=content, weight=group.weight if content else PLAIN), Weight(-1.0)


def _over_terminator(
    end: Span, carried: frozenset[str], weight: Weight
) -> tuple[frozenset[str], Weight]:
    """Where a negation is carried further, and with what weight the next clause begins."""
    joint = end.read[0]
    is_carried = joint in carried and not (joint == AND and end.is_new)
    is_kept = is_carried and weight.sign * weight.degree < 0
    if joint == NEGATING or not is_carried:
        carried = CARRYING
    elif joint == OR or (joint == AND and COMMA in carried) or ONCE in carried:
        carried -= {COMMA, AND, ONCE}  # what it stands before is the last of the list
    if joint == NEGATING:
        return carried, Weight(-1.0)
    return carried, weight if is_kept else PLAIN
