"""How fast one core hears, and how fast FAISS searches; printed as JSON.

Run as ``python -m tests.bench.hearing FILE…``, with one thread as in the workers of
``espr index``.
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

from espr.audio.encoder import load_audio_encoder

RUNS = 5
VECTORS = 1_000_000
SEARCHES = 20


def hearing(path: str) -> dict[str, Any]:
    """Medians over runs, in one warm process; ``first`` is what the first recording takes."""
    encoder = load_audio_encoder()
    totals, splits = [], []
    duration = 0.0
    for _ in range(RUNS + 1):
        since = time.perf_counter()
        heard = encoder.hear(path)
        totals.append(time.perf_counter() - since)
        splits.append(heard.timings)
        duration = heard.duration
    seconds = statistics.median(totals[1:])
    split = {
        part: round(statistics.median(timings[part] for timings in splits[1:]), 3)
        for part in splits[0]
    }
    return {
        "seconds": round(seconds, 3),
        "first": round(totals[0], 3),
        "times_real_time": round(duration / seconds),
        "split": split,
        "runs": RUNS,
    }


def search() -> dict[str, Any]:
    """Exact search of a million unit vectors of the space, the five nearest."""
    import faiss

    from espr.space import MIDLEVEL_PLUS

    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(VECTORS, len(MIDLEVEL_PLUS))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = faiss.IndexFlatIP(len(MIDLEVEL_PLUS))
    index.add(vectors)
    return {"vectors": VECTORS, **_timed(lambda: index.search(vectors[:1], 5))}


def _timed(action: Callable[[], object]) -> dict[str, Any]:
    seconds = []
    for _ in range(SEARCHES + 1):
        since = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - since)
    return {"seconds": round(statistics.median(seconds[1:]), 4), "runs": SEARCHES}


if __name__ == "__main__":
    formats = {Path(path).suffix[1:]: hearing(path) for path in sys.argv[1:]}
    json.dump({"formats": formats, "search": search()}, sys.stdout)
