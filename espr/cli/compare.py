"""``espr compare``: what differs between performances of a piece, and their tempo over time."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from espr.cli.completions import FILE, PIECE, RECORDING
from espr.cli.options import FigureFile, Json, LibraryFile, Play, SpaceName, audio_of_page
from espr.errors import EsprError
from espr.pages import PageAudio


def compare(
    recordings: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RECORDING]...",
            click_type=RECORDING,
            help="Two or more, each a path, a file name or a performer.",
        ),
    ] = None,
    piece: Annotated[
        str | None,
        typer.Option(
            "--piece",
            "-p",
            click_type=PIECE,
            help="The piece, where names fit several; alone, all its performances.",
        ),
    ] = None,
    space: SpaceName = None,
    as_json: Json = False,
    figure: FigureFile = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            click_type=FILE,
            help="Write the comparison as a page that plays, too.",
        ),
    ] = None,
    html_audio: Annotated[
        PageAudio | None,
        typer.Option(
            "--html-audio", help="What the page plays: the passages (default), recordings, files."
        ),
    ] = None,
    play: Play = False,
    library: LibraryFile = None,
) -> None:
    """Show what differs between performances of a piece, strongest first, and their tempo.

    Two are compared with each other; of more, each with the mean of the others.
    """
    names = recordings or []
    if len(names) < 2 and (names or piece is None):
        raise EsprError("compare needs two recordings or more, or --piece for all of a piece")
    audio = audio_of_page(html, html_audio)
    is_quiet = False
    if html is not None or figure is not None:
        from espr.cli.output.files import check_target, takes_standard_output
        from espr.pages.page import PAGE

        printed = {"--json": as_json, "--play": play}
        is_quiet = takes_standard_output({"--html": html, "--figure": figure}, printed)
        if html is not None:
            check_target(html, "page", PAGE)
    if figure is not None:
        from espr.cli.output.figures import check_figure, draw_side_by_side

        check_figure(figure)

    if play:
        from espr.cli.playing import check_play

        check_play(as_text=not as_json)

    from espr.library import Library

    with Library.open(library, space=space) as opened:
        compared = opened.compare(names, piece)
        if figure is not None:
            draw_side_by_side(figure, compared)
        if html is not None:
            from espr.cli.output.page import write_comparison
            from espr.retrieval.side_by_side import bars_of

            bars = bars_of(opened.catalog, compared)
            print(write_comparison(html, compared, bars, audio), file=sys.stderr)
        if is_quiet:
            return
        if as_json:
            from espr.cli.output.json_csv import json_text

            print(json_text(compared.document(), sys.stdout))
            return
        from espr.cli.output.console import console
        from espr.cli.output.side_by_side import print_side_by_side

        print_side_by_side(console(), compared)
        if play:
            from espr.cli.playing import play as play_passages
            from espr.retrieval.passages import differing_passages

            play_passages(differing_passages(compared), opened.same_bars)
