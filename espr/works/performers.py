"""Who plays: from the performer tag, else the artists who did not compose the piece.

`performers.txt` lists players by whom file names name takes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from functools import cache, lru_cache
from importlib.resources import files

from espr.folding import fold, words
from espr.works.composers import composers_in
from espr.works.tags import Tags

_NOBODY = re.compile(
    r"(?:various|verschiedene|diverse|div|unknown|unbekannt|artistes? (?:divers|inconnu)|va|v\.a\.|"
    r"various artists?|unknown artist|varios(?: artistas)?|various composers)\.?",
    re.IGNORECASE,
)
_INSTRUMENT = re.compile(
    r"\s*[(\[](?:piano|klavier|pianoforte|harpsichord|cembalo|violin|cello|conductor|soloist|fortepiano)"
    r"[^)\]]*[)\]]|,\s*(?:piano|klavier|pianist|pianoforte|harpsichord|fortepiano)$",
    re.IGNORECASE,
)


@cache
def _known_performers() -> dict[str, list[tuple[frozenset[str], bool]]]:
    """Surname → the words of each player's name, and whether the surname says it alone."""
    known: dict[str, list[tuple[frozenset[str], bool]]] = defaultdict(list)
    text = files("espr.works").joinpath("performers.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        name = words(fold(line))
        if name and not line.startswith("#"):
            known[name[-1]].append((frozenset(name), not line.endswith("!")))
    return dict(known)


@lru_cache(maxsize=65536)
def is_known_performer(text: str) -> bool:
    """Whether a text is the name of a listed player, with or without a year: "Gould 1955"."""
    given = [word for word in words(fold(text)) if not word.isdigit()]
    for surname in given[-1:] + given[:1]:
        for name, alone in _known_performers().get(surname, ()):
            initials = {word[0] for word in name}
            if all(word in name or (len(word) == 1 and word in initials) for word in given):
                return alone or len(given) > 1
    return False


@lru_cache(maxsize=65536)
def _players(text: str, composers: Collection[str]) -> str:
    kept = []
    for name in re.split(r"\s*(?:;|\x00|\s/\s|/(?=[A-Z]))\s*", text):
        clean = _INSTRUMENT.sub("", name).strip(" ,-")
        if not clean or _NOBODY.fullmatch(fold(clean)):
            continue
        named = composers_in(clean)
        if named and all(one.id in composers for one in named) and not _others_too(clean):
            continue
        kept.append(_without_composer(clean, composers))
    return "; ".join(dict.fromkeys(kept))


def _others_too(name: str) -> bool:
    """Whether a name is longer than one person's: "Chopin - Pollini", "Brahms, Grimaud"."""
    return bool(re.search(r"\s-\s|,.*,|&|:", name)) and len(name.split()) > 2


def _without_composer(name: str, composers: Collection[str]) -> str:
    parts = re.split(r"\s-\s|\s*:\s+|\s*&\s*|,\s+", name)
    if len(parts) < 2:
        return name
    named = [bool(found) and {one.id for one in found} <= set(composers)
             for found in map(composers_in, parts)]  # fmt: skip
    if named[0] and not any(named[1:]) and len(parts[1].split()) > 1:
        return name[len(parts[0]) :].lstrip(" -:&,")
    return name


def performer(tags: Tags, composers: Collection[str]) -> str:
    """The players of a recording as its tags name them, or "".

    `composers` are the ids of the piece's composers: an artist tag often holds the composer.
    """
    ids = frozenset(composers)
    for text in (tags.performer, tags.artist, tags.album_artist, tags.conductor):
        if text and (players := _players(text, ids)):
            return players
    return ""
