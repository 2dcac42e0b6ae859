"""Costs that are compared within one run: CPU time of this thread, whatever else runs here."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def cpu_seconds(function: Callable[[], object], times: int = 3) -> float:
    """The least CPU time that ``function`` takes, in seconds; at least 1 ms, to divide by."""
    seconds = []
    gc.collect()
    gc.disable()  # what other tests have left is none of its cost
    try:
        for _ in range(times):
            since = time.thread_time()
            function()
            seconds.append(time.thread_time() - since)
    finally:
        gc.enable()
    return max(0.001, min(seconds))
