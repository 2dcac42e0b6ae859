"""What searching costs by the number of recordings: ``python -m tests.bench growth --vectors N…``.

Synthetic vectors, real code, each step in a process of its own; no library is made, so that ten
million take minutes. A tenth as many pieces as recordings, of which the largest holds a thousandth
of all. Seconds are of one core's processor.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from espr.alignment.packed_notes import pack_notes
from espr.audio.encoder import HOP, WINDOW, Analysis, Windows
from espr.features import AUDIO_SPACE
from espr.indexing.messages import outcome_message
from espr.indexing.workers import Analysed
from espr.retrieval.search import LibraryIndex, _read, _write
from espr.works.tags import Tags
from tests.bench.growing import SECONDS
from tests.played_notes import perform, score

COUNTS = (100_000, 1_000_000)
_QUERIES = 20
_ROWS = (
    ("open", "open the search index, s"),
    ("query", "search, grouped by piece, s"),
    ("index_mb", "search index, MB"),
    ("peak_mb", "memory of a search, MB"),
)


def vectors(counts: Sequence[int] = COUNTS) -> dict[str, Any]:
    """Costs by the number of recordings, as text; and the bytes of one recording."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    found: dict[str, dict[str, float]] = {}
    for count in counts:
        print(f"{count:,} vectors", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            for step in ("make", "search"):  # the memory of each is its own
                command = [sys.executable, "-m", "tests.bench.vectors", step, folder, str(count)]
                done = subprocess.run(
                    command, check=True, stdout=subprocess.PIPE, text=True, env=environment
                )
                found.setdefault(str(count), {}).update(json.loads(done.stdout))
    notes = len(pack_notes(perform(score(1, SECONDS))))
    return {"vectors": found, "result_bytes": result_bytes(), "notes_bytes": notes}


def table(document: dict[str, Any]) -> str:
    """The measurements as Markdown."""
    found = document["vectors"]
    lines = ["| vectors | " + " | ".join(f"{int(count):,}" for count in found) + " |"]
    lines.append("|---|" + "---|" * len(found))
    for name, title in _ROWS:
        cells = (f"{one[name]:,}" for one in found.values())
        lines.append(f"| {title} | {' | '.join(cells)} |")
    lines.append(
        f"\nOf {SECONDS} s, six notes a second: {document['result_bytes']:,} bytes from a worker, "
        f"{document['notes_bytes']:,} bytes of notes in the library."
    )
    return "\n".join(lines)


def result_bytes() -> int:
    """Bytes of what a worker sends of one recording, notes included."""
    starts = np.arange(0.0, SECONDS - WINDOW + HOP, HOP)
    times = np.stack([starts, starts + WINDOW], axis=1)
    features = np.zeros((len(times), len(AUDIO_SPACE)), np.float32)
    notes = perform(score(1, SECONDS))
    analysis = Analysis(Windows(times, features, AUDIO_SPACE), float(SECONDS), "0" * 32, {}, notes)
    message = outcome_message(Analysed(analysis, Tags(title="Nocturne", artist="Arrau")))
    return sum(len(value) for value in message.values() if isinstance(value, bytes | str))


def search(path: Path, count: int) -> dict[str, float]:
    """What a search over ``count`` vectors costs."""
    queries = np.random.default_rng(1).normal(size=(_QUERIES, len(AUDIO_SPACE)))
    opened, index = _seconds(lambda: _read(path, {"of": count}))
    asked, _ = _seconds(lambda: [index.nearest_pieces(query, 5) for query in queries])
    return {
        "open": round(opened, 3),
        "query": round(asked / _QUERIES, 4),
        "index_mb": round(path.stat().st_size / 2**20),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10),
    }


def make(path: Path, count: int) -> dict[str, float]:
    """Write a search index of random unit vectors."""
    rng = np.random.default_rng(0)
    profiles = rng.standard_normal((count, len(AUDIO_SPACE)), np.float32)
    profiles /= np.linalg.norm(profiles, axis=1, keepdims=True)
    index = faiss.IndexFlatIP(profiles.shape[1])
    index.add(profiles)
    pieces = rng.integers(0, max(1, count // 10), count)
    pieces[: count // 1_000] = 0
    ones = np.ones(count, np.float32)
    _write(path, {"of": count}, LibraryIndex(pieces, ones, ones, index))
    return {}


def _seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    since = time.process_time()
    result = work()
    return time.process_time() - since, result


_STEPS = {"make": make, "search": search}

if __name__ == "__main__":
    step, folder, number = sys.argv[1:]
    print(json.dumps(_STEPS[step](Path(folder) / "search.faiss", int(number))))
