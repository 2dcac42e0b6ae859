"""What stands further on in a query: where a term ends, how far a negation is carried."""

from __future__ import annotations

from collections.abc import Sequence

from espr.text.grammar import (
    AND,
    BEFORE_NOUNS,
    BREAKS,
    CARRYING,
    CLAUSE,
    COMMA,
    EITHER,
    JOINING,
    LISTED,
    MODIFIERS,
    NEGATING,
    OR,
    POINTING,
    PRIVATIONS,
    REFERENCES,
    STOP_WORDS,
    SUBJECTS,
)
from espr.text.inflection import is_describing

_LONGEST_LIST = 40  # words, that a text of 64 KiB is read in time


def ends(words: Sequence[str], at: int) -> bool:
    """Whether a term ends before ``at``."""
    return at >= len(words) or words[at] in BREAKS or words[at] in JOINING


def carrying(negation: tuple[str, ...], words: Sequence[str], at: int) -> frozenset[str]:
    """The ends of terms over which a negation that stands before ``at`` is carried."""
    after = words[at : at + _LONGEST_LIST]
    if negation == (EITHER,) and NEGATING in after:
        return CARRYING | {COMMA, AND}
    if negation in LISTED and _is_list(after, OR):
        return CARRYING | {COMMA}
    if negation in PRIVATIONS:
        return CARRYING | ({COMMA, AND} if _is_list(after, AND) else {AND})
    return CARRYING


def _is_list(words: Sequence[str], joint: str) -> bool:
    """Whether ``words`` begin as "a, b or c", with ``joint`` for the "or".

    Where the joint is "and", b and c must be nouns as a is: "without haste, calm and free" is none.
    """
    start = 0
    while start < len(words) and is_modifier(words[start]):  # "too sweet, too sugary or too loud"
        start += 1
    repeated = words[:start]
    has_comma = is_over = False
    for word in words[start:]:
        if word == COMMA and not is_over:
            has_comma = True
        elif word in BREAKS or (word in JOINING and (is_over or word != joint)):
            break
        elif word == joint:
            is_over = True
        elif has_comma and (
            word in CLAUSE
            or (is_modifier(word) and word not in repeated)
            or (joint == AND and is_describing(word, beside=words[start]))
        ):
            return False
    return has_comma and is_over


def begins_anew(word: str) -> bool:
    """Whether ``word``, after "without warmth and", begins something that is not missing."""
    is_free = word in STOP_WORDS and word not in BEFORE_NOUNS
    return is_free or is_modifier(word) or word in CLAUSE or is_describing(word)


def is_modifier(word: str) -> bool:
    """Whether a word, alone, is a negation or a degree."""
    return word in MODIFIERS


def end_of_term(words: Sequence[str], at: int) -> int:
    """Where the term ends that has the word ``at``."""
    while not ends(words, at):
        at += 1
    return at


def end_of_reference(words: Sequence[str], at: int, end: int) -> int:
    """Where what a sentence begins by comparing with ends, and its subject stands."""
    for subject in range(at + 1, end):
        if words[subject] in SUBJECTS or words[subject : subject + 2] == ["this", "one"]:
            return subject
    return end


def is_unnamed(words: Sequence[str], *, is_equal: bool) -> bool:
    """Whether a comparison is with what the words do not say: "the others", "I expected"."""
    if not words or words[0] in SUBJECTS or (words[0] in POINTING and not is_equal):
        return True
    return all(word in REFERENCES | POINTING or word.isdigit() for word in words)
