"""What was asked for and how it was read, in words for people: the same for terminals and pages."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from espr.printable import clean, clock
from espr.retrieval.explanation import Reason, heard_as, reasons
from espr.retrieval.tempo import tempo_in_brief, tempo_in_words
from espr.works.take_names import Take, name_take, name_takes

if TYPE_CHECKING:
    from espr.catalog.catalog import Piece, Recording
    from espr.features import Space
    from espr.query_language.parser import Term
    from espr.retrieval.amounts import Amounts
    from espr.retrieval.mentions import Mentions
    from espr.retrieval.results import Query, Ranking, Result

LEFT_OUT = 5  # terms that were left out, one line each
LEFT_OUT_MORE = 8  # further ones, named in one line
_QUARTER_TONE = 45.0  # cents, nearly


def asked_for(query: Query, quotes: str = '""') -> str:
    """What was typed, and the recording to sound like: ``"shy" and like take7.flac``."""
    asked = [clean(query.text).join(quotes)] if query.text.strip() else []
    if query.like:
        asked.append(f"like {clean(PurePath(query.like).name)}")
    return " and ".join(asked) or "The query"


def read_as(query: Query, space: Space) -> Iterator[str]:
    """How the query was read, one line each: its poles first, then what is not plain."""
    yield f"asks for {', '.join(heard_as(space, query.profile))}"
    if words := weights(query.terms):
        yield f"words: {words}"
    if mentioned := ", ".join(_mentioned(query.mentions)):
        yield f"read as: {mentioned}"
    if query.weights:
        yield "weighted: " + ", ".join(f"{n} x{factor:g}" for n, factor in query.weights.items())
    if query.shifts:
        moved = (f"{name} {shift:+g}" for name, shift in query.shifts.items())
        yield f"moved: {', '.join(moved)}"
    yield from _amounts(query.amounts, space)
    yield from readings(query.terms)


def reasons_of(ranking: Ranking, result: Result, most: int, *, brief: bool = False) -> list[Reason]:
    """The ``most`` biggest contributions to the score of a result, and the sum of the others.

    ``brief``: "12 % faster" instead of "12 % faster than the mean of the performances".
    """
    # what is compared with one performance is not said against the mean of all
    tempo = ""
    if result.tempo is not None and ranking.query.amounts.origin is None:
        tempo = (tempo_in_brief if brief else tempo_in_words)(result.tempo)
    return reasons(ranking.space, result.profile, result.contributions, most, tempo=tempo)


def _mentioned(mentions: Mentions) -> Iterator[str]:
    """What was understood of the names and durations in a text."""
    for performer in mentions.like:
        yield f"like {clean(performer)}"
    for performer in mentions.unlike:
        yield f"unlike {clean(performer)}"
    if mentions.beyond:
        yield f"compared with {clean(mentions.beyond)}"
    if mentions.shortest > 0:
        yield f"at least {clock(mentions.shortest)} long"
    if mentions.has_longest:
        yield f"at most {clock(mentions.longest)} long"


def _amounts(amounts: Amounts, space: Space) -> Iterator[str]:
    """How much is asked for, where not the more the better."""
    if amounts.is_extreme:
        yield "asked for: as much of it as there is"
    aimed: dict[str, list[str]] = {}
    for name, target in zip(space.names, amounts.targets.tolist(), strict=True):
        if target < math.inf:
            aimed.setdefault(f"{target:.2g}", []).append(name.replace("_", " "))
    for target, names in aimed.items():
        where = "any feature" if len(names) == len(space) else ", ".join(names)
        near = f"at most {target} standard deviations from" if float(target) else "close to"
        yield f"asked for: {near} the mean in {where}"


def readings(terms: Sequence[Term]) -> Iterator[str]:
    """What was left out, and how words were read that were not read as typed.

    Of many terms that were left out, only the first are named: a long text has dozens.
    """
    for term in terms:
        if term.known and term.note:
            yield clean(term.note)
    unknown = [term for term in terms if not term.known]
    for term in unknown[:LEFT_OUT]:
        if term.note:
            yield f"left out: {clean(term.text)}, which {clean(term.note)}"
        else:
            hint = f"; did you mean {' or '.join(term.suggestions)}?" if term.suggestions else ""
            yield f"not known and left out: {clean(term.text)}{clean(hint)}"
    if more := [clean(term.text) for term in unknown[LEFT_OUT:]]:
        rest = f" and {len(more) - LEFT_OUT_MORE} others" if len(more) > LEFT_OUT_MORE else ""
        yield f"left out, too: {', '.join(more[:LEFT_OUT_MORE])}{rest}"


def weights(terms: Sequence[Term]) -> str:
    """The known terms with their weights, when any of them is not plain."""
    known = [term for term in terms if term.known]
    if all(term.weight == 1.0 for term in known):
        return ""
    return clean(", ".join(as_weighted(term) for term in known))


def as_weighted(term: Term) -> str:
    """A term with its sign and degree: ``not loud``, ``soft x1.5``."""
    factor = "" if abs(term.weight) == 1.0 else f" x{abs(term.weight):g}"
    return ("not " if term.weight < 0 else "") + term.text + factor


def counted_title(result: Result, performances: int) -> str:
    """A piece and how many performances of it there are: ``Prelude, 7 performances``."""
    count = "1 performance" if performances == 1 else f"{performances:,} performances"
    if result.piece is None:
        return name_of(result.source)
    return f"{title_of(result.piece)}, {count}"


def by_piece(ranking: Ranking) -> list[tuple[str, list[Result]]]:
    """Results piece by piece, the piece with the best performance first, with their headings.

    Within a piece there is one group, without a heading.
    """
    if ranking.piece is not None:
        return [("", list(ranking.results))]
    groups: dict[str, list[Result]] = {}
    for result in ranking.results:
        slug = result.piece.slug if result.piece else result.recording
        groups.setdefault(slug, []).append(result)
    return [
        (counted_title(of[0], of[0].piece.count if of[0].piece else 1), of)
        for of in groups.values()
    ]


def names_of(recordings: Sequence[Recording]) -> list[str]:
    """Who plays, else what differs between the takes of a piece: fit to print."""
    takes = [Take(one.performer, one.path, one.start) for one in recordings]
    return [clean(name) for name in name_takes(takes)]


def name_of(recording: Recording) -> str:
    """Who plays, else the file's name, which a title shared by all takes would hide."""
    return clean(name_take(Take(recording.performer, recording.path, recording.start)))


def tuning_in_words(cents: float) -> str:
    """ "about A = 430 Hz"; which way, cannot be said where it is a quarter tone."""
    if abs(cents) > _QUARTER_TONE:
        return "about a quarter tone off A = 440 Hz"
    return f"about A = {440.0 * 2.0 ** (cents / 1200.0):.0f} Hz"


def title_of(piece: Piece) -> str:
    """Composer, title, and the slug by which a query names it: fit to print."""
    composer = f"{piece.composer}: " if piece.composer else ""
    slug = f" ({piece.slug})" if piece.slug != piece.title else ""
    return clean(f"{composer}{piece.title}{slug}")
