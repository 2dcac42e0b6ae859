"""Rhythm of a window: how clear its pulse is, and how varied its note values are.

Pulse clarity: the highest peak of the autocorrelation of the onset strength (Lartillot,
Eerola, Toiviainen & Fornari, "Multi-feature modeling of pulse clarity", ISMIR 2008, MaxAutocor).
Entropy of inter-onset intervals: Thul & Toussaint, "Rhythm complexity measures", ISMIR 2008.
nPVI, the normalised pairwise variability index: Grabe & Low 2002; Patel & Daniele 2003.
"""

from __future__ import annotations

import numpy as np

from espr.audio.spectrogram import ONSET_RATE
from espr.smoothing import smooth

_SHORTEST_PERIOD, _LONGEST_PERIOD = 0.2, 2.0  # seconds: 300 to 30 beats a minute
_SMOOTHING = 2.0  # frames: two notes 20 ms off the beat still belong to it
_REST = 3.0  # seconds: a longer interval is a pause, not a note value
_SHORTEST, _BINS, _PER_OCTAVE = -5.0, 28, 4  # of the histogram of log2 seconds


def pulse_clarity(strength: np.ndarray) -> float:
    """The highest autocorrelation of the onset strength at the period of a pulse.

    Parameters
    ----------
    strength : np.ndarray, shape=(frames,)
        Onset strength at 100.2 frames a second.

    Returns
    -------
    float
        1 for a metronome; about 0 where nothing repeats.
    """
    count = len(strength)
    shortest, longest = (round(s * ONSET_RATE) for s in (_SHORTEST_PERIOD, _LONGEST_PERIOD))
    if count <= longest:
        return 0.0
    blurred = smooth(strength, _SMOOTHING, reflect=True)
    blurred = blurred - blurred.mean()
    energy = float(blurred @ blurred)
    if energy < 1e-9:
        return 0.0
    spectrum = np.fft.rfft(blurred, 1 << (2 * count - 1).bit_length())
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)[:count] / energy
    # fewer products overlap at a longer lag
    unbiased = correlation / (1.0 - np.arange(count) / count)
    return float(unbiased[shortest : longest + 1].max())


def rhythmic_variety(onset_times: np.ndarray) -> float:
    """Mean of the normalised interval entropy and nPVI / 200, each from 0 to 1.

    Parameters
    ----------
    onset_times : np.ndarray, shape=(n,)
        Seconds, ascending.

    Returns
    -------
    float
        0 for equal intervals; towards 1 where every interval differs from the last.
    """
    intervals = np.diff(onset_times)
    intervals = intervals[intervals < _REST]
    if len(intervals) < 4:
        return 0.0
    # each interval counts in the two bins it lies between, so that a millisecond moves little
    position = np.clip((np.log2(intervals) - _SHORTEST) * _PER_OCTAVE, 0.0, _BINS - 1.001)
    below = position.astype(np.int64)
    counts = np.bincount(below, 1.0 - (position - below), _BINS)
    counts += np.bincount(below + 1, position - below, _BINS)
    shares = counts[counts > 0] / counts.sum()
    entropy = -(shares * np.log2(shares)).sum() / np.log2(_BINS)
    neighbours = np.abs(np.diff(intervals)) / (intervals[1:] + intervals[:-1])
    # nPVI = 100 * mean(|difference| / mean of the pair); /200 leaves the mean of these
    return float((entropy + neighbours.mean()) / 2.0)
