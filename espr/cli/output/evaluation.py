"""The figures of `espr evaluate` as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from espr.evaluation.report import Evaluation
    from espr.evaluation.system import Outcome, System
    from espr.evaluation.tables import Row

_METRICS = {"top1": "Top-1", "top2": "Top-2", "mrr": "MRR"}


def print_evaluation(
    evaluation: Evaluation, rows: Sequence[Row], *, layout: str | None, by_piece: bool
) -> None:
    """The table, what it lacks, the comparisons, and on demand a table for each piece.

    Parameters
    ----------
    rows : sequence of Row
        Those with a system are the evaluation's, in its order.
    layout : str, optional
        Number of the paper's table.
    """
    from espr.cli.output.console import console
    from espr.evaluation.report import figures
    from espr.evaluation.system import short_name
    from espr.evaluation.tables import PUBLISHED, SPACE

    out = console()
    found = [figures(evaluation, number) for number in range(len(evaluation.systems))]
    of_paper = evaluation.benchmark.name == "con-espressione"
    out.print(
        (f"Table {layout}, space {SPACE}. " if layout else "")
        + f"{evaluation.benchmark.name}: {len(evaluation.outcomes[0])} queries "
        f"({evaluation.mode}), {evaluation.folds} folds by {evaluation.group}"
    )
    if layout:
        out.print(_layout(evaluation, rows, found, layout, of_paper=of_paper))
        if of_paper:
            out.print("paper: the paper's own figures in the same order, on all nine pieces")
    else:
        out.print(_figures(evaluation, found))
        for name, published in PUBLISHED.items() if of_paper else ():
            out.print(f"{name}, all nine pieces: {_row_of(published)}")
    speeds = ", ".join(
        f"{short_name(audio)} {_speed(speed)}"
        for audio, speed in evaluation.speeds.items()
        if speed
    )
    if speeds:
        out.print(f"× real time: how fast the audio is heard, on one core: {speeds}")
    for reason in dict.fromkeys(reason for row in rows for reason in row.lacking):
        out.print(reason)
    for note in evaluation.notes:
        out.print(note)
    for skipped in evaluation.benchmark.skipped:
        out.print(f"left out: {skipped.piece}: {skipped.reason}")
    if len(found) > 1:
        _print_comparisons(out, evaluation)
    if by_piece:
        for piece in found[0]["pieces"]:
            of_piece = [one["pieces"][piece] for one in found]
            out.print(_figures(evaluation, of_piece, str(piece)))


def _figures(
    evaluation: Evaluation, found: Sequence[Mapping[str, Any]], title: str | None = None
) -> Table:
    """A row a system; of a single piece there are neither intervals nor chance."""
    table = _table(title, ("text × audio", "space", "model", "centring"), (*_METRICS.values(),))
    for column in ("95 %", "×") if title is None else ():
        table.add_column(column, justify="right", no_wrap=True)
    for system, outcomes, one in zip(evaluation.systems, evaluation.outcomes, found, strict=True):
        more = [_interval(one["ci95"]["mrr"]), _speed(evaluation.speeds.get(system.audio))]
        table.add_row(
            system.pair,
            system.space,
            _model(system, outcomes),
            system.centring,
            *(f"{one[name]:.3f}" for name in _METRICS),
            *(more if title is None else ()),
        )
    if title is None:
        chance = evaluation.chance()
        table.add_row("chance", "", "", "", *(f"{chance[name]:.3f}" for name in _METRICS))
    return table


def _layout(
    evaluation: Evaluation,
    rows: Sequence[Row],
    found: Sequence[Mapping[str, Any]],
    layout: str,
    *,
    of_paper: bool,
) -> Table:
    """The paper's table: every row that it has, its own figures in the last column."""
    from espr.evaluation.tables import CHANCE

    by_audio = layout == "1"  # Table 2 has one audio encoder, and no room for its speed
    first = "text × audio" if by_audio else "augmentation, PCA"
    right = (*_METRICS.values(), "95 %", *("×" * by_audio), *(("paper",) if of_paper else ()))
    table = _table(None, (first, "model"), right)
    figures = iter(zip(found, evaluation.outcomes, strict=True))
    for row in rows:
        label, model = row.name, ""
        values = ["–"] * (len(right) - of_paper)
        if row.system:
            one, outcomes = next(figures)
            speed = evaluation.speeds.get(row.system.audio)
            values = [
                *(f"{one[name]:.3f}" for name in _METRICS),
                _interval(one["ci95"]["mrr"]),
                *([_speed(speed)] if by_audio else ()),
            ]
            model = _model(row.system, outcomes) if by_audio else row.system.model
            label += "" if by_audio else _chosen(row.system, outcomes)
            if (row.system.model, row.system.centring) == ("paper", "piece"):
                model += ", centred"
        table.add_row(label, model, *values, *((_row_of(row.published),) if of_paper else ()))
    chance = evaluation.chance()
    known = {name: CHANCE[name] for name in _METRICS}
    table.add_row(
        "chance",
        "",
        *(f"{chance[name]:.3f}" for name in _METRICS),
        *[""] * (1 + by_audio),
        *((_row_of(known),) if of_paper else ()),
    )
    return table


def _print_comparisons(out: Console, evaluation: Evaluation) -> None:
    """How each of the others differs from the last `best` system, query by query."""
    from espr.evaluation.report import comparisons_with_best

    compared = comparisons_with_best(evaluation)
    out.print(f"MRR less that of {compared[0]['b']}")
    table = _table(None, ("",), ("difference", "95 %", "p"))
    for one in compared:
        low, high = one["ci95"]
        table.add_row(
            one["a"],
            f"{one['difference']:+.3f}",
            f"{low:+.2f} to {high:+.2f}",
            f"{one['p']:.4f}",
        )
    out.print(table)


def _model(system: System, outcomes: Sequence[Outcome]) -> str:
    return system.model + (f" PCA {system.pca}{_chosen(system, outcomes)}" if system.pca else "")


def _chosen(system: System, outcomes: Sequence[Outcome]) -> str:
    """The numbers of components that ``auto`` chose in the folds, as a range."""
    from espr.evaluation.report import components_by_fold

    found = sorted((components_by_fold(outcomes) or {}).values())
    if system.pca != "auto" or not found:
        return ""
    return f" ({found[0]}–{found[-1]})" if found[0] < found[-1] else f" ({found[0]})"


def _speed(times_real_time: float | None) -> str:
    if times_real_time is None:
        return "–"
    return f"{times_real_time:.{0 if times_real_time >= 10 else 1}f}"


def _interval(bounds: tuple[float, float]) -> str:
    return "{:.2f}–{:.2f}".format(*bounds)


def _row_of(values: Mapping[str, float]) -> str:
    return "  ".join(f"{value:.2f}" for value in values.values())


def _table(title: str | None, left: Iterable[str], right: Iterable[str]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(
        title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)
    )
    for column in left:
        table.add_column(column, overflow="fold")
    for column in right:
        table.add_column(column, justify="right", no_wrap=True)
    return table
