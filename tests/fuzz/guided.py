"""Coverage-guided fuzzing with atheris (libFuzzer for Python), where it is installed.

It follows the branches of ESPR's own code and of tinytag; what libsndfile and FFmpeg do it
cannot see, so the mutations of :mod:`tests.fuzz.mutations` are the test of those.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).parents[2]


def has_atheris() -> bool:
    return find_spec("atheris") is not None


def guided(name: str, seconds: float, keep: Path | None) -> dict[str, Any]:
    """Fuzz one target; libFuzzer stops at its first finding, and is started again after it."""
    since = time.monotonic()
    inputs, findings = 0, []
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for number, (suffix, data) in enumerate(TARGETS[name].make_seeds()):
            # the first byte says which suffix the input has
            (corpus / str(number)).write_bytes(bytes([_suffixes(name).index(suffix)]) + data)
        while (left := seconds - (time.monotonic() - since)) >= 1:
            process = subprocess.run(
                [
                    *(sys.executable, "-m", "tests.fuzz.guided", name, folder, str(corpus)),
                    *(f"-max_total_time={int(left)}", "-timeout=20", "-rss_limit_mb=2000"),
                    *("-max_len=100000", "-print_final_stats=1", f"-artifact_prefix={folder}/"),
                ],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                check=False,
            )
            told = process.stderr.decode(errors="replace")
            units = re.findall(r"number_of_executed_units:\s*(\d+)", told) or re.findall(
                r"^#(\d+)", told, re.MULTILINE
            )
            inputs += int(units[-1]) if units else 0
            if process.returncode == 0:
                break
            findings.append(_summary(told))
            _keep(name, Path(folder), keep, len(findings))
            if not units or len(findings) >= 5:
                break
    return {
        "inputs": inputs,
        "seconds": round(time.monotonic() - since, 1),
        "findings": findings,
    }


def _summary(told: str) -> str:
    lines = [line.strip() for line in told.splitlines()]
    raised = next((n for n, line in enumerate(lines) if "Uncaught Python exception" in line), None)
    if raised is not None:
        return " ".join(lines[raised + 1 : raised + 3])[:300]
    errors = [line for line in lines if "ERROR" in line or "SUMMARY" in line]
    return (errors or lines[-3:] or ["ended without a word"])[0][:300]


def _keep(name: str, folder: Path, keep: Path | None, number: int) -> None:
    for kind in ("crash", "timeout", "oom", "slow-unit"):
        for file in folder.glob(f"{kind}-*"):
            if keep is not None and kind != "slow-unit":
                keep.mkdir(parents=True, exist_ok=True)
                data = file.read_bytes()
                suffix = _suffix(name, data)
                (keep / f"{name}-guided-{kind}-{number}{suffix}").write_bytes(data[1:])
            file.unlink()


def _suffixes(name: str) -> list[str]:
    return sorted({suffix for suffix, _ in TARGETS[name].make_seeds()})


def _suffix(name: str, data: bytes) -> str:
    suffixes = _suffixes(name)
    return suffixes[data[0] % len(suffixes)] if data else suffixes[0]


def _engine(name: str, folder: Path) -> None:
    """In the process of the engine: never returns."""
    import atheris

    with atheris.instrument_imports(include=["espr", "tinytag"], enable_loader_override=False):
        for module in _MODULES[name]:
            __import__(module)
    target, suffixes = TARGETS[name], _suffixes(name)
    work = folder / "work"
    work.mkdir(exist_ok=True)

    def try_one(data: bytes) -> None:
        suffix = suffixes[data[0] % len(suffixes)] if data else suffixes[0]
        target.try_one(work / f"input{suffix}", data[1:])

    atheris.Setup([sys.argv[0], *sys.argv[3:]], try_one)
    atheris.Fuzz()


# What is followed, imported with instruments before the target imports it without.
_MODULES = {
    "audio": ("espr.audio.readers", "espr.audio.decode", "espr.audio.signal_features", "tinytag"),
    "tags": ("tinytag", "espr.indexing.tags", "espr.works.grouping"),
    "titles": ("espr.works.grouping",),
    "vectors": ("espr.embeddings.user_vectors", "espr.embeddings.encoder"),
    "cue": ("espr.indexing.cue_sheets", "espr.indexing.scan"),
    "manifest": ("espr.works.manifest",),
    "tables": (
        "espr.datasets.con_espressione",
        "espr.datasets.described_recordings",
        "espr.cli.query",
    ),
    "query-model": ("espr.retrieval.query_model",),
    "checkpoint": ("espr.published.checkpoint",),
    "query": (
        "espr.query_language.parser",
        "espr.embeddings.encoder",
        "espr.cli.output.terminal_safe",
    ),
}

if __name__ == "__main__":
    _engine(sys.argv[1], Path(sys.argv[2]))
