"""The terminal, a pipe or a file that a person's output goes to."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def console() -> Console:
    """Standard output for tables: no markup in names; NO_COLOR and COLUMNS are honoured.

    What the encoding of the output cannot print appears as "?", never as a traceback.
    """
    from rich.console import Console

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Console(markup=False, emoji=False, highlight=False)
