"""``espr merge``: merge libraries that were indexed separately."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from espr.cli.completions import FILE
from espr.cli.options import LibraryFile


def merge(
    libraries: Annotated[
        list[Path],
        typer.Argument(metavar="LIBRARY...", click_type=FILE, help="The libraries to merge."),
    ],
    library: LibraryFile = None,
) -> None:
    """Copy the recordings and corrections of other libraries into yours.

    Nothing is analysed again. The other libraries are only read; either all of them are merged
    or nothing is changed.
    """
    from espr.cli.output.terminal_safe import clean
    from espr.maintenance.merge import merge as join

    for outcome in join(libraries, library):
        print(
            f"{clean(outcome.library)}: added {outcome.added}, updated {outcome.updated}, "
            f"already there {outcome.kept}"
        )
