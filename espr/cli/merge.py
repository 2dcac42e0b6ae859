"""``espr merge``: join libraries that were indexed apart."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from espr.cli.completions import FILE
from espr.cli.options import LibraryFile


def merge(
    libraries: Annotated[
        list[Path],
        typer.Argument(metavar="LIBRARY...", click_type=FILE, help="The libraries to take over."),
    ],
    library: LibraryFile = None,
) -> None:
    """Take the recordings and corrections of other libraries over into yours.

    What they heard is not heard again. They are only read; either all are taken over or
    nothing is changed.
    """
    from espr.cli.output.terminal_safe import clean
    from espr.maintenance.merge import merge as join

    for outcome in join(libraries, library):
        print(
            f"{clean(outcome.library)}: added {outcome.added}, updated {outcome.updated}, "
            f"already there {outcome.kept}"
        )
