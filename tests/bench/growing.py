"""A library of N synthetic recordings, and one run of the index over it.

``python -m tests.bench.growing make FOLDER N`` makes it; ``… index FOLDER`` is what ``espr index``
does, where the files hold no sound: they are heard by an encoder that makes profiles up. ``… sound
FOLDER`` adds one that holds a minute of notes.
"""

from __future__ import annotations

import json
import os
import sys
import time
import zlib
from pathlib import Path

import numpy as np

from espr.audio.encoder import HOP, WINDOW, Analysis, Windows
from espr.catalog.catalog import Catalog
from espr.catalog.models import ScannedFile
from espr.catalog.recordings import store_analysis
from espr.catalog.regroup import bring_up_to_date
from espr.features import AUDIO_SPACE
from espr.indexing.run import index_folders
from espr.retrieval.query_model import load_query_model
from espr.works.tags import Tags
from tests.signals import phrase, write

TAKES = 10
SECONDS = 180
PIANISTS = "Arrau Brendel Cortot Fischer Gould Hess Kempff Lipatti Perahia Schiff".split()
_WORKS = ("Prelude", "Fugue", "Sonata", "Nocturne", "Waltz", "Etude", "Ballade", "Mazurka")
_BATCH = 20_000
_RATE = 44_100  # Hz


def tags_of(piece: int, take: int) -> Tags:
    """Tags as labels print them; a tenth of the pieces has none and is grouped by its name."""
    if piece % 10 == 0:
        return Tags()
    number, opus = piece % 12 + 1, piece // 12 + 1
    return Tags(
        title=f"{_WORKS[piece % len(_WORKS)]} No. {number} in C, Op. {opus} No. {number}",
        composer="Frédéric Chopin",
        artist=PIANISTS[take],
        album=f"Recital {piece}",
        track=str(number),
    )


class Inventing:
    """An audio encoder that makes up what it hears: a library costs more than hearing."""

    writes_notes = False

    def __init__(self) -> None:
        self._model = load_query_model()
        self.name, self.space = self._model.audio.partition("/")[0], AUDIO_SPACE
        self.id = self._model.audio

    def hear(
        self, path: str | os.PathLike[str], start: float = 0.0, end: float | None = None
    ) -> Analysis:
        name = os.path.basename(path)
        generator = np.random.default_rng(zlib.crc32(name.encode()))
        starts = np.arange(0.0, SECONDS - WINDOW + HOP, HOP)
        times = np.stack([starts, np.minimum(starts + WINDOW, SECONDS)], axis=1)
        model = self._model
        count = len(self.space)
        deviations = generator.normal(size=(len(starts) + 1, count))
        profile = model.reference_mean[:count] + model.reference_std[:count] * deviations[0]
        features = profile + 0.5 * model.within_std[:count] * deviations[1:]
        windows = Windows(times, features.astype(np.float32), self.space)
        return Analysis(windows, float(SECONDS), f"{abs(hash(name)):032x}"[:32], {})

    def encode(self, path: str | os.PathLike[str]) -> Windows:
        return self.hear(path).windows


def inventing(name: str) -> Inventing:
    return Inventing()


def place_of(folder: Path, number: int) -> Path:
    piece, take = divmod(number, TAKES)
    return folder / "music" / f"{piece // 100:05}" / f"piece-{piece:06}_{PIANISTS[take]}.flac"


def make(folder: Path, count: int) -> None:
    """Files of no bytes, and a library in which they are heard and grouped."""
    encoder = Inventing()
    with Catalog.open(folder / "library.espr", write=True) as catalog:
        for first in range(0, count, _BATCH):
            with catalog.transaction():
                for number in range(first, min(first + _BATCH, count)):
                    path = place_of(folder, number)
                    if number % (100 * TAKES) == 0:
                        path.parent.mkdir(parents=True)
                    path.touch()
                    status = path.stat()
                    source = ScannedFile(str(path), 0.0, None, status.st_size, status.st_mtime_ns)
                    tags = tags_of(*divmod(number, TAKES))
                    store_analysis(catalog, source, tags, encoder.hear(path), encoder.id)
        bring_up_to_date(catalog)


def index(folder: Path) -> None:
    """Seconds of one run, its process's start left out, as JSON."""
    since = time.perf_counter()
    summary = index_folders([folder / "music"], folder / "library.espr", jobs=1, load=inventing)
    print(json.dumps({"seconds": time.perf_counter() - since, "counts": summary.counts}))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1] == "sound":
        write(Path(sys.argv[2]) / "music" / "new.flac", phrase(60, _RATE), _RATE)
    else:
        index(Path(sys.argv[2]))
