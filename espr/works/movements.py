"""Numbers in titles: of a movement, of a piece in a set or series, of a book, of a dance.

"I. Allegro", "1. Satz", "2nd movement", "2° mov." and "(IV)" number a movement; "No. 3" before
the catalogue number counts a composer's works of one form, after it the pieces of the set.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from espr.works.catalogue_numbers import NUMBER_WORD, roman
from espr.works.title_terms import TEMPO

_WORDS = {
    word: number
    for number, spelt in enumerate(
        (
            "first erster erste erstes premier premiere primo prima primer primera",
            "second zweiter zweite zweites deuxieme seconde secondo seconda segundo segunda",
            "third dritter dritte drittes troisieme terzo terza tercer tercera",
            "fourth vierter vierte viertes quatrieme quarto quarta cuarto cuarta",
            "fifth funfter funfte funftes cinquieme quinto quinta",
            "sixth sechster sechste sixieme sesto sesta sexto sexta",
            "seventh siebter siebte septieme settimo settima septimo septima",
            "eighth achter achte huitieme ottavo ottava octavo octava",
            "ninth neunter neunte neuvieme nono nona noveno novena",
            "tenth zehnter zehnte dixieme decimo decima",
            "eleventh elfter elfte onzieme",
            "twelfth zwolfter zwolfte douzieme",
        ),
        start=1,
    )
    for word in spelt.split()
}
ORDINAL = "|".join(_WORDS)  # a pattern
_MOVEMENT_WORD = (
    r"(?:satz|sats|movements?|movement|movt|mvmts?|movts?|mvts?|mov|mouvement|mouv|movimento|movimiento"
    r"|tempo(?=\s*(?:$|[:.,;)-]))|vet|veta|deel|tetel|czesc)\b\.?"
)
# Compiled where a title first has one of these words: the ordinals take 10 ms.
_ANY_MOVEMENT = re.compile(rf"{_MOVEMENT_WORD}|\bpart\b|m(?:vmt|vt|ov)", re.IGNORECASE)
_NUMBERED_MOVEMENT = (
    rf"\b(?:(\d{{1,2}})\s*(?:st|nd|rd|th|\.|°|o|a|er|re|ere|eme|e)?|({ORDINAL})|([ivx]{{1,5}})\.?)"
    rf"[\s.-]*{_MOVEMENT_WORD}"
)
_MOVEMENT_NUMBER = (
    r"\b(?:movement|movt|mvmt|mvt|mov|satz|mouvement|movimento|movimiento|part)\.?[\s-]*"
    r"(\d{1,2}|[ivx]+)\b"
)
# "Second and Third Movements", "mvts. 2 and 3", "1st & 3rd mov.": one track holds several.
_COUNTED = rf"(?:\d{{1,2}}(?:st|nd|rd|th|\.|°|er|re|e)?|{ORDINAL}|[ivx]{{1,4}}\.?)"
_AND = r"(?:,|&|\+|/|-|and|und|et|y|e|to|bis|through)"
_COUNTS = rf"{_COUNTED}(?:\s*{_AND}\s*(?:and\s+)?{_COUNTED})+"
_MOVEMENTS = rf"\b({_COUNTS})[\s.-]*{_MOVEMENT_WORD}|{_MOVEMENT_WORD}\s*({_COUNTS})(?![\w.])"
# The groups: a number, the last of a range, a letter ("IIIb", "III. (b)").
_LETTER = r"(?:([a-d])(?![a-z])|\.?\s*\(([a-d])\))?"
_ROMAN = re.compile(
    rf"(?:^|[:;,(\[/\"-]|§|\s-)\s*([IVX]{{1,6}}|[ivx]{{1,6}}(?=[.)])|Iv(?=\.)){_LETTER}(?![\w'])"
    r"(?:\s*[-/&+]\s*([IVX]{1,6})\b)?\s*(?:[.):,;\]-]|$|(?=\s))"
)
_ROMAN_INSIDE = re.compile(r"\s([IVX]{1,6})()()()(?:[.:)]|\s-\s)\s")
_ROMAN_LAST = re.compile(r"[A-Za-z]\s([IVX]{1,6})()()()\s*$")
_ROMAN_TEMPO = re.compile(r"\s([IVX]{1,6})()()()\s+(?=([A-Za-z]+))")
_ROMAN_LOWER = re.compile(r"(?:^|[:;])\s*([ivx]{1,5})()()()\s+(?=([A-Za-z]+))")  # ": ii Adagio"
_ARABIC = re.compile(
    rf"(?:[:;(\[]|§|\s-|,)\s*(\d{{1,2}}){_LETTER}(?:\s?-\s?(\d{{1,2}}))?"
    r"(?:\s*[.):]\s*(?=[^\d\s])|\s+-\s+(?=[^\d\s])|\)?\s*$)"
)
_ARABIC_FIRST = re.compile(r"^\(?(\d{1,2})()()(?:\s?-\s?(\d{1,2}))?\s*(?:[.):]|\s-)\s*(?=[A-Za-z])")
# "Andante - Allegro - Tempo I": the first tempo again, no movement. "I tempo" is one.
_FIRST_TEMPO = re.compile(r"\btempo\s+(?:I|1|primo|prima)\b(?!\s*[:°])", re.IGNORECASE)
_NUMBER = re.compile(
    # "No. 2", "No2", "#2", "number XII"
    rf"(?:\b(?:{NUMBER_WORD})(?:\b|(?=\d))\s*\.?\s*°?\s*\.?[\s-]*|#\s*|\bn\s*°\s*)"
    r"(?:(\d{1,3})|((?-i:[IVXL]{1,6})))\b"
    # "č. 8", "br. 8", "št. 8": these letters count only with their full stop
    r"|\b(?:c|br|st|s|so|rhif|sz|nomer|uimh)\.\s*(\d{1,3})\b|\b(?:so|rhif|uimh)\s+(\d{1,3})\b",
    re.IGNORECASE,
)
_LIST = re.compile(
    rf"\b(?:nos|nrs|nn|n°s|numbers|nummern|numeros)\b\.?\s*"
    rf"(\d{{1,3}}(?:\s*{_AND}\s*(?:and\s+)?(?:no\.?\s*)?\d{{1,3}})+)(?!\w)"
    rf"|\b(?:no|nr)\.?\s*(\d{{1,3}}(?:\s?-\s?\d{{1,3}}|\s*(?:&|\+|and|und|et)\s*(?:no\.?\s*)?\d{{1,3}})"
    r"|\d{1,3}(?:\s*,\s*\d{1,3})+(?:\s*(?:,|&|and|und|et)\s*\d{1,3})?)(?![\w:.])(?!\s*[.:]\s)",
    re.IGNORECASE,
)
_BOOK = re.compile(
    rf"\b(?:(?:book|buch|teil|livre|libro|band|heft|cahier|bk|set|serie|series|annee|part)\.?\s*"
    rf"(\d|[ivx]{{1,4}})\b|(\d)\s*(?:st|nd|rd|er|ere|eme|e|re|\.)\s*(?:book|livre|serie|series|set"
    rf"|heft|annee|teil|band|buch)\b|({ORDINAL})\s+(?:book|livre|serie|series|set|heft|teil|band|buch)\b"
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

    movement: str = ""  # "3", or "3-4" or "1+3" where one track holds both
    letter: str = ""  # "b" of "IIIb"
    listed: str = ""  # "2+4+5" of "Nos. 2, 4 and 5", "13-24" of "No. 13-24"
    series: int = 0
    sub: int = 0
    book: int = 0
    dance: str = ""  # "minuet 1", "variation 25"


def ordinal(text: str) -> int:
    """The value of "2", "II" or "second", 0 where it is none."""
    return int(text) if text.isdigit() else _WORDS.get(text.lower(), 0) or roman(text)


def _cut(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} : {text[match.end() :]}"


def _movement(text: str, movement_text: bool) -> tuple[str, str, str]:
    """The number of a movement, its letter, and the text without both."""
    if _ANY_MOVEMENT.search(text) and (found := _named_movement(text)):
        return found
    first = _ARABIC_FIRST.search(text)
    if first and (movement_text or _tempo_next(text[first.end() :])):
        return _counted(first, text)
    # what stands between punctuation, the first of it: "2. Sehr innig - Intermezzo I (Lebhaft)"
    if several := _written_one_by_one(text):
        return several
    between = [match for pattern in (_ROMAN, _ARABIC) if (match := _first(pattern, text))]
    if between:
        return _counted(min(between, key=lambda match: match.start()), text)
    for pattern in (_ROMAN_INSIDE, _ROMAN_TEMPO, _ROMAN_LOWER, _ROMAN_LAST):
        for match in pattern.finditer(text):
            if pattern.groups > 4 and match[5].lower() not in TEMPO:
                continue
            if ordinal(match[1]):
                return _counted(match, text)
    return "", "", text


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _named_movement(text: str) -> tuple[str, str, str] | None:
    """What "2nd movement", "Satz 3" or "mvts. 2 and 3" says."""
    match = _compiled(_MOVEMENTS).search(text)
    if match and (numbers := _several(match[1] or match[2])):
        return numbers, "", _cut(text, match)
    for pattern in (_NUMBERED_MOVEMENT, _MOVEMENT_NUMBER):
        if (match := _compiled(pattern).search(text)) and (
            value := next((ordinal(group) for group in match.groups() if group), 0)
        ):
            return str(value), "", _cut(text, match)
    return None


_EACH = re.compile(r"(?:^|[:;/\[(]|§|\s-|,)\s*([IVX]{1,5}|\d{1,2})\.\s+(?=([A-Za-z]+))")


def _written_one_by_one(text: str) -> tuple[str, str, str] | None:
    """ "2-3" of "II. Andante con moto - III. Allegro": each with its tempo, one after another."""
    found = [match for match in _EACH.finditer(text) if match[2].lower() in TEMPO]
    numbers = [ordinal(match[1]) for match in found]
    if len(numbers) < 2 or numbers != list(range(numbers[0], numbers[-1] + 1)):
        return None
    return f"{numbers[0]}-{numbers[-1]}", "", _EACH.sub(" : ", text)


def _several(text: str) -> str:
    """ "2-3" of "second and third" or "II-III", "1+3" of "1st & 3rd"; "" where they do not rise."""
    found = [ordinal(number) for number in re.findall(rf"\d+|{ORDINAL}|[ivx]+", text.lower())]
    if len(found) < 2 or 0 in found or found != sorted(set(found)):
        return ""
    ranged = len(found) == 2 and re.search(r"-|\b(?:to|bis|through)\b", text)
    if ranged or found == list(range(found[0], found[-1] + 1)):
        return f"{found[0]}-{found[-1]}"
    return "+".join(map(str, found))


def _first(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next((match for match in pattern.finditer(text) if ordinal(match[1])), None)


def _counted(match: re.Match[str], text: str) -> tuple[str, str, str]:
    first, last = ordinal(match[1]), ordinal(match[4]) if match[4] else 0
    letter = (match[2] or match[3] or "").lower()
    number = f"{first}-{last}" if last > first else str(first)
    return number, letter, _cut(text, match)


def _tempo_next(text: str) -> bool:
    match = re.match(r"\W*([A-Za-z]+)", text)
    return match is not None and match[1].lower() in TEMPO


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The last match: "Variations, Op. 35 - Book 1: Book 2" is the second book."""
    return next(reversed(list(pattern.finditer(text))), None)


