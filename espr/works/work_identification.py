"""Which piece a title speaks of, with the known works of `repertoire.py`.

`IDENTIFICATIONS` are asked in order; the first that answers decides. An identity is *sure* where a
catalogue number or a known name gives the work, else it rests on form, number, key and words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from espr.works.identity import PAIRED_SETS, Identity, identity_of, in_known_work, with_words
from espr.works.known_works import known_place
from espr.works.movement_of import part_of_unlisted
from espr.works.repertoire import Place, Work, repertoire_of
from espr.works.title_terms import CYCLIC, FORMS, INSTRUMENTS, TEMPO
from espr.works.titles import Title, read_title

# The keys of the Well-Tempered Clavier in order; sharps and flats that sound alike are one.
_CHROMATIC = (
    *("c", "c sharp", "d", "e flat", "e", "f", "f sharp", "g", "g sharp", "a", "b flat", "b"),
)
_ALIKE = {"d flat": "c sharp", "d sharp": "e flat", "g flat": "f sharp", "a flat": "g sharp"}
_INVENTIONS = {"invention": 771, "sinfonia": 786}  # BWV 772-786 and 787-801
_SERIES = ((846, 24), (870, 24), (772, 15), (787, 15))  # first BWV number, length
# Preludes (toccatas, fantasias) and fugues under one number: those for organ, BWV 531-566, and the
# Well-Tempered Clavier.
_PAIRS = {"bach": frozenset(range(531, 567)) | frozenset(range(846, 894))}
# Their catalogue numbers differ by edition: a known name comes first.
_NAMES_FIRST = frozenset({"debussy", "satie"})
# They wrote many sonatas in every key: form and key alone name none of them.
_MANY_IN_A_KEY = frozenset({"scarlatti", "scarlatti-a", "soler", "cimarosa", "galuppi"})


def _bach_number(title: Title) -> str:
    book, number = title.numbers.book, title.numbers.series or title.numbers.sub
    if title.form in _INVENTIONS and 1 <= number <= 15 and title.terms[0] != "suite":
        return f"bwv {_INVENTIONS[title.form] + number}"
    if book not in (1, 2) or not ("welltempered" in title.terms or (title.pair and title.key)):
        return ""
    if not number and title.key:
        note, _, mode = title.key.rpartition(" ")
        note = _ALIKE.get(note, note)
        number = (
            2 * _CHROMATIC.index(note) + (1 if mode == "major" else 2) if note in _CHROMATIC else 0
        )
    return f"bwv {(845 if book == 1 else 869) + number}" if 1 <= number <= 24 else ""


def by_bach_number(title: Title, composer: str) -> Identity | None:
    """ "WTC I: Prelude No. 1", "Invention No. 4": numbers that stand for a BWV number."""
    if composer != "bach" or title.catalogue or not (number := _bach_number(title)):
        return None
    found, _ = part_of_unlisted(title, title.form not in _INVENTIONS, False)
    return replace(identity_of(title, composer, number, sure=True), part=found)


def by_listed_number(title: Title, composer: str) -> Identity | None:
    """A catalogue number that the repertoire holds, or a name where those come first."""
    names_first = composer in _NAMES_FIRST or not _is_usual(title, composer)
    if names_first and (place := known_place(title, composer)):
        return in_known_work(title, composer, place)
    for number in title.catalogue:
        sub = number.sub or next((other.sub for other in title.catalogue if other.sub), "")
        sub = sub or (str(title.numbers.sub) if title.numbers.sub else "")
        place = repertoire_of(composer).catalogued(number.work, sub, title.terms)
        if place is None:
            continue
        work, part = place
        if not work.is_set and not (number.sub and _counts_movements(title, work, part)):
            part = 0  # the "No." belongs to the series, or to another catalogue's set
        return in_known_work(title, composer, (work, part))
    return None


def _is_usual(title: Title, composer: str) -> bool:
    """Whether the main catalogue number is of the composer's own catalogue, or an opus."""
    return not title.catalogue or not title.catalogue[0].is_general


def _counts_movements(title: Title, work: Work, sub: int) -> bool:
    """Whether "No. 2" after a work's number is a movement: it is not in "Op. 109 No. 30"."""
    stated = title.numbers.movement
    listed = sub <= len(work.parts) or not work.parts
    return not work.single and sub != work.first and listed and not stated


def by_known_name(title: Title, composer: str) -> Identity | None:
    """A name, series number or key that the repertoire knows."""
    main = title.catalogue[0] if title.catalogue else None
    place = known_place(title, composer)
    if place is None:
        return None
    counted = main and any(name.startswith(f"{main.system} ") for name in place[0].numbers)
    if main and counted and (main.sub or not place[0].id.startswith(f"{main.work}/")):
        return None  # the catalogue number says another work
    return in_known_work(_with_last_number(title, place), composer, place)


def _with_last_number(title: Title, place: Place) -> Title:
    """ "Moonlight Sonata 3", "Kinderszenen 7": a number after a name counts the parts of the work.

    It may be a take's instead; then two takes are not joined, but no two movements are.
    """
    work, part = place
    last, numbers = (title.terms or ("",))[-1], title.numbers
    stated = title.catalogue or title.key or numbers.movement or numbers.listed or numbers.sub
    if not re.fullmatch(r"[1-9]\d?", last) or stated or part or work.single:
        return title
    if int(last) == work.first and not work.is_set:
        return title  # its number in the composer's series: "Pathétique Sonata 8"
    return replace(title, numbers=replace(numbers, movement=last, series=0))


