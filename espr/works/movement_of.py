"""Which part of a work a title speaks of: a piece of a set, a movement, a dance, half of a pair.

The rules for listed parts take a `Title` and a `Work` and give the number of a part, counted from
1; None passes the question on, and the first rule that answers wins. Works whose parts are not
listed have `part_of_unlisted`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from espr.works.repertoire import Part, Work, best_part, repertoire_of
from espr.works.title_terms import CYCLIC, FORMS, SUITES, TEMPO, TEMPO_MODIFIERS, terms
from espr.works.titles import Title

Rule = Callable[[Title, Work], int | None]


def numbered_parts(parts: tuple[Part, ...]) -> Mapping[int, Part]:
    """The parts of a work by their numbers, from 1."""
    return dict(enumerate(parts, 1))


def _stated(title: Title) -> int:
    return int(title.numbers.movement) if title.numbers.movement.isdigit() else 0


def _given(title: Title) -> list[str]:
    """The terms of a title without its form, which names the work and no movement."""
    return [term for term in title.terms if term != (title.form.split() or [""])[-1]]


def named_in_full(title: Title, work: Work) -> int | None:
    """ "V. Traumes Wirren" is the seventh piece: a name of its own decides against a number."""
    number, score = best_part(numbered_parts(work.parts), title.tail)
    telling = any(term not in TEMPO and term not in FORMS for term in title.tail)
    return number if score == 1 and telling else None


def numbered_in_catalogue(title: Title, work: Work) -> int | None:
    """ "Op. 28 No. 4"."""
    numbers = (int(number.sub) for number in title.catalogue if number.sub.isdigit())
    return next(numbers, 0) or None


def numbered_in_set(title: Title, work: Work) -> int | None:
    """ "24 Préludes, Op. 28: No. 4"."""
    return title.numbers.sub or None


def numbered_as_movement(title: Title, work: Work) -> int | None:
    """ "Kinderszenen: VII."."""
    return _stated(title) or None


def in_the_only_key(title: Title, work: Work) -> int | None:
    """ "Op. 28 in E minor"."""
    return work.in_key(title.key) or None


def numbered_in_series(title: Title, work: Work) -> int | None:
    """ "Nocturne No. 2, Op. 9": the second of all nocturnes is the second of the first set."""
    number = title.numbers.series
    if number and work.first and title.form == work.form and work.first <= number:
        place = number - work.first + 1
        return place if place <= len(work.parts) else None
    return None


def numbered_before_catalogue(title: Title, work: Work) -> int | None:
    """ "Lyric Pieces No. 3, Op. 12"."""
    number = title.numbers.series
    return number if 0 < number <= max(1, len(work.parts)) else None


def named_alike(title: Title, work: Work) -> int | None:
    """ "Op. 12: Watchman's Song": the part that shares most terms with the title, and only it."""
    parts = numbered_parts(work.parts)
    given = [term for term in _given(title) if term not in work.name_terms]
    by_all, by_tail = best_part(parts, given), best_part(parts, title.tail)
    best = by_tail if title.detail and by_tail[1] > by_all[1] < 0.5 else by_all
    return best[0] or None


PIECE_RULES: tuple[Rule, ...] = (
    named_in_full,
    numbered_in_catalogue,
    numbered_in_set,
    numbered_as_movement,
    in_the_only_key,
    numbered_in_series,
    numbered_before_catalogue,
    named_alike,
)


def named_within_number(title: Title, work: Work) -> int | None:
    """ "III. Fuga" of Op. 110: editions count two movements as one, and their names decide."""
    stated = _stated(title)
    same = {
        number: part
        for number, part in numbered_parts(work.parts).items()
        if stated and work.label(number).rstrip("abc") == str(stated)
    }
    if len(same) < 2:
        return None
    letter = f"{stated}{title.numbers.letter}"
    if title.numbers.letter and letter in work.labels:
        return work.labels.index(letter) + 1
    return best_part(same, _given(title))[0] or None


def named_against_number(title: Title, work: Work) -> int | None:
    """The name decides where a track number stands for a movement's: "7. Presto agitato"."""
    parts = numbered_parts(work.parts)
    stated = str(_stated(title))
    own = parts[work.labels.index(stated) + 1] if stated in work.labels else ()
    if own and any(name & set(_given(title)) for name in own):
        return None
    # "Fugue" of "Variations and Fugue" is no movement, that of "Variations and Fugue: Fugue" is
    of_work = work.name_terms if title.tail == title.plain else frozenset()
    for given in (title.tail, _given(title)):
        number, score = best_part(parts, [term for term in given if term not in of_work])
        if score:
            return number if score == 1 else None
    return None