def find_list(text: str) -> tuple[str, str]:
    """The numbers of a list of pieces, "2+4+5" or "1-24", "" when there is none, and the rest."""
    match = _LIST.search(text)
    if match is None:
        return "", text
    found = match[1] or match[2]
    numbers = [str(int(number)) for number in re.findall(r"\d+", found)]
    ranged = len(numbers) == 2 and re.search(r"-|\b(?:to|bis|through)\b", found)
    return ("-" if ranged else "+").join(
        numbers
    ), f"{text[: match.start()]} : {text[match.end() :]}"


def find_numbers(text: str, movement_text: bool = False) -> tuple[Numbers, str]:
    """The numbers of a folded title and the title without them.

    `text` holds "§" where catalogue numbers stood. `movement_text`: it is the title of a movement
    alone, so a number in front counts movements and not tracks.
    """
    text = _FIRST_TEMPO.sub(" tempo primo ", text)
    book = 0
    if match := _last(_BOOK, text):
        book = next((ordinal(group) for group in match.groups() if group), 0)
        kept = match[0].split()[0] if match[4] else ""
        text = f"{text[: match.start()]} {kept} : {text[match.end() :]}"
    dance = ""
    if match := _VARIATION.search(text):
        dance = f"variation {ordinal(match[1])}"
        text = _cut(text, match)
    elif match := _DANCE.search(text):
        dance = f"{match[1].lower()} {ordinal(match[2])}"
        text = _cut(text, match)
    series = sub = 0
    place = text.find("§")
    for match in list(_NUMBER.finditer(text)):
        number = ordinal(next(filter(None, match.groups())))
        if place < 0 or match.start() < place:
            series = series or number
        else:
            sub = sub or number
    text = _NUMBER.sub(" : ", text)
    movement, letter, text = _movement(text, movement_text)
    return Numbers(movement, letter, "", series, sub, book, dance), text
