"""The terminal, a pipe or a file that a person's output goes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

NARROWEST = 64  # columns; a narrower terminal folds the lines itself, and nothing is cut off


def console() -> Console:
    """Standard output for tables: no markup in names; NO_COLOR and COLUMNS are honoured."""
    from rich.console import Console

    output = Console(markup=False, emoji=False, highlight=False)
    output.width = max(output.width, NARROWEST)
    return output