def numbered_movement(title: Title, work: Work) -> int | None:
    """ "III. Presto agitato"."""
    stated = str(_stated(title) or title.numbers.sub)
    return work.labels.index(stated) + 1 if stated in work.labels else None


def named_movement(title: Title, work: Work) -> int | None:
    """ "Moonlight Sonata: Presto agitato", where no number is stated."""
    return None if title.numbers.movement else named_alike(title, work)


MOVEMENT_RULES: tuple[Rule, ...] = (
    named_within_number,
    named_against_number,
    numbered_movement,
    named_movement,
)


def first_answer(rules: tuple[Rule, ...], title: Title, work: Work) -> int:
    """What the first rule that answers says, 0 where none does."""
    return next((number for rule in rules if (number := rule(title, work))), 0)


def named_part(title: Title, work: Work, composer: str) -> str:
    """The part of a cycle whose numbers differ by edition: its key or its name decides."""
    if number := work.in_key(title.key):
        return str(number)
    found = title.tail + terms(title.numbers.dance)
    number, _ = best_part(numbered_parts(work.parts), found)
    number = number or best_part(numbered_parts(work.parts), title.terms + found)[0]
    number = number or named_in_repertoire(title, work, composer)
    if not number:
        return ""
    count = title.numbers.dance.rpartition(" ")[2] or title.numbers.movement
    repeated = work.parts[number - 1] == (frozenset({"promenade"}),) and count not in ("", "1")
    return f"{number}.{count}" if repeated else str(number)


def several_named(title: Title, work: Work) -> str:
    """ "5-6" of "Eusebius-Florestan": a title that names several parts in full, "" otherwise."""
    given = set(title.detail)
    named = [
        number
        for number, names in enumerate(work.parts, 1)
        if any(name <= given and not name <= TEMPO | FORMS for name in names)
    ]
    return f"{named[0]}-{named[-1]}" if len(named) > 1 else ""


def named_in_repertoire(title: Title, work: Work, composer: str) -> int:
    """The part of a work that a name in the repertoire stands for, 0 where there is none."""
    for _, (named, part) in repertoire_of(composer).named(title.terms):
        if named is work and part:
            return part
    return 0


def part_of_unlisted(title: Title, paired: bool, cyclic: bool) -> tuple[str, tuple[str, ...]]:
    """The part within a work whose parts are not listed: its name or number, else its tempo."""
    numbers = title.numbers
    last = title.form.rpartition(" ")[2]
    if numbers.dance:
        head, _, count = numbers.dance.rpartition(" ")
        return f"{terms(head)[0] if terms(head) else head} {count}", ()
    if paired or title.pair:
        return _half(title), ()
    if numbers.listed or "-" in numbers.movement:
        return numbers.listed or numbers.movement, ()
    if last in SUITES:
        dances = [term for term in title.terms if term in FORMS and term not in CYCLIC]
        if dances:
            return dances[-1], ()
    if "aria" in title.terms and "variations" in title.terms:
        return "aria da capo" if "capo" in title.terms else "aria", ()
    if numbers.movement:
        return numbers.movement + numbers.letter, ()
    if cyclic:
        work = title.form.split()
        dances = [t for t in title.terms if t in FORMS and t not in CYCLIC and t not in work]
        tempo = title.tempo + tuple(term for term in dances if term not in title.tempo)
        if set(tempo) - TEMPO_MODIFIERS:
            return "", tempo
    return "", ()


def _half(title: Title) -> str:
    """ "prelude" or "fugue" of a pair; a toccata or fantasia before a fugue is its prelude."""
    if title.half:
        return "fugue" if title.half == "fugue" else "prelude"
    return {"1": "prelude", "2": "fugue"}.get(title.numbers.movement, "")
