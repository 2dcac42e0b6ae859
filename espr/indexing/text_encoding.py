"""The text of CUE sheets and old tags, whose encoding nobody wrote down.

Byte-order marks and UTF-8 are certain; UTF-16 without a mark shows by its zero bytes. What is left
is the code page of somebody's computer, and chardet's models of letter pairs say which: of 104
single titles in five code pages they read 100 rightly where charset-normalizer read 85. The more
text, the surer: a file's tags are given together (tests/indexing/code_page_titles.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

# Code pages of computers on which people rip and tag, and the two alternatives of Unicode's own.
CODE_PAGES = (
    *("utf-8", "cp1252", "cp1250", "cp1251"),
    *("cp932", "euc-jp", "gb18030", "big5hkscs", "cp949"),
)
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_IDEOGRAPH = re.compile("[\u4e00-\u9fff]")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
# What two programs edited: a few bytes that are no UTF-8 among many that are.
_FEW = 0.1
# The code page of Central Europe differs from Western Europe's by a few letters: "Hélčne Grimaud".
_CLEARLY = 1.2


def decode_text(raw: bytes) -> str:
    """``raw`` as text; what no encoding explains becomes ``\\ufffd``."""
    return raw.decode(guess_encoding(raw), "replace").removeprefix("\ufeff")


def guess_encoding(raw: bytes) -> str:
    """The name of the codec that most probably wrote ``raw``."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if raw.startswith(b"\xef\xbb\xbf") or (b"\0" not in raw and not _BEYOND_ASCII.search(raw)):
        return "utf-8-sig"
    if wide := _utf16_without_mark(raw):
        return wide
    text = raw.decode("utf-8", "replace")
    if text.count("\ufffd") <= _FEW * sum(letter > "\x7f" for letter in text):
        return "utf-8"
    # lines in ASCII, such as the commands of a sheet, say nothing
    lines = b"\n".join(line for line in raw.splitlines() if _BEYOND_ASCII.search(line))
    return _code_page(lines)


def undo_mojibake(text: str) -> str:
    """``text`` as it was before its UTF-8 bytes were taken for Latin-1 or Windows-1252.

    "DvoÅ™Ã¡k" is "Dvořák"; what does not read as UTF-8 is returned as it is.
    """
    if text.isascii():
        return text
    try:
        # Windows-1252 leaves five bytes undefined, which programs pass on as they are.
        raw = b"".join(
            letter.encode("latin-1" if letter < "\u0100" else "cp1252") for letter in text
        )
        return raw.decode("utf-8")
    except UnicodeError:
        return text


def _utf16_without_mark(raw: bytes) -> str:
    """The byte order of UTF-16 text, by where the zero bytes of its ASCII letters are."""
    high, low = raw[0::2].count(0), raw[1::2].count(0)
    if max(high, low) * 8 < len(raw) or min(high, low) * 8 > max(high, low):
        return ""
    return "utf-16-be" if high > low else "utf-16-le"


def _code_page(raw: bytes) -> str:
    import chardet

    def most_probable(names: tuple[str, ...]) -> str:
        found = chardet.detect_all(
            raw, ignore_threshold=True, include_encodings=names, compat_names=False
        )
        # bytes that are no text have no encoding
        score = {str(one["encoding"]): one["confidence"] for one in found if one["encoding"]}
        best = max(score, key=score.__getitem__, default="cp1252")
        if best == "cp1250" and score[best] < _CLEARLY * score.get("cp1252", 0.0):
            best = "cp1252"
        return best

    pages: tuple[str, ...] = CODE_PAGES
    while True:
        name = most_probable(pages)
        text = raw.decode(name, "replace")
        if name not in _IMPLAUSIBLE or not _IMPLAUSIBLE[name](text):
            break
        pages = tuple(page for page in pages if page != name)
    # Windows-1252 leaves five bytes undefined; Latin-1 takes them all.
    return "latin-1" if name == "cp1252" and "\ufffd" in text else name


def _is_hardly_russian(text: str) -> bool:
    """A French "à" among Latin letters is no Russian "а": most words keep to one alphabet."""
    words = [word for word in _WORD.findall(text) if _CYRILLIC.search(word)]
    pure = sum(len(word) > 1 and _CYRILLIC.sub("", word) == "" for word in words)
    return 2 * pure < len(words)


def _is_hardly_korean(text: str) -> bool:
    """Korean titles hold no Chinese characters, and only the 2,350 syllables of KS X 1001."""
    # Python spells any other syllable by eight bytes.
    return any(
        _IDEOGRAPH.match(letter) or len(letter.encode("euc-kr", "replace")) > 2 for letter in text
    )


_IMPLAUSIBLE: dict[str, Callable[[str], bool]] = {
    "cp1251": _is_hardly_russian,
    "cp949": _is_hardly_korean,
}
