"""Known works: which numbers, keys, nicknames and movement titles name the same piece.

`repertoire.txt` lists them by composer. "Moonlight", "Sonata No. 14" and "Op. 27 No. 2" are one
work there, "Presto agitato" its third movement, "Raindrop" the 15th piece of Op. 28.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from espr.folding import fold
from espr.works.musical_keys import find_key
from espr.works.title_terms import KINDS, form_of, terms

Part = tuple[frozenset[str], ...]  # a movement or a piece of a set: the terms of each of its names

# A tempo alone must agree this well (shared terms / all terms) with one movement, and with it only.
ENOUGH_SHARED = 0.34

_SERIES = re.compile(r"(.*?) ?(?:book(\d) )?(\d+)?( posth)?")


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """A work with movements, a single piece, or a set of pieces that stand alone.

    Attributes
    ----------
    is_cycle : bool
        A set whose pieces are numbered differently by edition.
    numbers : frozenset of str
        All catalogue numbers that mean it: "op 27/2".
    form, first : str, int
        Its series, and its number there; of a set, that of the first piece. "" and 0: unknown.
    key : str
        Of a work that is no set.
    labels : tuple of str
        What the key of each part is: its number, or as the table says, "3a".
    single : bool
        It has no parts.
    name_terms, vocabulary : frozenset of str
        The terms of its names; these, and those of its form and its parts' names.
    """

    id: str
    is_set: bool
    is_cycle: bool
    numbers: frozenset[str]
    form: str
    first: int
    key: str
    parts: tuple[Part, ...]
    labels: tuple[str, ...]
    part_keys: tuple[str, ...]
    single: bool
    name_terms: frozenset[str]
    vocabulary: frozenset[str]

    def in_key(self, key: str) -> int:
        """The number of the only piece in this key, or 0."""
        numbers = [place for place, name in enumerate(self.part_keys, 1) if name == key]
        return numbers[0] if key and len(numbers) == 1 else 0

    def label(self, number: int) -> str:
        """What a part is called in keys: its number, for most."""
        return self.labels[number - 1] if 0 < number <= len(self.labels) else str(number)


Place = tuple[Work, int]  # a work and the number of a part of it, 0 for the whole


def key_of(place: Place) -> str:
    """The key of a work or of a piece of a set, as far as it is known."""
    work, part = place
    if not work.is_set:
        return work.key
    return work.part_keys[part - 1] if 0 < part <= len(work.part_keys) else ""


def number_of(place: Place) -> int:
    """The number in its composer's series of works of this form, 0 where it is not known."""
    work, part = place
    if not work.is_set or not work.first:
        return work.first
    return work.first + part - 1 if part else 0


@dataclass(slots=True)
class Repertoire:
    """The known works of one composer, by everything that names them."""

    works: dict[str, list[Work]] = field(default_factory=lambda: defaultdict(list))
    numbered: dict[tuple[str, int], Place] = field(default_factory=dict)
    in_key: dict[tuple[str, str], list[Place]] = field(default_factory=lambda: defaultdict(list))
    names: dict[tuple[str, ...], Place] = field(default_factory=dict)
    longest: int = 0

    def name(self, text: str, place: Place) -> None:
        """Let a name stand for a place; the first to claim it keeps it."""
        if found := terms(fold(text)):
            self.names.setdefault(found, place)
            self.longest = max(self.longest, len(found))

    def named(self, found: Sequence[str]) -> Iterator[tuple[tuple[str, ...], Place]]:
        """The known names among these terms and what they stand for, the longest first."""
        for length in range(min(self.longest, len(found)), 0, -1):
            for start in range(len(found) - length + 1):
                name = tuple(found[start : start + length])
                if place := self.names.get(name):
                    yield name, place

    def catalogued(self, number: str, sub: str, words: Collection[str]) -> Place | None:
        """The place of a catalogue number "op 27" with its number in the set, if any.

        Where two works share a number (Tchaikovsky's Op. 37), the words of the title decide.
        """
        for name, part in ((f"{number}/{sub}", 0), (number, int(sub) if sub.isdigit() else 0)):
            if works := self.works.get(name):
                return max(works, key=lambda work: len(work.vocabulary & set(words))), part
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


