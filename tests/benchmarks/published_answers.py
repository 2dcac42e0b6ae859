"""Whether stores answer as the library does: ``python -m tests.benchmarks.published_answers``.

``… COUNT STORE…`` makes a library of COUNT synthetic recordings (100,000), publishes it to each
STORE (``vectors.faiss vectors.db``, in a folder that is deleted), asks both the same, and prints
as JSON what publishing took and how far scores lie apart.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from espr.library import Library
from espr.retrieval.published_library import PublishedLibrary
from espr.retrieval.publishing import publish

QUERIES = (
    *("shy, delicate", "loud and hard", "dreamy", "passionate, not heavy", "dry", "calm"),
    *("nervous", "bright, playful", "flowing", "sad under 4 minutes"),
)


def compare(library: Library, published: PublishedLibrary) -> dict[str, Any]:
    """How answers of a store differ from the library's."""
    slugs = [piece.slug for piece in library.pieces()[:20]]
    asked = [
        *((words, None, relative) for words in QUERIES for relative in (False, True)),
        *((QUERIES[place % len(QUERIES)], slug, False) for place, slug in enumerate(slugs)),
    ]
    difference, same, seconds = 0.0, 0, 0.0
    for words, piece, relative in asked:
        ours = library.query(words, piece, relative=relative)
        since = time.process_time()
        theirs = published.query(words, piece, relative=relative)
        seconds += time.process_time() - since
        same += [one.recording for one in ours] == [one.recording for one in theirs]
        pairs = zip(ours, theirs, strict=True)
        difference = max(difference, *(abs(one.score - other.score) for one, other in pairs))
    return {
        "queries": len(asked),
        "same_order": same,
        "largest_difference": difference,
        "cpu_a_query": round(seconds / len(asked), 3),
    }


def main(count: int, stores: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = [sys.executable, "-m", "tests.bench.growing", "make", folder, str(count)]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
        with Library.open(Path(folder) / "library.espr") as library:
            for name in stores:
                place = str(Path(folder) / name)
                document: dict[str, Any] = {"store": name, "recordings": count}
                for turn in ("publish", "publish_again"):
                    since = time.process_time()
                    outcome = publish(library.catalog, library.model, place)
                    document[turn] = round(time.process_time() - since, 1)
                assert outcome.unchanged == count
                with PublishedLibrary.open(place) as published:
                    document |= compare(library, published)
                print(json.dumps(document), flush=True)


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 100_000,
        sys.argv[2:] or ["vectors.faiss", "vectors.db"],
    )
