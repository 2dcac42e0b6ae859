"""From what is typed to tokens: case and accents folded, ends of terms marked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from espr.query_language.grammar_tables import COMMA, DEGREES, ELIDED, PRE_NEGATIONS, STOP, UNMARKED

_AS_APOSTROPHE = str.maketrans(dict.fromkeys("’‘ʼ`´＇", "'"))
_HYPHENS = "-‐‑"  # longer dashes end a term
# No modifier has more letters: the search for one in a text without spaces must end.
_IN_BRACKETS = re.compile(r"[(\[\"“]([^\W\d_]{1,20})[)\]\"”]")
_BEFORE_BRACKET = re.compile(r"\b([^\W\d_]{1,20}(?:'t)?)\s?[(\[\"“](?=\w)")
_ENDS = ';/.:!?|()[]{}"“”–—\n\r…'


class Typed(NamedTuple):
    """A word, "," or ";" where a term ends, or "and".

    ``folded`` is lower case without accents, ``typed`` as it stands in the text.
    """

    folded: str
    typed: str


@dataclass(frozen=True, slots=True)
class Token:
    """A word as the grammar reads it, and as it was typed (empty: nothing of its own).

    ``weight`` is the negation or degree that was a part of what was typed; ``is_silent``: the word
    says nothing in its language; ``is_name``: it looks like a name.
    """

    read: str
    typed: str
    weight: str = ""
    is_silent: bool = False
    is_name: bool = False


def tokenise(text: str) -> list[str]:
    """Lower-case words without accents, and "," or ";" where a term ends.

    Hyphens stay inside words; "isn't" is "not"; a possessive 's is dropped;
    underscores are spaces; emoji, control and direction marks are ignored.
    """
    return [word.folded for word in tokenise_typed(text)]


def tokenise_typed(text: str) -> list[Typed]:
    """The tokens of :func:`tokenise`, each with what was typed."""
    text = text.translate(_AS_APOSTROPHE)  # before NFKD, which makes an accent of "´"
    text = _BEFORE_BRACKET.sub(_unbracketed, _IN_BRACKETS.sub(_unbracketed, text))
    return [part for word in _split(text) for part in _without_contraction(word)]


def _split(text: str) -> Iterator[Typed]:
    """Words and separators, one letter after the other."""
    folded: list[str] = []
    typed: list[str] = []
    is_stopped = False
    for letter in f"{text} ":
        separator = ""
        for part in unicodedata.normalize("NFKD", letter.casefold()):
            if part.isalnum() or part == "'":
                folded.append(part)
            elif part in _HYPHENS:
                folded.append("-")
            elif unicodedata.category(part) not in ("Mn", "Me", "Cf"):  # accents, direction marks
                separator = part
        if not separator:
            typed.append(letter)
            continue
        if any(part.isalnum() for part in folded):
            yield Typed("".join(folded).strip("'-"), "".join(typed).strip("'-"))
            is_stopped = False
        folded, typed = [], []
        if separator in "&+":
            yield Typed("and", letter)
        elif separator == COMMA:
            yield Typed(COMMA, letter)
        elif separator in _ENDS and not is_stopped:
            yield Typed(STOP, letter)
        is_stopped = is_stopped or separator in _ENDS


def _unbracketed(found: re.Match[str]) -> str:
    """A modifier in brackets or before them: "not (too) fast", 'not "fast"' have one term."""
    word = tuple(part.folded for part in _without_contraction(Typed(found[1].casefold(), "")))
    return f" {found[1]} " if word in PRE_NEGATIONS or word in DEGREES else found[0]


def _without_contraction(word: Typed) -> list[Typed]:
    folded = word.folded
    if folded in ("couldn't", "couldnt"):
        return [Typed("could", ""), Typed("not", word.typed)]  # "couldn't be softer" is very soft
    if folded in UNMARKED or folded.endswith("n't"):
        return [Typed("not", word.typed)]  # what remains is an auxiliary, and says nothing
    stem, apostrophe, ending = folded.partition("'")
    if not apostrophe:
        return [word]
    if ending in ("s", "re", "ve", "ll", "d", "m", ""):
        return [Typed(stem, word.typed.partition("'")[0])]
    return [Typed(ending, word.typed.partition("'")[2]) if stem in ELIDED
            else Typed(stem + ending, word.typed)]  # fmt: skip
