"""Turns of phrase, rewritten as what the grammar reads: "on the slow side" is "rather slow"."""

from __future__ import annotations

from collections.abc import Sequence

from espr.query_language.inflection import adjective, is_describing
from espr.query_language.phrases import (
    BREAKS,
    DEGREES,
    JOINING,
    JOINING_IN_SCORES,
    MODIFIERS,
    ONLY_AFTER,
    STOP,
    STOP_WORDS,
)
from espr.query_language.word_lookup import Token

# Before "more" or a comparative: as much as can be.
_LIMITS = (
    ("could", "not", "be"),
    ("could", "hardly", "be"),
    ("could", "not", "have", "been"),
    ("could", "hardly", "have", "been"),
)


def plain(tokens: list[Token]) -> list[Token]:
    """The tokens in English, without insertions, stutter and idioms."""
    return _without_idioms(_without_stutter(_without_insertions(_in_english(tokens))))


def _in_english(tokens: list[Token]) -> list[Token]:
    """Joining words of scores as English ones: "weder … noch" is "neither … nor"."""
    read: list[Token] = []
    before: set[str] = set()  # the words since the last full stop
    for at, token in enumerate(tokens):
        word = token.read
        is_meant = word in JOINING_IN_SCORES and (
            word not in ONLY_AFTER or not before.isdisjoint(ONLY_AFTER[word])
        )
        if word == "ne" and at + 1 < len(tokens) and tokens[at + 1].read == "pas":
            is_meant = False  # "ne pas presser" has one negation
        read.append(Token(JOINING_IN_SCORES[word], token.typed) if is_meant else token)
        if word == STOP:
            before.clear()
        before.add(word)
    return read


def _without_insertions(tokens: list[Token]) -> list[Token]:
    """Nothing between commas that parts a modifier from its word: "not, however, calm"."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        if tokens[at].read in BREAKS and kept and kept[-1].read in MODIFIERS:
            end = at + 1
            while end < len(tokens) and tokens[end].read in STOP_WORDS | JOINING:
                end += 1
            if at + 1 < end < len(tokens) and tokens[end].read in BREAKS:
                at = end + 1
                continue
        kept.append(tokens[at])
        at += 1
    return kept


def _without_stutter(tokens: list[Token]) -> list[Token]:
    """No end of a term between two equal degree words: "very, very soft"."""
    return [
        token
        for at, token in enumerate(tokens)
        if not (
            token.read in BREAKS
            and 0 < at < len(tokens) - 1
            and tokens[at - 1].read == tokens[at + 1].read
            and (tokens[at - 1].read,) in DEGREES
        )
    ]


def _without_idioms(tokens: list[Token]) -> list[Token]:
    """ "On the slow side" is "rather slow", "could not be more slow" is "very slow"."""
    read = [token.read for token in tokens]
    rewritten: list[Token] = []
    at = 0
    while at < len(tokens):
        if (end := _side(read, at)) is not None:
            rewritten += [Token("rather", ""), *tokens[at + 2 : end]]
            at = end + 1
        elif (end := _limit(read, at)) is not None:
            is_less = read[end : end + 1] == ["less"]  # "could not be less calm"
            rewritten.append(Token("least" if is_less else "very", ""))
            at = end + is_less
        elif read[at] == "pretty" and at + 1 < len(read) and is_describing(read[at + 1]):
            rewritten.append(Token("quite", ""))
            at += 1
        else:
            rewritten.append(tokens[at])
            at += 1
    return rewritten


def _side(words: Sequence[str], at: int) -> int | None:
    """Where "side" stands, when "on the" stands at ``at`` and a quality between them."""
    if words[at : at + 2] != ["on", "the"]:
        return None
    for end in (at + 3, at + 4):
        if words[end : end + 1] == ["side"] and BREAKS.isdisjoint(words[at:end]):
            return None if words[end - 1] in STOP_WORDS else end  # "on the other side"
    return None


def _limit(words: Sequence[str], at: int) -> int | None:
    """Where the quality stands, when "could not be more" or "could not be (…er)" does at ``at``."""
    for limit in _LIMITS:
        end = at + len(limit)
        if tuple(words[at:end]) == limit:
            end += words[end : end + 1] == ["any"]
            if words[end : end + 1] == ["more"]:
                return end + 1
            after = words[end] if end < len(words) else ""
            return end if after == "less" or adjective(after) else None
    return None
