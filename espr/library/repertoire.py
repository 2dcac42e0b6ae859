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

from espr.library.folding import fold
from espr.library.keys import find_key
from espr.library.musical_terms import form_of, terms

Part = tuple[frozenset[str], ...]  # a movement or a piece of a set: the terms of each of its names

# A tempo alone must agree this well (shared terms / all terms) with one movement, and with it only.
ENOUGH_SHARED = 0.34


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
        (max((len(given & name) / len(given | name) for name in names), default=0.0), number)
        for number, names in parts.items()
    )
    best, number = scores[-1]
    tied = len(scores) > 1 and scores[-2][0] == best
    return (0, 0.0) if tied or best < ENOUGH_SHARED else (number, best)


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
    work = Work(identity, is_set, tuple(parts), tuple(part_keys), parts_text == "", kind == "cycle")
    for name in (identity, *others):
        repertoire.works[name] = work
    if match := re.fullmatch(r"(.*?) ?(?:book(\d) )?(\d+)?", series):
        form, book = form_of(terms(match[1])), match[2] or ""
        if form:
            first = int(match[3] or 0)
            for place in range(len(parts) if work.is_set else 1):
                if first:
                    number = first + place
                    repertoire.numbered[form + book, number] = (
                        work,
                        place + 1 if work.is_set else 0,
                    )
                part_key = part_keys[place] if work.is_set else key
                # "~" keeps a key from naming a piece where another of the composer's shares it
                if part_key and not (work.is_set and texts[place].startswith("~")):
                    repertoire.in_key[form, part_key].append(
                        (work, place + 1 if work.is_set else 0)
                    )
                elif part_key:
                    repertoire.in_key[form, part_key] += [(work, place + 1)] * 2
    for name in filter(None, (part.strip() for part in names.split(","))):
        found = repertoire.name(name.lstrip("!"), (work, 0))
        if name.startswith("!"):
            anywhere[found] = who
    for place, text in enumerate(texts, 1):
        standalone = work.is_set and not text.startswith("~")
        for alias in text.split("/"):
            bare = alias.lstrip("~*").strip()
            if (standalone or alias.startswith("*")) and not find_key(bare)[0] and bare:
                repertoire.name(bare, (work, place))


@cache
def _read() -> tuple[dict[str, Repertoire], dict[tuple[str, ...], str]]:
    text = files("espr.library").joinpath("repertoire.txt").read_text(encoding="utf-8")
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
