"""Catalogue numbers in titles: Op./No., BWV, K./KV, D., Hob., S., WoO, Kk., L. and the rest.

A letter such as K., D. or S. means a catalogue only for the composers it was made for. Where a
title gives two ("Op. 90 No. 3, D. 899"), the one that scholars count by is the main one; the
others are kept, so that a library can learn which numbers name the same work.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

# "No." in the languages of the labels.
NUMBER_WORD = r"no|nr|nos|nro|n-ro|num|numer|numero|nummer|number|nomor|n"
_NUMBER_SIGN = rf"(?:{NUMBER_WORD})\.?\s*°?\s*\.?\s*|#\s*|n\s*°\s*"
# "op. 27 no. 2", "op. 27/2", "op. 27: No. 2", "op 27-2", "Op. 14,2", "BWV 543.1", "Op-27 No-2"; not
# the range "op. 28 nos. 1-24".
_SUB = (
    rf"(?:(?:\s*[,;:.-]?\s*(?:{_NUMBER_SIGN})-?|\s*/\s*(?:{_NUMBER_SIGN})?|-|[,.](?=\d))(\d{{1,2}}[a-z]?)\b"
    r"(?!\s*(?:-|to|bis|&|and|und)\s*\d))?"
)
# "BWV 543.1", "BWV 827-1"; "No. 2" beside a BWV number counts a series.
_BWV_PART = r"(?:(?:\s*/\s*|-|[,.](?=\d))(\d{1,2}[a-z]?)\b(?!\s*(?:-|to|bis|&|and|und)\s*\d))?"
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}


@dataclass(frozen=True, slots=True)
class CatalogueNumber:
    """`system` "op", `number` "27", `sub` "2" or empty."""

    system: str
    number: str
    sub: str = ""
    is_general: bool = False  # of a catalogue that is not listed for its composer

    @property
    def work(self) -> str:
        """The work without its number within the set: "op 27"."""
        return f"{self.system} {self.number}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """How one catalogue is written, and for whom it counts (empty: for everyone)."""

    system: str
    mark: str  # a pattern
    composers: frozenset[str] = frozenset()


def _catalogue(
    system: str, mark: str, composers: str = "", number: str = r"\d+[a-z]?", part: str = _SUB
) -> Catalogue:
    pattern = rf"\b{mark}[\s-]*({number})(?![\w])(?!\s?-\s?\d{{3}}){part}"
    return Catalogue(system, pattern, frozenset(composers.split()))


# The first that a title holds for its composer is the main one.
CATALOGUES = (
    _catalogue("bwv", r"b\.?w\.?v\.?(?:\s*anh\.?)?", part=_BWV_PART),
    _catalogue(
        "hob",
        r"(?:hob(?:oken)?|h)\.?[\s-]*(?:no\.?|verz\.?)?",
        "haydn",
        r"(?:[ivx]+[a-e]?|\d+)\s*(?:[:/.,-]|\s)\s*(?:no\.?|nr\.?)?\s*[a-z]*\d+",
    ),
    _catalogue("kk", r"(?:kk|kp|k|kirkpatrick)\.?", "scarlatti"),
    _catalogue("l", r"(?:l|longo)\.?", "scarlatti"),
    _catalogue("kv", r"(?:k\.?\s?v|k|koechel|kochel)\.?(?:\s*anh\.?)?", "mozart"),
    _catalogue("d", r"(?:d\.?v?|deutsch)\.?", "schubert"),
    _catalogue("s", r"(?:s|searle)\.?", "liszt"),
    _catalogue("woo", r"wo\.?o\.?"),
    _catalogue("hwv", r"h\.?w\.?v\.?"),
    _catalogue("rv", r"(?:r\.?v|ryom)\.?", "vivaldi"),
    _catalogue("twv", r"twv\.?", "telemann", r"\d+[:/ ]\w?\d+"),
    _catalogue("buxwv", r"buxwv\.?"),
    _catalogue("wq", r"wq\.?", "bach-cpe", r"\d+(?:[:/]\d+)?"),
    _catalogue("h", r"h\.?", "bach-cpe field"),
    _catalogue("sz", r"sz\.?", "bartok"),
    _catalogue("bb", r"bb\.?", "bartok"),
    _catalogue("op", r"(?:opus|oeuvre|op|opp)\.?\s*(?:post(?:h(?:umous|ume|um)?)?\.?\s*)?"),
    _catalogue("kk", r"k\.?k\.?", "chopin", r"[ivx]+[a-e]?\s*[/,]?\s*(?:no\.?|nr\.?)?\s*\d+"),
    _catalogue("b", r"(?:b|brown)\.?", "chopin dvorak"),
    _catalogue("m", r"m\.?", "ravel"),
    _catalogue("fp", r"fp\.?", "poulenc"),
    _catalogue("h", r"h\.?", "bach-cpe martinu"),
    _catalogue("cd", r"cd\.?", "debussy"),
    _catalogue("l", r"(?:l|lesure)\.?", "debussy"),
    _catalogue("p", r"p\.?", "scarlatti"),
    _catalogue("jw", r"jw\.?", "janacek", r"[ivx]+/\d+"),
    _catalogue("dlr", r"dlr\.?", "granados", r"[ivx]+:\d+"),
)
# Composer → the catalogues that hold what they arranged of others' works.
OWN_CATALOGUES = {"liszt": frozenset({"s"})}
# "K. 331 (300i)", "K310/300d", "K.397 (K.385g)": the sixth edition's number beside the first's.
_KOECHEL_SIXTH = re.compile(
    r"(\bk\.?\s?v?\.?\s*\d+[a-z]?)\s*(?:/|\(\s*k?\.?v?\.?)\s*(?:\d{3}[a-z]?|\d+[a-z])(?!\d)\s*\)?",
    re.IGNORECASE,
)
# Catalogues of other composers: their letters mean little elsewhere, but two of their numbers are
# two works. A single letter needs its full stop.
_GENERAL = re.compile(
    r"(?<![\w.])(?:(Anh|CFF|CNW|CPEB|CWV|EG|FP|FS|FWV|GP|GWV|ICW|JB|JC|JLB|JS|JWV|LWV|MWV|RCT|SV|TH|WD|WV|BI"
    r"|Fk|Kr|Wn)\.?\s?|([BCEFGJLMNPQRTWZ])(?:\.\s?|(?=\d{2})))(\d{1,4}[a-z]?(?:[:/]\d{1,3})?)(?![\w.])"
)
_POSTHUMOUS = re.compile(r"\bop(?:us)?\.?\s*post(?:h(?:umous|ume|um)?)?\.?(?!\s*\d)", re.IGNORECASE)
# "BWV 846-869", "Op. 28 Nos. 1-24", "Opp. 10 & 25": whole sets, which name no one piece.
_RANGE = re.compile(
    r"\b(?:bwv|opp?|d|k|kv|s|hwv|woo|sz|l)\.?\s*\d+[a-z]?\s*(?:-|&|and|und|et)\s*"
    r"(?:(?:op|bwv|d|k|kv)\.?\s*)?\d{2,}[a-z]?\b(?!\s*(?:no|nr)\b)",
    re.IGNORECASE,
)


def roman(text: str) -> int:
    """The value of a Roman numeral below 90, 0 when it is none: "XIV" → 14."""
    total = 0
    values = [_ROMAN.get(letter, 0) for letter in text.lower()]
    for place, value in enumerate(values):
        total += -value if value < max(values[place + 1 :], default=0) else value
    return total if _to_roman(total) == text.lower() else 0


def _to_roman(value: int) -> str:
    text = ""
    for step, mark in (
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ):
        while value >= step:
            text, value = text + mark, value - step
    return text


def _tidy(system: str, number: str) -> str:
    number = re.sub(r"\s*(?:no\.?|nr\.?)\s*", ":", number.lower()).replace(" ", ":")
    parts = [part for part in re.split(r"[:/.,-]+", number) if part]
    if system in ("hob", "kk", "jw", "dlr") and len(parts) > 1:
        head = parts[0]
        arabic = int(head) if head.isdigit() else roman(head.rstrip("abcde")) or head
        parts[0] = str(arabic) + ("" if head.isdigit() else re.sub(r"^[ivx]+", "", head))
    return ":".join(part.lstrip("0") or "0" for part in parts)


# Catalogues that are of one composer alone tell who it is.
_OWN = (
    (re.compile(r"\bBWV\.?[\s-]*\d", re.IGNORECASE), "bach"),
    (re.compile(r"\bHob\.?\s*(?:[IVX]+|\d)", re.IGNORECASE), "haydn"),
    (re.compile(r"\bKV\.?\s*\d"), "mozart"),
    (re.compile(r"\bHWV\.?\s*\d", re.IGNORECASE), "handel"),
    (re.compile(r"\bWoO\.?\s*59\b", re.IGNORECASE), "beethoven"),
    (re.compile(r"\bBuxWV\.?\s*\d", re.IGNORECASE), "buxtehude"),
    (re.compile(r"\bKk\.?\s*\d"), "scarlatti"),
    (re.compile(r"\bRV\.?\s*\d{2,3}"), "vivaldi"),
)


def composer_of_catalogue(text: str) -> str:
    """The id of the composer whose catalogue a folded text cites, or ""."""
    return next((who for pattern, who in _OWN if pattern.search(text)), "")


@cache
def _catalogues_of(composer: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The systems that count for a composer, the main one first, and how each is written."""
    return tuple(
        (one.system, re.compile(one.mark, re.IGNORECASE))
        for one in CATALOGUES
        if not one.composers or composer in one.composers
    )


