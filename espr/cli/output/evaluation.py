"""The figures of `espr evaluate` as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    of_paper = evaluation.is_the_papers
    out.print(
        (f"Table {layout}, space {SPACE}. " if layout else "")
        + f"{evaluation.benchmark.name}: {len(evaluation.outcomes[0])} queries "
        f"({evaluation.mode}), {evaluation.folds} folds by {evaluation.group}"
    )
    if layout:
        out.print(_layout(evaluation, rows, found, layout, of_paper=of_paper))
        if of_paper:
            out.print(_CONDITIONS[layout])
    else:
        out.print(_figures(evaluation, found))
        for name, published in PUBLISHED.items() if of_paper else ():
            out.print(f"{name}, all nine pieces: {_row_of(published)}")
    for line in _explanations(evaluation):
        out.print(line)
    speeds = ", ".join(
        f"{short_name(audio)} {_speed(speed)}"
        for audio, speed in evaluation.speeds.items()
        if speed
    )
    if speeds:
        out.print(f"× real time: how fast the audio is analysed, on one core: {speeds}")
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
            out.print(_figures_of_piece(evaluation, of_piece, str(piece)))


_CONDITIONS = {
    "1": "column paper: the paper's own figures in the same order, on all nine pieces, trained "
    "with MusicCaps and Pitchfork, too, no PCA, its mid-level network (cp-resnet), words (ewe)",
    "2": "column paper: the paper's own figures in the same order, on all nine pieces, with its "
    "mid-level network (cp-resnet) and words (ewe); which single augmentation a row of it had is "
    "not known: their order here is a guess; MRR is known of one row",
}


def _explanations(evaluation: Evaluation) -> Iterator[str]:
    """What the words of the table mean, a line each."""
    models = {system.model for system in evaluation.systems}
    if "paper" in models:
        yield (
            "paper: the paper's model, linear regression on the summed vectors of a description; "
            "plain: its words as they are; grammar: negations, degrees and phrases read as "
            "espr query reads them"
        )
    if "best" in models:
        yield "best: ESPR's model, as espr query ranks, fitted without the pieces it is asked about"
    if "zero-shot" in models:
        yield "zero-shot: embeddings of texts and recordings compared as they are"
    if any(system.centring == "piece" for system in evaluation.systems):
        yield (
            "centring: what a performance's profile is seen from: piece, the mean of its piece's "
            "performances; none, the mean of all"
        )
    yield "chance: the expected figures of a random order; 95 %: of MRR, drawn piece by piece"
    for control in evaluation.controls:
        yield f"{control.name}: {control.what}"


def _figures(evaluation: Evaluation, found: Sequence[Mapping[str, Any]]) -> Table:
    """A row a system, then the controls and chance."""
    left = ("text × audio", "space", "model", "centring")
    table = _table(None, left, (*_METRICS.values(), "95 %", "×"))
    for system, outcomes, one in zip(evaluation.systems, evaluation.outcomes, found, strict=True):
        table.add_row(
            system.pair,
            system.features,
            _model(system, outcomes),
            system.centring,
            *(f"{one[name]:.3f}" for name in _METRICS),
            _interval(one["ci95"]["mrr"]),
            _speed(evaluation.speeds.get(system.audio)),
        )
    for control in evaluation.controls:
        table.add_row(control.name, "", "", "", *_three(control.figures))
    table.add_row("chance", "", "", "", *_three(evaluation.chance()))
    return table


def _figures_of_piece(
    evaluation: Evaluation, found: Sequence[Mapping[str, float]], piece: str
) -> Table:
    """A row a system, with the figures of a single piece."""
    table = _table(piece, ("text × audio", "space", "model", "centring"), _METRICS.values())
    for system, outcomes, one in zip(evaluation.systems, evaluation.outcomes, found, strict=True):
        model = _model(system, outcomes)
        table.add_row(system.pair, system.features, model, system.centring, *_three(one))
    return table


def _three(figures: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(f"{figures[name]:.3f}" for name in _METRICS)


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
            # without PCA, which is in the label, and the plain reading, which is the paper's
            model = _model(row.system, outcomes) if by_audio else row.system.model
            if row.system.reading == "grammar" and row.system.model == "paper" and not by_audio:
                model += " grammar"
            label += "" if by_audio else _chosen(row.system, outcomes)
            if (row.system.model, row.system.centring) == ("paper", "piece"):
                model += ", centred"
        table.add_row(label, model, *values, *((_row_of(row.published),) if of_paper else ()))
    for control in evaluation.controls:
        spare = [""] * (1 + by_audio + of_paper)
        table.add_row(control.name, "", *_three(control.figures), *spare)
    table.add_row(
        "chance",
        "",
        *_three(evaluation.chance()),
        *[""] * (1 + by_audio),
        *((_row_of(CHANCE),) if of_paper else ()),
    )
    return table


def _print_comparisons(out: Console, evaluation: Evaluation) -> None:
    """How each of the others differs from the last `best` system, query by query."""
    from espr.evaluation.report import comparisons_with_best

    compared = comparisons_with_best(evaluation)
    out.print(f"MRR minus that of {compared[0]['b']}")
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
    reduced = f" PCA {system.pca}{_chosen(system, outcomes)}" if system.pca else ""
    return _reading(system) + reduced


def _reading(system: System) -> str:
    """The model, and how it reads words where that is not always the same."""
    return f"paper {system.reading}" if system.model == "paper" and system.reading else system.model


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
    if not values:
        return ""
    return "  ".join(f"{values[name]:.2f}" if name in values else "   –" for name in _METRICS)


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
