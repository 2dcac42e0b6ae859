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
from collections.abc import Sequence
from dataclasses import replace

from espr.errors import EsprError
from espr.text.grammar import BREAK, DEGREES, UNMARKED
from espr.text.terms import SHOWN, Term, TermReader, Vocabulary

__all__ = ["Term", "Vocabulary", "parse_query", "tokenise"]

MOST_SUGGESTED_FOR = 8  # unknown words of a query that get suggestions: 5 ms each
_NAMED = 5  # unknown words that an error names
_AS_APOSTROPHE = str.maketrans(dict.fromkeys("’‘ʼ`´＇", "'"))
_HYPHENS = "-‐‑"  # longer dashes end a term
_ENDS = ',;/.:!?|()[]{}"“”–—\n\r&+…'


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
    reader = TermReader(vocabulary)
    at = 0
    while at < len(tokens):
        at += reader.read(tokens, at)
    reader.end_term()
    return reader.terms


def tokenise(text: str) -> list[str]:
    """Lower-case words without accents, and "," where a term ends.

    Hyphens stay inside words; "isn't" is "n't"; a possessive 's is dropped;
    underscores are spaces; emoji, control and direction marks are ignored.
    """
    tokens: list[str] = []
    for word in _plain(text).split():
        if word == BREAK or any(letter.isalnum() for letter in word):
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
            letters.append(f" {BREAK} ")
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
            token == BREAK
            and 0 < at < len(tokens) - 1
            and tokens[at - 1] == tokens[at + 1]
            and (tokens[at - 1],) in DEGREES
        )
    ]


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
            f"'{_cut(' '.join(text.split()))}' says nothing about how a performance sounds; "
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
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
