"""What differs between performances of a piece, and whether it could be chance.

A performance is set against the mean of the others that it is compared with: of two, against the
other one. Its difference in a feature is that of their profiles, in standard deviations within a
piece. Its standard error comes from the *paired* differences of their windows
(:mod:`espr.retrieval.separation`), because what the music does to a feature is common to both.
Their variance is moderated: that of a short recording, which has few windows, lies near the usual
one (Smyth, Statistical Applications in Genetics and Molecular Biology 3(1), 2004, sec. 4).

A feature *differs* when the difference lies beyond its margin, *is alike* when difference and
margin together stay within half a standard deviation, and is *unclear* otherwise. The margin is the
error times Student's t for one false alarm in twenty comparisons of all features (Bonferroni), by
the expansion of Abramowitz & Stegun, Handbook of Mathematical Functions, 1964, 26.7.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

import numpy as np

from espr.features import Feature, Space
from espr.retrieval.separation import mean_overlap, paired_difference, sampled

ALIKE = 0.5  # standard deviations within a piece: what "slightly" asks for
CHANCE = 0.05  # of a false alarm in any feature of a comparison
# Standard deviations of single paired differences, in standard deviations within a piece: medians
# of 198 renderings of 66 pieces (tests/benchmarks/paired_differences.py).
USUAL = {
    "melodiousness": 1.05,
    "articulation": 0.86,
    "rhythm_stability": 0.83,
    "rhythm_complexity": 0.85,
    "dissonance": 0.95,
    "tonal_stability": 1.55,
    "minorness": 1.17,
    "onset_density": 0.65,
    "loudness": 0.85,
    "dynamic_range": 0.99,
    "attack": 0.42,
    "brightness": 0.26,
    "pedal": 1.4,
}
# Standard deviation of a difference that other rooms and pianos make, which no number of windows
# averages out: of the same notes with pedal and without, 88 % are heard the right way round, but
# two that both use it differ by their rooms (r -0.05; tests/benchmarks/pedal_heard.py).
SYSTEMATIC = {"pedal": 1.4}
USUAL_FREEDOM = 6.0  # degrees of freedom that the usual variance counts for


class Verdict(StrEnum):
    """What can be said of a feature of two performances."""

    DIFFERS = "differs"
    ALIKE = "alike"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Difference:
    """How far a performance lies from the other, or the mean of the others, in one feature.

    Attributes
    ----------
    value : float
        In standard deviations within a piece.
    margin : float
        How far chance alone takes it.
    """

    feature: Feature
    value: float
    margin: float

    @property
    def verdict(self) -> Verdict:
        if abs(self.value) + self.margin <= ALIKE:
            return Verdict.ALIKE
        return Verdict.DIFFERS if abs(self.value) > self.margin else Verdict.UNCLEAR


def differences(
    space: Space, profiles: np.ndarray, windows: Sequence[np.ndarray]
) -> list[tuple[Difference, ...]]:
    """The differences of each performance from the mean of the others, strongest first.

    Parameters
    ----------
    profiles : np.ndarray, shape=(k, d)
        Of at least two performances, in standard deviations within a piece.
    windows : list of np.ndarray, shape=(n_k, d)
        Their windows, likewise.
    """
    count = len(profiles)
    values = (profiles - profiles.mean(axis=0)) * count / (count - 1)
    found = []
    for row in range(count):
        margins = _margins(from_others(windows, row), space)
        listed = [
            Difference(feature, float(values[row, place]), float(margins[place]))
            for place, feature in enumerate(space.features)
        ]
        found.append(tuple(sorted(listed, key=lambda one: -abs(one.value))))
    return found


def from_others(windows: Sequence[np.ndarray], row: int) -> np.ndarray:
    """The windows of a performance minus the mean of the others' at the same place, (n, d)."""
    pairs = [
        paired_difference(windows[row], other)
        for place, other in enumerate(windows)
        if place != row
    ]
    shortest = min(map(len, pairs))
    mean: np.ndarray = np.mean([sampled(one, shortest) for one in pairs], axis=0)
    return mean


def paired_variance(pairs: np.ndarray) -> np.ndarray:
    """The variance of single differences, (n, d) to (d,), of windows that share sound; n > 1."""
    variance: np.ndarray = np.square(pairs - pairs.mean(axis=0)).mean(axis=0)
    return variance / (1 - mean_overlap(len(pairs)))


def _margins(pairs: np.ndarray, space: Space) -> np.ndarray:
    """How far chance takes the mean of paired differences, (n, d) to (d,)."""
    overlap = mean_overlap(len(pairs))
    freedom = 1 / overlap - 1
    usual = np.array([USUAL[name] for name in space.names])
    own = paired_variance(pairs) if len(pairs) > 1 else usual**2
    total = freedom + USUAL_FREEDOM
    variance = (freedom * own + USUAL_FREEDOM * usual**2) / total
    systematic = np.array([SYSTEMATIC.get(name, 0.0) for name in space.names])
    error = np.sqrt(variance * overlap + systematic**2)
    margins: np.ndarray = error * _student(len(space), total)
    return margins


def _student(features: int, freedom: float) -> float:
    """The quantile of Student's t that chance passes in ``CHANCE`` of all comparisons."""
    z = NormalDist().inv_cdf(1 - CHANCE / (2 * features))
    first = (z**3 + z) / (4 * freedom)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return z + first + second
