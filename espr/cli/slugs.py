"""``espr slugs``: the names of the pieces, one a line, for the shells' completion."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from espr.errors import EsprError


def slugs(
    library: Annotated[
        Path | None, typer.Option("--library", metavar="FILE", help="The library to ask.")
    ] = None,
) -> None:
    """Print the names of the pieces, one a line; nothing where there is no library."""
    from espr.catalog.catalog import Catalog

    try:
        with Catalog.open(library) as catalog:
            names = [piece.slug for piece in catalog.pieces()]
    except EsprError:  # a completion has no place for an error: the command itself will tell
        return
    for name in names:
        print(name)
