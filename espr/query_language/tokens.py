"""The query grammar: what a listener types, as weighted terms of known words.

A *term* is what stands between commas, semicolons, slashes, "and", "but"; it may have several
words ("clear phrasing", ``clear_phrasing``). Before it, or inside it, stand negations ("not",
"without", "isn't": the weight changes sign) and degrees ("very", "a bit": the weight is
multiplied); they begin a new term and hold to its end. A negation is carried over "or" and "nor",
and over "and" only from "without" and its like. "More lyrical than dry" is lyrical and not dry;
"than the others" compares with what nobody named and is left out. Stop words inside a term are
passed over. What is not understood becomes a term of its own, marked as unknown: a word that the
vocabulary does not know, with suggestions, or words that say nothing about the sound, with a note.
A misspelling within one edit that is likely of one word only is read as that word, and the term's
note says so. Tables: ``grammar.py``; turns of phrase: ``idioms.py``; words: ``recognition.py``; how
far a negation is carried: ``lookahead.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from espr.errors import EsprError
from espr.query_language.idioms import plain
from espr.query_language.parser import SHOWN, Term, TermReader
from espr.query_language.tokenizer import tokenise
from espr.query_language.word_lookup import Recogniser, Vocabulary

__all__ = ["Term", "Vocabulary", "parse_query", "tokenise"]

_NAMED = 5  # unknown words that an error names


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
        terms += [replace(term, weight=-term.weight) for term in excluded]
    if not any(term.known for term in terms):
        raise EsprError(_nothing_known(text, terms))
    return tuple(terms)


def _parse(text: str, recogniser: Recogniser) -> list[Term]:
    tokens = [token for typed in tokenise(text) for token in recogniser.tokens(typed)]
    reader = TermReader(recogniser)
    reader.read_all(plain(tokens))
    return reader.terms


# What to say about words that are not known


def _nothing_known(text: str, terms: Sequence[Term]) -> str:
    if not terms and not text.strip():
        return 'the query is empty; say how it should sound, e.g. "shy, delicate"'
    unknown = {term.text: term.suggestions for term in terms if not term.note}
    if not unknown:
        return (
            f"'{_cut(' '.join(text.split()))}' says nothing about how a performance sounds; "
            'try words such as "shy, delicate" or "fast, aggressive"'
        )
    named = [
        f"'{word}'" + (f" (did you mean {', '.join(suggestions)}?)" if suggestions else "")
        for word, suggestions in list(unknown.items())[:_NAMED]
    ]
    more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
    return f"no word of the query is known: {', '.join(named)}{more}"


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
