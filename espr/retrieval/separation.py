"""Whether the windows of two performances tell them apart for a query.

A profile is a mean over windows, so a score has a spread. To first order the score
s = cos(q, x) moves with the windows w_j of the performance by

    u_j = (q/|q| - s x/|x|) . (w_j - x) / |x|        (the gradient of the cosine at x)

Two performances of a piece run through the same music, and what the music does to u_j
is common to both. The difference of two scores is therefore judged by the spread of
*paired* differences u_j - v_j, each window of the shorter performance with the window at
the same share of the longer one. Windows of 15 s every 5 s overlap: two of them share
r = 2/3 or 1/3 of their sound, and their differences correlate accordingly. With m the mean
of r over all pairs of n windows (each with itself included), the mean of n differences has
the variance m sigma^2, and their mean squared deviation expects (1 - m) sigma^2. Where the
windows are worth fewer than two independent ones (1 / m < 2), sigma^2 is pooled over all
pairs of performances in the ranking; where all have one window, nothing can be said.

This is the infinitesimal jackknife (Efron & Tibshirani, An Introduction to the Bootstrap,
1993, ch. 21) of the difference of two scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from espr.audio.encoder import HOP, WINDOW
from espr.retrieval.ranking import TIE, unit

# Two standard errors. In simulation, chance alone passes them in 5 % of pairs of 60 windows
# (5 minutes), 7 % of 24 (2 minutes), 11 % of 6 (40 s).
STANDARD_ERRORS = 2.0


@dataclass(frozen=True, slots=True)
class Separation:
    """How far a performance is behind the first one.

    Attributes
    ----------
    difference : float
        The first one's score minus this one's.
    standard_error : float or None
        Of that difference; None when no performance is long enough to tell.
    """

    difference: float
    standard_error: float | None

    @property
    def told_apart(self) -> bool | None:
        """Whether the difference is beyond chance; None when that cannot be said."""
        if self.difference <= TIE:
            return False
        if self.standard_error is None:
            return None
        return self.difference > STANDARD_ERRORS * self.standard_error


def separations(
    query: np.ndarray, windows: Sequence[np.ndarray], scores: Sequence[float]
) -> list[Separation | None]:
    """How far each performance lies behind the first of ``windows``; None for the first.

    Parameters
    ----------
    query : np.ndarray, shape=(d,)
    windows : list of np.ndarray, shape=(n_k, d)
        Centred windows of each performance, best performance first.
    scores : list of float
        Their scores, in the same order.
    """
    influences = [_influence(query, rows) for rows in windows]
    paired = [paired_difference(influences[0], other) for other in influences[1:]]
    pooled = _variance(paired)
    found: list[Separation | None] = [None]
    for pairs, score in zip(paired, scores[1:], strict=True):
        overlap = mean_overlap(len(pairs))
        variance = _variance([pairs]) if 1 / overlap >= 2 else pooled
        error = None if variance is None else (variance * overlap) ** 0.5
        found.append(Separation(scores[0] - score, error))
    return found


def _influence(query: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """How much each window moves the cosine of its mean with the query, shape=(n,)."""
    mean = windows.mean(axis=0, dtype=np.float64)
    length = float(np.linalg.norm(mean))
    if length == 0:
        return np.zeros(len(windows))
    towards = unit(query)
    score = float(towards @ mean) / length
    influence: np.ndarray = (windows - mean) @ (towards - score * mean / length) / length
    return influence


def paired_difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Window by window of the shorter one, with the other's at the same share of its length."""
    count = min(len(first), len(second))
    differences: np.ndarray = sampled(first, count) - sampled(second, count)
    return differences


def sampled(values: np.ndarray, count: int) -> np.ndarray:
    """``count`` of some values, spread evenly from the first to the last."""
    chosen: np.ndarray = values[np.rint(np.linspace(0, len(values) - 1, count)).astype(int)]
    return chosen


def mean_overlap(count: int) -> float:
    """The share of sound that two of ``count`` windows have in common, in the mean."""
    apart = np.abs(np.subtract.outer(np.arange(count), np.arange(count))) * HOP
    return float(np.clip(1 - apart / WINDOW, 0, None).mean())


def _variance(paired: Sequence[np.ndarray]) -> float | None:
    """The variance of single differences, pooled over pairs of performances.

    None when all have one window.
    """
    expected = sum(len(pairs) * (1 - mean_overlap(len(pairs))) for pairs in paired)
    if expected == 0:
        return None
    return sum(float(np.square(pairs - pairs.mean()).sum()) for pairs in paired) / expected
