"""What the network of the `midlevel` encoder is fed: the whitened spectrogram of a recording.

Every recording's long-term spectrum is made flat, octave by octave: what piano, room, microphone
and decade do to a whole recording is taken off, what changes within it stays.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from espr.audio.spectrogram import FRAME_RATE, logarithmic

BANDS = 149
STEP = 2  # frames of the spectrogram to one of the network
STEP_RATE = FRAME_RATE / STEP
HALO = 64  # frames of context that reach into an output, on either side, rounded up

PITCHES = 88  # A0 (MIDI 21) to C8
LOWEST_PITCH = 21

_OCTAVE = 24  # bands
_WHITE = 3.0  # mean magnitude of a band after whitening
_DEEPEST = 0.003  # of the strongest octave: what lies lower is noise and is not raised further


def whitening_factors(magnitudes: Iterable[np.ndarray]) -> np.ndarray:
    """The factors that make a recording's long-term spectrum flat, shape=(149,), float32.

    Parameters
    ----------
    magnitudes : iterable of np.ndarray, shape=(frames, 149)
        The whole recording, in blocks.
    """
    total, frames = np.zeros(BANDS), 0
    for block in magnitudes:
        total += block.sum(axis=0, dtype=np.float64)
        frames += len(block)
    window = np.hanning(2 * _OCTAVE + 1)
    weight = np.convolve(np.ones(BANDS), window, mode="same")
    smooth = np.convolve(total / max(frames, 1), window, mode="same") / weight
    factors: np.ndarray = _WHITE / (smooth + _DEEPEST * smooth.max() + 1e-6)
    return factors.astype(np.float32)


def whitened(magnitudes: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """``log10(1 + factors · magnitudes)``, shape=(frames, 149), float32."""
    return logarithmic(magnitudes * factors)
