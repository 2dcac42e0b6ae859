"""Performances side by side on the terminal: a sentence each, then feature by feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from espr.cli.output.charts import Marks, bar, curve, has_dots, marks
from espr.cli.output.ranking import WITH_BARS
from espr.cli.output.terminal_safe import clean
from espr.printable import clock
from espr.retrieval.difference_words import describe, plain_name
from espr.retrieval.differences import Verdict
from espr.retrieval.in_words import name_of, names_of, title_of
from espr.retrieval.tempo import is_same_tempo

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from espr.retrieval.side_by_side import Performance, SideBySide

SIDE = 8  # cells of a bar on each side of its axis
NAME = 14  # letters of a performer above a column
HEIGHT = 3  # lines of a curve,
MANY = 6  # of no more performances than these; of more, two lines each
_LABEL = 19  # columns of the longest feature, and two blanks
_NUMBER = 6  # columns of "(+1.2)"


def print_side_by_side(console: Console, compared: SideBySide) -> None:
    """Print what differs between performances, strongest first."""
    performances = compared.performances
    names = names_of([one.recording for one in performances])
    console.print(
        f"{title_of(compared.piece)}, {len(performances)} of {compared.count} performances"
    )
    console.print()
    shown = performances[:1] if len(performances) == 2 else performances
    for one, name in zip(shown, names, strict=False):
        against = names[1] if len(performances) == 2 else "the mean of the others"
        console.print(describe(one, name, against), soft_wrap=False)
    using = marks(console.encoding)
    columns = sum(max(_NUMBER, len(clean(name, NAME))) + 2 for name in names)
    if len(performances) == 2:
        console.print()
        console.print(_table_of_two(performances[0], using, has_bars=console.width >= WITH_BARS))
    elif _LABEL + columns <= console.width:
        console.print()
        console.print(_table_of_many(performances, names))
        console.print("(in brackets: cannot be told from chance)")
    if compared.reference is not None:
        _print_tempos(console, compared, names)


def _table_of_two(one: Performance, using: Marks, *, has_bars: bool) -> Table:
    table = _empty_table(["feature", *([""] if has_bars else []), "", ""])
    table.columns[-2].justify = "right"
    scale = max(1.0, *(abs(each.value) for each in one.differences))
    if one.tempo is not None:
        percent = (one.tempo - 1.0) * 100.0
        said = "alike" if is_same_tempo(one.tempo) else "faster" if percent > 0 else "slower"
        table.add_row("tempo", *([""] if has_bars else []), f"{round(percent) + 0:+} %", said)
    for each in one.differences:
        verdicts = {
            Verdict.DIFFERS: each.feature.comparative(each.value),
            Verdict.ALIKE: "alike",
            Verdict.UNCLEAR: "cannot be told apart",
        }
        table.add_row(
            plain_name(each),
            *([bar(each.value, scale, SIDE, using)] if has_bars else []),
            f"{each.value + 0.0:+.1f}",
            verdicts[each.verdict],
        )
    return table


def _table_of_many(performances: Sequence[Performance], names: Sequence[str]) -> Table:
    """Features by how far performances lie apart; what cannot be told apart in brackets."""
    table = _empty_table(["feature", *(clean(name, NAME) for name in names)])
    rows = [{each.feature.name: each for each in one.differences} for one in performances]
    order = sorted(rows[0], key=lambda name: -max(abs(row[name].value) for row in rows))
    for column in table.columns[1:]:
        column.justify = "right"
    for name in order:
        numbers = [f"{row[name].value:+.1f}" for row in rows]
        table.add_row(
            name.replace("_", " "),
            *(
                number if row[name].verdict is not Verdict.UNCLEAR else f"({number})"
                for row, number in zip(rows, numbers, strict=True)
            ),
        )
    return table


def _print_tempos(console: Console, compared: SideBySide, names: Sequence[str]) -> None:
    """How fast each performance is against the mean of all, over the course of the piece."""
    import numpy as np

    curves = [
        (name, (one.tempo_curve - 1.0) * 100.0)
        for one, name in zip(compared.performances, names, strict=True)
        if one.tempo_curve is not None and not np.isnan(one.tempo_curve).all()
    ]
    if not curves or compared.reference is None:
        return
    furthest = np.nanpercentile(np.abs(np.concatenate([curve for _, curve in curves])), 98)
    reach = max(5.0, float(np.ceil(furthest / 5.0)) * 5.0)
    console.print()
    console.print(
        f"Tempo against the mean of {compared.averaged} performances, from"
        f" -{reach:g} % to +{reach:g} %"
    )
    is_large = len(curves) <= MANY
    width = console.width - NAME - 1
    for name, curve_of_one in curves:
        height = (HEIGHT if is_large else 2) + (0 if has_dots(console.encoding) else 2)
        lines = curve(curve_of_one.tolist(), reach, width, height, console.encoding)
        for row, line in enumerate(lines):
            label = clean(name, NAME) if row == height // 2 else ""
            console.print(f"{label:<{NAME}} {line}", soft_wrap=True)
    end = clock(float(compared.positions[-1]))
    of_whom = next(
        (name for one, name in zip(compared.performances, names, strict=True)
         if one.recording.id == compared.reference.id),
        name_of(compared.reference),
    )  # fmt: skip
    of = f" of {of_whom}"
    console.print(
        f"{'':<{NAME}} {'0:00':<{max(4, width - len(end + of))}}{end}{of}", soft_wrap=True
    )


def _empty_table(headings: Sequence[str]) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table
