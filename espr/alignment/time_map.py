"""From a moment of one recording to the same moment of the music in another.

Inside each stretch that two recordings share (:mod:`espr.alignment.recording_comparison`) the notes
that are matched are anchors; between them time runs evenly. Where nothing matches for a while there
is no answer, so that a cut or a cadenza is not bridged by a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from espr.alignment.comparison import Comparison
from espr.alignment.local_alignment import Stretch, align
from espr.alignment.note_matching import match_notes
from espr.alignment.onset_roll import RATE, onset_roll

_FINE = 2.0 * RATE  # frames a second: broken chords that come twice a second lie apart,
_FINE_UP_TO = 600.0  # s: in longer recordings that would take too long
_CHORD = 0.03  # s: notes that are one anchor
_LONGEST_GAP = 10.0  # s without a matched note, in either, that is no pause
_BEYOND = 2.0  # s before the first matched note, and after the last one
_FEWEST = 4  # anchors of a stretch
_AROUND = 3.0  # s to either side of a match within which others must be,
_SUPPORT = 0.25  # at least this share of the notes of the one that has fewer there


@dataclass(frozen=True, slots=True)
class TimeMap:
    """Which moment of another recording is which of this one.

    Attributes
    ----------
    anchors : tuple of np.ndarray, shape=(k, 2)
        Seconds in this recording and in the other, both increasing; one array per stretch, the
        longest first: what a repeat plays again may lie in several.
    """

    anchors: tuple[np.ndarray, ...]

    def __bool__(self) -> bool:
        return bool(self.anchors)

    def at(self, seconds: float) -> float | None:
        """The moment in the other recording; None where it plays nothing of the kind."""
        moment = float(self.at_all(np.array([seconds]))[0])
        return None if np.isnan(moment) else moment

    def at_all(self, seconds: np.ndarray) -> np.ndarray:
        """The moments in the other recording, shape=(n,); nan where there is none."""
        moments = np.full(len(seconds), np.nan)
        for anchors in self.anchors:
            ours, theirs = anchors.T
            here = np.interp(seconds, ours, theirs, left=np.nan, right=np.nan)
            gap = np.diff(anchors, axis=0).max(axis=1) > _LONGEST_GAP
            after = np.clip(np.searchsorted(ours, seconds, side="right") - 1, 0, len(gap) - 1)
            here[gap[after]] = np.nan
            moments = np.where(np.isnan(moments), here, moments)
        return moments

    def reversed(self) -> TimeMap:
        """From the other recording to this one."""
        return TimeMap(tuple(anchors[:, ::-1] for anchors in self.anchors))


def map_time(notes: np.ndarray, others: np.ndarray, comparison: Comparison) -> TimeMap:
    """Map the time of a recording to that of another.

    Parameters
    ----------
    notes, others : np.ndarray, shape=(n, 2), (m, 2)
        As in :mod:`espr.alignment.packed_notes`.
    comparison : Comparison
        Of the one with the other; where they are not alike nothing is mapped.
    """
    if not comparison.alike:
        return TimeMap(())
    notes = notes + np.array([0.0, float(comparison.shift)])
    longest = max(notes[-1, 0], others[-1, 0])
    rate = _FINE if longest <= _FINE_UP_TO else RATE
    rolls = onset_roll(notes, rate=rate), onset_roll(others, rate=rate)
    anchors = [_anchors(notes, others, rolls, rate, one) for one in comparison.stretches]
    return TimeMap(tuple(one for one in anchors if len(one) >= _FEWEST))


def _anchors(
    notes: np.ndarray,
    others: np.ndarray,
    rolls: tuple[np.ndarray, np.ndarray],
    rate: float,
    within: Sequence[float],
) -> np.ndarray:
    """The anchors of a stretch that begins and ends at these seconds in the one and the other."""
    first, last, other_first, other_last = (round(seconds * rate) for seconds in within)
    roll, other_roll = rolls[0][first : last + 1], rolls[1][other_first : other_last + 1]
    (stretch,) = align(roll, [other_roll])
    whole = Stretch(stretch.score, stretch.rows + first, stretch.columns + other_first)
    matches, _ = match_notes(notes, others, whole, rate)
    matches = matches[_supported(matches, notes, others)]
    return _extended(_increasing(matches)) if len(matches) else matches


def _supported(matches: np.ndarray, notes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which matches are among many: where the alignment bridges a cut, a few match by chance."""
    played = np.full(len(matches), np.inf)
    matched = np.full(len(matches), np.inf)
    for side, whole in enumerate((notes, others)):
        around = matches[:, side, None] + [-_AROUND, _AROUND]
        for times, fewest in ((whole[:, 0], played), (np.sort(matches[:, side]), matched)):
            first, last = np.searchsorted(times, around.T)
            np.minimum(fewest, last - first, out=fewest)
    supported: np.ndarray = matched >= _SUPPORT * played
    return supported


def _increasing(matches: np.ndarray) -> np.ndarray:
    """Chords as one match each, and none that goes back in time."""
    chord = np.concatenate([[0], np.cumsum(np.diff(matches[:, 0]) > _CHORD)])
    size = np.bincount(chord)
    means = np.stack([np.bincount(chord, times) / size for times in matches.T], axis=1)
    latest = np.maximum.accumulate(means[:, 1])
    ahead = np.concatenate([[True], means[1:, 1] > latest[:-1]])
    increasing: np.ndarray = means[ahead]
    return increasing


def _extended(anchors: np.ndarray) -> np.ndarray:
    """Anchors with one before the first, not before a recording begins, and one after the last."""
    before = anchors[0] - min(_BEYOND, *anchors[0])
    ends = [before] if before[0] < anchors[0, 0] else []
    return np.concatenate([np.array([*ends, anchors[0]]), anchors[1:], anchors[-1:] + _BEYOND])
