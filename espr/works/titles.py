"""What a title says: noise taken away, numbers, key, form and words told apart.

The ladder: text → folded text → `Title` (here) → `Identity`: which piece that is
(`work_identification.py`).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from espr.folding import fold, words
from espr.works.catalogue_numbers import CatalogueNumber, find_catalogue_numbers
from espr.works.composers import Composer, composers_in
from espr.works.movements import ORDINAL, Numbers, find_list, find_numbers, ordinal
from espr.works.musical_keys import find_key
from espr.works.title_languages import in_latin_script
from espr.works.title_terms import (
    CYCLIC,
    FORMS,
    INSTRUMENTS,
    KINDS,
    TEMPO,
    form_of,
    terms,
)

_NOISE = (
    r"live|remaster\w*|remasteris\w*|mono|stereo|digital|bonus|encore|zugabe|recorded|recording|rec"
    r"|aufnahme|enregistre\w*|en vivo|en direct|ao vivo|remix|excerpts?|mix|edit|version|album"
    r"|single"
    r"|24[- ]?bit|19\d\d|20[0-3]\d|previously unreleased|complete|audio|official|video|hd|hq|sacd"
)
_NOISE_BRACKET = re.compile(
    rf"[(\[{{][^()\[\]{{}}]*\b(?:{_NOISE})\b[^()\[\]{{}}]*[)\]}}]", re.IGNORECASE
)
_NOISE_TAIL = re.compile(
    r"(?:\s+-\s*|\s*/\s*|,\s*)(?:(?:19|20)\d\d\s+)?(?:digital(?:ly)?\s+)?"
    r"(?:remaster\w*|live|mono|stereo|bonus track|encore|recorded|recording)\b.*$",
    re.IGNORECASE,
)
_TRACK = re.compile(
    r"^\s*(?:(?:cd|disc|disk|track|titel|piste)\s*\d+\s*[-._:]*\s*)*"
    r"(?:[(\[]?\d{1,2}[-.]\d{1,3}[)\]]?\s*[-._]*\s+|[(\[]?0\d{1,2}[)\]]?\s*[-._:]*\s+|[(\[]?\d{1,3}[)\]]?\s+-\s+|\[\d+\]\s*)?"
    r"(?=\D)",
    re.IGNORECASE,
)
_ARRANGED = re.compile(
    r"[(\[,;-]\s*(?:(?:piano\s+)?(?:arr|arranged|arrangement|arrangiert|transcr|transcribed|transcription"
    r"|trans|transkription|transcripcion|trascr|trascrizione|bearb|bearbeitung|bearbeitet|orch"
    r"|orchestrated|orchestration|orchestre|adapt|adapted)\b\.?)\s*(?:by|von|par|di|de|for|fur|pour)?\s*:?"
    r"\s*([^()\[\],;:]*)[)\]]?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^\s*([^:]{2,60}?)\s*(?::|\s-)\s+(?=\S)")
_GRAMMAR = re.compile(
    r"\b(?:prelud\w*|prael\w*|toccat\w*|fanta\w*|phanta\w*|passacag\w*|adagio|introdu\w*)\s*"
    r"(?:and|&|und|et|e|y|i|en|og|och|/|\+)\s*(?:fug\w*)",
    re.IGNORECASE,
)
# "from" is part of many names: it tells a work only in brackets, before a quote or a number.
_FROM = re.compile(
    r"(?!.*\b(?:on|over|uber|sur|faschingsschwank)\b)([^:;]{3,60}?)\s*"
    r"(?:[(\[](?:from|aus|extrait de|de|da|uit|fra|ur)\s+([^()\[\]]+)[)\]]"
    r"|,?\s(?:from|aus)\s+([^:]*(?:\"|\b(?:op|bwv|kv?|d|s|hob)\.?\s?\d)[^:]*))"
    r"\s*([(\[][^)\]]*[)\]])?",
    re.IGNORECASE,
)
_SINFONIA = re.compile(r"\bsinfonias?\b", re.IGNORECASE)
_THREE_WORDS = r"([^\W\d]+(?:[ -][^\W\d]+){0,2})"
_ORDINAL_FIRST = re.compile(
    rf"(\d{{1,2}}|(?-i:[IVX]{{1,5}})(?=\s))(\.|st|nd|rd|th|[aoe°]|er|)\s*{_THREE_WORDS}",
    re.IGNORECASE,
)
_ORDINAL_WORD = re.compile(rf"({ORDINAL})\s+{_THREE_WORDS}", re.IGNORECASE)
_BOOK = re.compile(
    r"(?:book|buch|livre|libro|heft|teil|band|set|serie|series|cahier|annee)\b", re.I
)
_ALSO_ENGLISH = frozenset("sonate sonatine piano in for string violin cello the de pour".split())
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_QUOTED = re.compile(r"\"[^\"]*\"|(?<![\w])'[^']*'(?!\w)")
_PUNCTUATION = re.compile(r"[:;,§()\[\]\"/]|\.\s|\s-+\s|(?<!\w)'|'(?!\w)")


@dataclass(frozen=True, slots=True)
class Title:
    """What a title says. Terms: see `title_terms.terms`."""

    numbers: Numbers
    catalogue: tuple[CatalogueNumber, ...] = ()
    key: str = ""
    form: str = ""
    pair: bool = False  # "Prelude and Fugue": a pair, of which `half` may name one
    half: str = ""
    tempo: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    segments: tuple[tuple[str, ...], ...] = ()  # the terms between punctuation and numbers
    plain: tuple[str, ...] = ()  # the terms outside quotes and brackets
    named: tuple[str, ...] = ()  # the terms outside brackets
    tail: tuple[str, ...] = ()  # the terms after the last colon or number
    detail: tuple[str, ...] = ()  # those of the tail that do not stand before it, too
    arranged: str = ""


def _without_noise(text: str) -> str:
    text = _NOISE_BRACKET.sub(" ", text)
    return _NOISE_TAIL.sub("", text).strip(" -,;/")


def without_track_number(text: str) -> str:
    """A folded title without "01 - ", "CD1-02 " or "3. " in front."""
    shorter = _TRACK.sub("", text, count=1)
    return shorter if shorter else text


@lru_cache(maxsize=65536)
def clean_title(text: str) -> str:
    """A title to show: as it is written, without track number, label and "(Live) [Remastered]"."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()
    shorter = _without_label(without_track_number(_without_noise(plain)))
    return shorter or plain


