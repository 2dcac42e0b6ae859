"""A ranking on the terminal: what the query asks for, then who fits it and why.

Each performance shows the largest contributions to its score and the sum of the others, so that
the column adds up. Nothing essential depends on colour.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from espr.cli.output.charts import Marks, bar, clock, marks
from espr.cli.output.terminal_safe import clean
from espr.retrieval.explanation import Reason, heard_as, reasons, rounded
from espr.retrieval.tempo import tempo_in_words
from espr.works.take_names import Take, name_take, name_takes

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from espr.catalog.catalog import Piece, Recording
    from espr.features import Space
    from espr.query_language.parser import Term
    from espr.retrieval.amounts import Amounts
    from espr.retrieval.mentions import Mentions
    from espr.retrieval.results import Ranking, Result

REASONS = 3  # contributions shown of each performance; the others are one sum
LEFT_OUT = 5  # terms that were left out, one line each
LEFT_OUT_MORE = 8  # further ones, named in one line
REASONS_OF_MANY = 2  # and where several pieces are shown
SIDE = 6  # cells of a bar on each side of its axis
NAME_WIDTH = 20  # what 80 columns leave for a name; longer ones are folded there
WITH_BARS = 79  # columns that all of this takes; where there are fewer, bars are left out

Row = tuple["Result", list[Reason]]


def print_ranking(console: Console, ranking: Ranking, *, verbose: bool) -> None:
    """Print a ranking; ``verbose``: every feature's contribution, and paths."""
    for line in _heading(ranking):
        console.print(line)
    most = REASONS if ranking.piece is not None else REASONS_OF_MANY
    if verbose:
        most = len(ranking.space)
    rows = [
        (result, reasons(ranking.space, result.profile, result.contributions, most))
        for result in ranking.results
    ]
    groups = [("", rows)] if ranking.piece is not None else list(_by_piece(rows))
    look = _Look(
        marks(console.encoding),
        scale=max((abs(reason.value) for _, shown in rows for reason in shown), default=0.0),
        has_bars=console.width >= WITH_BARS,
        name_width=max(len(name) for _, group in groups for name in _names(group)),
    )
    for title, group in groups:
        console.print()
        if title:
            console.print(title, style="bold")
        console.print(_table(group, look))
    if verbose:
        console.print()
        for result in ranking.results:
            console.print(f"{result.rank:2}  {clean(result.recording)}", soft_wrap=True)
            if result.tempo is not None:
                console.print(f"    {tempo_in_words(result.tempo)}")
    for note in ranking.notes:
        console.print()
        console.print(f"Note: {clean(note)}")


@dataclass(frozen=True, slots=True)
class _Look:
    """What all tables of a ranking share, so that they can be compared."""

    using: Marks
    scale: float  # the contribution that fills a bar
    has_bars: bool
    name_width: int


def _heading(ranking: Ranking) -> Iterator[str]:
    if ranking.piece is not None:
        yield _title(ranking.results[0], ranking.performances)
    else:
        count = ranking.performances
        searched = "1 recording" if count == 1 else f"{count} recordings"
        by = ", against each piece's mean" if ranking.centring == "piece" else ""
        yield f"The best of the whole library ({searched}), piece by piece{by}"
    query = ranking.query
    asked = [f'"{clean(query.text)}"'] if query.text.strip() else []
    if query.like:
        asked.append(f"like {clean(PurePath(query.like).name)}")
    poles = heard_as(ranking.space, query.profile)
    yield f"{' and '.join(asked) or 'The query'} asks for {', '.join(poles)}"
    if words := weights(query.terms):
        yield f"  words: {words}"
    if mentioned := ", ".join(_mentioned(query.mentions)):
        yield f"  read as: {mentioned}"
    if query.weights:
        yield "  weighted: " + ", ".join(f"{n} x{factor:g}" for n, factor in query.weights.items())
    yield from _amounts(query.amounts, ranking.space)
    for line in readings(query.terms):
        yield f"  {line}"


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
        yield "  asked for: as much of it as there is"
    aimed: dict[str, list[str]] = {}
    for name, target in zip(space.names, amounts.targets.tolist(), strict=True):
        if target < math.inf:
            aimed.setdefault(f"{target:.2g}", []).append(name.replace("_", " "))
    for target, names in aimed.items():
        where = "any feature" if len(names) == len(space) else ", ".join(names)
        near = f"at most {target} standard deviations from" if float(target) else "close to"
        yield f"  asked for: {near} the mean in {where}"


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


def _title(result: Result, performances: int) -> str:
    count = "1 performance" if performances == 1 else f"{performances} performances"
    if result.piece is None:
        return name_of(result.source)
    return f"{title_of(result.piece)}, {count}"


def _by_piece(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Rows piece by piece, the piece with the best performance first."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        piece = row[0].piece
        groups.setdefault(piece.slug if piece else row[0].recording, []).append(row)
    for group in groups.values():
        first = group[0][0]
        yield _title(first, first.piece.count if first.piece else 1), group


def _table(rows: Sequence[Row], look: _Look) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("", justify="right", no_wrap=True, min_width=2)
    table.add_column("performance", overflow="fold", min_width=min(look.name_width, NAME_WIDTH))
    table.add_column("score", justify="right", no_wrap=True)
    if look.has_bars:
        table.add_column("", no_wrap=True)
    table.add_column("= sum of", no_wrap=True)
    names = _names(rows)
    count = Counter(names)
    for (result, shown), name in zip(rows, names, strict=True):
        score = round(sum(rounded(result.contributions, 2)), 2)
        table.add_row(
            str(result.rank),
            _performance(result, name, look, is_shared=count[name] > 1),
            f"{score:.2f}",
            *([_bars(shown, look)] if look.has_bars else []),
            _reasons(shown),
        )
    return table


def _names(rows: Sequence[Row]) -> list[str]:
    """Who plays, else what differs between the takes of a piece: fit to print."""
    takes = [(result.source.performer, result.source.path, result.source.start)
             for result, _ in rows]  # fmt: skip
    return [clean(name) for name in name_takes([Take(*take) for take in takes])]


def _performance(result: Result, name: str, look: _Look, *, is_shared: bool) -> Text:
    """Who plays and where to listen; the file where the name is not enough."""
    from rich.text import Text

    window = result.best_window
    text = Text(name, style="bold")
    text.append(f"\nbest at {clock(window.start)}{look.using.dash}{clock(window.end)}", "not bold")
    if is_shared:
        text.append("\n" + clean(PurePath(result.recording).stem), "not bold dim")
    return text


def _bars(shown: Sequence[Reason], look: _Look) -> Text:
    from rich.text import Text

    lines = [
        Text(
            bar(reason.value, look.scale, SIDE, look.using),
            style="red" if reason.value < 0 else "green",
        )
        for reason in shown
    ]
    return Text("\n").join(lines)


def _reasons(shown: Sequence[Reason]) -> Text:
    from rich.text import Text

    if not shown:
        return Text("neither as asked nor against")
    return Text("\n").join(Text(f"{reason.value:+.2f} {reason.text}") for reason in shown)


def name_of(recording: Recording) -> str:
    """Who plays, else the file's name, which a title shared by all takes would hide."""
    return clean(name_take(Take(recording.performer, recording.path, recording.start)))


def title_of(piece: Piece) -> str:
    """Composer, title, and the slug by which a query names it: fit to print."""
    composer = f"{piece.composer}: " if piece.composer else ""
    slug = f" ({piece.slug})" if piece.slug != piece.title else ""
    return clean(f"{composer}{piece.title}{slug}")
