"""From frames of half a second to notes: which note of one recording is which of another.

A note of the one is matched with the nearest note of the same pitch, near where the alignment
puts it; what most matches near it are late or early by corrects the alignment, and the search
narrows. The matches give the tempo of one recording relative to the other.
"""

from __future__ import annotations

import numpy as np

from espr.alignment.local_alignment import Stretch
from espr.alignment.onset_roll import RATE

_TOLERANCES = (1.2, 0.6, 0.3, 0.12)  # s, one search after another
_NEARBY = 15  # matches whose median corrects the alignment
_AT_ENDS = 9  # matches that are the beginning, and the end,
_AN_END = 5  # or the fifth part of fewer than 45
_APART = 1e5  # s between pitches on one axis; no recording is as long
_FEWEST = 20  # matches that a tempo is taken from
_SHORTEST = 8.0  # s


def match_notes(
    notes: np.ndarray, others: np.ndarray, stretch: Stretch, rate: float = RATE
) -> tuple[np.ndarray, np.ndarray]:
    """Match the notes of a stretch.

    Parameters
    ----------
    notes, others : np.ndarray, shape=(n, 2), (m, 2)
        Onset in seconds and MIDI pitch.
    stretch : Stretch
        Where the two play the same, in frames of rolls of ``rate`` frames a second.

    Returns
    -------
    matches : np.ndarray, shape=(k, 2)
        Onset in the one and in the other, s; each note at most once; by onset in the one.
    pitches : np.ndarray, shape=(k,)
    """
    ours, theirs = stretch.rows / rate, stretch.columns / rate
    inside = (notes[:, 0] >= ours[0] - 0.5) & (notes[:, 0] <= ours[-1] + 0.5)
    times, pitches = notes[inside, 0], notes[inside, 1]
    expected = np.interp(times, ours, theirs)
    axis = np.sort(others[:, 1] * _APART + others[:, 0])
    for tolerance in _TOLERANCES:
        held, found = _nearest(axis, pitches * _APART + expected, tolerance)
        if not len(held):
            return np.zeros((0, 2)), np.zeros(0)
        matched = axis[found] - pitches[held] * _APART
        late = _running_median(matched - expected[held])
        matches = np.stack([times[held], matched], axis=1)
        expected = expected + np.interp(times, times[held], late)
    return matches, pitches[held]


def _nearest(
    axis: np.ndarray, wanted: np.ndarray, tolerance: float
) -> tuple[np.ndarray, np.ndarray]:
    """Of places that are wanted: which have a point near, and the point; each point once."""
    if not len(axis) or not len(wanted):
        return np.zeros(0, int), np.zeros(0, int)
    right = np.clip(np.searchsorted(axis, wanted), 1, max(1, len(axis) - 1))
    left = right - 1
    right = np.minimum(right, len(axis) - 1)
    closer = np.abs(axis[left] - wanted) <= np.abs(axis[right] - wanted)
    point = np.where(closer, left, right)
    distance = np.abs(axis[point] - wanted)
    near = np.flatnonzero(distance <= tolerance)
    near = near[np.argsort(distance[near], kind="stable")]
    _, first = np.unique(point[near], return_index=True)
    held = np.sort(near[first])
    return held, point[held]


def _running_median(values: np.ndarray) -> np.ndarray:
    width = min(_NEARBY, len(values) - 1 + len(values) % 2)
    padded = np.pad(values, width // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)
    median: np.ndarray = np.median(windows, axis=1)[: len(values)]
    return median


def relative_tempo(matches: np.ndarray) -> float | None:
    """How many times as fast the one is as the other; None where too little is matched.

    ``matches``: of :func:`match_notes`.
    """
    if len(matches) < _FEWEST:
        return None
    ends = min(_AT_ENDS, len(matches) // _AN_END)
    lengths = matches[-ends:, None] - matches[None, :ends]
    if lengths.min() < _SHORTEST:
        return None
    return float(np.median(lengths[..., 1] / lengths[..., 0]))
