"""What one field of a path is: a folder's name, or a part of a file's name between " - "."""

from __future__ import annotations

import re
from functools import lru_cache

from espr.folding import fold, words
from espr.works.catalogue_numbers import roman
from espr.works.composers import only_composer
from espr.works.performers import is_known_performer
from espr.works.readable_names import readable
from espr.works.title_terms import FORMS, INSTRUMENTS, TEMPO, terms
from espr.works.titles import without_track_number

_YEAR = re.compile(r"(?:18|19|20)\d\d")  # "Gould 1955" and "Gould 1981" are two takes
_NOT_A_NAME = re.compile(
    r"(?:no|nr|op|opus|bwv|k|kv|d|s|hob|woo|track|cd|disc|mvt|mov|movement|part|take|var|book|vol|"
    r"major|minor|dur|moll|sharp|flat|live|remaster(?:ed)?|final|copy|mix|master|edit|intro|outro|excerpt"
    r"|side|band|kbps|hz|bit|mono|stereo|left|right)?\.?\d*",
    re.IGNORECASE,
)
# Folders that hold anything: what lies there has nothing in common.
_ANYTHING = re.compile(
    r"(?:my |new |old |all |misc |various )*"
    r"(?:downloads?|music|musik|musique|musica|mp3s?|flacs?|wavs?|midis?|audio|songs?|tracks?"
    r"|recordings?|files?|classical|klassik|piano|desktop|documents|media|itunes|amazon|library"
    r"|collection|incoming|inbox|temp|tmp|misc|various|various artists|unsorted|untitled|unknown.*"
    r"|stuff|shared|public|data|home|mnt|volumes|usb|backup|new folder|neuer ordner"
    r"|(?:cd|dis[ck]|disque|vol|volume|side|part|album)s?[ .#-]*\d*|\d{1,4}|[a-z])",
    re.IGNORECASE,
)
# Names of takes and not of pieces: "take 2", "live 1961".
_TAKE = re.compile(
    r"(?:(?:take|version|versione|aufnahme|recording|rec|performance|attempt|try|practice|run|v)"
    r"[ ._#-]*\d*|live|studio|concert|final|draft|deadpan|rehearsal"
    r"|(?:18|19|20)\d\d(?:[-. ]\d\d)*)"
    r"(?:[ ._-]+(?:live|studio|final|remaster(?:ed)?|mono|stereo|\d{1,4}))*",
    re.IGNORECASE,
)
_SAYS_TAKE = re.compile(r"(?:take|version|versione|attempt|try|performance)\b", re.IGNORECASE)
# How competitions number their players: "LeeSH02M", "LEE_H01", "Faliks01_2004".
_CODE = re.compile(r"([A-Za-z][A-Za-z'-]+)(?:[ _-]?[A-Z])?\d\d[A-Z]?(?:[ _-](?:19|20)\d\d)?")
# "17-1_no_repeat", "24-1_no_2_repeat": the same piece, played without repeats.
_REPEATS = re.compile(
    r"[ _](?:(?:no|with|without)[ _])?(?:(?:first|second|\d)[ _])?repeats?\b", re.IGNORECASE
)
_PARTED = re.compile(r"\s+[-–—]+\s+|\s*--+\s*|_-_")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")  # "TheEntertainer", "NocturneOp9No2"
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=\w)|(?<=\w)-(?=[^\W\d_])")  # no "27-2"
_PLURAL = re.compile(r"(?:s|en|ien|i|ti|li)$")


def without_track(name: str) -> str:
    """A file's name without the number of its track: "10 La cathédrale", not "24 Preludes"."""
    shorter = without_track_number(name)
    if match := re.match(r"\d{2}[ _]+(?=([^\W\d]+))", shorter):
        counted = any(term in FORMS for term in terms(fold(match[1])))
        shorter = shorter if counted else shorter[match.end() :]
    return shorter


