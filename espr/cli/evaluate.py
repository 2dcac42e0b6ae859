"""`espr evaluate`: how well words find performances, measured on what was not trained on."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from espr.errors import EsprError

if TYPE_CHECKING:
    from rich.table import Table

    from espr.evaluation.benchmark import Benchmark
    from espr.evaluation.rendering import Renderer
    from espr.evaluation.report import Evaluation
    from espr.evaluation.systems import System


class DataSet(StrEnum):
    CON_ESPRESSIONE = "con-espressione"
    PERCEPIANO = "percepiano"


class Queries(StrEnum):
    PERFORMANCE = "performance"
    ANSWERS = "answers"
    TERMS = "terms"


class Group(StrEnum):
    WORK = "work"
    PIECE = "piece"


def evaluate(
    data_dir: Annotated[
        Path, typer.Option(envvar="ESPR_DATA", help="Folder of the data set, or of all data sets.")
    ],
    dataset: Annotated[DataSet, typer.Option(help="Which benchmark.")] = DataSet.CON_ESPRESSIONE,
    queries: Annotated[
        Queries,
        typer.Option(
            help="A query is all that was said of a performance, one answer, or one term."
        ),
    ] = Queries.PERFORMANCE,
    group: Annotated[
        Group, typer.Option(help="What is held out together: excerpts of a work, or each piece.")
    ] = Group.WORK,
    text: Annotated[list[str] | None, typer.Option(help="Text encoder; repeatable.")] = None,
    audio: Annotated[list[str] | None, typer.Option(help="Audio encoder; repeatable.")] = None,
    space: Annotated[list[str] | None, typer.Option(help="Space; repeatable; both.")] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="paper or best; repeatable; both.")
    ] = None,
    centring: Annotated[
        list[str] | None, typer.Option(help="none or piece, for the model paper; repeatable.")
    ] = None,
    pca: Annotated[
        int | None, typer.Option(min=1, help="Components of the embeddings, for the model paper.")
    ] = None,
    sound_font: Annotated[
        str | None, typer.Option(help="Sound font that renders PercePiano: a name or a path.")
    ] = None,
    by_piece: Annotated[bool, typer.Option("--by-piece", help="A table for each piece.")] = False,
    folds: Annotated[Path | None, typer.Option(help="Read the folds from this file.")] = None,
    write_folds: Annotated[Path | None, typer.Option(help="Write the folds here.")] = None,
    seed: Annotated[int, typer.Option(help="Of folds, bootstrap and permutation.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="One line a query.")] = False,
) -> None:
    """Measure how well words find performances, on pieces that were not trained on."""
    from espr.evaluation.report import CSV_COLUMNS, csv_rows, document
    from espr.evaluation.systems import CENTRINGS, MODELS

    for wanted, allowed in ((model, MODELS), (centring, CENTRINGS)):
        for name in wanted or ():
            if name not in allowed:
                raise EsprError(f"{name!r} is none of " + ", ".join(allowed))
    benchmark = _read(dataset, data_dir, sound_font)
    systems = _systems(text, audio, space, model, centring, pca)
    evaluation = _run(benchmark, systems, queries, group, folds, write_folds, seed)
    if as_json:
        import json

        print(json.dumps(document(evaluation), ensure_ascii=False))
    elif as_csv:
        import csv
        import sys

        writer = csv.writer(sys.stdout)
        writer.writerow(CSV_COLUMNS)
        writer.writerows(csv_rows(evaluation))
    else:
        _print(evaluation, by_piece=by_piece)


def _read(dataset: DataSet, data_dir: Path, sound_font: str | None) -> Benchmark:
    from espr.evaluation.con_espressione import read_con_espressione
    from espr.evaluation.percepiano import read_percepiano
    from espr.evaluation.rendering import Renderer

    folder = data_dir / dataset.value if (data_dir / dataset.value).is_dir() else data_dir
    if dataset is DataSet.CON_ESPRESSIONE:
        return read_con_espressione(folder)
    renderer = Renderer(sound_font)
    _render_all(renderer, folder)
    return read_percepiano(folder, renderer.path_of)


def _render_all(renderer: Renderer, folder: Path) -> None:
    """Render what is not in the cache yet, with a bar."""
    from concurrent.futures import ThreadPoolExecutor
    from os import cpu_count

    from rich.console import Console
    from rich.progress import track

    files = sorted((folder / "midi").glob("*.mid"))
    absent = [midi for midi in files if not renderer.path_of(midi).is_file()]
    if not absent:
        return
    errors = Console(stderr=True)
    # threads only wait for the programs
    with ThreadPoolExecutor(cpu_count()) as pool:
        done = pool.map(renderer.render, absent)
        for _ in track(done, f"rendering with {renderer.name}", len(absent), console=errors):
            pass


def _systems(
    text: list[str] | None,
    audio: list[str] | None,
    space: list[str] | None,
    model: list[str] | None,
    centring: list[str] | None,
    pca: int | None,
) -> list[System]:
    from espr.evaluation.systems import CENTRINGS, MODELS, System
    from espr.space import SPACES, get_space

    return [
        System(words, sound, get_space(name).name, kind, way, pca if kind == "paper" else None)
        for words in text or ["glove"]
        for sound in audio or ["signal"]
        for name in space or SPACES
        for kind in model or MODELS
        for way in ((centring or CENTRINGS) if kind == "paper" else ("piece",))
    ]


def _run(
    benchmark: Benchmark,
    systems: list[System],
    queries: Queries,
    group: Group,
    folds: Path | None,
    write_to: Path | None,
    seed: int,
) -> Evaluation:
    from rich.console import Console
    from rich.progress import track

    from espr.evaluation import folds as folding
    from espr.evaluation.encoding import Encodings
    from espr.evaluation.report import Evaluation
    from espr.evaluation.systems import evaluate as run

    chosen = (
        folding.read_folds(folds, benchmark)
        if folds
        else folding.make_folds(benchmark, group.value, seed)
    )
    if write_to:
        folding.write_folds(chosen, benchmark, write_to)
    errors = Console(stderr=True)
    encodings = Encodings(
        benchmark,
        lambda rows, count: track(rows, "hearing", count, console=errors, transient=True),
    )
    wanted = benchmark.queries(queries.value)
    asked = []
    for system in track(systems, "evaluating", console=errors, transient=True):
        corpus = encodings.corpus(system)
        embedded, targets = encodings.queries(system, wanted)
        asked.append(run(system, corpus, embedded, targets, chosen))
    return Evaluation(
        benchmark=benchmark,
        queries=wanted,
        mode=queries.value,
        group=group.value,
        folds=len(chosen),
        seed=seed,
        systems=tuple(systems),
        asked=tuple(asked),
    )


def _print(evaluation: Evaluation, *, by_piece: bool) -> None:
    from espr.cli.console import console
    from espr.evaluation.report import PUBLISHED, figures

    out = console()
    found = [figures(evaluation, number) for number in range(len(evaluation.systems))]
    out.print(
        f"{evaluation.benchmark.name}: {len(evaluation.asked[0])} queries ({evaluation.mode}), "
        f"{evaluation.folds} folds by {evaluation.group}"
    )
    table = _table()
    for system, one in zip(evaluation.systems, found, strict=True):
        reduced = f" PCA {system.pca}" if system.pca else ""
        table.add_row(
            f"{system.text} × {system.audio}",
            system.space,
            system.model + reduced,
            system.centring,
            *(f"{one[name]:.3f}" for name in ("top1", "top2", "mrr")),
            "{:.2f}–{:.2f}".format(*one["ci95"]["mrr"]),
        )
    chance = evaluation.chance()
    table.add_row("chance", "", "", "", *(f"{chance[name]:.3f}" for name in chance), "")
    out.print(table)
    if evaluation.benchmark.name == "con-espressione":
        for name, published in PUBLISHED.items():
            figures_of = "  ".join(f"{value:.2f}" for value in published.values())
            out.print(f"{name}, all nine pieces: {figures_of}")
    for skipped in evaluation.benchmark.skipped:
        out.print(f"left out: {skipped.piece}: {skipped.reason}")
    if by_piece:
        for piece in found[0]["pieces"]:
            inner = _table(str(piece))
            for system, one in zip(evaluation.systems, found, strict=True):
                values = one["pieces"][piece]
                inner.add_row(
                    f"{system.text} × {system.audio}",
                    system.space,
                    system.model,
                    system.centring,
                    *(f"{values[name]:.3f}" for name in ("top1", "top2", "mrr")),
                    "",
                )
            out.print(inner)


def _table(title: str | None = None) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(
        title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)
    )
    for column in ("text × audio", "space", "model", "centring"):
        table.add_column(column, no_wrap=True)
    for column in ("Top-1", "Top-2", "MRR", "95 %"):
        table.add_column(column, justify="right", no_wrap=True)
    return table