def title_composers(text: str) -> tuple[Composer, ...]:
    """The composers whom a title names as its label: "Chopin: Nocturne", "Aria (Bach)"."""
    folded = without_track_number(_without_noise(fold(text)))
    rest = folded
    for _ in range(3):
        match = _LABEL.match(rest)
        if match is None:
            break
        found = composers_in(match[1], names_only=False)
        if _is_label(match[1], found):
            return found
        rest = rest[match.end() :]
    lead = re.match(r"[A-Za-z.]+(?:\s+[A-Za-z.]+){0,3}", folded)
    if lead:
        first = composers_in(" ".join(lead[0].split()[:1]), names_only=False)
        if first or (first := composers_in(" ".join(lead[0].split()[:3]), names_only=False)):
            return first
    for match in re.finditer(r"\(([^()]+)\)\s*$|\s-\s([^-]+)$", folded):
        inside = match[1] or match[2]
        if len(terms(inside)) <= 4 and (found := composers_in(inside, names_only=False)):
            return found
    return ()


def _is_label(text: str, found: tuple[Composer, ...]) -> bool:
    """Whether a text holds nothing but composers' names: not "Le tombeau de Couperin"."""
    if not found:
        return False
    surnames = len(found) + sum("-" in one.id for one in found)
    forenames = frozenset().union(*(one.forenames for one in found))
    others = [term for term in terms(text) if len(term) > 3 and term not in forenames]
    return len([term for term in others if not term.isdigit()]) <= surnames


def _without_label(text: str) -> str:
    for _ in range(2):
        match = _LABEL.match(text)
        if match is None:
            return text
        label = match[1]
        if not any(
            _is_label(label, composers_in(label, names_only=only)) for only in (False, True)
        ):
            return text
        text = text[match.end() :]
    return text


def _arranger(text: str) -> tuple[str, str]:
    match = _ARRANGED.search(text)
    if match is None:
        return "", text
    found = composers_in(match[1], names_only=False)
    if found:
        who = found[-1].id
    else:
        names = [term for term in terms(match[1]) if term not in INSTRUMENTS and term not in FORMS]
        who = names[-1] if names else " ".join(terms(match[1])) or "?"
    return who, f"{text[: match.start()]} {text[match.end() :]}"