def fields_of(name: str) -> list[str]:
    """The parts of a name between " - ", readable."""
    parted = [readable(part) for part in _PARTED.split(name)]
    if len(parted) == 1 and " " not in name:
        parted = _parts_of_one_word(name) or parted
    return [part for part in parted if part]


def _parts_of_one_word(name: str) -> list[str]:
    """ "Joplin-TheEntertainer", "bach-bwv779", "ChopinNocturneOp9No2": the composer, the rest."""
    head, _, rest = name.partition("-")
    if not rest and "_" not in name and not re.search(r"\d\d[A-Z]?$", name):
        head, _, rest = _HUMP.sub(" ", name).partition(" ")
        rest = rest if says_music(rest) else ""  # "ChopinEvening"
    if not rest or not only_composer(readable(head), alone=True):
        return []
    return [readable(head), readable(_HYPHEN.sub(" ", _HUMP.sub(" ", rest)))]


@lru_cache(maxsize=65536)
def says_music(name: str) -> bool:
    """Whether a name speaks of a form, tempo or catalogue number, and so not only of a player."""
    folded = without_track_number(fold(name))
    if any(term in FORMS or term in TEMPO for term in terms(folded)):
        return True
    return (
        re.search(r"(?i)\b(?:op|opus|bwv|kv|hob|woo)\b\.?[ -]*\d|\bno\.? ?\d", folded) is not None
    )


@lru_cache(maxsize=65536)
def tells_piece(title: str) -> bool:
    """Whether a title says more than a form or a tempo: not "Menuet", "I. Allegro"."""
    return any(
        not (term in FORMS or term in TEMPO or term in INSTRUMENTS or term.isdigit() or roman(term))
        for term in terms(fold(title))
    )


@lru_cache(maxsize=65536)
def is_person(text: str, *, beside_others: bool = False) -> bool:
    """Whether a text may name who plays; beside others that do, also "free-rubato" may."""
    found = [word for word in words(fold(text)) if not _YEAR.fullmatch(word)]
    if not found or any(any(letter.isdigit() for letter in word) for word in found):
        return False
    return not any(
        _NOT_A_NAME.fullmatch(word)
        or roman(word)
        or term in FORMS
        or (term in TEMPO and not beside_others)
        for word in found
        for term in terms(word) or ("",)
    )


def is_surely_take(text: str) -> bool:
    """Whether a name is that of a take whatever its folder is: "take 2", "Gould 1955"."""
    code = _CODE.fullmatch(text)
    coded = code is not None and is_person(code[1])
    return coded or bool(_TAKE.fullmatch(text)) or is_known_performer(text)


def is_take(text: str) -> bool:
    """Whether a name may be that of a take, or of its player."""
    few = len(words(fold(text))) <= 5
    return is_surely_take(text) or (few and text[:1].isalpha() and is_person(text))


def is_numbered_take(text: str) -> bool:
    """Whether a name tells a take and no player: "take 2", "live 1961"."""
    return _TAKE.fullmatch(text) is not None


def says_take(text: str) -> bool:
    """Whether a name is that of a take of one piece: "take 2", but not "Recording 2", "2024-03-01".

    Telephones call everything a recording, and people keep what they play on one day.
    """
    return _TAKE.fullmatch(text) is not None and _SAYS_TAKE.match(text) is not None


def without_repeats(name: str) -> str:
    """A name without "no repeat": the same piece."""
    return _REPEATS.sub("", name)


def holds_anything(field: str) -> bool:
    """Whether a folder is no piece: "Downloads", "CD1", "mp3"."""
    return _ANYTHING.fullmatch(field) is not None


def is_collection(leaf: str) -> bool:
    """Whether a folder is named by a form in the plural, without a number: "Chopin Waltzes"."""
    if re.search(r"\d", leaf):
        return False
    return any(
        term in FORMS and _PLURAL.search(word) for word in words(fold(leaf)) for term in terms(word)
    )
