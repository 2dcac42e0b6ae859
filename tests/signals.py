"""Audio files made by the suite itself: short phrases of decaying notes, whole and broken."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile

RATE = 22_050  # Hz, what ESPR hears at: no resampling, quick to hear
_BLOCK_SECONDS = 10  # libsndfile crashes when 60 s of Ogg are written in one call
_RING_SECONDS = 10  # of a note: by then it has fallen by 347 dB


def phrase(seconds: float = 2.0, rate: int = RATE, seed: int = 0) -> np.ndarray:
    """Four decaying notes a second with a few harmonics, shape=(seconds * rate,), float64."""
    return _phrase(seconds, rate, seed).copy()


@lru_cache(32)
def _phrase(seconds: float, rate: int, seed: int) -> np.ndarray:
    notes = np.random.default_rng(seed).integers(48, 84, max(1, round(4 * seconds)))
    length = round(seconds * rate)
    sound = np.zeros(length)
    for k, note in enumerate(notes):
        start = k * rate // 4
        end = min(length, start + _RING_SECONDS * rate)
        time = np.arange(end - start) / rate
        frequency = 440.0 * 2.0 ** ((note - 69) / 12)
        for harmonic in (1, 2, 3):
            sound[start:end] += np.sin(2 * np.pi * harmonic * frequency * time) * np.exp(
                -4 * harmonic * time
            )
    return 0.5 * sound / np.abs(sound).max()


def write(
    path: str | os.PathLike[str], samples: np.ndarray, rate: int = RATE, subtype: str | None = None
) -> Path:
    """Write samples, shape=(n,) or (n, channels), in the format that the suffix names."""
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    container = {".aif": "AIFF", ".oga": "OGG", ".opus": "OGG"}.get(suffix, suffix[1:].upper())
    if suffix == ".opus":
        subtype = "OPUS"
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    step = _BLOCK_SECONDS * rate
    # as bytes: a file name need not be UTF-8
    with soundfile.SoundFile(
        os.fsencode(path), "w", rate, channels, subtype, format=container
    ) as file:
        for start in range(0, len(samples), step):
            file.write(samples[start : start + step])
    return Path(path)


def write_phrase(path: str | os.PathLike[str], seconds: float = 2.0, seed: int = 0) -> Path:
    """A phrase as a file; another seed is another performance."""
    return write(path, phrase(seconds, seed=seed))


def truncate(path: Path, share: float = 0.5) -> Path:
    """Cut a file to a share of its bytes."""
    os.truncate(path, int(path.stat().st_size * share))
    return path
