"""Folding of tag text: one spelling for letters, quotes, dashes and accidentals.

Case is kept, because "in c" is C minor and "in C" is C major; whoever does not need it
lowers the text. Folding is idempotent.
"""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans(
    {
        "ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "œ": "oe",
        "Œ": "Oe", "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "ı": "i", "♯": "-sharp ", "♭": "-flat ",
        "♮": " ", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‹": '"', "›": '"',
        "‘": "'", "’": "'", "‚": "'", "`": "'", "´": "'", "′": "'", "‐": "-", "‑": "-", "‒": "-",
        "–": "-", "—": " - ", "―": " - ", "−": "-", "º": "°", "ª": "°", "№": "No. ",
        "_": " ", "\u00a0": " ", "：": ":", "∶": ":", "⁄": "/",
    }
)  # fmt: skip
_MARKS = re.compile(r"[\u0300-\u036f]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\ufeff]+")
_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """The text in plain letters, with straight quotes and single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_LETTERS)).translate(_LETTERS)
        # together again: syllables of Korean and voiced signs of Japanese are one letter each
        text = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", text)))
    else:
        text = text.replace("_", " ")
    return _SPACES.sub(" ", _CONTROLS.sub(" ", text)).strip()


def words(text: str) -> list[str]:
    """The words and numbers of folded text, lowered; an apostrophe separates words."""
    return _WORD.findall(text.lower())


def fold_word(word: str) -> str:
    """Lower case without accents and invisible marks, as the words of queries are folded."""
    if word.isascii():
        return word.lower()
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKD", word.casefold())
        if unicodedata.category(letter) not in ("Mn", "Me", "Cf")
    )
