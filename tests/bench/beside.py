"""Indexing and evaluation beside another checkout: ``python -m tests.bench.beside CHECKOUT``.

Prints one JSON document with seconds of the processor and memory on both sides and their ratios,
medians of interleaved runs of whole processes: of one new file of 60 s, of 48 takes of the demo's
pieces with two workers, and of ``espr evaluate`` on single answers where ESPR_SHARED_DATA is. What
`midlevel` and `signal` take for three minutes, and decoding alone, is measured in warm processes.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from espr.demo.takes import write_takes
from tests.bench.material import make_audio
from tests.signals import write_phrase

ROUNDS = 5
SEEDS = 4  # of the demo, twelve takes each
_ALONE = """
import sys, time
from pathlib import Path
path, name = sys.argv[1:]
if name == "decoding":
    import soundfile
    def work():
        for _ in soundfile.blocks(path, 1 << 18, dtype="float32"):
            pass
else:
    from espr.encoders import load_audio_encoder
    encoder = load_audio_encoder(name)
    def work():
        encoder.hear(path)
work()
since = time.process_time()
for _ in range(3):
    work()
print((time.process_time() - since) / 3)
"""
Taken = tuple[float, float]  # seconds of the processor, megabytes of the largest process


def process(checkout: Path, *arguments: str) -> Taken:
    """What ``python ARGUMENTS`` takes, its own children included."""
    script = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=-3);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
    )
    seconds, memory = _run(checkout, "-c", script, sys.executable, *arguments).split()
    return float(seconds), float(memory)


def indexing(checkout: Path, music: Path, jobs: int) -> Taken:
    """What ``espr index`` takes for new files."""
    with tempfile.TemporaryDirectory() as folder:
        library = str(Path(folder) / "library.espr")
        command = ("-m", "espr", "index", str(music), "--quiet", "--library", library)
        return process(checkout, *command, "--jobs", str(jobs))


def evaluating(checkout: Path, data: str) -> Taken:
    """What ``espr evaluate`` takes once profiles and embeddings are kept."""
    command = ("-m", "espr", "evaluate", "--data-dir", data, "--queries", "answers", "--controls")
    return process(checkout, *command, "--json")


def alone(checkout: Path, file: Path, name: str) -> Taken:
    """What one recording takes in a process that has analysed it before."""
    return float(_run(checkout, "-c", _ALONE, str(file), name)), 0.0


def _run(checkout: Path, *arguments: str) -> str:
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **one_thread, "PYTHONPATH": str(checkout)},
        cwd=checkout,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def compared(other: Path, work: Callable[[Path], Taken], rounds: int = ROUNDS) -> dict[str, Any]:
    """Medians on both sides; one round more warms the disk and the caches."""
    here = Path(__file__).parents[2]
    taken = [(work(here), work(other)) for _ in range(rounds + 1)][1:]
    ours, theirs = (
        [statistics.median(values) for values in zip(*side, strict=True)]
        for side in zip(*taken, strict=True)
    )
    return {
        "seconds": round(ours[0], 3),
        "other": round(theirs[0], 3),
        "ratio": round(ours[0] / theirs[0], 3),
        "megabytes": round(ours[1]),
        "other_megabytes": round(theirs[1]),
    }


def main(other: Path) -> None:
    found: dict[str, Any] = {"schema": "espr.beside/1", "rounds": ROUNDS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        one, several = folder / "one", folder / "several"
        one.mkdir()
        write_phrase(one / "new.flac", 60.0)
        for seed in range(SEEDS):
            takes = several / str(seed)
            takes.mkdir(parents=True)
            write_takes(takes, seed)
        make_audio(folder)
        found["one_new_file"] = compared(other, lambda side: indexing(side, one, 1))
        found["several_two_workers"] = compared(other, lambda side: indexing(side, several, 2), 2)
        for kind in ("midlevel", "signal", "decoding"):
            work = partial(alone, file=folder / "take.mp3", name=kind)
            found[f"three_minutes_{kind}"] = compared(other, work, 2)
        if data := os.environ.get("ESPR_SHARED_DATA"):
            found["evaluate"] = compared(other, lambda side: evaluating(side, data), 1)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
