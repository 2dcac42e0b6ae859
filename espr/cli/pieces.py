"""``espr pieces``: which recordings are of the same piece, and what to do where that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from espr.cli.completions import FILE, PIECE, RECORDING
from espr.cli.options import Json, LibraryFile, PieceName, SpaceName

if TYPE_CHECKING:
    from espr.catalog.catalog import Catalog, Piece

app = typer.Typer(
    invoke_without_command=True,
)


@app.callback()
def pieces(context: typer.Context, as_json: Json = False, library: LibraryFile = None) -> None:
    """List the pieces of the library; show, rename, merge or assign them; undo that.

    What you correct is kept when recordings are indexed again, re-tagged or moved.
    """
    context.obj = (as_json, library)
    if context.invoked_subcommand is None:
        from espr.cli.output.pieces import print_pieces

        with _open(context, library) as catalog:
            print_pieces(catalog, as_json=as_json)


@app.command(short_help="Show a piece's recordings.")
def show(
    context: typer.Context, piece: PieceName, as_json: Json = False, library: LibraryFile = None
) -> None:
    """Show a piece's recordings, and the rule and the words by which each came to it."""
    from espr.cli.output.pieces import print_piece
    from espr.retrieval.lookup import find_piece

    with _open(context, library) as catalog, catalog.snapshot():
        print_piece(catalog, find_piece(catalog, piece), as_json=as_json or context.obj[0])


@app.command(short_help="List what sounds otherwise than tags and names say.")
def doubts(context: typer.Context, as_json: Json = False, library: LibraryFile = None) -> None:
    """List what sounds otherwise than tags and names say, each with the command that accepts it.

    Recordings that sound like none of their piece; pieces that sound like one; recordings that are
    an excerpt of another. What you assigned yourself is not doubted.
    """
    from espr.catalog.doubts import find_doubts
    from espr.cli.output.doubts import print_doubts

    with _open(context, library) as catalog:
        print_doubts(find_doubts(catalog), as_json=as_json or context.obj[0])


@app.command("map", short_help="Draw a piece's performances as a map.")
def draw(
    context: typer.Context,
    piece: PieceName,
    figure: Annotated[
        Path,
        typer.Option(
            "--figure",
            metavar="FILE",
            click_type=FILE,
            help="FILE.svg or FILE.png, or - for SVG on standard output; needs the extra "
            "'figures'.",
        ),
    ],
    space: SpaceName = None,
    library: LibraryFile = None,
) -> None:
    """Draw all performances of a piece on a plane, and the features as arrows.

    What lies close together sounds alike; in the direction of an arrow its feature grows.
    """
    from espr.cli.output.figures import check_figure, draw_map

    check_figure(figure)
    from espr.library import Library
    from espr.retrieval.lookup import find_piece
    from espr.retrieval.piece_map import map_piece

    with Library.open(library or context.obj[1], space=space) as opened, opened.catalog.snapshot():
        catalog = opened.catalog
        draw_map(figure, map_piece(catalog, find_piece(catalog, piece), opened.model))


@app.command(short_help="Give a piece another title.")
def rename(
    context: typer.Context,
    piece: PieceName,
    new: Annotated[str, typer.Argument(metavar="NEW", help="The new title.")],
    library: LibraryFile = None,
) -> None:
    """Give a piece another title; its old name still finds it."""
    from espr.catalog import corrections
    from espr.retrieval.lookup import find_piece

    with _open(context, library, write=True) as catalog:
        found = find_piece(catalog, piece)
        slug = corrections.rename(catalog, found, new)
    typer.echo(f"{found.slug} is now {slug}")


@app.command(short_help="Join a piece with another.")
def merge(
    context: typer.Context,
    piece: PieceName,
    into: Annotated[
        str,
        typer.Argument(metavar="INTO", click_type=PIECE, help="The piece it is the same as."),
    ],
    library: LibraryFile = None,
) -> None:
    """Make a piece's recordings recordings of another piece."""
    from espr.catalog import corrections
    from espr.retrieval.lookup import find_piece

    with _open(context, library, write=True) as catalog:
        found, target = find_piece(catalog, piece), find_piece(catalog, into)
        corrections.merge(catalog, found, target)
    typer.echo(f"the recordings of {found.slug} are now of {target.slug}")


@app.command(short_help="Say which piece a recording is of.")
def assign(
    context: typer.Context,
    recording: Annotated[
        str,
        typer.Argument(
            metavar="RECORDING", click_type=RECORDING, help="A path, a file name, or words."
        ),
    ],
    piece: PieceName,
    new: Annotated[
        bool, typer.Option("--new", help="PIECE is the title of a piece that is not there yet.")
    ] = False,
    library: LibraryFile = None,
) -> None:
    """Say which piece a recording is of."""
    from espr.catalog import corrections
    from espr.cli.output.terminal_safe import clean
    from espr.retrieval.lookup import find_recording

    with _open(context, library, write=True) as catalog:
        found = find_recording(catalog, recording)
        if new:
            slug = corrections.assign_new(catalog, found, piece)
        else:
            target = _piece_or_new(catalog, piece)
            corrections.assign(catalog, found, target)
            slug = target.slug
    typer.echo(f"{clean(found.path)} is now of {slug}")


@app.command(short_help="Take back the last correction.")
def undo(context: typer.Context, library: LibraryFile = None) -> None:
    """Take back the last rename, merge or assign; again takes back the one before it."""
    from espr.catalog import corrections
    from espr.cli.output.terminal_safe import clean

    with _open(context, library, write=True) as catalog:
        taken_back = corrections.undo(catalog)
    typer.echo(f"taken back: {clean(taken_back)}")


def _piece_or_new(catalog: Catalog, words: str) -> Piece:
    """The piece that ``words`` name; where there is none, the error offers ``--new``."""
    from espr.errors import NOTHING_MATCHED, EsprError
    from espr.retrieval.lookup import find_piece

    try:
        return find_piece(catalog, words)
    except EsprError as error:
        if error.exit_code != NOTHING_MATCHED:
            raise
        raise EsprError(f"{error}, or add --new to make it a new piece", NOTHING_MATCHED) from error


def _open(context: typer.Context, library: Path | None, *, write: bool = False) -> Catalog:
    """The library named before or after the subcommand."""
    from espr.catalog.catalog import Catalog

    path = library or context.obj[1]
    if write:
        Catalog.open(path).close()  # a correction makes no library
    return Catalog.open(path, write=write)
