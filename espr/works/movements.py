"""Numbers in titles: of a movement, of a piece in a set or series, of a book, of a dance.

"I. Allegro", "1. Satz", "2nd movement", "2° mov." and "(IV)" number a movement; "No. 3" before
the catalogue number counts a composer's works of one form, after it the pieces of the set.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from espr.works.catalogue_numbers import roman
from espr.works.title_terms import TEMPO

_WORDS = {
    word: number
    for number, spelt in enumerate(
        (
            "first erster erste erstes premier premiere primo prima primer primera",
            "second zweiter zweite zweites deuxieme seconde secondo seconda segundo segunda",
            "third dritter dritte drittes troisieme terzo terza tercer tercera",
            "fourth vierter vierte viertes quatrieme quarto quarta cuarto cuarta",
            "fifth funfter funfte cinquieme quinto quinta",
            "sixth sechster sixieme sesto",
        ),
        start=1,
    )
    for word in spelt.split()
}
_ORDINAL = "|".join(_WORDS)
_MOVEMENT_WORD = (
    r"(?:satz|sats|movements?|movement|movt|mvmt|mvt|mov|mouvement|mouv|mvts?|movimento|movimiento"
    r"|tempo(?=\s*(?:$|[:.,;)-]))|vet|veta|deel|tetel|czesc)\b\.?"
)
_NUMBERED_MOVEMENT = re.compile(
    rf"\b(?:(\d{{1,2}})\s*(?:st|nd|rd|th|\.|°|o|a|er|re|ere|eme|e)?|({_ORDINAL})|([ivx]{{1,5}})\.?)"
    rf"[\s.-]*{_MOVEMENT_WORD}",
    re.IGNORECASE,
)
_MOVEMENT_NUMBER = re.compile(
    r"\b(?:movement|movt|mvmt|mvt|mov|satz|mouvement|movimento|movimiento|part)\.?\s*"
    r"(\d{1,2}|[ivx]+)\b",
    re.IGNORECASE,
)
_ROMAN = re.compile(
    r"(?:^|[:;,(\[/\"-]|§|\s-)\s*([IVX]{1,6}|[ivx]{1,6}(?=[.)]))(?![\w'])"
    r"(?:\s*[-/&+]\s*([IVX]{1,6})\b)?\s*(?:[.):,;\]-]|$|(?=\s))"
)
_ROMAN_INSIDE = re.compile(r"\s([IVX]{1,6})()(?:[.:)]|\s-)\s")
_ROMAN_LAST = re.compile(r"[A-Za-z]\s([IVX]{1,6})()\s*$")
_ROMAN_TEMPO = re.compile(r"\s([IVX]{1,6})()\s+(?=([A-Za-z]+))")
_ARABIC = re.compile(
    r"(?:[:;(\[]|§|\s-|,)\s*(\d{1,2})()(?:\s*[.):]\s*(?=[^\d\s])|\s+-\s+(?=[^\d\s])|\)?\s*$)"
)
_ARABIC_FIRST = re.compile(r"^\(?(\d{1,2})()\s*(?:[.):]|\s-)\s*(?=[A-Za-z])")
_NUMBER = re.compile(
    r"(?:\b(?:no|nr|nro|num|numero|nummer|number|n)\b\s*\.?\s*°?\s*\.?\s*|#\s*|\bn\s*°\s*)(\d{1,3})\b",
    re.IGNORECASE,
)
_BOOK = re.compile(
    rf"\b(?:(?:book|buch|teil|livre|libro|band|heft|cahier|bk|set|serie|series|annee|part)\.?\s*"
    rf"(\d|[ivx]{{1,4}})\b|(\d)\s*(?:st|nd|rd|er|ere|eme|e|re|\.)\s*(?:book|livre|serie|series|set"
    rf"|heft|annee|teil|band|buch)\b|({_ORDINAL})\s+(?:book|livre|serie|series|set|heft|teil|band|buch)\b"
    r"|\b(?:images|preludes|clavier|klavier|wtc|wtk|annees de pelerinage)\s+([ivx]{1,3})\b)",
    re.IGNORECASE,
)
_DANCE = re.compile(
    r"\b(menuett?o?|minuett?o?|menuets|gavott[ea]s?|bourrees?|passepieds?|courantes?|corrente|double|"
    r"promenade|rigaudon|polonaise)\s+(i{1,3}|iv|v|\d)\b(?!\s*(?:[-&/+]|and|und|et)\s*(?:i|\d))(?![\w'])",
    re.IGNORECASE,
)
_VARIATION = re.compile(
    r"\b(?:variation|variatio|variazione|variacion|var)\b\.?\s*(?:no|nr)?\.?\s*(\d{1,2}|[ivxl]+)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a title numbers; 0 and "" where it does not."""

    movement: str = ""  # "3", or "3-4" where one track holds both
    series: int = 0
    sub: int = 0
    book: int = 0
    dance: str = ""  # "minuet 1", "variation 25"


def _value(text: str) -> int:
    return int(text) if text.isdigit() else _WORDS.get(text.lower(), 0) or roman(text)


def _cut(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} : {text[match.end() :]}"


def _movement(text: str, movement_text: bool) -> tuple[str, str]:
    for pattern in (_NUMBERED_MOVEMENT, _MOVEMENT_NUMBER):
        if (match := pattern.search(text)) and (
            value := next((_value(group) for group in match.groups() if group), 0)
        ):
            return str(value), _cut(text, match)
    patterns = [_ROMAN, _ROMAN_INSIDE, _ROMAN_TEMPO, _ROMAN_LAST, _ARABIC]
    first = _ARABIC_FIRST.search(text)
    if first and (movement_text or _tempo_next(text[first.end() :])):
        patterns.insert(0, _ARABIC_FIRST)
    for pattern in patterns:
        for match in pattern.finditer(text):
            if pattern is _ROMAN_TEMPO and match[3].lower() not in TEMPO:
                continue
            value = _value(match[1])
            if value:
                last = _value(match[2]) if match[2] else 0
                return (f"{value}-{last}" if last else str(value)), _cut(text, match)
    return "", text


def _tempo_next(text: str) -> bool:
    match = re.match(r"\W*([A-Za-z]+)", text)
    return match is not None and match[1].lower() in TEMPO


def find_numbers(text: str, movement_text: bool = False) -> tuple[Numbers, str]:
    """The numbers of a folded title and the title without them.

    `text` holds "§" where catalogue numbers stood. `movement_text`: it is the title of a movement
    alone, so a number in front counts movements and not tracks.
    """
    book = 0
    if match := _BOOK.search(text):
        book = next((_value(group) for group in match.groups() if group), 0)
        kept = match[0].split()[0] if match[4] else ""
        text = f"{text[: match.start()]} {kept} : {text[match.end() :]}"
    dance = ""
    if match := _VARIATION.search(text):
        dance = f"variation {_value(match[1])}"
        text = _cut(text, match)
    elif match := _DANCE.search(text):
        dance = f"{match[1].lower()} {_value(match[2])}"
        text = _cut(text, match)
    series = sub = 0
    place = text.find("§")
    for match in list(_NUMBER.finditer(text)):
        if place < 0 or match.start() < place:
            series = series or int(match[1])
        else:
            sub = sub or int(match[1])
    text = _NUMBER.sub(" : ", text)
    movement, text = _movement(text, movement_text)
    return Numbers(movement, series, sub, book, dance), text
