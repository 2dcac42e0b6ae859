"""How fast one core hears, with every encoder that is there, and how fast FAISS searches.

Beside it what bounds it and what others do: decoding alone, the published network over every window
anew (its shape, random weights), a product of matrices instead of FAISS.

Run as ``python -m tests.bench.hearing FILE…``, with one thread as in the workers of
``espr index``; prints JSON. Seconds are those of the processor, and decoding is timed beside every
run, so that a busy machine changes little.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from espr.audio.encoder import AUDIO_ENCODERS, AudioEncoder
from espr.audio.tuning import TuningMeter
from espr.encoders import load_audio_encoder
from espr.errors import EsprError

RUNS = 5
VECTORS = 1_000_000
SEARCHES = 20
_WINDOWS = 8  # through the published network; each takes as long as the other


def encoders() -> dict[str, AudioEncoder]:
    """Those that can be loaded here: a published one must have been added."""
    found = {}
    for name in AUDIO_ENCODERS:
        try:
            found[name] = load_audio_encoder(name)
        except EsprError as error:
            print(error, file=sys.stderr)
    return found


def hearing(encoder: AudioEncoder, path: str) -> dict[str, Any]:
    """Medians over runs, in one warm process; ``first`` is what the first recording takes."""
    totals, floors, splits = [], [], []
    duration = 0.0
    for _ in range(RUNS + 1):
        floors.append(_seconds(lambda: _decode(path)))
        since = time.process_time()
        heard = encoder.hear(path)
        totals.append(time.process_time() - since)
        splits.append(heard.timings)
        duration = heard.duration
    ratios = [total / floor for total, floor in zip(totals[1:], floors[1:], strict=True)]
    seconds = statistics.median(totals[1:])
    split = {
        part: round(statistics.median(timings[part] for timings in splits[1:]), 3)
        for part in splits[0]
    }
    return {
        "seconds": round(seconds, 3),
        "first": round(totals[0], 3),
        "times_real_time": round(duration / seconds),
        "times_decoding_alone": round(statistics.median(ratios), 2),
        "split": split,
        "runs": RUNS,
    }


def decoding(path: str) -> dict[str, Any]:
    """libsndfile alone, to samples that nobody hears: the floor of any index."""
    import soundfile

    taken = _timed(lambda: _decode(path), RUNS)
    duration = soundfile.info(path).duration
    return taken | {"times_real_time": round(duration / taken["seconds"])}


def measuring_tuning(path: str) -> dict[str, Any]:
    """What the tuning takes, which is part of the spectrogram of encoders that write notes."""
    from espr.audio.decode import SAMPLE_RATE, decode

    sound = decode(path)
    chunks = [samples for _, samples in sound.chunks(60 * SAMPLE_RATE, 0)]

    def measure() -> float | None:
        meter = TuningMeter()
        for samples in chunks:
            meter.add(samples)
        return meter.tuning

    return _timed(measure, RUNS) | {"cents": measure()}


def _decode(path: str) -> None:
    import soundfile

    for _ in soundfile.blocks(path, 1 << 18, dtype="float32"):
        pass


def window_by_window(path: str) -> dict[str, Any]:
    """The published network's shape over every window of 15 s anew, every 5 s, as published."""
    import torch

    from espr.audio.signal_features import window_times
    from espr.published.cp_resnet.network import CpResnetNetwork

    network = CpResnetNetwork().eval()
    one = torch.rand(1, 1, 149, 469)
    with torch.inference_mode():
        taken = _timed(lambda: network(one), _WINDOWS)
    duration = load_audio_encoder("signal").hear(path).duration
    seconds = taken["seconds"] * len(window_times(duration))
    return {
        "network": "CP-ResNet's shape, random weights; without decoding and spectrogram",
        "seconds": round(seconds, 2),
        "times_real_time": round(duration / seconds),
    }


def search() -> dict[str, Any]:
    """Exact search of a million unit vectors of the space, the five nearest."""
    import faiss

    from espr.features import MIDLEVEL_PLUS

    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(VECTORS, len(MIDLEVEL_PLUS))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = faiss.IndexFlatIP(len(MIDLEVEL_PLUS))
    index.add(vectors)
    found = _timed(lambda: index.search(vectors[:1], 5), SEARCHES)
    numpy = _timed(lambda: np.argpartition(vectors @ vectors[0], -5)[-5:], SEARCHES)
    return {"vectors": VECTORS, **found, "numpy_instead": numpy}


def _timed(action: Callable[[], object], runs: int) -> dict[str, Any]:
    seconds = [_seconds(action) for _ in range(runs + 1)]
    return {"seconds": round(statistics.median(seconds[1:]), 4), "runs": runs}


def _seconds(action: Callable[[], object]) -> float:
    since = time.process_time()
    action()
    return time.process_time() - since


def main(paths: list[str]) -> None:
    floor = {Path(path).suffix[1:]: decoding(path) for path in paths}
    slow = window_by_window(paths[0])
    heard: dict[str, dict[str, Any]] = {}
    for name, encoder in encoders().items():
        for path in paths:
            suffix = Path(path).suffix[1:]
            taken = hearing(encoder, path)
            taken["faster_than_window_by_window"] = round(slow["seconds"] / taken["seconds"], 1)
            heard.setdefault(name, {})[suffix] = taken
    document = {
        "encoders": heard,
        "decoding_alone": floor,
        "window_by_window": slow,
        "tuning": {Path(path).suffix[1:]: measuring_tuning(path) for path in paths},
    }
    json.dump(document | {"search": search()}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
