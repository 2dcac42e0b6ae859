"""`espr evaluate`: how well words find performances, measured on what was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from espr.errors import EsprError

if TYPE_CHECKING:
    from espr.evaluation.benchmark import Benchmark
    from espr.evaluation.rendering import Renderer
    from espr.evaluation.report import Evaluation
    from espr.evaluation.systems import System
    from espr.evaluation.tables import Row


class DataSet(StrEnum):
    CON_ESPRESSIONE = "con-espressione"
    PERCEPIANO = "percepiano"


class Queries(StrEnum):
    PERFORMANCE = "performance"
    ANSWERS = "answers"
    TERMS = "terms"


class Layout(StrEnum):
    TABLE_1 = "1"


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
    table: Annotated[
        Layout | None,
        typer.Option(help="The paper's table, its own figures alongside, in its space."),
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option(help="Text encoder; repeatable, or all.")
    ] = None,
    audio: Annotated[
        list[str] | None, typer.Option(help="Audio encoder; repeatable, or all.")
    ] = None,
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
    rows = _rows(table, text, audio, space, model, centring, pca)
    evaluation = _run(benchmark, rows, queries, group, folds, write_folds, seed)
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
        from espr.cli.evaluation_tables import print_evaluation

        print_evaluation(evaluation, rows, layout=table, by_piece=by_piece)


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


def _rows(
    table: Layout | None,
    text: list[str] | None,
    audio: list[str] | None,
    space: list[str] | None,
    model: list[str] | None,
    centring: list[str] | None,
    pca: int | None,
) -> list[Row]:
    from espr.evaluation.encoders import AUDIOS, TEXTS
    from espr.evaluation.systems import CENTRINGS, MODELS, System
    from espr.evaluation.tables import SPACE, grid, table_1
    from espr.space import SPACES, get_space

    def systems(words: str, sound: str) -> list[System]:
        ways = centring or (("none",) if table else CENTRINGS)
        return [
            System(words, sound, get_space(name).name, kind, way, pca if kind == "paper" else None)
            for name in space or ((SPACE,) if table else SPACES)
            for kind in model or MODELS
            for way in (ways if kind == "paper" else ("piece",))
        ]

    if table:
        return table_1(grid(_names(text, TEXTS, TEXTS), _names(audio, AUDIOS, AUDIOS), systems))
    return grid(_names(text, TEXTS, ("glove",)), _names(audio, AUDIOS, ("signal",)), systems)


def _names(wanted: list[str] | None, every: Sequence[str], usual: Sequence[str]) -> list[str]:
    names = wanted or usual
    return list(
        dict.fromkeys(one for name in names for one in (every if name == "all" else [name]))
    )


def _run(
    benchmark: Benchmark,
    rows: list[Row],
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

    systems = [row.system for row in rows if row.system]
    if not systems:
        raise EsprError("; ".join(dict.fromkeys(why for row in rows for why in row.lacking)))
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
        lacking=tuple(row for row in rows if row.lacking),
    )
