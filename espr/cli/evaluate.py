"""`espr evaluate`: how well words find performances, measured on what was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from espr.errors import EsprError

if TYPE_CHECKING:
    from espr.datasets.benchmark import Benchmark
    from espr.datasets.described_recordings import Augmentation
    from espr.evaluation.report import Evaluation
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
    TABLE_2 = "2"


class Group(StrEnum):
    WORK = "work"
    PIECE = "piece"


_PCA = {False: ["none"], True: ["none", "auto"]}  # whether it is Table 2


def evaluate(
    data_dir: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the data set, or of all data sets; else ESPR_DATA, else datasets in "
            "the user's data directory."
        ),
    ] = None,
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
        list[str] | None,
        typer.Option(
            help="Text encoder: a name, mtr, clap:FOLDER, a file of word vectors, a folder of a "
            "sentence-transformers or other transformers text model, or .npz of embeddings; "
            "repeatable, or all."
        ),
    ] = None,
    audio: Annotated[
        list[str] | None,
        typer.Option(
            help="Audio encoder: a name, mtr, clap:FOLDER, or .npz of embeddings; repeatable, "
            "or all."
        ),
    ] = None,
    space: Annotated[list[str] | None, typer.Option(help="Space; repeatable; both.")] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="paper or best; repeatable; both.")
    ] = None,
    centring: Annotated[
        list[str] | None, typer.Option(help="none or piece, for the model paper; repeatable.")
    ] = None,
    pca: Annotated[
        list[str] | None,
        typer.Option(
            help="Components of the embeddings, for the model paper: none, a number, or auto "
            "(chosen inside the training folds); repeatable."
        ),
    ] = None,
    augment: Annotated[
        list[str] | None,
        typer.Option(
            help="Train on these besides: musiccaps, pitchfork, percepiano, or a CSV file with "
            "the columns audio and text; repeatable."
        ),
    ] = None,
    augment_audio: Annotated[
        Path | None,
        typer.Option(help="Folder of the augmentation's recordings; MusicCaps' named by ytid."),
    ] = None,
    zero_shot: Annotated[
        bool,
        typer.Option(
            "--zero-shot",
            help="Compare embeddings of texts and audio as they are: mtr twice, clap:FOLDER "
            "twice, or two .npz.",
        ),
    ] = False,
    sound_font: Annotated[
        str | None, typer.Option(help="Sound font that renders PercePiano: a name or a path.")
    ] = None,
    by_piece: Annotated[bool, typer.Option("--by-piece", help="A table for each piece.")] = False,
    figure: Annotated[
        Path | None,
        typer.Option(
            help="Draw a query of each piece beside its performances into this folder, as PNG "
            "and SVG; needs the extra figures."
        ),
    ] = None,
    folds: Annotated[Path | None, typer.Option(help="Read the folds from this file.")] = None,
    write_folds: Annotated[Path | None, typer.Option(help="Write the folds here.")] = None,
    seed: Annotated[int, typer.Option(help="Of folds, bootstrap and permutation.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="One line a query.")] = False,
) -> None:
    """Measure how well words find performances, on pieces that were not trained on."""
    from espr.audio.encoder import DEFAULT_AUDIO
    from espr.cli.evaluation_data import NAMED, read_augmentations, read_benchmark
    from espr.embeddings.encoder import DEFAULT_TEXT
    from espr.evaluation.encoders import AUDIOS, TEXTS
    from espr.evaluation.report import CSV_COLUMNS, csv_rows, document
    from espr.evaluation.system import CENTRINGS, MODELS, ZERO_SHOT
    from espr.evaluation.tables import (
        SPACE,
        Variants,
        components,
        first_at_hand,
        grid,
        table_1,
        table_2,
    )
    from espr.features import SPACES

    for wanted, allowed in ((model, MODELS), (centring, CENTRINGS)):
        for name in wanted or ():
            if name not in allowed:
                raise EsprError(f"{name!r} is none of " + ", ".join(allowed))
    variants = Variants(
        spaces=space or ((SPACE,) if table else tuple(SPACES)),
        models=[ZERO_SHOT]
        if zero_shot
        else model or (("paper",) if table is Layout.TABLE_2 else MODELS),
        centrings=centring or (("none",) if table else CENTRINGS),
        components=[components(one) for one in pca or _PCA[table is Layout.TABLE_2]],
        augmentation=() if table is Layout.TABLE_2 else tuple(dict.fromkeys(augment or ())),
    )
    benchmark = read_benchmark(dataset.value, data_dir, sound_font)
    missing: dict[str, str] | None = {} if table is Layout.TABLE_2 else None
    if benchmark.name in (augment or ()):
        raise EsprError(f"{benchmark.name} cannot augment what is learned and tested on it")
    named = NAMED if table is Layout.TABLE_2 else ()
    added = [name for name in (*named, *(augment or ())) if name != benchmark.name]
    augmentations = read_augmentations(added, data_dir, augment_audio, sound_font, missing)
    if missing is not None:
        rows = table_2(
            _one(text, "--text") or first_at_hand(TEXTS, text=True),
            _one(audio, "--audio") or first_at_hand(AUDIOS, text=False),
            variants,
            dict.fromkeys(added),
            missing,
        )
    else:
        texts = _names(text, TEXTS, TEXTS if table else (DEFAULT_TEXT,))
        audios = _names(audio, AUDIOS, AUDIOS if table else (DEFAULT_AUDIO,))
        if table is Layout.TABLE_1:
            rows = table_1(texts, audios, variants, is_whole=not (text or audio))
        else:
            rows = grid(texts, audios, variants.systems)
    evaluation = _run(benchmark, augmentations, rows, queries, group, folds, write_folds, seed)
    if figure:
        from espr.evaluation.figure import write_figures

        write_figures(evaluation, figure)
    if as_json:
        import json

        print(json.dumps(document(evaluation), ensure_ascii=False))
    elif as_csv:
        import csv
        import sys

        from espr.cli.output.terminal_safe import LONGEST_CELL, csv_safe

        writer = csv.writer(sys.stdout)
        writer.writerow(CSV_COLUMNS)
        told = [CSV_COLUMNS.index(name) for name in ("piece", "performance", "query", "retrieved")]
        for row in csv_rows(evaluation):
            cells = list(row)
            for column in told:
                cells[column] = csv_safe(cells[column], LONGEST_CELL)
            writer.writerow(cells)
    else:
        from espr.cli.output.evaluation import print_evaluation

        print_evaluation(evaluation, rows, layout=table, by_piece=by_piece)


def _one(wanted: list[str] | None, option: str) -> str | None:
    if wanted and (len(wanted) > 1 or wanted == ["all"]):
        raise EsprError(f"--table 2 takes one {option}")
    return wanted[0] if wanted else None


def _names(wanted: list[str] | None, every: Sequence[str], usual: Sequence[str]) -> list[str]:
    names = wanted or usual
    return list(
        dict.fromkeys(one for name in names for one in (every if name == "all" else [name]))
    )


def _run(
    benchmark: Benchmark,
    augmentations: dict[str, Augmentation],
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
    from espr.evaluation.encoders import notes_on_length, unheard
    from espr.evaluation.encodings import Encodings
    from espr.evaluation.report import Evaluation
    from espr.evaluation.speed import times_real_time
    from espr.evaluation.system import evaluate as run

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
        augmentations,
        lambda rows, count: track(rows, "hearing", count, console=errors, transient=True),
    )
    audios = list(dict.fromkeys(system.audio for system in systems))
    wanted, left_out = unheard(benchmark, benchmark.queries(queries.value), audios)
    outcomes = []
    for system in track(systems, "evaluating", console=errors, transient=True):
        corpus = encodings.corpus(system)
        embedded, targets = encodings.queries(system, wanted)
        added = encodings.augmentation(system)
        outcomes.append(run(system, corpus, embedded, targets, chosen, added))
    with errors.status("measuring speed"):
        speeds = {audio: times_real_time(audio) for audio in audios}
    return Evaluation(
        benchmark=benchmark,
        queries=wanted,
        mode=queries.value,
        group=group.value,
        folds=len(chosen),
        seed=seed,
        systems=tuple(systems),
        outcomes=tuple(outcomes),
        lacking=tuple(row for row in rows if row.lacking),
        speeds=speeds,
        notes=(*left_out, *encodings.notes, *notes_on_length(audios, benchmark.performances)),
    )
