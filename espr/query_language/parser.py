"""The query grammar: what a listener types, as weighted terms of known words.

A *term* is what stands between commas, semicolons, slashes, "and", "but"; it may have several
words ("clear phrasing", ``clear_phrasing``). Before it, or inside it, stand negations ("not",
"without", "isn't": the weight changes sign) and degrees ("very", "a bit": the weight is
multiplied); they begin a new term and hold to its end. A negation is carried over "or" and "nor",
and over "and" only from "without" and its like. "More lyrical than dry" is lyrical and not dry;
"than the others" compares with what nobody named and is left out. Stop words inside a term are
passed over. What is not understood becomes a term of its own, marked as unknown: a word that the
vocabulary does not know, with suggestions, or words that say nothing about the sound, with a note.

Passes over immutable tokens: tokenise (``tokenizer.py``), look words up (``word_lookup.py``),
rewrite turns of phrase (``idioms.py``), mark spans, split clauses, weigh (``scope.py``), and here
make terms. Tables: ``grammar_tables.py``, ``languages.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from espr.errors import EsprError
from espr.folding import fold_word
from espr.query_language.enumerations import is_question
from espr.query_language.grammar_tables import ANSWERS, COMMA, STOP, STRONGEST, WEAKENED
from espr.query_language.idioms import plain
from espr.query_language.languages import READ
from espr.query_language.scope import (
    Clause,
    Group,
    Kind,
    Span,
    mark_spans,
    split_clauses,
    weigh,
)
from espr.query_language.tokenizer import tokenise_typed
from espr.query_language.word_lookup import Recogniser, Vocabulary

_NAMED = 5  # unknown words that an error names
_SHOWN = 40  # letters of an unknown word that are shown
A_NAME = "is a name, not a sound"
SAYS_NOTHING = "says nothing about the sound"


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
    target : float or None
        How much of it is asked for, in standard deviations within a piece, where that matters:
        "slightly slow" is 0.5 slower than the mean, "not too fast" as well. None: the more the
        better.
    """

    text: str
    words: tuple[str, ...]
    weight: float
    known: bool
    suggestions: tuple[str, ...] = ()
    note: str = ""
    target: float | None = None


def parse_query(
    text: str, vocabulary: Vocabulary, *, exclude: Sequence[str] = ()
) -> tuple[Term, ...]:
    """The terms of a query, those of ``exclude`` (``--not``) with their weights negated.

    Raises
    ------
    EsprError
        When the query is empty, says nothing about the sound, or no word of it is known.
    TypeError
        When it is not a str.
    """
    if not isinstance(text, str):
        raise TypeError(f"a query is a str, not {type(text).__name__}")
    recogniser = Recogniser(vocabulary)
    terms = _parse(text, recogniser)
    for words in exclude:
        excluded = _parse(words, recogniser)
        if not any(term.known or not term.note for term in excluded):
            raise EsprError(_nothing_known(words, excluded))
        terms += [replace(term, weight=-term.weight, target=None) for term in excluded]
    if not any(term.known for term in terms):
        raise EsprError(_nothing_known(text, terms))
    return tuple(terms)


def read_terms(text: str, vocabulary: Vocabulary) -> tuple[Term, ...]:
    """The terms of a text, of which none need be known."""
    return tuple(_parse(text, Recogniser(vocabulary)))


def _parse(text: str, recogniser: Recogniser) -> list[Term]:
    typed = tokenise_typed(text)
    tokens = [
        token
        for before, word in zip([None, *typed], typed, strict=False)
        for token in recogniser.tokens(word, before)
    ]
    spans = mark_spans(plain(tokens), recogniser)
    terms: list[Term] = []
    for clause in weigh(tuple(split_clauses(spans))):
        _add_clause(terms, clause, recogniser)
    return terms


def _add_clause(terms: list[Term], clause: Clause, recogniser: Recogniser) -> None:
    """Add the terms of a clause; what weighs nothing weighs the last term, or is left out."""
    has_words = any(group.content for group in clause.groups)
    for group in clause.groups:
        if group.content:
            made = [*_terms(group, recogniser)]
            terms += made
        elif group.behind != 1 and terms:
            terms[-1] = _scaled(terms[-1], group.behind)
    last = clause.groups[-1]
    if last.content or not (last.is_waiting or not has_words):
        return
    idle = [word for span in last.lead for word in span.read if word]
    if last.is_waiting and terms and _stands_behind(idle, last, clause, terms[-1], has_words):
        if last.weight.sign > 0 or terms[-1].weight > 0:  # "not legato, not at all" is not
            terms[-1] = _scaled(terms[-1], _factor_behind(last))
    elif idle:
        typed = " ".join(t.typed for span in last.lead for t in span.tokens if t.typed)
        terms.append(Term(typed[:_SHOWN], (), 1.0, known=False, note=SAYS_NOTHING))


