"""What a new recording costs beyond its analysis: the CPU of comparing and grouping it.

Libraries of made-up recordings with tags, five performances of each piece, two to four minutes
long; ten new ones without tags are stored one by one, and each is compared and grouped as
``espr index`` does it.

Run: python -m tests.benchmarks.sound_costs [RECORDINGS ...]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from espr.audio.encoder import Analysis, Windows
from espr.catalog.catalog import Catalog
from espr.catalog.models import ScannedFile
from espr.catalog.recordings import store_analysis
from espr.catalog.sound import GROUPED, NEW, pending, set_compared
from espr.features import MIDLEVEL
from espr.indexing.sound_grouping import group_by_sound
from espr.works.tags import Tags
from tests.played_notes import perform, score

_EACH = 5  # performances of a piece
_NEW = 10
NO_TAGS = Tags()


def store(catalog: Catalog, number: int, piece: int, tags: Tags = NO_TAGS) -> None:
    """Store a performance under a name that says nothing."""
    rng = np.random.default_rng(number)
    notes = perform(score(piece, 120.0 + piece % 120), rng.uniform(0.8, 1.25), number)
    features = rng.normal(size=(1, 8)).astype(np.float32)
    windows = Windows(np.array([[0.0, 15.0]]), features, MIDLEVEL)
    analysis = Analysis(windows, 180.0, f"{number:032x}", {}, notes)
    source = ScannedFile(f"/music/{number // 100:05}/{number:07}.flac", 0.0, None, 1, 1)
    store_analysis(catalog, source, tags, analysis, "noting/1")


def measure(count: int) -> None:
    """Print the cost of a new recording in a library of ``count``."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Catalog.open(Path(folder) / "library.espr", write=True) as catalog,
    ):
        with catalog.transaction() as connection:
            for number in range(count):
                piece = number // _EACH
                who = f"{chr(65 + piece % 26)}nton Zwackel"
                store(catalog, number, piece, Tags(composer=who, title=f"Sonata, Op. {piece}"))
            # to save an hour, only the pieces that will grow are compared as they would be
            set_compared(connection, pending(catalog, NEW)[_NEW * _EACH :], GROUPED)
        group_by_sound(catalog)
        seconds = []
        for new in range(_NEW):
            store(catalog, count + new, new)
            since = time.process_time()
            group_by_sound(catalog)
            seconds.append(time.process_time() - since)
        joined = catalog.rows(
            "SELECT count(*) FROM recordings WHERE rule = 'sound' AND id > ?", [count]
        )[0][0]
    print(
        f"{count:,} recordings: {statistics.median(seconds):.2f} s of CPU for a new one "
        f"(at most {max(seconds):.2f}); {joined} of {_NEW} found their piece"
    )


if __name__ == "__main__":
    for size in [int(argument) for argument in sys.argv[1:]] or [1_000, 10_000]:
        measure(size)
