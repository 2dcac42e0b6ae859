"""The tuning of a recording: how far it lies from A = 440 Hz, in cents, -50 to 50.

Peaks of the spectrum, in one frame a second, lie some cents above or below the nearest key of a
piano. A semitone being the full circle, the mean direction of all is the tuning (Dressler &
Streich, "Tuning frequency estimation using circular statistics", ISMIR 2007). Keys are the
witnesses: each counts by the square root of how much it sounds, so that neither a drone nor the hum
of the mains outweighs the others, and a tuning is believed where they agree more than chance makes
them (Rayleigh's test). Drums, noise, bells and a wide vibrato have none.

Half a semitone sharp is half a semitone flat: near 50 cents the sign means nothing.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from espr.audio.decode import SAMPLE_RATE
from espr.audio.spectrogram import FRAME_LENGTH

_LOWEST, _HIGHEST = 200.0, 2_000.0  # Hz: below, semitones share a bin; above, strings are sharp
_FIRST, _LAST = (round(f * FRAME_LENGTH / SAMPLE_RATE) for f in (_LOWEST, _HIGHEST))
_LOUDEST = 0.1  # least magnitude of a peak, of the highest of its frame
_QUIETEST = 1e-3  # and at all, of a full scale of 512
# Least number of keys that agree, see `tuning`: noise, drums and bells have 0 to 2, piano 5 to 26,
# under noise as loud as itself 3 to 5.
_WITNESSES = 3.0


class TuningMeter:
    """Measures the tuning of a recording that comes in chunks."""

    def __init__(self) -> None:
        self._pitches: list[np.ndarray] = []
        self._weights: list[np.ndarray] = []

    def add(self, samples: np.ndarray) -> None:
        """Listen to the next chunk, shape=(n,), float32, 22.05 kHz, peak-normalised."""
        if len(samples) >= FRAME_LENGTH:
            pitches, weights = spectral_peaks(samples)
            self._pitches.append(pitches)
            self._weights.append(weights)

    @property
    def tuning(self) -> float | None:
        """Cents above A = 440 Hz, -50 to 50; None where too few keys agree."""
        if not self._pitches:
            return None
        pitches, weights = np.concatenate(self._pitches), np.concatenate(self._weights)
        directions = weights * np.exp(2j * np.pi * pitches)
        keys = np.rint(pitches - _cents(directions.sum()) / 100.0).astype(int)
        sounding, of_peaks = np.unique(keys, return_inverse=True)
        totals = np.bincount(of_peaks, weights, len(sounding))
        of_keys = np.zeros(len(sounding), complex)
        np.add.at(of_keys, of_peaks, directions)
        resultant = (of_keys / np.sqrt(totals)).sum()
        # n R² of n keys of equal weight; by chance it is 3 or more in 5 of 100 cases
        if not len(keys) or abs(resultant) ** 2 < _WITNESSES * totals.sum():
            return None
        return _cents(resultant)


def _cents(direction: complex) -> float:
    return float(np.angle(direction)) * 50.0 / np.pi


def spectral_peaks(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The peaks of the spectrum in one frame a second.

    Returns
    -------
    pitches : np.ndarray, shape=(peaks,)
        MIDI pitch where A4 = 69 is 440 Hz, to a few cents: the vertex of a parabola through the
        logarithms of three magnitudes.
    weights : np.ndarray, shape=(peaks,)
        The square root of the magnitude; those of a frame add up to 1.
    """
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME_LENGTH)[::SAMPLE_RATE]
    magnitudes = np.abs(np.fft.rfft(frames * _window()))[:, _FIRST - 1 : _LAST + 2]
    here = magnitudes[:, 1:-1]
    peaks = (here > magnitudes[:, :-2]) & (here >= magnitudes[:, 2:]) & (here > _QUIETEST)
    peaks &= here > _LOUDEST * here.max(axis=1, keepdims=True)
    frame, place = np.nonzero(peaks)
    left, top, right = (np.log(magnitudes[frame, place + n] + 1e-9) for n in range(3))
    curvature = np.minimum(left - 2.0 * top + right, -1e-6)
    places = place + _FIRST + 0.5 * (left - right) / curvature
    pitches = 69.0 + 12.0 * np.log2(places * SAMPLE_RATE / FRAME_LENGTH / 440.0)
    weights = np.exp(0.5 * top)
    weights /= np.bincount(frame, weights, len(frames))[frame]
    return pitches, weights


@cache
def _window() -> np.ndarray:
    return np.hanning(FRAME_LENGTH).astype(np.float32)
