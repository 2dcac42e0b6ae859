"""A ranking on the terminal: what the query asks for, then who fits it and why.

Each performance shows the largest contributions to its score and the sum of the others, so that
the column adds up. Nothing essential depends on colour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from espr.cli.output.charts import Marks, bar, marks
from espr.cli.output.terminal_safe import clean
from espr.printable import clock
from espr.retrieval.explanation import Reason, rounded
from espr.retrieval.in_words import (
    asked_for,
    by_piece,
    counted_title,
    names_of,
    read_as,
    reasons_of,
)
from espr.retrieval.tempo import tempo_in_words

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from espr.retrieval.results import Ranking, Result

REASONS = 3  # contributions shown of each performance; the others are one sum
REASONS_OF_MANY = 2  # and where several pieces are shown
SIDE = 6  # cells of a bar on each side of its axis
NAME_WIDTH = 20  # what 80 columns leave for a name; longer ones are folded there
WITH_SENTENCES = 108  # that this takes with "faster than the mean of the performances"
WITH_BARS = 79  # columns that all of this takes; where there are fewer, bars are left out

Row = tuple["Result", list[Reason]]


def print_ranking(console: Console, ranking: Ranking, *, verbose: bool) -> None:
    """Print a ranking; ``verbose``: every feature's contribution, and paths."""
    for line in _heading(ranking):
        console.print(line)
    most = REASONS if ranking.piece is not None else REASONS_OF_MANY
    if verbose:
        most = len(ranking.space)
    brief = console.width < WITH_SENTENCES
    groups = [
        (title, [(one, reasons_of(ranking, one, most, brief=brief)) for one in of])
        for title, of in by_piece(ranking)
    ]
    look = _Look(
        marks(console.encoding),
        scale=max(
            (abs(one.value) for _, rows in groups for _, shown in rows for one in shown),
            default=0.0,
        ),
        has_bars=console.width >= WITH_BARS,
        name_width=max(len(name) for _, rows in groups for name in _names(rows)),
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
        yield counted_title(ranking.results[0], ranking.performances)
    else:
        count = ranking.performances
        searched = "1 recording" if count == 1 else f"{count} recordings"
        by = ", against each piece's mean" if ranking.centring == "piece" else ""
        yield f"The best of the whole library ({searched}), piece by piece{by}"
    poles, *further = read_as(ranking.query, ranking.space)
    yield f"{asked_for(ranking.query)} {poles}"
    for line in further:
        yield f"  {line}"


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
    return names_of([result.source for result, _ in rows])


def _performance(result: Result, name: str, look: _Look, *, is_shared: bool) -> Text:
    """Who plays and where to listen; the file where the name is not enough."""
    from rich.text import Text

    window = result.best_window
    text = Text(name, style="bold")
    if window is not None:
        stretch = f"{clock(window.start)}{look.using.dash}{clock(window.end)}"
        text.append(f"\nbest at {stretch}", "not bold")
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
