"""What stands further on: where a term ends, what a list is, how far a negation is carried."""

from __future__ import annotations

from collections.abc import Sequence

from espr.query_language.grammar_tables import (
    AND,
    BEFORE_NOUNS,
    BREAKS,
    CARRYING,
    CLAUSE,
    COMMA,
    DISLIKES,
    EITHER,
    GROUPS,
    JOINING,
    LISTED,
    MODIFIERS,
    NEGATING,
    ONCE,
    OR,
    POINTING,
    PRIVATIONS,
    REFERENCES,
    STOP_WORDS,
    SUBJECTS,
)
from espr.query_language.inflection import is_describing

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
    if negation in DISLIKES and _is_attributive(after):
        return CARRYING | {COMMA, ONCE}
    if negation in PRIVATIONS:
        return CARRYING | ({COMMA, AND} if _is_list(after, AND) else {AND})
    return CARRYING


def _is_attributive(words: Sequence[str]) -> bool:
    """Whether ``words`` begin with adjectives and a comma between them: "slow, heavy playing"."""
    if COMMA not in words:
        return False
    at = words.index(COMMA)
    after = words[at + 1 : end_of_term(words, at + 1)]
    before = [word for word in words[:at] if word not in MODIFIERS]
    return bool(before) and all(map(is_describing, before)) and _is_before_noun(after)


def _is_before_noun(words: Sequence[str]) -> bool:
    """Whether adjectives stand before a noun there."""
    words = [word for word in words if word not in MODIFIERS]
    return len(words) > 1 and all(map(is_describing, words[:-1])) and not is_describing(words[-1])


def _is_list(words: Sequence[str], joint: str) -> bool:
    """Whether ``words`` begin as "a, b or c", with ``joint`` for the "or".

    Where the joint is "and", b and c must be nouns as a is: "without haste, calm and free" is none.
    """
    start = 0
    while start < len(words) and words[start] in MODIFIERS:  # "too sweet, too sugary or too loud"
        start += 1
    repeated = words[:start]
    parts: list[list[str]] = [[]]
    is_over = False
    for word in words[start:]:
        if word in (COMMA, joint) and not is_over:
            parts.append([])
            is_over = word == joint
        elif word in BREAKS or word in JOINING:
            break
        else:
            parts[-1].append(word)
    beside = parts[0][0] if parts[0] else ""
    return (
        is_over
        and len(parts) > 2
        and not any(
            word in CLAUSE or (word in MODIFIERS and word not in repeated)
            for part in parts[1:]
            for word in part
        )
        and not (joint == AND and any(_describes(part, beside) for part in parts[1:]))
    )


def begins_clause(words: Sequence[str], at: int) -> bool:
    """Whether at ``at``, after "without warmth and", begins something that is not missing."""
    if at >= len(words):
        return False
    word = words[at]
    is_free = word in STOP_WORDS and word not in BEFORE_NOUNS
    return (
        is_free
        or word in MODIFIERS
        or word in CLAUSE
        or _describes(words[at : end_of_term(words, at)], "ing")
    )


def _describes(words: Sequence[str], beside: str) -> bool:
    """Whether a part of a list is an adjective, and no noun with or without one: "great depth"."""
    last = ""
    for word in words:
        if word not in STOP_WORDS:
            last = word
        elif last:
            break
    if not last:
        return False
    is_adverb = words[0].endswith("ly") and is_describing(words[0])  # "softly sung"
    return is_adverb or is_describing(last, beside=beside)


def is_question(words: Sequence[str]) -> bool:
    """Whether ``words`` ask for what they negate: "isn't it", "is it not", "why not"."""
    subjects = SUBJECTS | POINTING
    is_turned = words[0] not in subjects and not subjects.isdisjoint(words)
    return is_turned or "why" in words


def end_of_term(words: Sequence[str], at: int) -> int:
    """Where the term ends that has the word ``at``, or is as long as a list may be."""
    last = at + _LONGEST_LIST
    while at < last and not ends(words, at):
        at += 1
    return at


def end_of_reference(words: Sequence[str], at: int, end: int) -> int:
    """Where what a sentence begins by comparing with ends, and what it says begins."""
    for subject in range(at + 1, end):
        if words[subject] in SUBJECTS or words[subject : subject + 2] == ["this", "one"]:
            return subject
    for after in range(at + 1, end):
        if words[after - 1] in GROUPS:
            return after
    return end


def is_unnamed(words: Sequence[str], *, is_equal: bool) -> bool:
    """Whether a comparison is with what the words do not say: "the others", "I expected"."""
    if not words or words[0] in SUBJECTS or (words[0] in POINTING and not is_equal):
        return True
    return all(word in REFERENCES | POINTING or word.isdigit() for word in words)
