"""The known work that a title without a listed catalogue number speaks of.

Its names, its series number and its key are asked in turn. What they propose is refused where the
title contradicts it: another key, number, catalogue number or form. A wrong piece is worse than
none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from espr.works.repertoire import Place, Repertoire, key_of, number_of, repertoire_of
from espr.works.title_terms import FORMS, INSTRUMENTS, SILENT, TEMPO
from espr.works.titles import Title

_SAME_SOUND = {"d flat": "c sharp", "g flat": "f sharp", "a flat": "g sharp", "d sharp": "e flat",
               "a sharp": "b flat", "c flat": "b"}  # fmt: skip


def _sounding(key: str) -> str:
    note, _, mode = key.rpartition(" ")
    return f"{_SAME_SOUND.get(note, note)} {mode}"


def other_key(title: Title, place: Place) -> bool:
    """ "Piano Sonata No. 14 in A flat major" is not the fourteenth, in C sharp minor."""
    key = key_of(place)
    return bool(key and title.key) and _sounding(key) != _sounding(title.key)


def other_number(title: Title, place: Place) -> bool:
    """ "Waltz No. 16 in A flat" is not the ninth, though in its key."""
    number = number_of(place)
    same_form = title.form == place[0].form and place[0].first
    stated = title.numbers.series if same_form else 0
    return bool(title.numbers.listed) or bool(stated and number and stated != number)


def other_catalogue_number(title: Title, place: Place) -> bool:
    """ "S. 140" is not S. 139, whatever its name."""
    stated = {number.system: number for number in title.catalogue}
    own = {name.partition(" ")[0]: name for name in place[0].numbers}
    return any(
        system in own
        and not any(
            name in (number.work, f"{number.work}/{number.sub}")
            or name.startswith(f"{number.work}/")
            for name in place[0].numbers
        )
        for system, number in stated.items()
    )


def other_form(title: Title, place: Place) -> bool:
    """The polonaise "Adieu" is not the waltz of that name."""
    forms = {term for term in title.named if term in FORMS}
    return bool(forms and place[0].form) and not forms & place[0].vocabulary


CONTRADICTIONS: tuple[Callable[[Title, Place], bool], ...] = (other_key, other_catalogue_number)


def _contradicted(title: Title, place: Place, *more: Callable[[Title, Place], bool]) -> bool:
    return any(rule(title, place) for rule in (*CONTRADICTIONS, *more))


def named_place(title: Title, repertoire: Repertoire) -> Place | None:
    """The place that the longest known name in the title stands for; of equals, a part."""
    best: tuple[int, bool, int, Place] | None = None
    for name, place, fills in _names_in(title, repertoire):
        proper = any(term not in FORMS and term not in INSTRUMENTS for term in name)
        more = (other_form,) if proper else (other_number,)
        if not proper and not all(_explained(term, place) for term in title.named):
            continue  # "March" of a title that says more
        if not (fills or (len(name) > 1 and proper)) or _contradicted(title, place, *more):
            continue
        rank = (len(name), bool(place[1]), int(proper))
        if best is None or rank > best[:3]:
            best = (*rank, place)
    return best[3] if best else None


def _names_in(
    title: Title, repertoire: Repertoire
) -> Iterator[tuple[tuple[str, ...], Place, bool]]:
    """Known names, and whether each fills its segment of the title: not "Carnaval" in "Carnaval
    de Vienne"."""
    for segment in title.segments:
        words = _with_book([*segment, str(title.numbers.series or "")], title.numbers.book)
        for name, place in repertoire.named(words):
            others = [term for term in segment if term not in name]
            yield name, place, all(_explained(term, place) for term in others)
    if len(title.segments) > 1:
        words = _with_book([*title.terms, str(title.numbers.series or "")], title.numbers.book)
        for name, place in repertoire.named(words):
            if len(name) > 1:
                yield name, place, False


def _explained(term: str, place: Place) -> bool:
    return (
        term in FORMS
        or term in TEMPO
        or term in INSTRUMENTS
        or term in SILENT
        or term in place[0].vocabulary
        or term.isdigit()
        or len(term) < 3
    )


def _with_book(words: list[str], book: int) -> list[str]:
    for place, word in enumerate(words):
        if book and word in ("prelude", "images", "annees", "pelerinage"):
            return [*words[: place + 1], f"book{book}", *words[place + 1 :]]
    return words


def numbered_place(title: Title, repertoire: Repertoire) -> Place | None:
    """The work of this form and number: "Piano Sonata No. 14"."""
    number = title.numbers.series or title.numbers.sub
    if not title.form or title.numbers.listed:
        return None
    for form in dict.fromkeys((f"{title.form}{title.numbers.book or ''}", title.form)):
        place = repertoire.numbered.get((form, number))
        if place:
            return None if _contradicted(title, place) else place
    return None


def keyed_place(title: Title, repertoire: Repertoire) -> Place | None:
    """The only work of this form in this key: "Barcarolle in F sharp"."""
    if not title.key or not title.form or title.numbers.listed:
        return None
    places = repertoire.in_key.get((title.form, title.key), [])
    if "posth" in title.terms:
        places = repertoire.in_key.get((f"{title.form} posth", title.key), [])
    if len(places) != 1 or _contradicted(title, places[0]):
        return None
    stated = title.numbers.series or title.numbers.sub
    return places[0] if stated in (0, number_of(places[0])) else None


def known_place(title: Title, composer: str) -> Place | None:
    """The work and part that a title speaks of by name, number or key, if it is known."""
    repertoire = repertoire_of(composer)
    if not repertoire.works:
        return None
    named = named_place(title, repertoire)
    series = numbered_place(title, repertoire)
    if named and (named[1] or (series and series[0] is not named[0])):
        return named
    return series or named or keyed_place(title, repertoire)
