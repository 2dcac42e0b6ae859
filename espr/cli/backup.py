"""``espr backup``: a verified copy of the library."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from espr.cli.completions import NAMED_FILE
from espr.cli.options import LibraryFile


def backup(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", click_type=NAMED_FILE, help="The copy to make.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
    library: LibraryFile = None,
) -> None:
    """Copy the library to FILE, also while it is being written, and check the copy.

    The recordings themselves are not copied.
    """
    from espr.cli.output.terminal_safe import clean, counted
    from espr.maintenance.backup import backup as copy

    report = copy(file, library, force=force)
    print(f"{counted(report.recordings, 'recording')} in {clean(file)}, checked")
