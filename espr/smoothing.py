"""Smoothing of series: Gaussian, running mean, running maximum, as in SciPy's ``ndimage``.

In numpy, since importing SciPy would cost a worker as much as analysing a minute of sound.
"""

from __future__ import annotations

import numpy as np


def smooth(values: np.ndarray, deviation: float, *, reflect: bool) -> np.ndarray:
    """Values, shape=(n,), blurred by a Gaussian of some samples; same shape and type.

    Beyond the ends the values are reflected, or zero.
    """
    radius = int(4.0 * deviation + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / deviation) ** 2)
    padded = np.pad(values, radius, "symmetric" if reflect else "constant")
    blurred: np.ndarray = np.convolve(padded, kernel / kernel.sum(), "valid")
    return blurred.astype(values.dtype, copy=False)


def mean_around(values: np.ndarray, before: int, after: int) -> np.ndarray:
    """The mean of each value, shape=(n,), and its neighbours; reflected beyond the ends."""
    size = before + 1 + after
    sums = np.zeros(len(values) + size)
    np.cumsum(np.pad(values, (before, after), "symmetric"), dtype=np.float64, out=sums[1:])
    means: np.ndarray = (sums[size:] - sums[:-size]) / size
    return means.astype(values.dtype, copy=False)


def highest_around(values: np.ndarray, within: int) -> np.ndarray:
    """The highest of each value, shape=(n,), and its neighbours on either side."""
    padded = np.pad(values, within, "symmetric")
    highest: np.ndarray = np.lib.stride_tricks.sliding_window_view(padded, 2 * within + 1).max(1)
    return highest
