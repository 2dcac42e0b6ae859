"""From what is typed to tokens: case and accents folded, ends of terms marked."""

from __future__ import annotations

import re
import unicodedata

from espr.query_language.phrases import BREAKS, COMMA, DEGREES, ELIDED, NEGATIONS, STOP, UNMARKED

_AS_APOSTROPHE = str.maketrans(dict.fromkeys("’‘ʼ`´＇", "'"))
_HYPHENS = "-‐‑"  # longer dashes end a term
# No modifier has more letters: the search for one in a text without spaces must end.
_IN_BRACKETS = re.compile(r"[(\[\"“]([^\W\d_]{1,20})[)\]\"”]")
_BEFORE_BRACKET = re.compile(r"\b([^\W\d_]{1,20}(?:'t)?)\s?[(\[\"“](?=\w)")
_ENDS = ';/.:!?|()[]{}"“”–—\n\r…'


def tokenise(text: str) -> list[str]:
    """Lower-case words without accents, and "," or ";" where a term ends.

    Hyphens stay inside words; "isn't" is "not"; a possessive 's is dropped;
    underscores are spaces; emoji, control and direction marks are ignored.
    """
    tokens: list[str] = []
    for word in _plain(text).split():
        if word in BREAKS or any(letter.isalnum() for letter in word):
            tokens += _without_contraction(word.strip("'-"))
    return tokens


def _plain(text: str) -> str:
    """Accents and case folded, separators as " , " or " ; ", all else but words as spaces."""
    letters = []
    text = text.translate(_AS_APOSTROPHE)  # before NFKD, which makes an accent of "´"
    text = _BEFORE_BRACKET.sub(_unbracketed, _IN_BRACKETS.sub(_unbracketed, text))
    for letter in unicodedata.normalize("NFKD", text.casefold()):
        if letter.isalnum() or letter == "'":
            letters.append(letter)
        elif letter in _HYPHENS:
            letters.append("-")
        elif letter in "&+":
            letters.append(" and ")
        elif letter == COMMA:
            letters.append(f" {COMMA} ")
        elif letter in _ENDS:
            letters.append(f" {STOP} ")
        elif unicodedata.category(letter) not in ("Mn", "Me", "Cf"):  # accents, direction marks
            letters.append(" ")
    return "".join(letters)


def _unbracketed(found: re.Match[str]) -> str:
    """A modifier in brackets or before them: "not (too) fast", 'not "fast"' have one term."""
    word = tuple(_without_contraction(found[1].casefold()))
    return f" {found[1]} " if word in NEGATIONS or word in DEGREES else found[0]


def _without_contraction(word: str) -> list[str]:
    if word in ("couldn't", "couldnt"):
        return ["could", "not"]  # "couldn't be softer" is very soft
    if word in UNMARKED or word.endswith("n't"):
        return ["not"]  # what remains is an auxiliary, and says nothing
    stem, _, ending = word.partition("'")
    if ending in ("s", "re", "ve", "ll", "d", "m", ""):
        return [stem]
    return [ending] if stem in ELIDED else [stem + ending]
