"""Watches processes that read damaged inputs; a process that dies is a finding, and replaced."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.fuzz.process import input_of
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).parents[2]


def watched(name: str, seed: int, inputs: int, seconds: float, keep: Path | None) -> dict[str, Any]:
    """Fuzz one target in processes of its own.

    Returns
    -------
    dict
        ``inputs``, ``accepted`` as right ones, whether each of the first ones, the ``whole``
        files, was, ``seconds``, the ``slowest`` input's seconds, the largest ``peak_mb`` of a
        process, and ``findings``: pairs of an input's number and what it did. They are written
        to ``keep``.
    """
    since = time.monotonic()
    number, accepted, findings, slowest, peak = 0, 0, [], 0.0, 0
    whole: list[bool] = []
    while number < inputs and (left := seconds - (time.monotonic() - since)) > 0:
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder, "work")
            work.mkdir()
            arguments = (name, str(work), seed, number, inputs - number, left)
            process = subprocess.run(
                [sys.executable, "-m", "tests.fuzz.process", *map(str, arguments)],
                cwd=ROOT,
                capture_output=True,
                check=False,
            )
            if process.returncode == 0:
                done = json.loads(process.stdout.splitlines()[-1])
                number = done["next"]
                accepted += done["accepted"]
                whole += done["whole"]
                findings += done["findings"]
                slowest, peak = max(slowest, done["slowest"]), max(peak, done["peak_mb"])
                continue
            at = work / "at"
            if process.returncode > 0 or not at.exists():
                raise RuntimeError(process.stderr.decode(errors="replace")[-2000:])
            number = int(at.read_text())
            findings.append([number, f"the process ended: {_ended(process.returncode)}"])
            number += 1
    if findings and keep is not None:
        _keep(name, seed, [number for number, _ in findings], keep)
    return {
        "inputs": number,
        "accepted": accepted,
        "whole": whole,
        "seconds": round(time.monotonic() - since, 1),
        "slowest": slowest,
        "peak_mb": peak,
        "findings": findings,
    }


def _ended(code: int) -> str:
    name = signal.Signals(-code).name
    return "it hung" if name == "SIGALRM" else name


def _keep(name: str, seed: int, numbers: list[int], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    all_seeds = TARGETS[name].make_seeds()
    for number in numbers:
        suffix, data = input_of(all_seeds, seed, number)
        (folder / f"{name}-{seed}-{number}{suffix}").write_bytes(data)
