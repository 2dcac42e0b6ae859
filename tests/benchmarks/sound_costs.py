"""What a new recording costs beyond its analysis: the CPU of comparing and grouping it.

Libraries of made-up recordings with tags, five performances of each piece, two to four minutes
long; ten new ones without tags are stored one by one, and each is compared and grouped as
``espr index`` does it. For more than 10,000 only what is searched by sound is of that size: note
codes that are those of fifty recordings with a quarter of their bits flipped; the cost of grouping
so many by tags is that of ``make growth``.

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
from espr.catalog.locations import note_codes_path
from espr.catalog.models import ScannedFile
from espr.catalog.recordings import store_analysis
from espr.catalog.sound import GROUPED, NEW, pending, set_compared
from espr.features import MIDLEVEL
from espr.indexing.sound_grouping import group_by_sound
from espr.works.tags import Tags
from tests.played_notes import perform, score

_EACH = 5  # performances of a piece
_NEW = 10
_LARGEST = 10_000  # that is made as a whole
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


def add_codes(catalog: Catalog, count: int) -> None:
    """Let the library seem to have so many recordings more, by their note codes."""
    path = note_codes_path(catalog.path)
    words = np.fromfile(path, "<u8")
    mean, real = words[:128], words[128:].reshape(-1, 5)  # an id and its signs
    rng = np.random.default_rng(count)
    flips = rng.integers(0, 1 << 64, (2, count, 5), np.uint64, endpoint=False)
    made = real[rng.integers(0, len(real), count)] ^ (flips[0] & flips[1])
    made[:, 0] = 10**9 + np.arange(count)
    words = np.concatenate([mean, real.ravel(), made.ravel()])
    words.tofile(path)
    rows = len(real) + count
    says = f"{rows} {np.add.reduce(words)} {rows} {rows}"
    with catalog.transaction() as connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'note codes'", [says])
        connection.execute(
            "UPDATE totals SET count = count + ? WHERE name = 'note_vectors'", [count]
        )


def measure(size: int) -> None:
    """Print the cost of a new recording in a library of ``size``."""
    count = size if size <= _LARGEST else _NEW * _EACH
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
        if size > count:
            add_codes(catalog, size - count)
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
        f"{size:,} recordings: {statistics.median(seconds):.2f} s of CPU for a new one "
        f"(at most {max(seconds):.2f}); {joined} of {_NEW} found their piece"
    )


if __name__ == "__main__":
    for size in [int(argument) for argument in sys.argv[1:]] or [1_000, 10_000, 100_000, 1_000_000]:
        measure(size)
