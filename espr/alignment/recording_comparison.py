"""Two recordings compared: their notes in, a :class:`espr.alignment.comparison.Comparison` out.

The best stretch first (:mod:`espr.alignment.local_alignment`), then what it leaves out of either,
then the notes of the best stretch (:mod:`espr.alignment.note_matching`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from espr.alignment.comparison import PATTERN, PERHAPS, Comparison
from espr.alignment.local_alignment import (
    Stretch,
    align,
    best_scores,
    best_stretches,
    gain,
    ordinary_likeness,
)
from espr.alignment.note_matching import match_notes, relative_tempo
from espr.alignment.onset_roll import RATE, onset_roll

SHIFTS = (-1, 1)  # semitones: of instruments that are tuned to A = 415, 425 or 466 Hz
_SHORTEST = 20  # frames of a further stretch, 10 s
_CLEAR = 0.2  # its least gain a frame
_FURTHER = 6  # stretches beside the best one, at most
_OFTEN = 0.4  # share of the frames with onsets that a key of a pattern is struck in
_AWAY = 3  # frames along either that a rival keeps away from the best stretch
_LITTLE = PERHAPS - 0.001  # the least gain a frame whose path is wanted, before rounding
_FEWEST_NOTES = 30  # matches that a straight line is laid through


def compare(notes: np.ndarray, others: Sequence[np.ndarray], shift: int = 0) -> list[Comparison]:
    """Compare a recording with others.

    Parameters
    ----------
    notes, others : np.ndarray, shape=(n, 2)
        As in :mod:`espr.alignment.packed_notes`.
    shift : int
        Semitones that are added to the pitches of ``notes``: instruments tuned to A = 415 or 425 Hz
        sound a semitone lower, one tuned to 466 Hz a semitone higher.
    """
    notes = notes + np.array([0.0, float(shift)])
    roll = onset_roll(notes)
    rolls = [onset_roll(other) for other in others]
    ordinary = [ordinary_likeness(roll, other) for other in rolls]
    plain = [place for place, usual in enumerate(ordinary) if usual < PATTERN]
    least = [_LITTLE * min(map(_sounding, (roll, rolls[place]))) for place in plain]
    stretches = align(
        roll, [rolls[place] for place in plain], [ordinary[place] for place in plain], least
    )
    best = dict(zip(plain, stretches, strict=True))
    found = []
    for place, (other, other_roll) in enumerate(zip(others, rolls, strict=True)):
        if place in best:
            one = _compared(notes, other, roll, other_roll, ordinary[place], best[place])
        else:
            one = _compared_by_what_changes(notes, other, roll, other_roll)
        found.append(replace(one, shift=shift))
    return found


def compare_in_any_tuning(notes: np.ndarray, others: Sequence[np.ndarray]) -> list[Comparison]:
    """Compare a recording with others; with what is not alike, a semitone higher and lower, too."""
    found = compare(notes, others)
    unlike = [place for place, one in enumerate(found) if not one.alike]
    for shift in SHIFTS:
        for place, again in zip(
            unlike, compare(notes, [others[place] for place in unlike], shift), strict=True
        ):
            if again.score > found[place].score:
                found[place] = again
    return found


def _compared_by_what_changes(
    notes: np.ndarray, others: np.ndarray, roll: np.ndarray, other_roll: np.ndarray
) -> Comparison:
    """Compare two that say the same again and again, without the keys of which that is made."""
    often = np.zeros(roll.shape[1], bool)
    for one in (roll, other_roll):
        struck = one[one.any(axis=1)]
        often |= (struck > 0.0).mean(axis=0) >= _OFTEN
    roll, other_roll = (_unit(np.where(often, np.float32(0.0), one)) for one in (roll, other_roll))
    usual = ordinary_likeness(roll, other_roll)
    (best,) = align(roll, [other_roll], [usual])
    return replace(_compared(notes, others, roll, other_roll, usual, best), ordinary=PATTERN)


def _unit(roll: np.ndarray) -> np.ndarray:
    unit: np.ndarray = roll / np.maximum(np.linalg.norm(roll, axis=1, keepdims=True), 1e-9)
    return unit


def _compared(
    notes: np.ndarray,
    others: np.ndarray,
    roll: np.ndarray,
    other_roll: np.ndarray,
    ordinary: float,
    best: Stretch,
) -> Comparison:
    lengths = [_sounding(one) for one in (roll, other_roll)]
    if not all(lengths):
        return Comparison(0.0)
    score = round(best.score / min(lengths), 4)
    if score < PERHAPS:
        return Comparison(score, ordinary=round(ordinary, 4))
    gains = gain(roll, other_roll, ordinary)
    stretches = [best, *_further(gains, best)]
    matches, pitches = match_notes(notes, others, best)
    fuller, shared = _shares(notes, others, matches)
    rival, goes_on = _beside(gains, best)
    explained = tuple(
        round(len(np.unique(np.concatenate(frames))) / length, 4)
        for frames, length in zip(
            (
                [_whole(one.rows) for one in stretches],
                [_whole(one.columns) for one in stretches],
            ),
            lengths,
            strict=True,
        )
    )
    return Comparison(
        score,
        tuple(_seconds(one) for one in stretches),
        (min(1.0, explained[0]), min(1.0, explained[1])),
        len(matches),
        len(np.unique(pitches)),
        round(shared, 4),
        relative_tempo(matches),
        _bend(matches),
        ordinary=round(ordinary, 4),
        fuller=round(fuller, 4),
        rival=rival,
        goes_on=goes_on,
    )


def _sounding(roll: np.ndarray) -> int:
    """Frames from the first that has an onset to the last."""
    struck = np.flatnonzero(roll.any(axis=1))
    return int(struck[-1] - struck[0] + 1) if len(struck) else 0


def _whole(frames: np.ndarray) -> np.ndarray:
    return np.arange(frames[0], frames[-1] + 1)


def _seconds(stretch: Stretch) -> tuple[float, float, float, float]:
    rows, columns = stretch.rows / RATE, stretch.columns / RATE
    return float(rows[0]), float(rows[-1]), float(columns[0]), float(columns[-1])


def _further(gains: np.ndarray, best: Stretch) -> list[Stretch]:
    """Stretches of what the best one leaves out: what one of the two repeats, or both play later.

    What is explained in the longer rest is masked, and the rest aligned again with all of the
    other.
    """
    found: list[Stretch] = []
    masked = [[best], [best]]  # along rows, along columns
    for axis in (0, 1):
        while len(found) < _FURTHER:
            left = gains.copy()
            for stretch in masked[axis]:
                if axis == 0:
                    left[stretch.rows[0] : stretch.rows[-1] + 1] = -1.0
                else:
                    left[:, stretch.columns[0] : stretch.columns[-1] + 1] = -1.0
            if (left > 0.0).any(axis=1 - axis).sum() < _SHORTEST:
                break
            (stretch,) = best_stretches(left[None])
            length = min(len(_whole(stretch.rows)), len(_whole(stretch.columns)))
            if length < _SHORTEST or stretch.score < _CLEAR * length:
                break
            masked[axis].append(stretch)
            masked[1].append(stretch) if axis == 0 else None
            found.append(stretch)
    return found


def _beside(gains: np.ndarray, best: Stretch) -> tuple[float, float]:
    """The scores of the best rival of a stretch and of what it goes on with, as shares of its own.

    A rival lays frames of the stretch over others; what goes on lies before it or after it in both.
    """
    rivals, goes_on = gains.copy(), np.full_like(gains, -1.0)
    for part in (
        (slice(best.rows[0]), slice(best.columns[0])),
        (slice(best.rows[-1] + 1, None), slice(best.columns[-1] + 1, None)),
    ):
        goes_on[part] = gains[part]
        rivals[part] = -1.0
    for row, column in zip(best.rows, best.columns, strict=True):
        near = (slice(max(0, at - _AWAY), at + _AWAY + 1) for at in (row, column))
        rivals[tuple(near)] = -1.0
    rival, further = best_scores(np.stack([rivals, goes_on])) / best.score
    return round(float(rival), 4), round(float(further), 4)


def _shares(notes: np.ndarray, others: np.ndarray, matches: np.ndarray) -> tuple[float, float]:
    """Matched notes, of those between the first and the last of them, in either; ascending."""
    if not len(matches):
        return 0.0, 0.0
    begin, end = matches.min(axis=0), matches.max(axis=0)
    fewer, more = sorted(
        int(((one[:, 0] >= first) & (one[:, 0] <= last)).sum())
        for one, first, last in zip((notes, others), begin, end, strict=True)
    )
    return len(matches) / max(1, more), len(matches) / max(1, fewer)


def _bend(matches: np.ndarray) -> float | None:
    if len(matches) < _FEWEST_NOTES:
        return None
    slope, start = np.polyfit(matches[:, 0], matches[:, 1], 1)
    return float(np.median(np.abs(matches[:, 1] - slope * matches[:, 0] - start)))