def by_catalogue_number(title: Title, composer: str) -> Identity | None:
    """A catalogue number of a work that the repertoire does not hold."""
    if not title.catalogue:
        return None
    main, *others = title.catalogue
    sub = main.sub or next((other.sub for other in others if other.sub), "")
    sub = sub or (str(title.numbers.sub) if title.numbers.sub else "")
    if main.system == "bwv" and not main.sub and _numbers_series(main.number, sub):
        sub = ""
    paired = (composer, main.work) in PAIRED_SETS or (
        main.system == "bwv" and main.number.isdigit() and int(main.number) in _PAIRS["bach"]
    )
    last = title.form.rpartition(" ")[2]
    cyclic = last in CYCLIC or (not title.form and not sub)
    if composer == "scarlatti" and last == "sonata":
        cyclic = False
    found, tempo = part_of_unlisted(title, paired, cyclic)
    if paired and main.system == "bwv":
        half = "" if title.pair else {"1": "prelude", "2": "fugue"}.get(sub, "")
        found, sub = found or half, ""
    if title.numbers.listed:
        sub, found = title.numbers.listed, ""
    if sub and last not in CYCLIC and not paired:
        found = "" if found.isdigit() else found
    if not sub and found[:1].isdigit() and last not in CYCLIC:
        sub, found = found, ""  # "Op. 118: II." is "Op. 118 No. 2"
    number = 0
    if main.system == "op" and not sub and not found and last not in CYCLIC and not title.pair:
        number = title.numbers.series
    if title.numbers.book and not (sub or found or number or paired):
        found = f"book {title.numbers.book}"
    identity = identity_of(title, composer, f"{main.work}/{sub}" if sub else main.work, sure=True)
    identity = replace(identity, part=found, tempo=tempo, number=number, others=tuple(others))
    single = last == "sonata" and composer in _MANY_IN_A_KEY  # "K. 9, Pastorale"
    return identity if sub or number or paired or single else with_words(identity)


def _numbers_series(bwv: str, number: str) -> bool:
    """Whether "No. 2" beside "BWV 847" is its number in the Well-Tempered Clavier or Inventions."""
    found = int(number) if number.isdigit() else 0
    return any(1 <= found <= count and bwv == str(first + found - 1) for first, count in _SERIES)


def by_words(title: Title, composer: str) -> Identity | None:
    """Form, number, key and words: what is left where no list helps."""
    numbers = title.numbers
    last = title.form.rpartition(" ")[2]
    series = numbers.listed or str(numbers.series or numbers.sub or "")
    if not series and last and last not in CYCLIC and numbers.movement.isdigit():
        series = numbers.movement  # "12 Études: I." is the first étude
        title = replace(title, numbers=replace(numbers, movement=""))
    names, content = _names(title, unquoted=bool(series))
    telling = any(not term.isdigit() for term in content)
    if not telling and not (title.form and (series or title.key)):
        return None  # a tempo or a form alone names no piece
    if not telling and not series and composer in _MANY_IN_A_KEY:
        return None
    part, tempo = part_of_unlisted(title, title.pair, last in CYCLIC)
    dropped = set(tempo) | ({part.split()[0]} if part and not part[0].isdigit() else set())
    if last in CYCLIC or part:
        content = [term for term in content if term not in dropped]
    if last and (series or title.key):
        # a nickname may be there or not: form, number and key name the piece
        stem = [title.form, series, title.key, "pair" if title.pair else ""]
        if numbers.book:
            stem.insert(1, f"book {numbers.book}")
        extra = [] if series and title.key else content
        work = " ".join(filter(None, [*stem, *extra]))
    else:
        keep = [term for term in names if term not in dropped] or list(content)
        work = " ".join([*keep, *(filter(None, (series, title.key)))])
        if numbers.book and len(content) < 2:
            work += f" book {numbers.book}"
    return replace(identity_of(title, composer, work, sure=False), part=part, tempo=tempo)


def _names(title: Title, *, unquoted: bool) -> tuple[tuple[str, ...], list[str]]:
    """The terms that can name a work, and those of them that are neither form nor tempo.

    What stands in quotes may be a nickname beside a number, and is the name where none is.
    """
    for found in (title.plain if unquoted else title.named, title.terms):
        names = tuple(term for term in found if term not in INSTRUMENTS and term != "posth")
        content = [
            term for term in names if term not in FORMS and term not in TEMPO and not term.isdigit()
        ]
        if content or title.form:
            break
        content = [term for term in content if len(term) > 1]
    return names, content


IDENTIFICATIONS: tuple[Callable[[Title, str], Identity | None], ...] = (
    by_bach_number,
    by_listed_number,
    by_known_name,
    by_catalogue_number,
    by_words,
)


def identify(title: Title, composer: str) -> Identity | None:
    """The piece that a title speaks of, or None when it names none."""
    for rule in IDENTIFICATIONS:
        if identity := rule(title, composer):
            return identity
    return None


@lru_cache(maxsize=131072)
def identify_title(text: str, composer: str) -> Identity | None:
    """The piece that a title as it is written speaks of, kept: takes share their titles."""
    return identify(read_title(text, composer), composer)
