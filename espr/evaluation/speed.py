"""How fast an audio encoder is: seconds of sound analysed a second, on one core, once it is loaded.

Measured once an encoder on 20 s of notes, the length of the benchmark's clips, from a WAV file of
44.1 kHz in stereo: decoding and resampling are included. What counts is the processor's time in a
process with one thread, so that other work on the machine changes it little. Kept in the cache:
two evaluations say the same.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from espr.datasets.benchmark import Performance
from espr.evaluation.embedded_texts import is_table
from espr.evaluation.feature_cache import analyse, id_of
from espr.paths import cache_folder

SECONDS = 20.0
_RATE = 44_100  # Hz
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def times_real_time(audio: str) -> float | None:
    """Seconds of sound that an audio encoder analyses in a second; None for a table.

    Parameters
    ----------
    audio : str
        Name of the audio encoder or of a two-tower model.
    """
    if is_table(audio):
        return None
    place = place_of_speed(id_of(audio))
    try:
        return float(json.loads(place.read_bytes())["times_real_time"])
    except (OSError, ValueError, KeyError, TypeError):
        measured = SECONDS / _measured(audio)
        write_speed(place, measured)
        return measured


def place_of_speed(encoder_id: str) -> Path:
    """Where the speed of an encoder is kept, whether it is there yet or not."""
    return cache_folder() / "speeds" / f"{encoder_id.replace('/', '-')}.json"


def write_speed(place: Path, speed: float) -> None:
    """Keep a speed for the next evaluation."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_suffix(f".{os.getpid()}.part")
    draft.write_text(json.dumps({"times_real_time": speed}), encoding="utf-8")
    draft.replace(place)


def _measured(audio: str) -> float:
    """Seconds of a processor that the encoder takes, in a process that has one thread."""
    known = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            return pool.submit(_timed, audio).result()
    finally:
        for name, value in known.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _timed(audio: str) -> float:
    import soundfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notes.wav"
        soundfile.write(path, _notes(), _RATE)
        performance = Performance("", "notes", "", path)
        taken = []
        for _ in range(2):  # the first loads the model and what it needs
            since = time.process_time()
            analyse(audio, performance)
            taken.append(time.process_time() - since)
    return min(taken)


def _notes() -> np.ndarray:
    """Two decaying notes a second, shape=(samples, 2)."""
    times = np.arange(int(SECONDS * _RATE)) / _RATE
    pitches = 220.0 * 2.0 ** ((np.floor(2 * times) % 12) / 12)
    note = 0.5 * np.exp(-4.0 * (times % 0.5)) * np.sin(2 * np.pi * pitches * (times % 0.5))
    return np.stack([note, note], axis=1)