def _add(found: list[CatalogueNumber], number: CatalogueNumber) -> None:
    """Add a number; of "BWV827 BWV 827-1" the one that says more."""
    known = {one.work: one for one in found}
    whole = known.get(number.work)
    if whole is None or (whole.sub and number.sub and whole.sub != number.sub):
        found.append(number)
    elif not whole.sub:
        found[found.index(whole)] = number


def find_catalogue_numbers(text: str, composer: str) -> tuple[tuple[CatalogueNumber, ...], str]:
    """The catalogue numbers of a folded title, the main one first, and the title without them.

    `composer` is an id of `composers.txt`, or empty when it is not known: then only the
    catalogues that belong to everyone are looked for. Each number leaves a "§" in the title,
    so that what follows it can be told from what stands before.
    """
    text = _RANGE.sub(" § ", text)
    if composer == "mozart":
        text = _KOECHEL_SIXTH.sub(r"\1 ", text)
    found: list[CatalogueNumber] = []
    for system, pattern in _catalogues_of(composer):
        while match := pattern.search(text):
            sub = (match[2] or "").lstrip("0")
            _add(found, CatalogueNumber(system, _tidy(system, match[1]), sub))
            text = f"{text[: match.start()]} § {text[match.end() :]}"
    while match := _GENERAL.search(text):
        system = (match[1] or match[2]).lower()
        found.append(CatalogueNumber(system, match[3].lower().lstrip("0"), "", True))
        text = f"{text[: match.start()]} § {text[match.end() :]}"
    return tuple(found), _POSTHUMOUS.sub(" § posth ", text)
