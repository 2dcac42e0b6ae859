"""Turns of phrase, rewritten as plain words: "on the slow side" is "rather slow".

A pass takes the tokens of a text and returns new ones. ``espr/assets/turns_of_phrase.csv`` has
what is said in several words and meant in one or two ("at a snail's pace": extremely slow);
``espr/assets/dimensions.csv`` has adjectives that mean something else beside the noun of a
dimension ("light touch": delicate). "a/b c" there is "a c" and "b c". Both are of our own writing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product

from espr.paths import ASSETS
from espr.query_language.grammar_tables import (
    BREAKS,
    DEGREES,
    JOINING,
    MODIFIERS,
    STOP_WORDS,
    TERMINATORS,
)
from espr.query_language.inflection import adjective, is_describing
from espr.query_language.languages import in_english
from espr.query_language.tokenizer import Token

# Before "more" or a comparative: as much as can be.
_LIMITS = (
    ("could", "not", "be"),
    ("could", "hardly", "be"),
    ("could", "not", "have", "been"),
    ("could", "hardly", "have", "been"),
)
_REACH = 4  # words, from a noun to what is said of it: "the touch is not very light"


def plain(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens in English, without insertions, stutter and idioms."""
    for rewrite in (
        in_english, _without_insertions, _without_stutter, _superlatives, _turns, _dimensions,
        _limits,
    ):  # fmt: skip
        tokens = tuple(rewrite(tokens))
    return tuple(tokens)


def _without_insertions(tokens: Sequence[Token]) -> Iterator[Token]:
    """Nothing between commas that parts a modifier from its word: "not, however, calm"."""
    at, before = 0, ""
    while at < len(tokens):
        if tokens[at].read in BREAKS and before in MODIFIERS:
            end = at + 1
            while end < len(tokens) and tokens[end].read in STOP_WORDS | JOINING:
                end += 1
            if at + 1 < end < len(tokens) and tokens[end].read in BREAKS:
                at = end + 1
                continue
        yield tokens[at]
        before = tokens[at].read
        at += 1


def _without_stutter(tokens: Sequence[Token]) -> Iterator[Token]:
    """No end of a term between two equal degree words: "very, very soft"."""
    for at, token in enumerate(tokens):
        is_between = token.read in BREAKS and 0 < at < len(tokens) - 1
        before = tokens[at - 1].read
        if not (is_between and before == tokens[at + 1].read and (before,) in DEGREES):
            yield token


def _superlatives(tokens: Sequence[Token]) -> Iterator[Token]:
    """ "As fast as possible" is "extremely fast"."""
    read = [token.read for token in tokens]
    at = 0
    while at < len(tokens):
        end = next(
            (end for end in range(at + 2, at + 4) if read[end : end + 2] == ["as", "possible"]
             or read[end : end + 3] == ["as", "can", "be"]), 0)  # fmt: skip
        if read[at] == "as" and end and TERMINATORS.isdisjoint(read[at:end]):
            yield Token("extremely", "")
            yield from tokens[at + 1 : end]
            at = end + (2 if read[end + 1] == "possible" else 3)
        else:
            yield tokens[at]
            at += 1


def _turns(tokens: Sequence[Token]) -> Iterator[Token]:
    """Turns of phrase as what they mean."""
    read = [token.read for token in tokens]
    at = 0
    while at < len(tokens):
        for length in _turn_lengths().get(read[at], ()):
            meaning = turns_of_phrase().get(tuple(read[at : at + length]))
            if meaning is not None:
                yield from _meant(meaning, tokens[at : at + length])
                at += length
                break
        else:
            yield tokens[at]
            at += 1


def _dimensions(tokens: Sequence[Token]) -> Iterator[Token]:
    """Adjectives beside a dimension: "light touch", "the touch is very light"."""
    read = [token.read for token in tokens]
    passed: set[int] = set()
    meanings: dict[int, tuple[str, ...]] = {}
    for at, noun in enumerate(read):
        meaning_of = dimensions().get(noun)
        if meaning_of is None or at in passed:
            continue
        if at and (meaning := meaning_of.get(read[at - 1])) is not None and at - 1 not in meanings:
            meanings[at - 1] = meaning
        elif (behind := _said_of(read, at, meaning_of)) is not None:
            meanings[behind] = meaning_of[read[behind]]
        else:
            continue
        passed.add(at)
        if at + 1 < len(read) and read[at + 1] in dimensions():  # "dynamic range", "tone colour"
            passed.add(at + 1)
    for at, token in enumerate(tokens):
        if at in meanings:
            yield from _meant(meanings[at], tokens[at : at + 1 + (at + 1 in passed)])
        elif at not in passed:
            yield token


def _said_of(read: Sequence[str], at: int, meaning_of: dict[str, tuple[str, ...]]) -> int | None:
    """Where the adjective stands that is said of the dimension at ``at``."""
    for behind in range(at + 1, min(at + _REACH + 1, len(read))):
        if read[behind] in meaning_of:
            return behind
        if read[behind] in TERMINATORS or read[behind] not in STOP_WORDS | MODIFIERS:
            return None
    return None


def _meant(meaning: Sequence[str], tokens: Sequence[Token]) -> Iterator[Token]:
    """``meaning`` as tokens; the first that is no degree has what was typed."""
    typed = " ".join(token.typed for token in tokens if token.typed)
    for word in meaning:
        if (word,) in DEGREES or word in MODIFIERS:
            yield Token(word, "")
        else:
            yield Token(word, typed)
            typed = ""


def _limits(tokens: Sequence[Token]) -> Iterator[Token]:
    """ "On the slow side" is "rather slow", "could not be more slow" is "very slow"."""
    read = [token.read for token in tokens]
    at = 0
    while at < len(tokens):
        if (end := _side(read, at)) is not None:
            yield Token("rather", "")
            yield from tokens[at + 2 : end]
            at = end + 1
        elif (end := _limit(read, at)) is not None:
            is_less = read[end : end + 1] == ["less"]  # "could not be less calm"
            yield Token("least" if is_less else "very", "")
            at = end + is_less
        elif read[at] == "pretty" and at + 1 < len(read) and is_describing(read[at + 1]):
            yield Token("quite", "")
            at += 1
        else:
            yield tokens[at]
            at += 1


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


# The files


@cache
def turns_of_phrase() -> dict[tuple[str, ...], tuple[str, ...]]:
    """What is said in several words, and the words that it means."""
    return {
        phrase: tuple(row["meaning"].split())
        for row in _rows("turns_of_phrase")
        for phrase in product(*(part.split("/") for part in row["phrase"].split()))
    }


@cache
def _turn_lengths() -> dict[str, list[int]]:
    """The lengths of the turns of phrase that begin with a word, the longest first."""
    lengths: dict[str, set[int]] = {}
    for phrase in turns_of_phrase():
        lengths.setdefault(phrase[0], set()).add(len(phrase))
    return {first: sorted(found, reverse=True) for first, found in lengths.items()}


@cache
def dimensions() -> dict[str, dict[str, tuple[str, ...]]]:
    """Noun of a dimension to adjective to what the two mean together."""
    nouns: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in _rows("dimensions"):
        meaning = tuple(row["meaning"].split())
        for noun in row["noun"].split("/"):
            nouns.setdefault(noun, {}).update(dict.fromkeys(row["adjective"].split("/"), meaning))
    return nouns


def _rows(name: str) -> list[dict[str, str]]:
    with (ASSETS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
