"""Titles in other scripts in the words that `title_terms.py` reads.

"ピアノソナタ第8番" and "Соната для фортепиано № 8" become "piano sonata No. 8"; keys, too. The
words are listed in `title_languages.txt`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

from espr.folding import fold

_COUNT = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
# "第8番", "第八號", "제8번", "8번": the "No. 8" of the Far East; "第1楽章" is a movement.
_MOVEMENT = re.compile(
    r"第\s*(\d+|[一二三四五六七八九十]+)\s*(?:楽章|樂章|乐章)|제?\s*(\d+)\s*악장"
)
_NUMBERED = re.compile(
    r"第\s*(\d+|[一二三四五六七八九十]+)\s*[番号號首]?|제?\s*(\d+)\s*번|[の之]\s*(\d+)\s*"
)
_JAPANESE = dict(zip("ハニホヘトイロ", "CDEFGAB", strict=True))
_KOREAN = dict(zip("다라마바사가나", "CDEFGAB", strict=True))
_SIGN_KEYS: tuple[tuple[re.Pattern[str], dict[str, str]], ...] = (
    # "嬰ハ短調": Japanese; "升C小調", "降E大调": Chinese; "올림다단조", "내림마장조": Korean
    (re.compile(r"([嬰変]?)([ハニホヘトイロ])(長調|短調)"), _JAPANESE),
    (re.compile(r"([升降]?)\s*([A-Ga-g])\s*(大調|大调|小調|小调)"), {}),
    (re.compile(r"(올림|내림)?\s*([다라마바사가나])\s*(장조|단조)"), _KOREAN),
)  # fmt: skip
_ACCIDENTALS = {
    "嬰": " sharp",
    "升": " sharp",
    "올림": " sharp",
    "変": " flat",
    "降": " flat",
    "내림": " flat",
}


@cache
def _words() -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern of all spellings, the longest first, and what each means."""
    text = files("espr.works").joinpath("title_languages.txt").read_text(encoding="utf-8")
    meaning: dict[str, str] = {}
    patterns: list[tuple[int, str]] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        term, stems, signs = (part.strip() for part in line.split("|"))
        for spelling in stems.split():
            plain = fold(spelling)
            meaning.setdefault(plain, term)
            # a short word is that word alone: "до", "ля"
            end = r"\w*" if len(plain) > 3 else r"(?!\w)"
            patterns.append((len(plain), rf"(?<!\w){re.escape(plain)}{end}"))
        for spelling in signs.split():
            plain = spelling.replace("_", " ")
            meaning.setdefault(plain, term)
            patterns.append((len(plain), re.escape(plain)))
    ordered = [pattern for _, pattern in sorted(patterns, reverse=True)]
    return re.compile("|".join(ordered)), meaning


def _value(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, mark, units = text.rpartition("十")
    return (10 * _COUNT.get(tens, 1) if mark else 0) + _COUNT.get(units, 0)


def _key(match: re.Match[str], notes: dict[str, str]) -> str:
    mode = "major" if match[3][0] in "長大장" else "minor"
    note = notes.get(match[2], match[2].upper())
    return f" {note}{_ACCIDENTALS.get(match[1] or '', '')} {mode} "


@lru_cache(maxsize=65536)
def in_latin_script(text: str) -> str:
    """A folded title with the words of other scripts replaced; others stay as they are."""
    if text.isascii():
        return text
    text = (
        "".join(
            str(unicodedata.digit(letter)) if letter.isdecimal() else letter
            for letter in text.lower()
        )
        if any(ord(letter) > 0x24F for letter in text)
        else text
    )
    if not any(ord(letter) > 0x24F for letter in text):
        return text
    for pattern, notes in _SIGN_KEYS:
        text = pattern.sub(lambda match, notes=notes: _key(match, notes), text)  # type: ignore[misc]
    text = re.sub(r"作品\s*(\d+)\s*-\s*(\d+)", r" op. \1 no. \2 ", text)
    text = _MOVEMENT.sub(lambda match: f" : {_value(match[1] or match[2])}. movement ", text)
    text = _NUMBERED.sub(lambda m: f" No. {_value(m[1] or m[2] or m[3])} ", text)
    pattern, meaning = _words()

    def english(match: re.Match[str]) -> str:
        found = match[0]
        while found not in meaning:
            found = found[:-1]
        return f" {meaning[found]} "

    text = pattern.sub(english, text)
    # "No. . 8", "op. . 27": the abbreviation had a full stop of its own
    return re.sub(r"\s+", " ", re.sub(r"\.\s*[.'׳]+", ".", text)).strip()
