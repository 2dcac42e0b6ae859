"""Level of a window: how notes fall off and how far loud and soft lie apart.

Articulation: how far the level falls from the peak of a note to the trough before the next
one, in dB; detached notes fall far, bound ones hardly (the key detached ratio of Bresin &
Battel, "Articulation strategies in expressive piano performance", JNMR 2000, as it shows in the
signal). Dynamic range: standard deviation of the levels at onsets, in dB.
"""

from __future__ import annotations

import numpy as np

_PEAK_WITHIN = 8  # frames after an onset, 80 ms
_PEAK = 4  # frames after an onset in which no trough is looked for
_TROUGH_WITHIN = 6  # frames before the next onset, 60 ms
_DEEPEST = 30.0  # dB; deeper is silence, and how deep only the recording's noise decides
_SHORTEST = 6  # frames: faster notes than 60 ms apart are an ornament


def fall_between_onsets(level: np.ndarray, onsets: np.ndarray) -> float:
    """Mean fall from a note's peak to the trough before the next onset, in dB, each up to 30.

    Parameters
    ----------
    level : np.ndarray, shape=(frames,)
        Level in dB at 100.2 frames a second.
    onsets : np.ndarray, shape=(n,), int
        Frames of the onsets.
    """
    begins, ends = onsets[:-1], onsets[1:]
    long_enough = ends - begins >= _SHORTEST
    begins, ends = begins[long_enough], ends[long_enough]
    if not len(begins):
        return 0.0
    before = ends[:, None] - np.arange(1, _TROUGH_WITHIN + 1)
    troughs = np.where(before >= begins[:, None] + _PEAK, level[before], np.inf).min(axis=1)
    falls = _highest_after(level, begins, _PEAK_WITHIN) - troughs
    return float(np.minimum(falls, _DEEPEST).mean())


def level_spread_at_onsets(level: np.ndarray, onsets: np.ndarray, strength: np.ndarray) -> float:
    """Standard deviation of the levels that notes reach, in dB, weighted by onset strength.

    Weighted, because whether the faintest onsets are found at all is a matter of noise.
    """
    if len(onsets) == 0:
        return 0.0
    reached = _highest_after(level, onsets, _TROUGH_WITHIN)
    weights = strength[onsets]
    mean = np.average(reached, weights=weights)
    return float(np.sqrt(np.average((reached - mean) ** 2, weights=weights)))


def _highest_after(level: np.ndarray, onsets: np.ndarray, frames: int) -> np.ndarray:
    """The highest level within some frames from each onset, shape=(n,)."""
    places = np.minimum(onsets[:, None] + np.arange(frames), len(level) - 1)
    highest: np.ndarray = level[places].max(axis=1)
    return highest
