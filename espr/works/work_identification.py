"""Which piece a title speaks of, with the known works of `repertoire.py`.

An identity is *sure* where a catalogue number or a known name gives the work, else it rests on
form, number, key and words.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from espr.works.catalogue_numbers import CatalogueNumber
from espr.works.movement_of import named_part, numbered_parts, part_of
from espr.works.repertoire import Place, best_part, repertoire_of
from espr.works.title_terms import (
    CYCLIC,
    FORMS,
    INSTRUMENTS,
    SUITES,
    TEMPO,
)
from espr.works.titles import Title

# The keys of the Well-Tempered Clavier in order; sharps and flats that sound alike are one.
_CHROMATIC = [
    "c",
    "c sharp",
    "d",
    "e flat",
    "e",
    "f",
    "f sharp",
    "g",
    "g sharp",
    "a",
    "b flat",
    "b",
]
_ALIKE = {
    "d flat": "c sharp",
    "d sharp": "e flat",
    "g flat": "f sharp",
    "a flat": "g sharp",
}
_INVENTIONS = {"invention": 771, "sinfonia": 786}  # BWV 772-786 and 787-801
_PAIRED = frozenset(range(846, 894))


@dataclass(frozen=True, slots=True)
class Identity:
    """The piece that a recording is of, as far as its tags tell.

    `work` and `part` make the grouping key with the composer. `tempo` names a movement whose number
    is not known, `number` a piece of the series or set whose catalogue number has no "No.".
    """

    composer: str
    work: str
    part: str = ""
    tempo: tuple[str, ...] = ()
    number: int = 0
    sure: bool = False
    arranged: str = ""
    # What a whole library can learn from (`reconciliation.py`):
    others: tuple[CatalogueNumber, ...] = field(default=(), compare=False)
    series: tuple[str, int] = field(default=("", 0), compare=False)  # ("sonata", 5)
    heard: tuple[str, ...] = field(default=(), compare=False)  # tempo and dances of the movement
    tail: tuple[str, ...] = field(default=(), compare=False)

    @property
    def key(self) -> str:
        """The grouping key: composer, work, part, arranger."""
        part = self.part or (f"tempo {' '.join(self.tempo)}" if self.tempo else "")
        if self.number and not part:
            part = f"#{self.number}"
        fields = [
            self.composer,
            self.work,
            part,
            f"arr {self.arranged}" if self.arranged else "",
        ]
        return "|".join(fields).rstrip("|")


def _bach_number(title: Title) -> str:
    book, number = title.numbers.book, title.numbers.series or title.numbers.sub
    if title.form in _INVENTIONS and 1 <= number <= 15 and title.terms[0] != "suite":
        return f"bwv {_INVENTIONS[title.form] + number}"
    if "welltempered" not in title.terms or book not in (1, 2):
        return ""
    if not number and title.key:
        note, _, mode = title.key.rpartition(" ")
        note = _ALIKE.get(note, note)
        number = (
            2 * _CHROMATIC.index(note) + (1 if mode == "major" else 2) if note in _CHROMATIC else 0
        )
    return f"bwv {(845 if book == 1 else 869) + number}" if 1 <= number <= 24 else ""


def _fits(place: Place, key: str) -> bool:
    work, part = place
    if not key or not work.is_set or not part or part > len(work.part_keys):
        return True
    return work.part_keys[part - 1] in ("", key)


def _known(title: Title, composer: str) -> Place | None:
    """The work and part that a title without a catalogue number speaks of, if it is known."""
    repertoire = repertoire_of(composer)
    if not repertoire.works:
        return None
    series = None
    number = title.numbers.series or title.numbers.sub
    for form in dict.fromkeys((f"{title.form}{title.numbers.book or ''}", title.form)):
        if form and number and (series := repertoire.numbered.get((form, number))):
            break
    if not number and title.form:
        series = repertoire.numbered.get((title.form, 0))
    if series and not _fits(series, title.key):
        series = None
    by_key = repertoire.in_key.get((title.form, title.key), []) if title.key else []
    if "posth" in title.terms and title.key:
        by_key = repertoire.in_key.get((f"{title.form} posth", title.key), by_key)
    keyed = by_key[0] if len(by_key) == 1 else None
    if number and keyed and series is None and repertoire.numbered.get((title.form, number)):
        keyed = None  # number and key contradict each other
    words = [*title.terms, str(title.numbers.series or "")]
    if title.numbers.book:
        words = _with_book(words, title.numbers.book)
    named = repertoire.named(words)
    if named and series and series[0] is not named[0]:
        return named
    if named and named[1]:
        return named
    return series or named or keyed


def _with_book(words: list[str], book: int) -> list[str]:
    for place, word in enumerate(words):
        if word in ("prelude", "images", "annees", "pelerinage"):
            return [*words[: place + 1], f"book{book}", *words[place + 1 :]]
    return words


def _in_known_work(title: Title, composer: str, place: Place) -> Identity:
    work, part = place
    numbers = title.numbers
    identity = _identity(title, composer, work.id, sure=True)
    if work.is_set:
        subs = (int(one.sub) for one in title.catalogue if one.sub.isdigit())
        stated = int(numbers.movement) if numbers.movement.isdigit() else 0
        number = part or next(subs, 0) or numbers.sub or stated
        if work.named:
            named = named_part(title, work) or str(number or "")
            return replace(identity, work=f"{work.id}/{named}") if named else identity
        if not number:
            refined = repertoire_of(composer).named(title.terms)
            number = refined[1] if refined and refined[0] is work else work.numbered(title.key)
        if not number and title.form:
            series = repertoire_of(composer).numbered.get((title.form, numbers.series))
            number = series[1] if series and series[0] is work else 0
        if not number and numbers.series and numbers.series <= max(1, len(work.parts)):
            number = numbers.series
        if not number and work.parts:
            number = best_part(numbered_parts(work.parts), title.terms)[0]
        paired = composer == "shostakovich" and work.id == "op 87"
        half = part_of(title, paired, False, False)[0] if paired else ""
        # one spelling for a piece of a set, listed or not: "op 28/4"
        return replace(identity, work=f"{work.id}/{number}" if number else work.id, part=half)
    if part:
        return replace(identity, part=str(part))
    if work.single:
        return identity
    if work.parts:
        given = [term for term in title.terms if term != (title.form.split() or [""])[-1]]
        number, score = best_part(numbered_parts(work.parts), given)
        if numbers.movement:
            stated = int(numbers.movement) if numbers.movement.isdigit() else 0
            own = work.parts[stated - 1] if 0 < stated <= len(work.parts) else ()
            strange = own and not any(name & set(given) for name in own)
            # a track number may stand where a movement's should: the tempo decides then
            return replace(
                identity,
                part=str(number) if score == 1 and strange else numbers.movement,
            )
        if number:
            return replace(identity, part=str(number))
        refined = repertoire_of(composer).named(title.terms)
        if refined and refined[0] is work and refined[1]:
            return replace(identity, part=str(refined[1]))
    suite = title.form.split()[-1:] and title.form.split()[-1] in SUITES
    cyclic = not title.form or title.form.split()[-1] in CYCLIC or bool(work.parts)
    found, tempo = part_of(title, False, cyclic, bool(suite))
    return replace(identity, part=found, tempo=tempo)


def _identity(title: Title, composer: str, work: str, *, sure: bool) -> Identity:
    dances = tuple(
        t for t in title.terms if t in FORMS and t not in CYCLIC and t not in title.tempo
    )
    return Identity(
        composer,
        work,
        sure=sure,
        arranged=title.arranged,
        series=(title.form, title.numbers.series),
        heard=title.tempo + dances,
        tail=title.tail,
    )


def _catalogued(title: Title, composer: str) -> Identity:
    repertoire = repertoire_of(composer)
    for one in title.catalogue:
        sub = one.sub or next((other.sub for other in title.catalogue if other.sub), "")
        sub = sub or (str(title.numbers.sub) if title.numbers.sub else "")
        place = repertoire.catalogued(one.work, sub)
        if place and not place[0].is_set and not one.sub:
            place = place[0], 0  # the "No." belongs to another catalogue's set
        if place:
            return _in_known_work(title, composer, place)
    main, *others = title.catalogue
    known = _known(title, composer)
    if known and known[0].id.startswith(f"{main.work}/") and not main.sub:
        return _in_known_work(title, composer, known)
    sub = main.sub or next((other.sub for other in others if other.sub), "")
    sub = sub or (str(title.numbers.sub) if title.numbers.sub else "")
    paired = (main.system == "bwv" and main.number.isdigit() and int(main.number) in _PAIRED) or (
        composer == "shostakovich" and main.work == "op 87"
    )
    last = title.form.split()[-1] if title.form else ""
    cyclic = last in CYCLIC or (not title.form and not sub)
    if composer == "scarlatti" and last == "sonata":
        cyclic = False
    found, tempo = part_of(title, paired, cyclic, last in SUITES)
    if paired and main.system == "bwv" and sub in ("1", "2"):
        found, sub = found or ("prelude" if sub == "1" else "fugue"), ""
    if sub and last not in CYCLIC and not paired:
        found = "" if found.isdigit() else found
    if not sub and found.isdigit() and last not in CYCLIC:
        sub, found = found, ""  # "Op. 118: II." is "Op. 118 No. 2"
    number = 0
    if main.system == "op" and not sub and not found and last not in CYCLIC and not title.pair:
        number = title.numbers.series
    identity = _identity(title, composer, f"{main.work}/{sub}" if sub else main.work, sure=True)
    return replace(identity, part=found, tempo=tempo, number=number, others=tuple(others))


def _by_words(title: Title, composer: str) -> Identity | None:
    numbers = title.numbers
    names = tuple(term for term in title.plain if term not in INSTRUMENTS and term != "posth")
    content = [
        term for term in names if term not in FORMS and term not in TEMPO and not term.isdigit()
    ]
    if not content and not title.form:
        names = tuple(term for term in title.terms if term not in INSTRUMENTS)
        content = [
            term for term in names if term not in FORMS and term not in TEMPO and len(term) > 1
        ]
    last = title.form.split()[-1] if title.form else ""
    series = numbers.series or numbers.sub
    if not series and last and last not in CYCLIC and numbers.movement.isdigit():
        series = int(numbers.movement)  # "12 Études: I." is the first étude
        title = replace(title, numbers=replace(numbers, movement=""))
    telling = any(not term.isdigit() for term in content)
    if not telling and not (title.form and (series or title.key)):
        return None  # a tempo or a form alone names no piece
    part, tempo = part_of(title, title.pair, last in CYCLIC, last in SUITES)
    dropped = set(tempo) | ({part.split()[0]} if part and not part[0].isdigit() else set())
    if last in CYCLIC or part:
        content = [term for term in content if term not in dropped]
    if last and (series or title.key):
        # a nickname may be there or not: form, number and key name the piece
        stem = [title.form, str(series or ""), title.key, "pair" if title.pair else ""]
        if numbers.book:
            stem.insert(1, f"book {numbers.book}")
        extra = [] if series and title.key else content
        work = " ".join(filter(None, [*stem, *extra]))
    else:
        keep = [term for term in names if term not in dropped] or list(content)
        work = " ".join([*keep, *(filter(None, (str(series or ""), title.key)))])
        if numbers.book and len(content) < 2:
            work += f" book {numbers.book}"
    return replace(_identity(title, composer, work, sure=False), part=part, tempo=tempo)


def identify(title: Title, composer: str) -> Identity | None:
    """The piece that a title speaks of, or None when it names none."""
    names_first = composer in (
        "debussy",
        "satie",
    )  # their catalogue numbers differ by edition
    if title.catalogue and not names_first:
        return _catalogued(title, composer)
    if composer == "bach" and (number := _bach_number(title)):
        found, _ = part_of(title, title.form not in _INVENTIONS, False, False)
        return replace(_identity(title, composer, number, sure=True), part=found)
    if place := _known(title, composer):
        return _in_known_work(title, composer, place)
    if title.catalogue:
        return _catalogued(title, composer)
    return _by_words(title, composer)
