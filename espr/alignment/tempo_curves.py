"""How fast performances of a piece are from moment to moment, against the mean of them all.

Each performance's time is a function of that of one of them, the reference. Its slope over a few
seconds is how slow the performance is there; the mean is that of the logarithms, so that twice as
fast and half as fast cancel out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from espr.alignment.time_map import TimeMap

STEP = 1.0  # s between positions
_HALF = 3.0  # s to either side of a position that a slope is taken over
_ROUNDS = 20
_STEEPEST = 3.0  # more is a jump to a repeat, no tempo


@dataclass(frozen=True, slots=True)
class TempoCurves:
    """Local tempos of the performances of a piece.

    Attributes
    ----------
    reference : int
        The performance whose time the positions are of.
    positions : np.ndarray, shape=(n,)
        Seconds in the reference.
    tempos : dict of int → np.ndarray, shape=(n,)
        How many times as fast as the mean of all each performance is; nan where it does not play
        what the reference plays, or where no other does.
    """

    reference: int
    positions: np.ndarray
    tempos: dict[int, np.ndarray]


def tempo_curves(reference: int, length: float, maps: Mapping[int, TimeMap]) -> TempoCurves:
    """The tempo curves of a piece.

    Parameters
    ----------
    reference : int
        A performance of it.
    length : float
        Seconds that it lasts.
    maps : mapping of int → TimeMap
        Each other performance, and the map from the reference to it.
    """
    positions = np.arange(0.0, length, STEP)
    slopes = np.zeros((1 + len(maps), len(positions)))  # log; the reference's are 0
    for row, time_map in enumerate(maps.values(), 1):
        before, after = (time_map.at_all(positions + shift) for shift in (-_HALF, _HALF))
        slope = (after - before) / (2.0 * _HALF)
        plausible = (slope > 1.0 / _STEEPEST) & (slope < _STEEPEST)
        slopes[row] = np.log(np.where(plausible, slope, np.nan))
    slopes[:, np.isnan(slopes[1:]).all(axis=0)] = np.nan
    tempos = np.exp(_mean(slopes) - slopes)
    return TempoCurves(reference, positions, dict(zip((reference, *maps), tempos, strict=True)))


def _mean(slopes: np.ndarray) -> np.ndarray:
    """The mean of the performances at each position, shape=(n,).

    A performance that is missing there counts as it usually lies beside the others, so that the
    mean does not jump where a slow one drops out.
    """
    known = ~np.isnan(slopes)
    beside = np.zeros((len(slopes), 1))  # how each lies to the mean over the whole piece
    for _ in range(_ROUNDS):  # least squares by turns
        here = _mean_of(slopes - beside, known, axis=0)
        beside = _mean_of(slopes - here, known, axis=1)
        beside = beside - beside.mean()
    mean: np.ndarray = np.where(known, slopes, here + beside).mean(axis=0)
    return mean


def _mean_of(values: np.ndarray, known: np.ndarray, axis: int) -> np.ndarray:
    sums: np.ndarray = np.where(known, values, 0.0).sum(axis=axis, keepdims=True)
    means: np.ndarray = sums / np.maximum(1, known.sum(axis=axis, keepdims=True))
    return means
