"""``espr restore``: replace the library with a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from espr.cli.completions import NAMED_FILE
from espr.cli.options import LibraryFile


def restore(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", click_type=NAMED_FILE, help="A copy made by espr backup."),
    ],
    library: LibraryFile = None,
) -> None:
    """Check FILE and replace the library with it; the old library is kept under another name."""
    from espr.cli.output.terminal_safe import clean, counted
    from espr.maintenance.backup import restore as put_back

    report, kept = put_back(file, library)
    print(f"{clean(report.path)}: {counted(report.recordings, 'recording')}, checked")
    if kept:
        print(f"the previous library: {clean(kept)}")
