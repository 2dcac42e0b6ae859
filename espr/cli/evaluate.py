"""`espr evaluate`: how well words find performances, measured on what was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from espr.cli.completions import FOLDER, NAMED_FILE
from espr.errors import EsprError

if TYPE_CHECKING:
    from espr.datasets.benchmark import Benchmark
    from espr.evaluation.controls import Control
    from espr.evaluation.encodings import Encodings
    from espr.evaluation.folds import Fold
    from espr.evaluation.report import Evaluation
    from espr.evaluation.tables import Row


class BenchmarkName(StrEnum):
    CON_ESPRESSIONE = "con-espressione"
    PERCEPIANO = "percepiano"


class Queries(StrEnum):
    PERFORMANCE = "performance"
    ANSWERS = "answers"
    TERMS = "terms"


class Reading(StrEnum):
    PLAIN = "plain"
    GRAMMAR = "grammar"


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
    dataset: Annotated[
        BenchmarkName, typer.Option(help="Which benchmark.")
    ] = BenchmarkName.CON_ESPRESSIONE,
    queries: Annotated[
        Queries,
        typer.Option(help="A query is all descriptions of a performance, one answer, or one term."),
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
    without: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FEATURE",
            help="Run every system without this feature, too, and compare: tempo; repeatable.",
        ),
    ] = None,
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
    reading: Annotated[
        list[Reading] | None,
        typer.Option(
            help="How the model paper reads words: plain, as the paper does (no grammar), or "
            "by ESPR's grammar; repeatable; both, in the paper's tables plain."
        ),
    ] = None,
    controls: Annotated[
        bool,
        typer.Option(
            "--controls",
            help="What a figure could at least and at best be: random words, other listeners.",
        ),
    ] = False,
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
            click_type=FOLDER,
            help="Draw the paper's two queries beside the performances of each piece into this "
            "folder, as PNG and SVG; needs the extra figures.",
        ),
    ] = None,
    query: Annotated[
        list[str] | None,
        typer.Option(metavar="WORDS", help="A query of your own for --figure; repeatable."),
    ] = None,
    folds: Annotated[
        Path | None, typer.Option(click_type=NAMED_FILE, help="Read the folds from this file.")
    ] = None,
    write_folds: Annotated[
        Path | None, typer.Option(click_type=NAMED_FILE, help="Write the folds here.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of folds, bootstrap and permutation.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, one line per query.")] = False,
) -> None:
    """Measure how well words find performances, on pieces that were not trained on."""
    from espr.audio.encoder import DEFAULT_AUDIO
    from espr.cli.evaluation_data import read_augmentations, read_benchmark
    from espr.cli.output.steps import track
    from espr.embeddings.encoder import DEFAULT_TEXT
    from espr.evaluation.encoders import AUDIOS, TEXTS
    from espr.evaluation.encodings import Encodings
    from espr.evaluation.report import CSV_COLUMNS, csv_rows, document
    from espr.evaluation.system import CENTRINGS, MODELS, ZERO_SHOT
    from espr.evaluation.tables import (
        PAPERS_AUGMENTATIONS,
        SPACE,
        Variants,
        components,
        first_at_hand,
        grid,
        table_1,
        table_2,
    )
    from espr.evaluation.word_texts import PLAIN, READINGS
    from espr.features import MIDLEVEL_PLUS, SPACES

    for wanted, allowed in ((model, MODELS), (centring, CENTRINGS)):
        for name in wanted or ():
            if name not in allowed:
                raise EsprError(f"{name!r} is none of " + ", ".join(allowed))
    if query and not figure:
        raise EsprError("--query says what is drawn: give --figure FOLDER, too")
    left_out = [MIDLEVEL_PLUS.names[MIDLEVEL_PLUS.index(name)] for name in without or ()]
    benchmark = read_benchmark(dataset.value, data_dir, sound_font)
    if benchmark.name in (augment or ()):
        raise EsprError(f"{benchmark.name} cannot augment what is learned and tested on it")
    # the paper trains its Table 1 with both augmentations and compares them in its Table 2
    named: tuple[str, ...] = ()
    if table and (table is Layout.TABLE_2 or not augment) and not zero_shot:
        named = PAPERS_AUGMENTATIONS
    more = ("percepiano",) if table is Layout.TABLE_2 else ()
    asked = [name for name in (*named, *more, *(augment or ())) if name != benchmark.name]
    missing: dict[str, str] = {}
    augmentations = read_augmentations(
        asked, data_dir, augment_audio, sound_font, missing if table else None
    )
    variants = Variants(
        spaces=space or ((SPACE,) if table else tuple(SPACES)),
        models=[ZERO_SHOT]
        if zero_shot
        else model or (("paper",) if table is Layout.TABLE_2 else MODELS),
        centrings=centring or (("none",) if table else CENTRINGS),
        components=[components(one) for one in pca or _PCA[table is Layout.TABLE_2]],
        augmentation=() if table is Layout.TABLE_2 else tuple(augmentations),
        readings=[one.value for one in reading or ()] or ((PLAIN,) if table else READINGS),
        without=left_out,
    )
    if table is Layout.TABLE_2:
        rows = table_2(
            _one(text, "--text") or first_at_hand(TEXTS, text=True),
            _one(audio, "--audio") or first_at_hand(AUDIOS, text=False),
            variants,
            dict.fromkeys(asked),
            missing,
        )
    else:
        texts = _names(text, TEXTS, TEXTS if table else (DEFAULT_TEXT,))
        audios = _names(audio, AUDIOS, AUDIOS if table else (DEFAULT_AUDIO,))
        if table:
            rows = table_1(texts, audios, variants, is_whole=not (text or audio))
        else:
            rows = grid(texts, audios, variants.systems)
    encodings = Encodings(benchmark, augmentations, track)
    notes = tuple(missing.values()) if table is Layout.TABLE_1 else ()
    evaluation = _run(
        benchmark, encodings, rows, queries, group, folds, write_folds, seed, controls, notes
    )
    if figure:
        from espr.evaluation.figure import PAPERS_QUERIES, write_figures

        write_figures(evaluation, encodings, query or PAPERS_QUERIES, figure)
    if as_json:
        import json

        print(json.dumps(document(evaluation), ensure_ascii=False))
    elif as_csv:
        import csv
        import sys

        from espr.cli.output.terminal_safe import LONGEST_CELL, csv_safe

        writer = csv.writer(sys.stdout)
        writer.writerow(CSV_COLUMNS)
        typed = ("piece", "performance", "query", "retrieved")
        as_typed = [CSV_COLUMNS.index(name) for name in typed]
        for row in csv_rows(evaluation):
            cells = list(row)
            for column in as_typed:
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
    encodings: Encodings,
    rows: list[Row],
    queries: Queries,
    group: Group,
    folds: Path | None,
    write_to: Path | None,
    seed: int,
    with_controls: bool,
    notes: tuple[str, ...],
) -> Evaluation:
    from espr.cli.output.steps import steps
    from espr.evaluation import folds as folding
    from espr.evaluation.encoders import leave_out_trained_works, notes_on_length
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
    audios = list(dict.fromkeys(system.audio for system in systems))
    wanted, left_out = leave_out_trained_works(benchmark, benchmark.queries(queries.value), audios)
    ready = [(encodings.corpus(one), encodings.augmentation(one)) for one in systems]
    outcomes = []
    with steps("fitting and ranking, folds", len(systems) * len(chosen)) as advance:
        for system, (corpus, added) in zip(systems, ready, strict=True):
            embeddings, targets = encodings.queries(system, wanted)
            read = encodings.reader(system, wanted)
            outcomes.append(run(system, corpus, embeddings, targets, chosen, added, read, advance))
    with steps("measuring speed", len(audios)) as advance:
        speeds = {}
        for audio in audios:
            speeds[audio] = times_real_time(audio)
            advance()
    evaluation = Evaluation(
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
        notes=(
            *notes,
            *left_out,
            *encodings.notes,
            *notes_on_length(audios, benchmark.performances),
        ),
    )
    if not with_controls:
        return evaluation
    return replace(evaluation, controls=_controls(evaluation, encodings, chosen))


def _controls(
    evaluation: Evaluation, encodings: Encodings, folds: Sequence[Fold]
) -> tuple[Control, ...]:
    """The controls of the reference system that there are for this data set."""
    from espr.cli.output.steps import steps
    from espr.evaluation.controls import SEEDS, listeners, random_words
    from espr.evaluation.encoders import has_words
    from espr.evaluation.report import reference_system

    system = evaluation.systems[reference_system(evaluation)]
    if not has_words(system.text):
        raise EsprError(f"--controls needs a text encoder of words, which {system.text} is not")
    corpus, wanted = encodings.corpus(system), evaluation.queries
    with steps("random words, seeds", SEEDS) as advance:
        beneath = random_words(system, corpus, evaluation.benchmark, wanted, folds, advance)
    above = listeners(system.text, evaluation.benchmark, wanted, evaluation.mode)
    return tuple(control for control in (beneath, above) if control)