_PART = re.compile(r"(?:(\d+[a-z]?)=)?(.*)")


def _read_part(text: str, number: int) -> tuple[str, str, Part]:
    """The label, the key and the names of one part of a line: "3a=adagio/recitativo"."""
    match = _PART.fullmatch(text)
    label, names = (match[1], match[2]) if match else (None, text)
    aliases = [alias.lstrip("~*!").strip() for alias in names.split("/")]
    found = (frozenset(terms(find_key(alias)[1])) for alias in aliases)
    return label or str(number), find_key(aliases[0])[0], tuple(name for name in found if name)


def _read_line(repertoire: Repertoire, line: str) -> None:
    head, series, key, names, parts_text = (part.strip() for part in line.split("|"))
    kind, _, identities = head.partition(" ")
    identity, *others = (part.strip() for part in identities.split("="))
    texts = [part.strip() for part in parts_text.split(";")] if parts_text not in ("", "?") else []
    read = [_read_part(text, number) for number, text in enumerate(texts, 1)]
    is_set = kind in ("set", "cycle")
    match = _SERIES.fullmatch(series)
    form = form_of(terms(match[1])) if match else ""
    spelt = [name.strip().lstrip("!") for name in names.split(",")]
    name_terms = frozenset(term for text in spelt for term in terms(fold(text)))
    known = name_terms | {term for _, _, part in read for name in part for term in name}
    known |= set(terms(series))
    work = Work(
        identity,
        is_set,
        kind == "cycle",
        frozenset((identity, *others)),
        form,
        int(match[3] or 0) if match else 0,
        "" if is_set else key,
        tuple(part for _, _, part in read),
        tuple(label for label, _, _ in read),
        tuple(part_key for _, part_key, _ in read),
        parts_text == "",
        name_terms,
        known | {KINDS[term] for term in known if term in KINDS},
    )
    for name in (identity, *others):
        repertoire.works[name].append(work)
    if match:
        # "~" keeps a key from naming a piece where another of the composer's shares it
        shared = [text.startswith("~") for text in texts] if is_set else [False]
        keys = work.part_keys if is_set else (key,)
        _read_series(repertoire, work, match, list(zip(keys, shared, strict=True)))
    for name in filter(None, (part.strip() for part in names.split(","))):
        repertoire.name(name.lstrip("!"), (work, 0))
    for place, text in enumerate(texts, 1):
        for alias in map(str.strip, text.split("=")[-1].split("/")):
            standalone = alias.startswith(("*", "!")) or (is_set and not alias.startswith("~"))
            bare = alias.lstrip("~*!").strip()
            if standalone and bare and not find_key(bare)[0]:
                repertoire.name(bare, (work, place))


@cache
def _lines() -> dict[str, list[str]]:
    """The lines of the table by the id of their composer."""
    text = files("espr.works").joinpath("repertoire.txt").read_text(encoding="utf-8")
    by_composer: dict[str, list[str]] = defaultdict(list)
    who = ""
    for line in text.splitlines():
        if line.startswith("["):
            who = line.strip("[]")
        elif line.strip() and not line.startswith("#"):
            by_composer[who].append(line)
    return dict(by_composer)


_NOTHING = Repertoire()


def repertoire_of(composer: str) -> Repertoire:
    """The known works of a composer's id; an empty repertoire for the others."""
    return _read(composer) if composer in _lines() else _NOTHING


@cache
def _read(composer: str) -> Repertoire:
    """One composer's works: one new recording needs no others."""
    repertoire = Repertoire()
    for line in _lines()[composer]:
        _read_line(repertoire, line)
    return repertoire


@cache
def _famous_names() -> dict[tuple[str, ...], str]:
    """The names that the table marks with "!" → the composer."""
    return {
        terms(fold(name[1:])): who
        for who, lines in _lines().items()
        for line in lines
        for name in re.findall(r"![^,;|/=]+", line)
    }


def composer_of_name(found: Sequence[str]) -> str:
    """The composer whom a work's famous name gives away ("Moonlight Sonata"), or ""."""
    famous = _famous_names()
    for length in range(min(6, len(found)), 0, -1):
        for start in range(len(found) - length + 1):
            if who := famous.get(tuple(found[start : start + length])):
                return who
    return ""
