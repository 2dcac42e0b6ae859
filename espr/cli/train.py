"""`espr train`: how the shipped weights were made, rerunnable."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Rebuild the shipped weights from the data they were made of.", no_args_is_help=True
)


@app.callback()
def train() -> None:
    """Rebuild the shipped weights from the data they were made of."""


@app.command("query-model")
def query_model(
    data_dir: Annotated[
        Path,
        typer.Option(
            envvar="ESPR_DATA",
            help="Folder of the Con Espressione Game: its table of answers and a folder 'audio'.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Where to write the models, one for each space.")],
    text: Annotated[str, typer.Option(help="Text encoder.")] = "glove",
    audio: Annotated[str, typer.Option(help="Audio encoder.")] = "signal",
) -> None:
    """Fit h, the map from words to the mid-level space; `espr evaluate` measures it."""
    from rich.console import Console
    from rich.progress import track

    from espr.audio.encoder import load_audio_encoder
    from espr.cli.console import console
    from espr.evaluation.con_espressione import read_con_espressione
    from espr.evaluation.profiles import profiles
    from espr.space import SPACES
    from espr.text.encoder import load_text_encoder
    from espr.training.query_model import fit, make_corpus

    folder = data_dir / "con-espressione" if (data_dir / "con-espressione").is_dir() else data_dir
    benchmark = read_con_espressione(folder)
    errors = Console(stderr=True)
    heard = profiles(
        [performance.audio for performance in benchmark.performances],
        audio,
        track=lambda rows, count: track(rows, "hearing", count, console=errors, transient=True),
    )
    words, sound = load_text_encoder(text), load_audio_encoder(audio)
    out.mkdir(parents=True, exist_ok=True)
    for space in SPACES.values():
        model = fit(make_corpus(benchmark, words, sound.id, space, heard))
        file = out / f"{text}.{audio}.{space.name}.json"
        file.write_text(model.to_json(), encoding="utf-8")
        console().print(f"wrote {file}")
