"""Time and memory of whole processes, as a user waits for them.

This module and its caller import nothing large: Linux counts the memory of a parent as the
peak of its child until the child has replaced it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

_MEGABYTE = 2**20


def measure(
    arguments: Sequence[str],
    runs: int,
    environment: Mapping[str, str] | None = None,
    *,
    warm: bool = True,
) -> dict[str, Any]:
    """Medians over ``runs`` of ``python ARGUMENTS``, which must succeed.

    Parameters
    ----------
    warm : bool
        One run more, which is not counted, warms the disk; with no ``runs`` it is what counts.

    Returns
    -------
    dict
        ``seconds`` (whole process), ``slowest``, ``cpu`` (seconds of the processor, user and
        system, children included) and ``peak_mb`` (resident; where there are workers, of the
        largest process).
    """
    seconds, processor, peaks = [], [], []
    for run in range(runs + warm):
        since = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
        )
        assert process.stderr is not None
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - since
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stderr.close()
        if process.returncode:
            raise SystemExit(f"{' '.join(arguments)}: {process.returncode}\n{errors.decode()}")
        if run or not warm or not runs:
            seconds.append(elapsed)
            processor.append(usage.ru_utime + usage.ru_stime)
            # kilobytes, but on macOS bytes
            peaks.append(usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / _MEGABYTE)
    return {
        "seconds": round(statistics.median(seconds), 3),
        "slowest": round(max(seconds), 3),
        "cpu": round(statistics.median(processor), 3),
        "peak_mb": round(statistics.median(peaks)),
        "runs": runs,
    }
