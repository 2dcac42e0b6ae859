"""Notes that recordings of made-up pieces hold: any number of pieces, performances of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from espr.catalog.sound import note_vectors

if TYPE_CHECKING:
    from espr.catalog.catalog import Catalog

LENGTH = 60.0  # s of a piece at its own tempo


def score(piece: int, seconds: float = LENGTH) -> np.ndarray:
    """The notes of a piece, shape=(n, 2): two voices that wander, four and two notes a second."""
    rng = np.random.default_rng(piece)
    voices = []
    for start, rate in ((60 + rng.integers(12), 4.0), (40 + rng.integers(12), 2.0)):
        times = np.arange(0.0, seconds, 1.0 / rate)
        steps = rng.choice([-5, -3, -2, -1, 1, 2, 3, 4, 5], len(times))
        pitches = 36 + np.abs((start + np.cumsum(steps) - 36) % 96 - 48)
        voices.append(np.stack([times, pitches], axis=1))
    notes = np.concatenate(voices)
    return notes[np.argsort(notes[:, 0], kind="stable")]


def perform(notes: np.ndarray, tempo: float = 1.0, seed: int = 0, begin: float = 0.5) -> np.ndarray:
    """A performance: ``tempo`` times as fast, with a rubato of its own, some notes not heard."""
    rng = np.random.default_rng(seed)
    times = notes[:, 0] / tempo
    phase = rng.uniform(0.0, 2.0 * np.pi)
    swayed = times + 0.4 * (np.sin(times / 3.0 + phase) - np.sin(phase))
    played = np.stack([swayed + begin + rng.normal(0.0, 0.01, len(notes)), notes[:, 1]], axis=1)
    played = played[rng.random(len(notes)) > 0.1]
    return played[np.argsort(played[:, 0], kind="stable")]


def all_note_vectors(catalog: Catalog) -> tuple[list[int], np.ndarray]:
    """Ids of the recordings that have notes, ascending, and their vectors, shape=(n, 256)."""
    chunks = list(note_vectors(catalog))
    vectors = [vectors for _, vectors in chunks] or [np.zeros((0, 256), np.float32)]
    return [one for ids, _ in chunks for one in ids], np.concatenate(vectors)
