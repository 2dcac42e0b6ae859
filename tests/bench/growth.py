"""How the cost of a library grows with it: ``python -m tests.bench growth [COUNT…]``.

Synthetic profiles, real code: libraries of 1,000, 10,000, 100,000 (and, named, 1,000,000)
recordings, a tenth as many pieces; one new file holds sound, which is analysed. Seconds are of the
processor, user and system, children included, and of whole processes as a user starts them: what
else the machine does is not in them.
"""

from __future__ import annotations

import math
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from espr.catalog.locations import index_path, ties_path
from tests.bench.processes import measure

COUNTS = (1_000, 10_000, 100_000)
_COLUMNS = {
    "make": "store and group all",
    "nothing_new": "index, nothing new",
    "one_new": "index, one new",
    "one_real": "espr index of one new file of 60 s",
    "check": "check",
    "within_a_piece": "query in a piece",
    "like": "query --like in a piece",
    "show": "show a recording",
    "whole_library": "query over all",
    "relative": "… --relative",
    "first_search": "first search",
    "pieces": "pieces",
    "show_piece": "pieces show",
    "doubts": "pieces doubts",
}


def growth(counts: Sequence[int] = COUNTS) -> dict[str, Any]:
    """Processor seconds, memory and bytes by the number of recordings.

    Returns
    -------
    dict
        ``sizes``: what was measured by the number of recordings, as text; ``exponents``: of each
        cost as a power of the number, between the two largest libraries. 1 is linear.
    """
    sizes = {}
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            print(f"a library of {count:,} recordings", file=sys.stderr, flush=True)
            sizes[str(count)] = measured(Path(folder), count)
    document: dict[str, Any] = {"sizes": sizes}
    if len(counts) > 1:
        small, large = (sizes[str(count)] for count in counts[-2:])
        factor = math.log(counts[-1] / counts[-2])
        document["exponents"] = {
            name: round(math.log(large[name]["cpu"] / small[name]["cpu"]) / factor, 2)
            for name in _COLUMNS
            if name in large and name in small
        }
    return document


def measured(folder: Path, count: int) -> dict[str, Any]:
    """What commands cost in a library of ``count`` recordings, which is made in ``folder``."""
    growing = ("-m", "tests.bench.growing")
    # names are hashed into made-up sound: the same in every process
    environment = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    made = measure([*growing, "make", str(folder), str(count)], 0, environment)
    library = folder / "library.espr"
    environment["ESPR_LIBRARY"] = str(library)

    # as often at every size: the first run finds less of a library in memory than those after it
    def taken(*arguments: str, of: Sequence[str] = ("-m", "espr"), runs: int = 3) -> Any:
        print(" ".join(arguments), file=sys.stderr, flush=True)
        return measure([*of, *arguments], runs, environment, warm=False)

    found = {"make": made, "bytes_a_recording": round(library.stat().st_size / count)}
    found["ties_bytes_a_recording"] = round(ties_path(library).stat().st_size / count)
    found["nothing_new"] = taken("index", str(folder), of=growing)
    found["first_search"] = taken("query", "shy, delicate", runs=1)
    found["search_bytes_a_recording"] = round(index_path(library).stat().st_size / count)
    found["whole_library"] = taken("query", "shy, delicate")
    taken("query", "shy, delicate", "--relative", runs=1)
    found["relative"] = taken("query", "shy, delicate", "--relative")
    piece = "piece-000000"
    found["within_a_piece"] = taken("query", "shy, delicate", "--piece", piece)
    recording = "piece-000000_Gould"
    found["like"] = taken("query", "--like", recording, "--piece", piece)
    found["show"] = taken("show", recording)
    found["pieces"] = taken("pieces")
    found["show_piece"] = taken("pieces", "show", piece)
    found["doubts"] = taken("pieces", "doubts")
    found["check"] = taken("check")
    new = folder / "music" / "00000" / "piece-000000_Richter.flac"
    shutil.copy(folder / "music" / "00000" / "piece-000000_Arrau.flac", new)
    os.utime(new)
    found["one_new"] = taken("index", str(folder), of=growing, runs=1)
    measure([*growing, "sound", str(folder)], 0, environment)
    real = str(folder / "music" / "new.flac")
    found["one_real"] = taken("index", real, "--quiet", "--jobs", "1", runs=1)
    return found


def table(document: dict[str, Any]) -> str:
    """The measurements as Markdown."""
    sizes = document["sizes"]
    lines = [
        "| processor seconds | "
        + " | ".join(f"{int(count):,}" for count in sizes)
        + " | grows as |",
        "|---|" + "---|" * (len(sizes) + 1),
    ]
    for name, title in _COLUMNS.items():
        cells = [_seconds(size[name]["cpu"]) for size in sizes.values()]
        exponent = document.get("exponents", {}).get(name)
        lines.append(f"| {title} | {' | '.join(cells)} | {_power(exponent)} |")
    for title, names in (
        ("memory: query over all", ("whole_library", "relative")),
        ("memory: largest process", _COLUMNS),
    ):
        memory = [f"{max(size[n]['peak_mb'] for n in names):,} MB" for size in sizes.values()]
        lines.append(f"| {title} | {' | '.join(memory)} | |")
    for name, title in (
        ("bytes_a_recording", "library, bytes per recording"),
        ("search_bytes_a_recording", "search index, bytes per recording"),
        ("ties_bytes_a_recording", "ties, bytes per recording"),
    ):
        lines.append(f"| {title} | {' | '.join(f'{s[name]:,}' for s in sizes.values())} | |")
    return "\n".join(lines)


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds < 10 else f"{seconds:.0f}"


def _power(exponent: float | None) -> str:
    return "" if exponent is None else f"n^{exponent:.2f}"
