"""What a recording plays, as one vector: performances of a piece have vectors that point alike.

Counts of note bigrams (a pitch and the interval to one of the next three notes), their square
roots, projected to 256 numbers by random signs that are the same everywhere (random projections
after Achlioptas, J. Comput. Syst. Sci. 66(4), 2003). Neither tempo nor dynamics enter, and nothing
is learned. Compared by cosine.
"""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np

from espr.alignment.onset_roll import LOWEST, PITCHES

DIMENSION = 256

_FOLLOWING = 3  # notes after each that make a bigram with it: those of a chord come in any order
_WIDEST = 24  # semitones
_INTERVALS = 2 * _WIDEST + 1
_SEED = b"ESPR note bigrams 1"


@cache
def _signs() -> np.ndarray:
    """shape=(88 * 49, 256), -1 or 1; from a hash, so that they never change."""
    count = PITCHES * _INTERVALS * DIMENSION
    bits = np.unpackbits(np.frombuffer(hashlib.shake_128(_SEED).digest(count // 8), np.uint8))
    signs: np.ndarray = bits.reshape(-1, DIMENSION) * np.float32(2.0) - np.float32(1.0)
    return signs


def note_vector(notes: np.ndarray, shift: int = 0) -> np.ndarray:
    """The vector of a recording, shape=(256,), float32, of length 1; zeros without bigrams.

    Parameters
    ----------
    notes : np.ndarray, shape=(n, 2)
        Onset in seconds and MIDI pitch, by onset.
    shift : int
        Semitones that are added to each pitch.
    """
    order = np.lexsort((notes[:, 1], notes[:, 0]))
    pitches = notes[order, 1].astype(int) - LOWEST + shift
    counts = np.zeros(PITCHES * _INTERVALS)
    for distance in range(1, _FOLLOWING + 1):
        first, second = pitches[:-distance], pitches[distance:]
        interval = second - first
        held = (np.abs(interval) <= _WIDEST) & (first >= 0) & (first < PITCHES)
        bigrams = first[held] * _INTERVALS + interval[held] + _WIDEST
        counts += np.bincount(bigrams, minlength=len(counts))
    some = np.flatnonzero(counts)
    vector = np.sqrt(counts[some]).astype(np.float32) @ _signs()[some]
    length = float(np.linalg.norm(vector))
    unit: np.ndarray = vector / np.float32(length) if length else np.zeros(DIMENSION, np.float32)
    return unit.astype(np.float32)
