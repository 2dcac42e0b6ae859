"""Which keys are struck when, in frames of half a second: what recordings are aligned by.

A frame is a vector of the 88 keys of length 1, zero where nothing is struck. Each note counts in
the two frames nearest to it, so that it matters little where a frame begins.
"""

from __future__ import annotations

import numpy as np

RATE = 2.0  # frames a second
PITCHES = 88
LOWEST = 21  # MIDI pitch of A0


def onset_roll(notes: np.ndarray, shift: int = 0, rate: float = RATE) -> np.ndarray:
    """The roll of a recording, shape=(frames, 88), float32; one empty frame without notes.

    Parameters
    ----------
    notes : np.ndarray, shape=(n, 2)
        Onset in seconds and MIDI pitch.
    shift : int
        Semitones that are added to each pitch; what leaves the keyboard is left out.
    rate : float
        Frames a second.
    """
    keys = notes[:, 1].astype(int) - LOWEST + shift
    inside = (keys >= 0) & (keys < PITCHES)
    keys, places = keys[inside], notes[inside, 0] * rate
    frames = int(np.floor(places.max())) + 2 if len(places) else 1
    below = np.floor(places).astype(int)
    share = places - below
    roll = np.zeros(frames * PITCHES)
    for frame, weight in ((below, 1.0 - share), (below + 1, share)):
        roll += np.bincount(frame * PITCHES + keys, weight, frames * PITCHES)
    energy = np.sqrt(roll.reshape(frames, PITCHES))  # a trill is not ten times its note
    length = np.linalg.norm(energy, axis=1, keepdims=True)
    unit: np.ndarray = (energy / np.maximum(length, 1e-9)).astype(np.float32)
    return unit
