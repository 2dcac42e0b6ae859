"""Which part of a work a title speaks of: a movement, a dance, a variation, half of a pair."""

from __future__ import annotations

from espr.works.repertoire import Part, Work, best_part
from espr.works.title_terms import CYCLIC, FORMS, TEMPO_MODIFIERS, terms
from espr.works.titles import Title


def part_of(title: Title, paired: bool, cyclic: bool, suite: bool) -> tuple[str, tuple[str, ...]]:
    """The part within a work that is not in the tables: its name or number, else its tempo."""
    numbers = title.numbers
    if numbers.dance:
        head, _, count = numbers.dance.rpartition(" ")
        return f"{terms(head)[0] if terms(head) else head} {count}", ()
    if paired or title.pair:
        if title.half:
            return title.half, ()
        if numbers.movement in ("1", "2"):
            return ("prelude" if numbers.movement == "1" else "fugue"), ()
        return "", ()
    if suite:
        dances = [term for term in title.terms if term in FORMS and term not in CYCLIC]
        if dances:
            return dances[-1], ()
    if "aria" in title.terms and "variations" in title.terms:
        return "aria da capo" if "capo" in title.terms else "aria", ()
    if numbers.movement:
        return numbers.movement, ()
    if cyclic:
        work = title.form.split()
        dances = [t for t in title.terms if t in FORMS and t not in CYCLIC and t not in work]
        tempo = title.tempo + tuple(term for term in dances if term not in title.tempo)
        return "", tempo if set(tempo) - TEMPO_MODIFIERS else ()
    return "", ()


def named_part(title: Title, work: Work) -> str:
    """The part of a cycle whose numbers differ by edition: its name decides."""
    number, _ = best_part(numbered_parts(work.parts), title.terms + terms(title.numbers.dance))
    if not number:
        return ""
    count = title.numbers.dance.rpartition(" ")[2] or title.numbers.movement
    repeated = work.parts[number - 1] == (frozenset({"promenade"}),) and count not in (
        "",
        "1",
    )
    return f"{number}.{count}" if repeated else str(number)


def numbered_parts(
    parts: tuple[Part, ...],
) -> dict[int, Part]:
    """The parts of a work by their numbers, from 1."""
    return dict(enumerate(parts, 1))
