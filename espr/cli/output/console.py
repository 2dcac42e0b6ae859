"""The terminal, a pipe or a file that a person's output goes to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_ENDLESS = 1_000_000  # columns
NARROWEST = 64  # columns; a narrower terminal folds the lines itself, and nothing is cut off


def console() -> Console:
    """Standard output for tables: no markup in names; NO_COLOR and COLUMNS are honoured."""
    from rich.console import Console

    output = Console(markup=False, emoji=False, highlight=False)
    output.width = max(output.width, NARROWEST)
    return output


def list_console() -> Console:
    """The same for lists of any width; in a pipe or a file, each entry has one line."""
    from rich.console import Console

    output = Console(markup=False, emoji=False, highlight=False)
    if not (output.is_terminal or "COLUMNS" in os.environ):
        output.width = _ENDLESS
    return output
