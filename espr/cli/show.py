"""``espr show``: how one recording sounds, against its piece and through time."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from espr.cli.completions import RECORDING
from espr.cli.options import FigureFile, Json, LibraryFile, Play, SpaceName
from espr.errors import EsprError

if TYPE_CHECKING:
    from espr.retrieval.recording_profile import Portrait


def show(
    recording: Annotated[
        list[str],
        typer.Argument(
            metavar="RECORDING...",
            click_type=RECORDING,
            help="A path, a file name, or words: performer and piece.",
        ),
    ],
    space: SpaceName = None,
    as_json: Json = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print the windows as CSV, in measured units.")
    ] = False,
    figure: FigureFile = None,
    play: Play = False,
    library: LibraryFile = None,
) -> None:
    """Show a recording's profile against its piece, its windows over time, and words near it."""
    if as_json and as_csv:
        raise EsprError("--json and --csv exclude each other")

    is_quiet = False
    if figure is not None:
        from espr.cli.output.figures import check_figure, draw_portrait
        from espr.cli.output.files import takes_standard_output

        printed = {"--json": as_json, "--csv": as_csv, "--play": play}
        is_quiet = takes_standard_output({"--figure": figure}, printed)
        check_figure(figure)
    if play:
        from espr.cli.playing import check_play

        check_play(as_text=not (as_json or as_csv))

    from espr.library import Library

    with Library.open(library, space=space) as opened:
        portrait = opened.show(" ".join(recording))
        if figure is not None:
            from espr.retrieval.windows_beside import windows_beside

            others = windows_beside(opened.catalog, opened.model, portrait.recording)
            draw_portrait(figure, portrait, others)
        if not is_quiet:
            _print(portrait, as_json=as_json, as_csv=as_csv)
        if play:
            from espr.cli.playing import play as play_passages
            from espr.retrieval.passages import typical_passages

            play_passages(typical_passages(portrait), opened.same_bars)


def _print(portrait: Portrait, *, as_json: bool, as_csv: bool) -> None:
    if as_json:
        from espr.cli.output.json_csv import json_text

        print(json_text(portrait.document(), sys.stdout))
    elif as_csv:
        from espr.cli.output.json_csv import csv_text

        windows = zip(portrait.times.tolist(), portrait.features.tolist(), strict=True)
        rows = [
            [*(round(time, 3) for time in times), *(float(f"{value:.6g}") for value in features)]
            for times, features in windows
        ]
        print(csv_text([["start", "end", *portrait.space.measured.names], *rows]), end="")
    else:
        from espr.cli.output.console import console
        from espr.cli.output.recording_profile import print_portrait

        print_portrait(console(), portrait)
