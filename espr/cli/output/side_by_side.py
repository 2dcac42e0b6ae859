"""Performances side by side on the terminal: a sentence each, then feature by feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from espr.cli.output.charts import Marks, bar, marks
from espr.cli.output.ranking import WITH_BARS, title_of
from espr.cli.output.terminal_safe import clean
from espr.retrieval.differences import Verdict
from espr.retrieval.tempo import is_same_tempo, tempo_difference
from espr.works.take_names import Take, name_takes

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from espr.retrieval.differences import Difference
    from espr.retrieval.side_by_side import Performance, SideBySide

SIDE = 8  # cells of a bar on each side of its axis
NAME = 14  # letters of a performer above a column
FEW = 4  # features that a sentence names; more are counted
_LABEL = 18  # columns of the longest feature


def print_side_by_side(console: Console, compared: SideBySide) -> None:
    """Print what differs between performances, strongest first."""
    performances = compared.performances
    names = names_of(performances)
    console.print(f"{title_of(compared.piece)}, {len(performances)} of {compared.count} performances")
    console.print()
    shown = performances[:1] if len(performances) == 2 else performances
    for one, name in zip(shown, names, strict=False):
        against = names[1] if len(performances) == 2 else "the mean of the others"
        console.print(in_words(one, name, against), soft_wrap=False)
    console.print()
    using = marks(console.encoding)
    if len(performances) == 2:
        console.print(_table_of_two(performances[0], using, has_bars=console.width >= WITH_BARS))
    elif _LABEL + len(names) * (NAME + 2) <= console.width:
        console.print(_table_of_many(performances, names))


def names_of(performances: Sequence[Performance]) -> list[str]:
    """Who plays, else what differs between the takes: fit to print."""
    takes = [(one.recording.performer, one.recording.path, one.recording.start)
             for one in performances]  # fmt: skip
    return [clean(name) for name in name_takes([Take(*take) for take in takes])]


def in_words(one: Performance, name: str, against: str) -> str:
    """ "Gould is 18 % faster, more staccato and harder than Richter; alike in minorness."."""
    by_verdict = {
        verdict: [each for each in one.differences if each.verdict is verdict]
        for verdict in Verdict
    }
    different = [each.feature.comparative(each.value) for each in by_verdict[Verdict.DIFFERS]]
    alike = [_plain(each) for each in by_verdict[Verdict.ALIKE]]
    if one.tempo is not None and is_same_tempo(one.tempo):
        alike.insert(0, "tempo")
    elif one.tempo is not None:
        different.insert(0, tempo_difference(one.tempo))
    said = f"{name} is {listed(different)} than {against}" if different else ""
    if alike:
        said = f"{said}; alike in {listed(alike)}" if said else (
            f"{name} is like {against} in {listed(alike)}"
        )  # fmt: skip
    if unclear := [_plain(each) for each in by_verdict[Verdict.UNCLEAR]]:
        said = said or f"{name} and {against}"
        rest = f"{len(unclear)} other features"
        said += f"; cannot be told apart in {listed(unclear) if len(unclear) <= FEW else rest}"
    return f"{said}."


def _plain(difference: Difference) -> str:
    return difference.feature.name.replace("_", " ")


def listed(words: Sequence[str]) -> str:
    """ "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _table_of_two(one: Performance, using: Marks, *, has_bars: bool) -> Table:
    table = _empty_table(["feature", *([""] if has_bars else []), "", ""])
    table.columns[-2].justify = "right"
    scale = max(1.0, *(abs(each.value) for each in one.differences))
    if one.tempo is not None:
        percent = (one.tempo - 1.0) * 100.0
        said = "alike" if is_same_tempo(one.tempo) else "faster" if percent > 0 else "slower"
        table.add_row("tempo", *([""] if has_bars else []), f"{percent:+.0f} %", said)
    for each in one.differences:
        verdicts = {
            Verdict.DIFFERS: each.feature.comparative(each.value),
            Verdict.ALIKE: "alike",
            Verdict.UNCLEAR: "cannot be told apart",
        }
        table.add_row(
            _plain(each),
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


def _empty_table(headings: Sequence[str]) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table
