"""What each dependency costs: disk space, seconds of processor and memory to import it.

``python -m tests.benchmarks.dependency_cost`` measures the environment that runs it. Space is in MB
of files as installed; *alone* is what would go with the dependency, since nothing else needs it.
Seconds and MB of import are the least of three, in processes of their own; 33 MB are a process's
without an import.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
MODULES = {"faiss-cpu": "faiss", "scipy": "scipy.signal", "gensim": "gensim.models"}
_MEASURE = """
import resource, time
begun = time.process_time()
import {}
print(time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def size(distribution: metadata.Distribution) -> float:
    """MB of a distribution's files."""
    paths = [Path(str(file.locate())) for file in distribution.files or []]
    return sum(path.stat().st_size for path in paths if path.is_file()) / 1e6


def add_all(name: str, found: dict[str, float]) -> None:
    """Add a distribution and all that it needs here: name → MB."""
    name = re.sub(r"[-_.]+", "-", name).lower()
    if name in found:
        return
    distribution = metadata.distribution(name)
    found[name] = size(distribution)
    for line in distribution.requires or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            add_all(requirement.name, found)


def import_cost(module: str) -> tuple[float, float]:
    """Seconds of processor and MB of the process after importing a module."""
    command = [sys.executable, "-c", _MEASURE.format(module)]
    runs = [subprocess.run(command, check=True, capture_output=True, text=True) for _ in range(3)]
    seconds, memory = min(tuple(map(float, run.stdout.split())) for run in runs)
    return seconds, memory


def main() -> None:
    """Print a table, the largest first."""
    lines = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["dependencies"]
    needed: dict[str, dict[str, float]] = {}
    for requirement in map(Requirement, lines):
        add_all(requirement.name, needed.setdefault(requirement.name, {}))
    alone = {
        name: sum(
            mb
            for each, mb in of_it.items()
            if not any(each in of_other for other, of_other in needed.items() if other != name)
        )
        for name, of_it in needed.items()
    }
    everything = {each: mb for of_it in needed.values() for each, mb in of_it.items()}
    print(f"{len(everything)} distributions, {sum(everything.values()):.0f} MB\n")
    print("dependency       own MB  alone MB  import s  process MB")
    for name in sorted(needed, key=lambda name: -alone[name]):
        seconds, memory = import_cost(MODULES.get(name, name))
        own = everything[re.sub(r"[-_.]+", "-", name).lower()]
        print(f"{name:15} {own:7.1f} {alone[name]:9.1f} {seconds:9.2f} {memory:11.0f}")


if __name__ == "__main__":
    main()
