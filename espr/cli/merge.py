"""``espr merge``: join libraries that were indexed apart."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def merge(
    libraries: Annotated[
        list[Path], typer.Argument(metavar="LIBRARY...", help="The libraries to take over.")
    ],
    library: Annotated[
        Path | None,
        typer.Option("--library", metavar="FILE", help="The library to join them into."),
    ] = None,
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
