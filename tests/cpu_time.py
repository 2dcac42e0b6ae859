"""Costs that are compared within one run: CPU time of this process, whatever else runs here."""

from __future__ import annotations

import time
from collections.abc import Callable


def cpu_seconds(function: Callable[[], object], times: int = 3) -> float:
    """The least CPU time that ``function`` takes, in seconds; at least 1 ms, to divide by."""
    seconds = []
    for _ in range(times):
        since = time.process_time()
        function()
        seconds.append(time.process_time() - since)
    return max(0.001, min(seconds))
