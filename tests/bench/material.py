"""What the benchmark works on: a library of 10,000 recordings, and three minutes of sound.

``python -m tests.bench.material library FOLDER`` and ``… audio FOLDER`` make them, ``… several
FOLDER`` many recordings of different pieces.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from espr.audio.encoder import HOP, WINDOW, Analysis, Windows
from espr.catalog.catalog import Catalog
from espr.catalog.models import ScannedFile
from espr.catalog.recordings import store_analysis
from espr.catalog.regroup import bring_up_to_date
from espr.features import MIDLEVEL_PLUS
from espr.retrieval.query_model import load_query_model
from espr.works.tags import Tags
from tests.signals import phrase, write

PIECES = 1_000
PIANISTS = "Arrau Brendel Cortot Fischer Gould Hess Kempff Lipatti Perahia Schiff".split()
SECONDS = 180  # of each recording
_PHRASE = 12  # seconds
_FORMATS = ("wav", "flac", "mp3")
_RATE = 44_100  # Hz, as on a CD
_SEVERAL = 96
_DISTINCT = 32  # phrases that many recordings are made of, each in twelve transpositions


def make_library(folder: Path) -> None:
    """A library of 10,000 three-minute recordings by ten pianists, and a file for each.

    The files hold one byte: nothing hears them, an index that finds them unchanged sees
    only their sizes and times. Profiles scatter as those of real recordings do.
    """
    music = folder / "music"
    music.mkdir()
    model = load_query_model()
    generator = np.random.default_rng(0)
    starts = np.arange(0.0, SECONDS - WINDOW + HOP, HOP)
    times = np.stack([starts, np.minimum(starts + WINDOW, SECONDS)], axis=1)
    shape = (len(starts), len(model.space))
    assert model.space == MIDLEVEL_PLUS
    with Catalog.open(folder / "library.espr", write=True) as catalog, catalog.transaction():
        for piece in range(PIECES):
            centre = model.reference_mean + model.reference_std * generator.normal(size=shape[1])
            for take, pianist in enumerate(PIANISTS):
                path = music / f"piece-{piece:03}_{pianist}.flac"
                path.write_bytes(b"x")
                profile = centre + model.within_std * generator.normal(size=shape[1])
                features = profile + 0.5 * model.within_std * generator.normal(size=shape)
                windows = Windows(times, features.astype(np.float32), model.space)
                hearing = Analysis(windows, float(SECONDS), f"{piece:016x}{take:016x}", {})
                status = path.stat()
                source = ScannedFile(str(path), 0.0, None, status.st_size, status.st_mtime_ns)
                store_analysis(catalog, source, Tags(), hearing, model.audio)
        bring_up_to_date(catalog)
        assert len(catalog.pieces()) == PIECES


def make_audio(folder: Path) -> None:
    """Three minutes of decaying notes in stereo at 44.1 kHz, in each format."""
    phrases = [phrase(_PHRASE, _RATE, seed) for seed in range(SECONDS // _PHRASE)]
    for suffix in _FORMATS:
        write(folder / f"take.{suffix}", _stereo(phrases), _RATE)


def make_several(folder: Path) -> None:
    """The same, 96 times over with other notes, as FLAC: no two are of one piece."""
    generator = np.random.default_rng(0)
    phrases = [phrase(_PHRASE, _RATE, seed) for seed in range(_DISTINCT)]
    for number in range(_SEVERAL):
        chosen = generator.integers((0, -6), (_DISTINCT, 6), size=(2 * SECONDS // _PHRASE, 2))
        parts = [_transposed(phrases[place], semitones) for place, semitones in chosen]
        write(folder / f"{number:02}.flac", _stereo(parts), _RATE)


def _transposed(samples: np.ndarray, semitones: int) -> np.ndarray:
    """Samples played that much faster."""
    places = np.arange(0, len(samples) - 1, 2.0 ** (semitones / 12.0))
    return np.interp(places, np.arange(len(samples)), samples)


def _stereo(parts: list[np.ndarray]) -> np.ndarray:
    left = np.concatenate(parts)[: SECONDS * _RATE]
    return np.stack([left, 0.8 * np.roll(left, 441)], axis=1)


if __name__ == "__main__":
    made = {"library": make_library, "audio": make_audio, "several": make_several}
    made[sys.argv[1]](Path(sys.argv[2]))
