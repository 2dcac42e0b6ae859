"""`espr train`: what made the included weights, to be run again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from espr.audio.encoder import DEFAULT_AUDIO
from espr.cli.completions import NAMED_FILE
from espr.cli.options import LibraryFile
from espr.embeddings.encoder import DEFAULT_TEXT
from espr.errors import EsprError

app = typer.Typer(no_args_is_help=True)


@app.callback()
def train() -> None:
    """Teach ESPR your words, or rebuild the included weights from the data they were made of."""


@app.command("query-model", short_help="Fit the map from words to features.")
def query_model(
    descriptions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            click_type=NAMED_FILE,
            help="Teach your library your own words: CSV with the columns recording, text.",
        ),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            envvar="ESPR_DATA",
            help="Rebuild from the Con Espressione Game: its table and a folder 'audio'.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Where to write what was rebuilt, one model per space; by default where "
            "`espr query` looks for it."
        ),
    ] = None,
    text: Annotated[str, typer.Option(help="Text encoder.")] = DEFAULT_TEXT,
    audio: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=f"Audio encoder; by default the one that analysed the library, "
            f"{DEFAULT_AUDIO} when rebuilding.",
        ),
    ] = None,
    library: LibraryFile = None,
) -> None:
    """Fit the map from words to features: teach it your words, or rebuild the included one.

    With --descriptions, what you say of recordings in your library moves the included map; the
    result lies beside the library, and is used there until `espr train forget`.
    """
    if descriptions is not None:
        _teach(descriptions, library, text, audio)
    elif data_dir is not None:
        _rebuild(data_dir, out, text, audio or DEFAULT_AUDIO)
    else:
        raise EsprError("give --descriptions FILE, or --data-dir FOLDER")


def _teach(descriptions: Path, library: Path | None, text: str, audio: str | None) -> None:
    from espr.cli.output.console import console
    from espr.cli.output.terminal_safe import clean
    from espr.retrieval.taught_model import write_taught_models
    from espr.training.teaching import read_descriptions, teach_library

    path, models = teach_library(
        library, read_descriptions(descriptions), descriptions, text, audio
    )
    count = models[0].taught
    for file in write_taught_models(path, models):
        learned = "1 description" if count == 1 else f"{count} descriptions"
        console().print(f"{learned} learned: {file}", soft_wrap=True)
    if new := ", ".join(models[0].own_words):
        console().print(f"new words, known only by your descriptions: {clean(new)}", soft_wrap=True)


def _rebuild(data_dir: Path, out: Path | None, text: str, audio: str) -> None:
    from espr.cli.output.console import console
    from espr.cli.output.steps import track
    from espr.datasets.con_espressione import read_con_espressione
    from espr.embeddings.encoder import load_text_encoder
    from espr.encoders import load_audio_encoder
    from espr.evaluation.feature_cache import profiles
    from espr.evaluation.piece_tempos import piece_tempos
    from espr.retrieval.query_model import own_query_models, query_model_name
    from espr.training.query_model import fit_query_models

    folder = data_dir / "con-espressione" if (data_dir / "con-espressione").is_dir() else data_dir
    benchmark = read_con_espressione(folder)
    found = profiles(benchmark.performances, audio, track=track)
    words, sound = load_text_encoder(text), load_audio_encoder(audio)
    for note in words.notes:
        console().print(f"Note: {note}", soft_wrap=True)
    out = out or own_query_models()
    out.mkdir(parents=True, exist_ok=True)
    tempos = piece_tempos(benchmark.performances, track)
    for model, settings in fit_query_models(benchmark, words, sound, found, tempos):
        file = out / query_model_name(words.name, sound.name, model.space)
        file.write_text(model.to_json(), encoding="utf-8")
        console().print(
            f"wrote {file}: penalty {settings.penalty:g}, weight of the terms "
            f"{settings.term_weight:g}",
            soft_wrap=True,
        )


@app.command("forget", short_help="Forget your own words.")
def forget(library: LibraryFile = None) -> None:
    """Remove what a library was taught by `espr train query-model --descriptions`."""
    from espr.catalog.locations import library_path
    from espr.cli.output.console import console
    from espr.retrieval.taught_model import forget as forget_taught

    for path in forget_taught(library_path(library)):
        console().print(f"forgotten: {path}", soft_wrap=True)


@app.command("midlevel", short_help="Rebuild the audio network.")
def midlevel(
    data_dir: Annotated[
        Path,
        typer.Option(
            "--data-dir",
            envvar="ESPR_DATA",
            help="A folder that holds percepiano and, perhaps, asap.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Where to write the weights and their figures.")],
    work: Annotated[
        Path,
        typer.Option(help="Where the corpus and checkpoints are kept; give it again to go on."),
    ],
    asap: Annotated[
        bool, typer.Option("--asap", help="Train on ASAP, too: weights for non-commercial use.")
    ] = False,
    epochs: Annotated[int, typer.Option(min=1, help="How often every clip is used.")] = 16,
    share: Annotated[
        float, typer.Option(min=0.01, max=1.0, help="Share of the corpus: 0.25 for a proxy run.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 0,
) -> None:
    """Rebuild the network of the `midlevel` encoder: render, train, validate.

    Needs the extra `train`, fluidsynth, its sound fonts and the Salamander samples; whatever is
    missing is named. Ctrl-C keeps what is finished.
    """
    import os

    from rich.console import Console
    from rich.progress import track

    from espr.cli.output.console import console
    from espr.training.midlevel.fitting import Settings
    from espr.training.midlevel.session import prepare, rebuild

    errors = Console(stderr=True)
    prepare(
        data_dir,
        work,
        seed,
        jobs=os.cpu_count() or 1,
        track=lambda parts, count: track(parts, "rendering", count, console=errors, transient=True),
    )
    sources = ("percepiano", "synthetic", *(("asap",) if asap else ()))
    settings = Settings(epochs=epochs, share=share, seed=seed, sources=sources)
    with errors.status("training") as status:
        written = rebuild(
            data_dir,
            work,
            out,
            settings,
            asap=asap,
            report=lambda figures: status.update(str(figures)),
        )
    for file in written:
        console().print(f"wrote {file}", soft_wrap=True)


@app.command("words", short_help="Rebuild the word vectors.")
def words(
    data_dir: Annotated[
        Path,
        typer.Option(envvar="ESPR_DATA", help="Folder of 'words/goemotions', 'words/musiccaps'."),
    ],
    sources: Annotated[
        Path,
        typer.Option(help="Folder of the sentence encoder, WordNet and VADER."),
    ],
    out: Annotated[Path, typer.Option(help="Where to write the vectors.")],
    cache: Annotated[
        Path,
        typer.Option(help="Where the encoder's vectors are kept; give it again to go on."),
    ],
) -> None:
    """Rebuild the emotion-enriched word vectors of the `emotion` encoder.

    Needs torch and the extra `sentences`; which packages --sources holds is written in
    espr/training/words/sources.py. Ctrl-C keeps what is finished.
    """
    from rich.console import Console

    from espr.cli.output.console import console
    from espr.training.words.building import build, with_foreign_terms
    from espr.training.words.sources import read_material
    from espr.training.words.writing import write_vectors

    with Console(stderr=True).status("reading") as status:
        material = read_material(sources, data_dir / "words", cache, status.update)
        status.update("building")
        rows, scores = build(material)
        words, rows = with_foreign_terms(material.words, rows, material.lexicon)
        cost = write_vectors(out, words, rows, scores)
    console().print(f"wrote {out}/emotion.*: {len(rows)} words, cosines within {cost:.4f}")
