"""The piece that a recording is of, as far as its title tells, and how a known work makes one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from espr.works.catalogue_numbers import CatalogueNumber
from espr.works.movement_of import (
    MOVEMENT_RULES,
    PIECE_RULES,
    first_answer,
    named_in_repertoire,
    named_part,
    part_of_unlisted,
    several_named,
)
from espr.works.repertoire import Place, Work
from espr.works.title_terms import CYCLIC, FORMS, SILENT, TEMPO
from espr.works.titles import Title

# Sets of preludes and fugues, each pair under one number.
PAIRED_SETS = frozenset({("shostakovich", "op 87")})


@dataclass(frozen=True, slots=True)
class Identity:
    """The piece that a recording is of, as far as its tags tell.

    `work` and `part` make the grouping key with the composer. `tempo` names a movement whose number
    is not known, `words` a part by its name, `number` a piece of the series or set whose catalogue
    number has no "No.".
    """

    composer: str
    work: str
    part: str = ""
    tempo: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    number: int = 0
    sure: bool = False
    arranged: str = ""
    # What a whole library can learn from (`shared_readings.py`):
    others: tuple[CatalogueNumber, ...] = field(default=(), compare=False)
    series: tuple[str, int] = field(default=("", 0), compare=False)  # ("sonata", 5)
    movement_terms: tuple[str, ...] = field(default=(), compare=False)  # tempo and dances
    detail: tuple[str, ...] = field(default=(), compare=False)  # the part's own name
    tail: tuple[str, ...] = field(default=(), compare=False)

    @property
    def key(self) -> str:
        """The grouping key: composer, work, part, arranger."""
        part = self.part or (f"tempo {' '.join(self.tempo)}" if self.tempo else "")
        if self.words and not part:
            part = f"named {' '.join(self.words)}"
        if self.number and not part:
            part = f"#{self.number}"
        arranged = f"arr {self.arranged}" if self.arranged else ""
        return "|".join([self.composer, self.work, part, arranged]).rstrip("|")


def identity_of(title: Title, composer: str, work: str, *, sure: bool) -> Identity:
    """What a title tells of a work that it was found to speak of."""
    dances = tuple(
        t for t in title.terms if t in FORMS and t not in CYCLIC and t not in title.tempo
    )
    return Identity(
        composer,
        work,
        sure=sure,
        arranged="" if title.arranged == composer else title.arranged,
        series=(title.form, title.numbers.series),
        movement_terms=title.tempo + dances,
        detail=tuple(t for t in title.detail if t not in TEMPO and t not in SILENT),
        tail=title.tail,
    )


def in_known_work(title: Title, composer: str, place: Place) -> Identity:
    """The part of a known work that a title speaks of, or the whole."""
    work, part = place
    identity = identity_of(title, composer, work.id, sure=True)
    if work.is_set:
        return _in_set(title, identity, work, part)
    if part:
        return replace(identity, part=work.label(part))
    if work.single:
        return identity
    numbers = title.numbers
    if work.parts and numbers.movement == f"{work.labels[0]}-{work.labels[-1]}":
        return identity  # "I. Allegro - II. Andante - III. Presto"
    if numbers.listed or (
        re.search("[-+]", numbers.movement) and not _beyond(numbers.movement, work)
    ):
        return replace(identity, part=numbers.listed or numbers.movement)
    title = replace(title, numbers=replace(numbers, movement=re.split("[-+]", numbers.movement)[0]))
    number = first_answer(MOVEMENT_RULES, title, work) if work.parts else 0
    if number:
        return replace(identity, part=work.label(number))
    if work.parts and numbers.movement:
        return replace(identity, part=title.numbers.movement + numbers.letter)
    if number := named_in_repertoire(title, work, composer):
        return replace(identity, part=work.label(number))
    last = title.form.rpartition(" ")[2]
    found, tempo = part_of_unlisted(title, False, not last or last in CYCLIC or bool(work.parts))
    found = found or (str(numbers.sub) if numbers.sub and not work.parts else "")
    found = found or (f"book {numbers.book}" if numbers.book else "")
    tempo = tuple(term for term in tempo if term not in work.name_terms)
    return with_words(replace(identity, part=found, tempo=() if found else tempo))


def _beyond(stated: str, work: Work) -> bool:
    """Whether "2-3" is the last movement: "2. Allegretto - 3. Più allegro" of a work of two."""
    first, *_, last = re.split("[-+]", stated)
    return bool(work.parts) and first == work.labels[-1] and last not in work.labels


def _in_set(title: Title, identity: Identity, work: Work, part: int) -> Identity:
    """One spelling for a piece of a set, listed or not: "op 28/4"."""
    composer, numbers = identity.composer, title.numbers
    listed = numbers.listed or (numbers.movement if "-" in numbers.movement else "")
    if not (listed or part or numbers.movement or numbers.sub):
        listed = several_named(title, work)
    if listed and listed != f"1-{len(work.parts)}":
        return replace(identity, work=f"{work.id}/{listed}")
    if work.is_cycle:
        stated = first_answer(PIECE_RULES[1:4], title, work)
        by_number = f"no {stated}" if any(work.part_keys) else str(stated)
        named = named_part(title, work, composer) or (by_number if stated else "")
        found = replace(identity, work=f"{work.id}/{named}" if named else work.id)
        return found if named else with_words(found)
    number = (
        part
        or first_answer(PIECE_RULES[:6], title, work)
        or named_in_repertoire(title, work, composer)
        or first_answer(PIECE_RULES[6:], title, work)
    )
    if not number:
        return identity if listed else with_words(identity)
    paired = (composer, work.id) in PAIRED_SETS
    half = part_of_unlisted(title, True, False)[0] if paired else ""
    return replace(identity, work=f"{work.id}/{number}", part=half)


def with_words(identity: Identity) -> Identity:
    """The identity with the name of its part, where neither number nor tempo tells it."""
    if identity.part or identity.tempo or not identity.detail:
        return identity
    return replace(identity, words=identity.detail)
