"""``espr merge``: merge libraries that were indexed separately."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from espr.cli.completions import NAMED_FILE
from espr.cli.options import LibraryFile


def merge(
    libraries: Annotated[
        list[Path],
        typer.Argument(metavar="LIBRARY...", click_type=NAMED_FILE, help="The libraries to merge."),
    ],
    library: LibraryFile = None,
) -> None:
    """Copy the recordings and corrections of other libraries into yours.

    Nothing is analysed again. The other libraries are only read; either all of them are merged
    or nothing is changed. The shards of a collection (espr index --shard) give the library that
    one index of all of it would.
    """
    from espr.cli.output.progress import Lines, say
    from espr.cli.output.terminal_safe import clean
    from espr.maintenance.merge import merge as join

    report = Lines(quiet=False, dry_run=False)
    for outcome in join(libraries, library, report.compared, report.noticed):
        print(
            f"{clean(outcome.library)}: added {outcome.added}, updated {outcome.updated}, "
            f"already there {outcome.kept}"
        )
        if outcome.note:
            say(f"note: {clean(outcome.note)}")