def _terms(group: Group, recogniser: Recogniser) -> Iterator[Term]:
    """Known words beside each other are one term, and so are names; others are one each."""
    weight = group.weight.value
    for is_joined, spans in groupby(group.content, _is_joined):
        if is_joined == "word":
            term = _known([*spans], weight, group.weight.target)
            yield _scaled(term, group.behind) if group.behind != 1 else term
        elif is_joined == "name":
            name = " ".join(span.tokens[0].typed for span in spans)
            yield Term(name[:_SHOWN], (), weight, known=False, note=A_NAME)
        else:
            yield from (_left_out(span, weight, recogniser) for span in spans)


def _is_joined(span: Span) -> str:
    if span.word:
        return "word"
    return "name" if span.kind is Kind.WORD and span.tokens[0].is_name else ""


def _left_out(span: Span, weight: float, recogniser: Recogniser) -> Term:
    typed = " ".join(token.typed for token in span.tokens if token.typed)[:_SHOWN]
    if span.kind is Kind.LEFT_OUT:
        return Term(typed, (), 1.0, known=False, note=span.note)
    near = recogniser.suggestions(span.tokens[0].read)
    return Term(typed, (), weight, known=False, suggestions=near)


def _known(spans: Sequence[Span], weight: float, target: float | None) -> Term:
    """The term of known words, and how they were read."""
    typed: list[str] = []
    notes: list[str] = []
    for span in spans:
        (first, *_) = span.tokens
        if not first.typed:  # a further word of a turn of phrase
            notes[-1] = f"{notes[-1][:-1]} {span.word}'"
            continue
        as_typed = " ".join(token.typed for token in span.tokens)
        meant = f"{first.weight} {span.word}" if first.weight else span.word
        typed.append(first.read if first.weight else as_typed)
        is_as_typed = _bare(fold_word(as_typed)) == _bare(meant)
        notes.append("" if is_as_typed else f"'{as_typed}' read as '{meant}'")
    return Term(
        " ".join(typed),
        tuple(span.word for span in spans),
        weight,
        known=True,
        note="; ".join(filter(None, notes)),
        target=target,
    )


def _bare(word: str) -> str:
    """Without what two ways of writing a word may differ by and nobody needs to know."""
    return word.replace("-", "").replace(" ", "")


def _stands_behind(
    idle: Sequence[str], last: Group, clause: Clause, term: Term, has_words: bool
) -> bool:
    """Whether what waits weighs the last term: "varies too much", "legato? not at all"."""
    if not term.known:
        return False
    weight = last.weight
    if weight.sign > 0:
        return has_words
    # "calm, not" is not finished, and "but the others are not" speaks of others
    is_whole = (
        has_words
        or clause.before == STOP
        or (clause.before == COMMA and len(idle) > 1)
        or weight.outer * weight.degree != 1
    )
    is_answer = not ANSWERS.isdisjoint(idle) and not is_question(idle)
    is_last = clause.end is None or clause.end.read[0] == STOP
    return is_last and is_whole and is_answer


def _factor_behind(group: Group) -> float:
    """The factor of what stands behind its term: "fast, but not very" is still fast."""
    weight = group.weight
    if weight.sign > 0:
        return weight.degree
    return -1.0 if weight.degree == weight.outer == 1 else WEAKENED


def _scaled(term: Term, factor: float) -> Term:
    """The term, its weight multiplied; a part of it is a target."""
    weight = max(-STRONGEST, min(STRONGEST, term.weight * factor))
    return replace(term, weight=weight, target=abs(weight) if 0 < factor < 1 else None)


# What to say about words that are not known


def _nothing_known(text: str, terms: Sequence[Term]) -> str:
    if not terms and not text.strip():
        return 'the query is empty; say how it should sound, e.g. "shy, delicate"'
    unknown = {term.text: term.suggestions for term in terms if not term.note}
    if not unknown:
        ignored = [f"'{term.text}' {term.note}" for term in terms if term.note != SAYS_NOTHING]
        because = f" ({'; '.join(ignored[:_NAMED])})" if ignored else ""
        return (
            f"'{_cut(' '.join(text.split()))}' says nothing about how a performance sounds{because}"
            '; try words such as "shy, delicate" or "fast, aggressive"'
        )
    named = [
        f"'{word}'" + (f" (did you mean {', '.join(suggestions)}?)" if suggestions else "")
        for word, suggestions in list(unknown.items())[:_NAMED]
    ]
    more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
    is_foreign = sum(not letter.isascii() for word in unknown for letter in word) > 2
    hint = f"; ESPR reads {READ}" if is_foreign else ""
    return f"no word of the query is known: {', '.join(named)}{more}{hint}"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
