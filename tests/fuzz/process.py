"""One process that reads damaged inputs, watched by another: native code may end it.

``python -m tests.fuzz.process TARGET FOLDER SEED FIRST COUNT SECONDS``: the inputs are a function
of target, seed and number, so that each can be made again. What it is at stands in
FOLDER/at before each input; a summary goes to stdout as JSON.
"""

from __future__ import annotations

import json
import re
import signal
import sys
import time
import traceback
from pathlib import Path
from random import Random

from tests.fuzz.mutations import mutated
from tests.fuzz.targets import TARGETS

SECONDS_AN_INPUT = 60  # far more than any takes: what is longer hangs
_STATUS = Path("/proc/self/status")
MEGABYTES = 600  # of a worker, whatever it reads


def input_of(all_seeds: list[tuple[str, bytes]], seed: int, number: int) -> tuple[str, bytes]:
    """Suffix and bytes of one input; the first ones are the whole files."""
    if number < len(all_seeds):
        return all_seeds[number]
    random = Random(f"{seed} {number}")
    suffix, whole = random.choice(all_seeds)
    return suffix, mutated(whole, random)


def peak_megabytes() -> int:
    """The most memory this process has had.

    getrusage would begin with what the process had that started this one: pytest with torch.
    """
    if not _STATUS.is_file():  # not Linux
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20
    (kilobytes,) = re.findall(r"VmHWM:\s+(\d+)", _STATUS.read_text())
    return int(kilobytes) >> 10


def run(name: str, folder: Path, seed: int, first: int, count: int, seconds: float) -> dict:
    """Read inputs until ``count`` or the time is spent."""
    target = TARGETS[name]
    all_seeds = target.make_seeds()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process: native code heeds no handler
    accepted, findings, slowest, number = 0, [], 0.0, first
    whole: list[bool] = []  # whether each of the whole files was taken for a right one
    until = time.monotonic() + seconds
    while number < first + count and time.monotonic() < until:
        suffix, data = input_of(all_seeds, seed, number)
        (folder / "at").write_text(str(number))
        signal.alarm(SECONDS_AN_INPUT)
        since, taken = time.perf_counter(), False
        try:
            taken = target.try_one(folder / f"input{suffix}", data)
            accepted += taken
        except Exception as error:
            told = traceback.format_exception_only(error)[-1].strip()[:300]
            where = traceback.extract_tb(error.__traceback__)[-1]
            findings.append([number, f"{told} ({where.filename}:{where.lineno})"])
        finally:
            signal.alarm(0)
        if number < len(all_seeds):
            whole.append(taken)
        slowest = max(slowest, time.perf_counter() - since)
        peak = peak_megabytes()
        if peak > MEGABYTES:
            findings.append([number, f"{peak} MB of memory"])
            number += 1
            break
        number += 1
    return {
        "next": number,
        "accepted": accepted,
        "whole": whole,
        "findings": findings,
        "slowest": round(slowest, 2),
        "peak_mb": peak_megabytes(),
    }


if __name__ == "__main__":
    name, folder, seed, first, count, seconds = sys.argv[1:]
    done = run(name, Path(folder), int(seed), int(first), int(count), float(seconds))
    print(json.dumps(done))
