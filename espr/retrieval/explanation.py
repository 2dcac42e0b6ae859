"""Why a performance ranks where it does, in a musician's words and in numbers that add up.

The cosine is a sum over features (see :mod:`espr.retrieval.ranking`); that sum is the
only thing shown as "why". Numbers are rounded by largest remainder, so that the printed
contributions add up to the printed score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from espr.features import TEMPO, Feature, Space
from espr.retrieval.query_model import UNFAMILIAR, QueryModel

# The query is read as the features that make up this share of its squared length ...
HEARD_SHARE = 0.75
# ... and by no more than this many: a list of ten qualities tells nobody anything.
HEARD_MOST = 5


@dataclass(frozen=True, slots=True)
class Reason:
    """One printed part of a score.

    Attributes
    ----------
    value : float
        Its rounded contribution to the score.
    text : str
        ``more legato, as asked``, ``louder, against``, or ``the other 9 features``.
    """

    value: float
    text: str


def rounded(parts: Sequence[float] | np.ndarray, digits: int) -> list[float]:
    """``parts`` rounded to ``digits`` decimals so that they add up to their rounded sum.

    Largest remainder: all are rounded down, and those that lost most are rounded up.
    """
    steps = np.asarray(parts, dtype=np.float64) * 10**digits
    floors = np.floor(steps)
    missing = round(float(steps.sum())) - int(floors.sum())
    up = np.argsort(floors - steps, kind="stable")[:missing]
    floors[up] += 1
    # + 0.0 turns -0.0 into 0.0
    return [float(round(step / 10**digits, digits) + 0.0) for step in floors]


def reasons(
    space: Space,
    profile: np.ndarray,
    parts: np.ndarray,
    most: int,
    digits: int = 2,
    tempo: str = "",
) -> list[Reason]:
    """The ``most`` biggest contributions and the sum of the others.

    Parameters
    ----------
    profile, parts : np.ndarray, shape=(d,)
        What entered the cosine, and each feature's contribution to it.
    tempo : str, optional
        How fast the performance is, in numbers.
    """
    values = rounded(parts, digits)
    biggest = sorted(range(len(space)), key=lambda i: (-abs(values[i]), -abs(parts[i]), i))
    shown = [i for i in biggest[:most] if values[i] != 0.0]
    found = [
        Reason(values[i], _reason_text(space.features[i], profile[i], values[i], tempo))
        for i in shown
    ]
    others = round(sum(values) - sum(values[i] for i in shown), digits) + 0.0
    if others:
        count = len(space) - len(shown)
        found.append(
            Reason(others, f"the other {count} features" if count > 1 else "the other feature")
        )
    return found


def _reason_text(feature: Feature, deviation: float, contribution: float, tempo: str) -> str:
    how = tempo if feature == TEMPO and tempo else feature.comparative(deviation)
    return f"{how}, " + ("as asked" if contribution > 0 else "against")


def heard_as(space: Space, query: np.ndarray) -> list[str]:
    """The poles that make up most of the query's profile, strongest first."""
    values = dict(zip(space.features, query.tolist(), strict=True))
    return [feature.pole(values[feature]) for feature in strongest(space, query)]


def strongest(space: Space, query: np.ndarray) -> list[Feature]:
    """The features that make up most of the query's profile, shape=(d,), strongest first."""
    squares = np.square(query, dtype=np.float64)
    if not squares.any():
        return []
    order = np.argsort(-squares, kind="stable")
    covered = np.cumsum(squares[order]) / squares.sum()
    count = min(int(np.searchsorted(covered, HEARD_SHARE)) + 1, HEARD_MOST)
    return [space.features[place] for place in order[:count]]


def unlike_reference(model: QueryModel, profiles: np.ndarray) -> np.ndarray:
    """Which profiles, shape=(n, >= m), sound unlike the music h was fitted on: bool, shape=(n,)."""
    measured = model.standardised(profiles)[:, : len(model.space.measured)]
    far: np.ndarray = np.sqrt(np.mean(np.square(measured), axis=-1)) > UNFAMILIAR
    return far
