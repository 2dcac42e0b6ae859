"""A small Con Espressione data set: words that follow known profiles, heard already.

The recordings are a few bytes each; what an encoder would hear lies in the cache, so that the
whole of `espr evaluate` runs without audio.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from espr.audio.encoder import DEFAULT_AUDIO
from espr.datasets.con_espressione import TABLE
from espr.encoders import load_audio_encoder
from espr.evaluation.feature_cache import place_of, write_notes, write_profile
from espr.evaluation.speed import place_of_speed, write_speed
from tests.played_notes import perform, score

PIECES = ("bach", "liszt", "mozart", "schumann_excerpt1", "schumann_excerpt2")
PERFORMERS = ("Argerich", "Brendel", "Cortot")
TEMPOS = {"Argerich": 1.2, "Brendel": 1.0, "Cortot": 0.9}  # whatever is said of them
COLUMNS = ("answer", "performer", "piece_name", "performance_name")
# said of a take that is far from the others on onset density, loudness and dissonance
WORDS = (("slow, calm", "fast, lively"), ("soft, tender", "loud, powerful"), ("pure", "harsh"))
AXES = (7, 8, 4)
SPEED = 321.0  # times real time, of each encoder
ENCODERS = ("midlevel", "signal")


def write_data_set(folder: Path, pieces: Sequence[str] = PIECES) -> Path:
    """Write table and recordings, and put profiles into the cache that ESPR_CACHE names."""
    rng = np.random.default_rng(0)
    for name in ENCODERS:
        write_speed(place_of_speed(load_audio_encoder(name).id), SPEED)
    (folder / "audio").mkdir(parents=True)
    with (folder / TABLE).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for piece in pieces:
            for performer in PERFORMERS:
                profile = rng.normal(size=12)
                recording = folder / "audio" / f"{piece}_{performer}.mp3"
                heard(recording, profile)
                played = perform(score(PIECES.index(piece), 20.0), TEMPOS[performer])
                write_notes(place_of(recording, load_audio_encoder(DEFAULT_AUDIO).id), played)
                for poles, axis in zip(WORDS, AXES, strict=True):
                    word = poles[int(profile[axis] > 0)]
                    table.writerow((word, performer, piece, f"{piece}_{performer}"))
    return folder


def heard(path: Path, profile: np.ndarray) -> None:
    """A file that both encoders are taken to have heard, shape=(12,)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(path.name.encode())
    for name in ENCODERS:
        write_profile(place_of(path, load_audio_encoder(name).id), profile)