@lru_cache(maxsize=131072)
def read_title(text: str, composer: str, movement_text: bool = False) -> Title:
    """Take a title apart. `composer` is an id: letters such as K. depend on it."""
    text = _part_last(_without_noise(in_latin_script(fold(text))))
    if composer != "bach":
        text = _SINFONIA.sub(
            "symphony", text
        )  # Italian and Finnish for it; only Bach's are inventions
    arranged, text = _arranger(text)
    text = _number_first(text)
    if not movement_text:
        text = _ordinal_as_number(_without_label(without_track_number(text)))
    listed, text = find_list(text)
    key, text = find_key(text)
    catalogue, text = find_catalogue_numbers(text, composer)
    numbers, text = find_numbers(text, movement_text)
    if listed:
        numbers = replace(numbers, listed=listed)
    pair = bool(_GRAMMAR.search(text))
    rest = _GRAMMAR.sub(" : ", text)
    found = terms(rest if pair else text)
    halves = [half for half in ("prelude", "fugue", "toccata", "fantasia") if half in terms(rest)]
    # "Prelude in C, BWV 846: Fugue"? No: two halves named make the pair.
    half = halves[0] if len(halves) == 1 else ""
    pair = pair or {"prelude", "fugue"} <= set(halves)
    everything = terms(text)
    if not numbers.series and not numbers.sub:
        numbers = _number_after_form(text, numbers)
    form = form_of(everything)
    unbracketed = _BRACKETED.sub(" ", text)
    unquoted = _QUOTED.sub(" ", unbracketed)
    tail, detail = _tail(unquoted)
    return Title(
        numbers=numbers,
        catalogue=catalogue,
        key=key,
        form=form,
        pair=pair,
        half=half,
        tempo=tuple(term for term in found if term in TEMPO),
        terms=everything,
        segments=tuple(filter(None, map(terms, _PUNCTUATION.split(text)))),
        plain=terms(unquoted),
        named=terms(unbracketed),
        tail=tail,
        detail=detail,
        arranged=arranged,
    )


def _number_first(text: str) -> str:
    """ "9. Sinfonie", "8. Piyano Sonatı", "II koncert", "2nd Prelude" as "No. 9 …", no track.

    Languages that number so have their own spelling of the form.
    """
    match = _ORDINAL_FIRST.match(text)
    if match is None or not (number := ordinal(match[1])):
        return text
    spelt, counted = words(match[3]), match[2] not in (".", "")
    named = FORMS if counted else {*CYCLIC, *KINDS}
    forms = any(term in named for word in (*spelt, match[3]) for term in terms(word))
    foreign = any(word not in CYCLIC and word not in _ALSO_ENGLISH for word in spelt)
    if (
        not forms
        or not (counted or foreign)
        or (not match[2] and "concerto" not in terms(match[3]))
    ):
        return text
    return f"No. {number} {text[match.start(3) :]}"


def _ordinal_as_number(text: str) -> str:
    """ "Second Hungarian Rhapsody" as "No. 2 Hungarian Rhapsody"; not "First Book of Preludes"."""
    match = _ORDINAL_WORD.match(text)
    if match is None or not any(term in FORMS for term in terms(match[2])):
        return text
    return (
        f"No. {ordinal(match[1])} {text[match.start(2) :]}" if not _BOOK.match(match[2]) else text
    )


def _part_last(text: str) -> str:
    """ "Siciliano (from Sonata, BWV 1031)" as "Sonata, BWV 1031: Siciliano"."""
    match = _FROM.fullmatch(text)
    return f"{match[2] or match[3]} {match[4] or ''}: {match[1]}" if match else text


def _tail(unquoted: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The terms after the last colon or number, and those of them that are said there first."""
    parts = [terms(part) for part in re.split("[:§]", unquoted)]
    last = max((place for place, part in enumerate(parts) if part), default=0)
    before = {term for part in parts[:last] for term in part}
    new = tuple(term for term in parts[last] if term not in before and not term.isdigit())
    return parts[last], new if before else ()


def _number_after_form(text: str, numbers: Numbers) -> Numbers:
    match = re.search(r"\b([A-Za-z]+)\s+(\d{1,2})\b(?!\s*[-/]\s*\d)", text)
    while match:
        found = terms(match[1])
        if found and found[-1] in FORMS:
            place = text.find("§")
            before = place < 0 or match.start() < place
            value = int(match[2])
            return replace(numbers, series=value) if before else replace(numbers, sub=value)
        match = re.compile(r"\b([A-Za-z]+)\s+(\d{1,2})\b(?!\s*[-/]\s*\d)").search(text, match.end())
    return numbers
