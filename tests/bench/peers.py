"""What others take for the same three minutes, interleaved: ``python -m tests.bench.peers``.

Seconds of one core for the second analysis in a new process, so that loading is left out, beside
those of `midlevel` in the same round. A peer may need an environment of its own: ``ESPR_PEERS`` is
its Python. CLAP is the folder ``ESPR_CLAP``, see `espr models`.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

RUNS = 3
_TIMED = """
import sys, time
path = sys.argv[1]
{prepare}
for _ in range(2):
    since = time.process_time()
    {analyse}
    taken = time.process_time() - since
print("seconds", taken)
"""
_OURS = (
    "from espr.encoders import load_audio_encoder; encoder = load_audio_encoder('{}')",
    "encoder.hear(path)",
)
_SPECTRAL = "centroid bandwidth rolloff contrast flatness".split()
# What is timed → what prepares it, and one analysis; `midlevel` is what the others are beside.
WORK = {
    "midlevel": tuple(part.format("midlevel") for part in _OURS),
    "signal": tuple(part.format("signal") for part in _OURS),
    "decoding alone": (
        "import soundfile",
        "[block.mean() for block in soundfile.blocks(path, 1 << 18, dtype='float32')]",
    ),
    "librosa features": (
        "import librosa\n"
        "def features(path):\n"
        "    y, sr = librosa.load(path, sr=22050)\n"
        "    of = librosa.feature\n"
        "    found = [of.mfcc(y=y, sr=sr), of.chroma_stft(y=y, sr=sr), of.rms(y=y)]\n"
        "    found += [of.zero_crossing_rate(y)]\n"
        + "".join(f"    found += [of.spectral_{name}(y=y)]\n" for name in _SPECTRAL)
        + "    return found, librosa.beat.beat_track(y=y, sr=sr)",
        "features(path)",
    ),
    "Essentia's extractor": (
        "import essentia.standard; essentia.log.infoActive = False\n"
        "extractor = essentia.standard.MusicExtractor()",
        "extractor(path)",
    ),
    "Basic Pitch": (
        "from basic_pitch import ICASSP_2022_MODEL_PATH\n"
        "from basic_pitch.inference import Model, predict\n"
        "model = Model(ICASSP_2022_MODEL_PATH)",
        "predict(path, model)",
    ),
    "CLAP": (
        "import os; from espr.published.joint_encoder import load_audio_tower\n"
        "tower = load_audio_tower('clap:' + os.environ['ESPR_CLAP'])",
        "tower.embedding(path)",
    ),
}
_APART = ("Essentia's extractor", "Basic Pitch")


def peers(path: Path, runs: int = RUNS) -> dict[str, Any]:
    """Seconds of the processor for a recording, and how many times those of `midlevel` they are.

    Returns
    -------
    dict
        By the names of :data:`WORK`: ``cpu`` and ``times_midlevel``, medians over ``runs`` rounds;
        or ``lacking``, why it could not be run here.
    """
    found: dict[str, Any] = {}
    taken: dict[str, list[float]] = {name: [] for name in WORK}
    for _ in range(runs):
        for name in WORK:
            if name not in found:
                seconds = _seconds(name, path)
                if isinstance(seconds, str):
                    found[name] = {"lacking": seconds}
                else:
                    taken[name].append(seconds)
    for name, seconds in taken.items():
        if name not in found:
            ratios = [one / two for one, two in zip(seconds, taken["midlevel"], strict=True)]
            found[name] = {
                "cpu": round(statistics.median(seconds), 3),
                "times_midlevel": round(statistics.median(ratios), 2),
            }
    return {name: found[name] for name in WORK}


def _seconds(name: str, path: Path) -> float | str:
    """Seconds of the processor; or why the peer does not run, a line."""
    prepare, analyse = WORK[name]
    python = os.environ.get("ESPR_PEERS", sys.executable) if name in _APART else sys.executable
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    done = subprocess.run(
        [python, "-c", _TIMED.format(prepare=prepare, analyse=analyse), str(path)],
        env={**os.environ, **threads},
        capture_output=True,
        text=True,
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    if done.returncode or not lines or lines[-1][:1] != ["seconds"]:
        return (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
    return float(lines[-1][1])


def table(document: dict[str, Any]) -> str:
    """The ratios as Markdown; below them what is not installed."""
    lines = ["| three minutes, one core | times `midlevel` |", "|---|---|"]
    lines += [
        f"| {name} | {one['times_midlevel']:.2f} |"
        for name, one in document.items()
        if "lacking" not in one
    ]
    lacking = {name: one["lacking"] for name, one in document.items() if "lacking" in one}
    return "\n".join([*lines, *(f"{name} is not here: {why}" for name, why in lacking.items())])


def main() -> None:
    from tests.bench.material import make_audio  # not above: see processes.py

    with tempfile.TemporaryDirectory() as folder:
        make_audio(Path(folder))
        found = peers(Path(folder) / "take.flac")
    print(table(found))
    print(json.dumps({"schema": "espr.peers/1", "peers": found}))


if __name__ == "__main__":
    main()
