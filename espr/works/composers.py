"""Composers: one id for the many spellings of a name, found in tags and in free text.

"Bach, Johann Sebastian (1685-1750)", "J.S. Bach" and "JS Bach" are one composer, "C.P.E. Bach"
another. A surname decides, forenames or initials choose among those who share it.
The names are listed in `composers.txt`; spellings are those of labels and shops.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from espr.folding import fold, words

# Surnames that are also words of titles, names of places or of players: in free text they count
# only beside a forename or as the label before a colon.
COMMON_WORDS = frozenset(
    """field wolf berg cage bax gade ives weber bull byrd glass adams price beach bowen ireland
    part suk cui list hahn williams rodrigo nazareth barber hess horowitz kempff bernstein
    boulez rubinstein cziffra volodos wagner heller martinu marcello royer falla lobos crumb
    joplin strauss hensel wieck kreisler boulanger diabelli""".split()
)
# "Alban Berg Quartett" and "Beethoven Orchester" are players.
_ENSEMBLES = frozenset(
    """quartet quartett quatuor cuarteto quartetto kvartet trio ensemble orchestra orchester
    orchestre orquesta players collegium akademie academy consort sinfonia chamber choir
    chor quintet quintett sextet octet piano string streichquartett philharmonic festival""".split()
)
_PARTICLES = frozenset("van von de der di da del la le v d sir dr".split())
_TOKENS = re.compile(r"[^\W\d_]+|[,;/:&()\[\]+|-]")


@dataclass(frozen=True, slots=True)
class Composer:
    """A composer: `id` is what grouping keys hold, `name` is shown, `born` is a year."""

    id: str
    name: str
    born: int
    forenames: frozenset[str]
    needs_forename: bool
    surnames: frozenset[str] = frozenset()


@cache
def _by_surname() -> dict[str, list[Composer]]:
    listed: dict[str, list[Composer]] = defaultdict(list)
    text = files("espr.works").joinpath("composers.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        identity, name, born, surnames, others = (part.strip() for part in line.split("|"))
        aliases = fold(surnames).lower().split()
        forenames = [word for word in words(fold(name)) if word not in aliases]
        composer = Composer(
            identity,
            name,
            int(born),
            frozenset(forenames + words(fold(others))),
            "!" in others,
            frozenset(aliases),
        )
        for alias in dict.fromkeys(aliases):
            listed[alias].append(composer)
    return dict(listed)


@cache
def _by_id() -> dict[str, Composer]:
    return {composer.id: composer for listed in _by_surname().values() for composer in listed}


def composer_by_id(identity: str) -> Composer | None:
    """The composer of an id, or None."""
    return _by_id().get(identity)


def _fit(candidate: Composer, given: list[str]) -> float:
    """How well forenames or initials suit: below 0 they contradict."""
    if not given:
        return 0.0
    initials = {name[0] for name in candidate.forenames}
    score = 0.0
    for name in given:
        if name in candidate.forenames:
            score += 2.0
        elif len(name) <= 3 and all(letter in initials for letter in name):
            score += 1.0 if len(name) == 1 else 1.5  # an initial, or "JS", "CPE"
        elif name[0] in initials and len(name) > 3:
            score += 0.25  # a transliteration that is not listed
        else:
            score -= 3.0
    return score


def _choose(listed: list[Composer], given: list[str], sure: bool) -> Composer | None:
    known = [name for name in given if name not in _PARTICLES]
    if len(listed) == 1:  # forenames in other scripts are listed only where they choose
        known = [name for name in known if name.isascii() or name in listed[0].forenames]
    if not sure:  # free text: words before the surname need not be forenames
        near: list[str] = []
        for name in reversed(known):
            initial = len(name) <= 3 and any(_fit(one, [name]) > 0.5 for one in listed)
            if not initial and not any(name in one.forenames for one in listed):
                break
            near.insert(0, name)
        known = near
    candidates = [one for one in listed if not one.needs_forename or one.forenames & set(known)]
    if not candidates:
        return None
    best = max(candidates, key=lambda one: _fit(one, known))
    return best if _fit(best, known) >= 0 or not known else None


@lru_cache(maxsize=65536)
def composers_in(text: str, *, names_only: bool = True) -> tuple[Composer, ...]:
    """The composers named in a text, in order, each once.

    `names_only` is for fields that hold names (composer, artist): every word beside the surname
    must then suit as a forename. Free text (title, album, folder) may hold other words.
    """
    tokens = _TOKENS.findall(fold(text).lower())
    found: dict[str, Composer] = {}
    for place, token in enumerate(tokens):
        listed = _by_surname().get(token)
        if listed is None or (names_only and set(tokens[place + 1 : place + 2]) & _ENSEMBLES):
            continue
        before: list[str] = []
        for other in reversed(tokens[max(0, place - 6) : place]):
            if not other.isalpha() and other != "-":
                break
            if other.isalpha():
                before.insert(0, other)
        if any(_by_surname().get(word) for word in before):
            # "Bach-Busoni", "Mendelssohn Bartholdy": the words before belong to that surname
            last = max(i for i, word in enumerate(before) if _by_surname().get(word))
            before = before[last + 1 :]
        after: list[str] = []
        if not before and tokens[place + 1 : place + 2] == [","]:
            for other in tokens[place + 2 : place + 8]:
                if not other.isalpha() and other != "-":
                    break
                if other in _by_surname():
                    after = []
                    break
                if other.isalpha():
                    after.append(other)
        inverted = not before and bool(after)
        chosen = _choose(listed, after if inverted else before, names_only)
        if chosen is None and inverted:
            chosen = _choose(listed, [], names_only)
        if chosen is None:
            continue
        if not names_only and token in COMMON_WORDS:
            given = set(before) | set(after)
            label = tokens[place + 1 : place + 2] == [":"] and place == 0
            if not label and not given & chosen.forenames:
                continue
        found.setdefault(chosen.id, chosen)
    return tuple(found.values())


@lru_cache(maxsize=65536)
def only_composer(text: str, *, alone: bool = False) -> Composer | None:
    """The composer of a text that holds nothing but the name of one, with or without years.

    `alone`: a surname counts that is also an ordinary word, "Field" in "Field - Nocturne".
    """
    found = composers_in(text)
    if len(found) != 1:
        return None
    who = found[0]
    given = [word for word in words(fold(text)) if not word.isdigit() and word not in _PARTICLES]
    initials = {name[0] for name in who.forenames}
    forenames = [word for word in given if word not in who.surnames]
    if not all(
        word in who.forenames or (len(word) <= 3 and set(word) <= initials) for word in forenames
    ):
        return None
    ordinary = not forenames and any(word in COMMON_WORDS for word in given)
    return who if alone or not ordinary else None


def unlisted_composer(text: str) -> str:
    """An id for a composer who is not listed: the folded surname."""
    name = re.split(r"[;/&(\[]|\s-\s|\band\b", fold(text))[0]
    name = name.split(",")[0] if "," in name else name
    parts = words(name)
    while parts and (parts[-1].isdigit() or parts[-1] in ("jr", "sr", "ii")):
        parts.pop()
    return parts[-1] if parts else ""
