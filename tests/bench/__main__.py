"""Run every measurement, print one JSON document; what is being done goes to stderr.

Budgets are those of the design; they are printed beside what was measured, not enforced:
a clock on a busy machine is no gate. What must not be imported is a test.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from espr import __version__
from espr.indexing.workers import core_count
from tests.bench import vectors
from tests.bench.growth import COUNTS, growth, measured, table
from tests.bench.peers import peers
from tests.bench.processes import measure

# A workaround for one processor that slows numpy on others.
os.environ.pop("OPENBLAS_CORETYPE", None)

RUNS = 9
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
# Recordings of large libraries, with budgets in seconds; the cases are those of `growth.py`.
GROWN = {
    100_000: {"nothing_new": 10.0},
    1_000_000: {"whole_library": 1.0, "relative": 1.0, "within_a_piece": 1.0},
}
# What finding the files takes any program.
_WALK = (
    "import os, sys\n"
    "for folder, _, names in os.walk(sys.argv[1]):\n"
    "    for name in names: os.stat(os.path.join(folder, name))"
)
PACKAGES = ("typer", "rich", "numpy", "soundfile", "soxr", "faiss-cpu", "torch")


def main() -> None:
    """Make the material, measure, print; ``growth [COUNT…]`` prints how costs grow instead.

    Of searching alone, ``growth [COUNT…] --vectors COUNT…``, which takes larger numbers;
    ``workers`` measures what a second worker brings.
    """
    if sys.argv[1:2] == ["growth"]:
        of_libraries, _, of_vectors = " ".join(sys.argv[2:]).partition("--vectors")
        grown = growth([int(count) for count in of_libraries.split()] or COUNTS)
        grown |= vectors.vectors([int(count) for count in of_vectors.split()] or vectors.COUNTS)
        print(table(grown), vectors.table(grown), sep="\n\n")
        print(json.dumps({"schema": "espr.growth/1", "machine": machine(), **grown}))
        return
    if sys.argv[1:] == ["workers"]:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(scaling(Path(folder)), indent=2))
        return
    with tempfile.TemporaryDirectory() as folder:
        document = {
            "schema": "espr.bench/1",
            "machine": machine(),
            "versions": {"espr": __version__, "python": platform.python_version()}
            | {package: version(package) for package in PACKAGES},
            **measurements(Path(folder)),
        }
    print(json.dumps(document, indent=2, ensure_ascii=False))


def measurements(folder: Path) -> dict[str, Any]:
    """Everything that is timed."""
    _say("making a library of 10,000 recordings and three minutes of sound")
    for kind in ("library", "audio"):
        _run("tests.bench.material", kind, str(folder))
    library = {"ESPR_LIBRARY": str(folder / "library.espr")}

    def espr(*arguments: str, runs: int = RUNS, **budget: float) -> dict[str, Any]:
        _say("espr " + " ".join(arguments))
        taken = measure(["-m", "espr", *arguments], runs, library)
        return taken | ({"budget": budget} if budget else {})

    found: dict[str, Any] = {
        "start_up": {
            "python_alone": measure(["-c", "pass"], RUNS),
            "help": espr("--help", seconds=0.2),
            "query_help": espr("query", "--help", seconds=0.2),
            "completion_of_pieces": _completion(library),
        },
        "query": {
            "recordings": 10_000,
            "within_a_piece": espr(
                "query", "shy, delicate", "--piece", "piece-500", seconds=0.4, peak_mb=200
            ),
            "whole_library_first": _without(
                folder / "library.espr.faiss",
                *("query", "shy, delicate", "--library", library["ESPR_LIBRARY"]),
                runs=3,
            ),
            "whole_library": espr("query", "shy, delicate", seconds=0.4, peak_mb=200),
            "relative": espr("query", "shy, delicate", "--relative", seconds=0.4, peak_mb=200),
            "show": espr("show", "piece-500_Lipatti.flac"),
            "pieces": espr("pieces"),
        },
    }
    unchanged = espr("index", str(folder / "music"), "--quiet", runs=3)
    walking = measure(["-c", _WALK, str(folder / "music")], 3)
    found["unchanged"] = unchanged | {
        "walking_alone": walking,
        "times_walking_alone": round(unchanged["seconds"] / walking["seconds"], 1),
        "recordings": 10_000,
        "a_second": round(10_000 / unchanged["seconds"]),
        "budget": {"a_second": 10_000},
    }
    _say("hearing and searching")
    files = [str(path) for path in sorted(folder.glob("take.*"))]
    heard = json.loads(_run("tests.bench.hearing", *files, **ONE_THREAD))
    new = folder / "new.espr"
    found["index"] = {
        "recording_seconds": 180,
        "a_core": heard["encoders"],
        "budget": {"times_real_time": 180},
        "decoding_alone": heard["decoding_alone"],
        "window_by_window": heard["window_by_window"],
        "workers": scaling(folder),
        "whole_command": {
            Path(file).suffix[1:]: _without(
                new, "index", file, "--quiet", "--library", str(new), runs=3
            )
            for file in files
        },
    }
    _say("what others take")
    found["peers"] = peers(folder / "take.flac")
    found["search"] = heard["search"] | {"budget": {"seconds": 0.005}}
    found["grown"] = {str(count): _grown(folder / "grown", count) for count in GROWN}
    return found


def _completion(library: dict[str, str]) -> dict[str, Any]:
    """What one press of TAB costs after ``espr query --piece``."""
    asked = {"_ESPR_COMPLETE": "bash_complete", "COMP_WORDS": "espr query --piece "}
    _say("completion of pieces")
    taken = measure(["-m", "espr"], RUNS, library | asked | {"COMP_CWORD": "3"})
    return taken | {"budget": {"seconds": 0.2}}


def _grown(folder: Path, count: int) -> dict[str, Any]:
    """What commands cost in a library of so many recordings, and the bytes of each."""
    _say(f"a library of {count:,} recordings")
    folder.mkdir()
    found = measured(folder, count)
    for name, budget in GROWN[count].items():
        found[name]["budget"] = {"seconds": budget}
    shutil.rmtree(folder)  # 5 GB at a million
    return found


def scaling(folder: Path) -> dict[str, Any]:
    """``espr index`` with one worker and two, ours and Dask's, of few recordings and of many."""
    made = folder / "several"
    made.mkdir()
    _run("tests.bench.material", "several", str(made))
    found: dict[str, Any] = {}
    for count, runs in ((16, 3), (96, 1)):
        several = folder / f"several-{count}"
        several.mkdir()
        for file in sorted(made.iterdir())[:count]:
            os.link(file, several / file.name)
        new = folder / f"several-{count}.espr"
        command = ("index", str(several), "--quiet", "--library", str(new), "--jobs")
        taken = {jobs: _without(new, *command, jobs, runs=runs) for jobs in ("1", "2")}
        for jobs in ("1", "2"):
            taken[f"dask {jobs}"] = _without(new, *command, jobs, "--dask", "local", runs=runs)
        ratios = {
            name: round(taken[f"{kind}1"]["seconds"] / taken[f"{kind}2"]["seconds"], 2)
            for name, kind in (("ratio", ""), ("ratio_dask", "dask "))
        }
        found[str(count)] = taken | ratios
    found["96"]["budget"] = {"ratio": 1.8}
    return found


def _without(file: Path, *arguments: str, runs: int) -> dict[str, Any]:
    """``espr ARGUMENTS`` where ``file`` is not there yet; removing it takes no time to speak of."""
    script = (
        "import pathlib, sys; from espr.cli.app import main; "
        "pathlib.Path(sys.argv.pop()).unlink(missing_ok=True); main()"
    )
    return measure(["-c", script, *arguments, str(file)], runs)


def _run(module: str, *arguments: str, **environment: str) -> str:
    """What a module prints; in a process of its own, so that this one stays small."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    ).stdout


def machine() -> dict[str, Any]:
    """What it was measured on."""
    return {
        "processor": _processor(),
        "cores": core_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": platform.platform(),
        "load": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "")


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
