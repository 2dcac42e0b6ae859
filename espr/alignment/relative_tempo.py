"""How fast each performance of a piece is, from the relative tempos of pairs by least squares.

log t_i - log t_j = log r_ij for every pair that was compared, t relative to their geometric mean.
Tempo is known within a piece alone: the score's own tempo is not known.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def relative_tempos(pairs: Sequence[tuple[int, int, float]]) -> dict[int, float]:
    """How many times as fast as the mean of the performances each of them is.

    Parameters
    ----------
    pairs : sequence of (int, int, float)
        Two recordings, and how many times as fast the first is as the second.

    Returns
    -------
    dict
        Of the most recordings that hang together; the others are not comparable with these.
    """
    main = _connected(pairs)
    place = {recording: row for row, recording in enumerate(sorted(main))}
    within = [pair for pair in pairs if pair[0] in place]
    if not within:
        return {}
    equations = np.zeros((len(within) + 1, len(place)))
    logs = np.zeros(len(within) + 1)
    for row, (one, other, ratio) in enumerate(within):
        equations[row, place[one]], equations[row, place[other]] = 1.0, -1.0
        logs[row] = np.log(ratio)
    equations[-1] = 1.0  # the mean of the logarithms is 0
    solution, *_ = np.linalg.lstsq(equations, logs, rcond=None)
    return {recording: float(np.exp(solution[row])) for recording, row in place.items()}


def _connected(pairs: Sequence[tuple[int, int, float]]) -> set[int]:
    """The most recordings that pairs join; of equals those with the smallest number."""
    group_of: dict[int, set[int]] = {}
    for one, other, _ in pairs:
        joined = group_of.get(one, {one}) | group_of.get(other, {other})
        group_of |= dict.fromkeys(joined, joined)
    groups = list(group_of.values())
    return max(groups, key=lambda group: (len(group), -min(group)), default=set())
