"""What the titles of a whole library tell about one another.

One label writes "K. 141, L. 422", another "L. 422" alone; one "III. Presto", another "Presto".
Where the library holds exactly one reading, the shorter title is understood by the longer; where
it holds two, nothing is joined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from espr.works.identity import Identity
from espr.works.repertoire import best_part
from espr.works.title_terms import FORMS, TEMPO

# A tempo must agree this well with that of the one numbered movement it is taken for.
SAME_TEMPO = 0.6


class SharedReadings:
    """The readings that all identities of a library give, to complete each by."""

    def __init__(self, identities: Iterable[Identity]) -> None:
        self._mains: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        self._numbers: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._tempi: dict[tuple[str, str], dict[int, set[frozenset[str]]]] = defaultdict(dict)
        self._named: dict[tuple[str, tuple[str, ...]], set[Identity]] = defaultdict(set)
        self._series: dict[tuple[str, str, int], set[tuple[str, bool]]] = defaultdict(set)
        for identity in identities:
            self._learn_catalogue(identity)
            self._learn_movement(identity)
            self._learn_name(identity)

    def _learn_catalogue(self, identity: Identity) -> None:
        work, _, sub = identity.work.partition("/")
        for other in identity.others:
            if other.sub:
                self._mains[identity.composer, f"{other.work}/{other.sub}"].add((identity.work, ""))
            else:
                self._mains[identity.composer, other.work].add((work, "keep"))
        if identity.sure and (sub or identity.number):
            self._numbers[identity.composer, work].add(sub or f"#{identity.number}")

    def _learn_movement(self, identity: Identity) -> None:
        if identity.part.isdigit() and identity.movement_terms:
            known = self._tempi[identity.composer, identity.work]
            known.setdefault(int(identity.part), set()).add(frozenset(identity.movement_terms))

    def _learn_name(self, identity: Identity) -> None:
        if _teaches_name(identity):
            self._named[identity.composer, identity.tail].add(replace(identity, arranged=""))
        if _teaches_series(identity):
            known = self._series[identity.composer, *identity.series]
            known.add((identity.work, identity.sure))

    def complete(self, identity: Identity) -> Identity:
        """The identity by the library's one reading of it, or as it is."""
        identity = self._by_name(identity)
        identity = self._by_catalogue(identity)
        if identity.tempo and not identity.part:
            known = self._tempi.get((identity.composer, identity.work), {})
            parts = {number: tuple(names) for number, names in known.items()}
            number, score = best_part(parts, identity.tempo)
            if number and score >= SAME_TEMPO:
                identity = replace(identity, part=str(number), tempo=())
        return identity

    def _by_name(self, identity: Identity) -> Identity:
        if _asks_name(identity):
            meant = self._named.get((identity.composer, tuple(identity.work.split())), set())
            if len(meant) == 1:
                return replace(next(iter(meant)), arranged=identity.arranged)
        if _asks_series(identity):
            works = self._series.get((identity.composer, *identity.series), set())
            if len({work for work, _ in works}) == 1:
                work, sure = next(iter(works))
                return replace(identity, work=work, sure=sure)
        return identity

    def _by_catalogue(self, identity: Identity) -> Identity:
        work, _, sub = identity.work.partition("/")
        for name, rest in ((identity.work, ""), (work, sub)):
            mains = self._mains.get((identity.composer, name), set())
            if identity.sure and len(mains) == 1:
                main, keep = next(iter(mains))
                if keep or not rest:
                    return replace(identity, work=f"{main}/{rest}" if rest else main)
        if identity.number:
            numbers = self._numbers[identity.composer, work]
            is_set = any(not number.startswith("#") for number in numbers) or len(numbers) > 1
            work = f"{work}/{identity.number}" if is_set else work
            return replace(identity, work=work, number=0)
        return identity


def _teaches_name(identity: Identity) -> bool:
    # "Pièces de clavecin: Les Baricades" teaches what "Les Baricades" alone is, too.
    longer = identity.work != " ".join(identity.tail) and not identity.series[1]
    return telling(identity.tail) and (identity.sure or longer)


def _asks_name(identity: Identity) -> bool:
    return not (identity.sure or identity.part or identity.tempo)


def _teaches_series(identity: Identity) -> bool:
    # A weak identity tells a series only where it holds the key besides.
    return all(identity.series) and (identity.sure or not _is_series(identity))


def _asks_series(identity: Identity) -> bool:
    return not identity.sure and _is_series(identity)


def _is_series(identity: Identity) -> bool:
    form, number = identity.series
    return identity.work == f"{form} {number}"


def topics(identity: Identity) -> Iterator[tuple[str, bool, bool]]:
    """What an identity teaches of its composer's works, and asks: (topic, teaches, asks).

    An identity is completed alike in any library that teaches the same of its topics, and of those
    of the identities that teach them. All that ends in one key shares a topic of a work.
    """
    works = {identity.work, *(other.work for other in identity.others)}
    for work in {work.partition("/")[0] for work in works}:
        yield f"work|{identity.composer}|{work}", True, True
    if _teaches_name(identity):
        yield f"name|{identity.composer}|{' '.join(identity.tail)}", True, False
    if _asks_name(identity):
        yield f"name|{identity.composer}|{' '.join(identity.work.split())}", False, True
    form, number = identity.series
    teaches, asks = _teaches_series(identity), _asks_series(identity)
    if teaches or asks:
        yield f"series|{identity.composer}|{form} {number}", teaches, asks


def telling(name: tuple[str, ...]) -> bool:
    """Whether these terms can name a piece by themselves: not a form, a tempo or a short word."""
    content = [term for term in name if term not in FORMS and term not in TEMPO]
    return len(content) > 1 or any(len(term) >= 5 and term.isalpha() for term in content)
