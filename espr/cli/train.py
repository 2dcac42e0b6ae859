"""`espr train`: how the shipped weights were made, rerunnable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from espr.evaluation.benchmark import Performance

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
    out: Annotated[
        Path | None,
        typer.Option(help="Where to write the models; without it only the figures are printed."),
    ] = None,
    text: Annotated[str, typer.Option(help="Text encoder.")] = "glove",
    audio: Annotated[str, typer.Option(help="Audio encoder.")] = "signal",
) -> None:
    """Fit h, the map from words to the mid-level space, and print its cross-validated figures."""
    from rich.console import Console
    from rich.progress import track
    from rich.table import Table

    from espr.audio.encoder import load_audio_encoder
    from espr.evaluation.con_espressione import read_con_espressione
    from espr.space import SPACES
    from espr.text.encoder import load_text_encoder
    from espr.training.query_model import cross_validate, fit, read_corpus

    def shown(performances: Sequence[Performance]) -> Iterable[Performance]:
        return track(performances, "hearing", console=Console(stderr=True), transient=True)

    benchmark = read_con_espressione(data_dir)
    corpus = read_corpus(benchmark, load_text_encoder(text), load_audio_encoder(audio), shown)
    table = Table(title="Con Espressione, held out piece-wise", title_justify="left")
    for column in ("space", "held out", "query", "Top-1", "Top-2", "MRR"):
        table.add_column(column, justify="right" if column[0] in "TM" else "left")
    for space in SPACES.values():
        within = corpus.in_space(space)
        for held_out, groups in (("piece", within.pieces), ("work", within.works)):
            for query, metrics in cross_validate(within, groups).items():
                row = (f"{metrics[name]:.3f}" for name in ("top1", "top2", "mrr"))
                table.add_row(space.name, held_out, query, *row)
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            file = out / f"{text}.{audio}.{space.name}.json"
            file.write_text(fit(within).to_json(), encoding="utf-8")
    Console().print(table)
