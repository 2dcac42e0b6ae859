"""Known works: which numbers, keys, nicknames and movement titles name the same piece.

`repertoire.txt` lists them by composer. "Moonlight", "Sonata No. 14" and "Op. 27 No. 2" are one
work there, "Presto agitato" its third movement, "Raindrop" the 15th piece of Op. 28.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from espr.folding import fold
from espr.works.musical_keys import find_key
from espr.works.title_terms import form_of, terms

Part = tuple[frozenset[str], ...]  # a movement or a piece of a set: the terms of each of its names

# A tempo alone must agree this well (shared terms / all terms) with one movement, and with it only.
ENOUGH_SHARED = 0.34

_SERIES = re.compile(r"(.*?) ?(?:book(\d) )?(\d+)?( posth)?")


@dataclass(frozen=True, slots=True)
class Work:
    """A work with movements, a single piece, or a set of pieces that stand alone."""

    id: str
    is_set: bool
    parts: tuple[Part, ...]
    part_keys: tuple[str, ...]
    single: bool
    named: bool = False

    def numbered(self, key: str) -> int:
        """The number of the only piece in this key, or 0."""
        numbers = [place for place, name in enumerate(self.part_keys, 1) if name == key]
        return numbers[0] if key and len(numbers) == 1 else 0


Place = tuple[Work, int]  # a work and the number of a part of it, 0 for the whole


@dataclass(slots=True)
class Repertoire:
    """The known works of one composer, by everything that names them."""

    works: dict[str, Work] = field(default_factory=dict)
    numbered: dict[tuple[str, int], Place] = field(default_factory=dict)
    in_key: dict[tuple[str, str], list[Place]] = field(default_factory=lambda: defaultdict(list))
    names: dict[tuple[str, ...], Place] = field(default_factory=dict)
    longest: int = 0

    def name(self, text: str, place: Place) -> tuple[str, ...]:
        """Let a name stand for a place; the first to claim it keeps it."""
        found = terms(fold(text))
        if found:
            self.names.setdefault(found, place)
            self.longest = max(self.longest, len(found))
        return found

    def named(self, found: Sequence[str]) -> Place | None:
        """The place that the longest known name among these terms stands for."""
        for length in range(min(self.longest, len(found)), 0, -1):
            for start in range(len(found) - length + 1):
                place = self.names.get(tuple(found[start : start + length]))
                if place is not None:
                    return place
        return None

    def catalogued(self, number: str, sub: str) -> Place | None:
        """The place of a catalogue number "op 27" with its number in the set, if any."""
        if sub and (work := self.works.get(f"{number}/{sub}")):
            return work, 0
        if work := self.works.get(number):
            return work, int(sub) if sub.isdigit() else 0
        return None


def best_part(
    parts: Mapping[int, Sequence[frozenset[str]]], found: Sequence[str]
) -> tuple[int, float]:
    """The number of the one part whose name shares most terms with a title, and how much.

    The measure is that of Jaccard, over the terms that any of the parts' names holds. Two parts
    alike give 0.
    """
    vocabulary = {term for names in parts.values() for name in names for term in name}
    given = vocabulary & set(found)
    if not given:
        return 0, 0.0
    scores = sorted(
        (
            max((len(given & name) / len(given | name) for name in names), default=0.0),
            number,
        )
        for number, names in parts.items()
    )
    best, number = scores[-1]
    tied = len(scores) > 1 and scores[-2][0] == best
    return (0, 0.0) if tied or best < ENOUGH_SHARED else (number, best)


def _read_series(
    repertoire: Repertoire,
    work: Work,
    series: re.Match[str],
    keys: Sequence[tuple[str, bool]],
) -> None:
    form, book, first = form_of(terms(series[1])), series[2] or "", int(series[3] or 0)
    for offset, (key, shared) in enumerate(keys):
        place = (work, offset + 1 if work.is_set else 0)
        if form and first:
            repertoire.numbered[form + book, first + offset] = place
        if form and key:
            repertoire.in_key[form, key] += [place, place] if shared else [place]
            if series[4]:
                repertoire.in_key[f"{form} posth", key].append(place)


def _read_line(
    repertoire: Repertoire, line: str, anywhere: dict[tuple[str, ...], str], who: str
) -> None:
    head, series, key, names, parts_text = (part.strip() for part in line.split("|"))
    kind, _, identities = head.partition(" ")
    identity, *others = (part.strip() for part in identities.split("="))
    texts = [part.strip() for part in parts_text.split(";")] if parts_text not in ("", "?") else []
    part_keys = []
    parts = []
    for text in texts:
        aliases = [alias.lstrip("~*").strip() for alias in text.split("/")]
        part_keys.append(find_key(aliases[0])[0])
        names_of_part = (frozenset(terms(find_key(alias)[1])) for alias in aliases)
        parts.append(tuple(name for name in names_of_part if name))
    is_set = kind in ("set", "cycle")
    work = Work(
        identity,
        is_set,
        tuple(parts),
        tuple(part_keys),
        parts_text == "",
        kind == "cycle",
    )
    for name in (identity, *others):
        repertoire.works[name] = work
    if match := _SERIES.fullmatch(series):
        keys = part_keys if is_set else [key]
        # "~" keeps a key from naming a piece where another of the composer's shares it
        shared = [text.startswith("~") for text in texts] if is_set else [False]
        _read_series(repertoire, work, match, list(zip(keys, shared, strict=True)))
    for name in filter(None, (part.strip() for part in names.split(","))):
        found = repertoire.name(name.lstrip("!"), (work, 0))
        if name.startswith("!"):
            anywhere[found] = who
    for place, text in enumerate(texts, 1):
        for alias in map(str.strip, text.split("/")):
            standalone = alias.startswith("*") or (work.is_set and not alias.startswith("~"))
            bare = alias.lstrip("~*").strip()
            if standalone and bare and not find_key(bare)[0]:
                repertoire.name(bare, (work, place))


@cache
def _read() -> tuple[dict[str, Repertoire], dict[tuple[str, ...], str]]:
    text = files("espr.works").joinpath("repertoire.txt").read_text(encoding="utf-8")
    by_composer: dict[str, Repertoire] = defaultdict(Repertoire)
    anywhere: dict[tuple[str, ...], str] = {}
    who = ""
    for line in text.splitlines():
        if line.startswith("["):
            who = line.strip("[]")
        elif line.strip() and not line.startswith("#"):
            _read_line(by_composer[who], line, anywhere, who)
    return dict(by_composer), anywhere


_NOTHING = Repertoire()


def repertoire_of(composer: str) -> Repertoire:
    """The known works of a composer's id; an empty repertoire for the others."""
    return _read()[0].get(composer, _NOTHING)


def composer_of_name(found: Sequence[str]) -> str:
    """The composer whom a work's famous name gives away ("Moonlight Sonata"), or ""."""
    anywhere = _read()[1]
    for length in range(min(6, len(found)), 0, -1):
        for start in range(len(found) - length + 1):
            if who := anywhere.get(tuple(found[start : start + length])):
                return who
    return ""
