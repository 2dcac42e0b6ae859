"""Note onsets: when something begins, and how strongly.

SuperFlux (Böck & Widmer, "Maximum filter vibrato suppression for onset detection", DAFx
2013) on the 10 ms spectrogram of :mod:`espr.audio.spectrogram`. Onsets closer than 50 ms are
one: the notes of a chord are not played together to the millisecond, but heard together.
"""

from __future__ import annotations

import numpy as np

from espr.audio.decode import SAMPLE_RATE
from espr.audio.spectrogram import ONSET_LENGTH, ONSET_RATE
from espr.smoothing import highest_around, mean_around

LAG = 2  # frames between the two spectra that are compared, 20 ms

# Chosen on 80 PercePiano clips through two sound fonts (python -m tests.benchmarks.onset_density):
# 0.98 detected onsets per true one, a clip off by 6 %; 1.0 gives 0.94 and 7 %, 0.5 1.07 and 12 %.
_THRESHOLD = 0.7
_GROUPED = 5  # frames, 50 ms
_CENTRE = ONSET_LENGTH / 2 / SAMPLE_RATE  # seconds from a frame's start to its middle


def onset_strength(spectrogram: np.ndarray, before: np.ndarray) -> np.ndarray:
    """SuperFlux: positive differences to the maximum-filtered spectrum two frames before.

    Parameters
    ----------
    spectrogram : np.ndarray, shape=(frames, bands)
        From :func:`espr.audio.spectrogram.onset_spectrogram`.
    before : np.ndarray, shape=(LAG, bands)
        The last frames of the chunk before; for the first chunk the first frame repeated,
        so that a recording that begins in full sound does not begin with an onset.

    Returns
    -------
    np.ndarray, shape=(frames,)
    """
    earlier = np.concatenate([before, spectrogram[:-LAG]])
    widened = highest_of_three(earlier[: len(spectrogram)])
    strength: np.ndarray = np.maximum(spectrogram - widened, 0.0).sum(axis=1)
    return strength


def highest_of_three(bands: np.ndarray) -> np.ndarray:
    """The highest of each band and its neighbours, shape=(frames, bands).

    A tenth of the time of SciPy's maximum filter, which is made for any size.
    """
    highest = bands.copy()
    np.maximum(highest[:, 1:], bands[:, :-1], out=highest[:, 1:])
    np.maximum(highest[:, :-1], bands[:, 1:], out=highest[:, :-1])
    return highest


def pick_onsets(strength: np.ndarray) -> np.ndarray:
    """Frames of the grouped onsets: local maxima that rise above the mean around them.

    Parameters
    ----------
    strength : np.ndarray, shape=(frames,)

    Returns
    -------
    np.ndarray, shape=(onsets,), int
        Ascending, at least 50 ms apart.
    """
    if len(strength) == 0:
        return np.zeros(0, np.int64)
    highest = highest_around(strength, 3)  # ± 30 ms
    around = mean_around(strength, 9, 7)  # 90 ms before, 70 ms after
    candidates = np.flatnonzero((strength == highest) & (strength > around + _THRESHOLD))
    onsets: list[int] = []
    for frame in candidates:
        if not onsets or frame - onsets[-1] >= _GROUPED:
            onsets.append(int(frame))
    return np.array(onsets, np.int64)


def onset_times(onsets: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Seconds at which onsets lie, shape=(onsets,), finer than a frame.

    The vertex of the parabola through a maximum and its neighbours: whole frames of 10 ms
    would make note values depend on where the first frame happens to begin.
    """
    padded = np.pad(strength, 1, mode="edge")
    left, middle, right = padded[onsets], padded[onsets + 1], padded[onsets + 2]
    curvature = left - 2.0 * middle + right
    shift = np.where(curvature < 0, 0.5 * (left - right) / np.minimum(curvature, -1e-9), 0.0)
    times: np.ndarray = (onsets + np.clip(shift, -0.5, 0.5)) / ONSET_RATE + _CENTRE
    return times
