"""The options and arguments that several commands share, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from espr.cli import completions as kinds
from espr.errors import EsprError
from espr.pages import PageAudio

LibraryFile = Annotated[
    Path | None,
    typer.Option(
        "--library",
        metavar="FILE",
        click_type=kinds.NAMED_FILE,
        help="The library's file; by default the one that ESPR_LIBRARY names, else your own.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
SpaceName = Annotated[
    str | None,
    typer.Option(
        "--space", click_type=kinds.SPACE, help="Features to compare: midlevel or midlevel+."
    ),
]
PieceName = Annotated[
    str,
    typer.Argument(
        metavar="PIECE",
        click_type=kinds.PIECE,
        help="Its short name, the beginning of it, or words of its title.",
    ),
]
FigureFile = Annotated[
    Path | None,
    typer.Option(
        "--figure",
        metavar="FILE",
        click_type=kinds.FILE,
        help="Draw it, too, as FILE.svg or FILE.png, or as SVG on -; needs the extra 'figures'.",
    ),
]
Play = Annotated[
    bool, typer.Option("--play", help="Play the passages, steered by keys, on a terminal.")
]


def audio_of_page(page: Path | None, audio: PageAudio | None) -> PageAudio:
    """What a page plays: what was asked for, else the passages.

    Raises
    ------
    EsprError
        When no page is asked for.
    """
    if audio is not None and page is None:
        raise EsprError("--html-audio says what a page plays: give --html FILE, too")
    return audio or PageAudio.CLIPS
