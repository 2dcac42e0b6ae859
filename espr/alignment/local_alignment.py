"""Local alignment of onset rolls: the stretches of two recordings in which the same notes follow.

Smith & Waterman (J. Mol. Biol. 147, 1981) over frames: what is similar gains, what is not loses,
and the best stretch may begin and end anywhere, so that applause, cuts and excerpts do no harm.
Steps are those of dynamic time warping that keep the tempo within a factor of two: (1, 1), (1, 2)
and (2, 1), with the symmetric weights of Sakoe & Chiba (IEEE ASSP 26(1), 1978). A row needs only
the two rows before it, so one recording is aligned with many at a time.

What is similar is more so than most frames of the two are anyhow: over a loop of four chords each
frame is like a quarter of all others, and only the melody says whether it is the same song.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

_NEUTRAL = 0.3  # cosine of two frames that neither gains nor loses,
_ORDINARY = 0.9  # or the one that this share of all pairs stay below, where it is higher,
_HIGHEST = 0.85  # up to this;
_MATCHED = 3  # frames of the other that are like each where the two play the same: not counted
_SAMPLED = 300  # frames of either that the share is taken of
_CELLS = 6_000_000  # of the matrices held at once: 24 MB, and 6 MB of steps
_START, _DIAGONAL, _WIDE, _TALL = range(4)
_STEPS = {_DIAGONAL: (1, 1), _WIDE: (1, 2), _TALL: (2, 1)}


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of two recordings that is the same music.

    Attributes
    ----------
    score : float
        The gain of its frames; that of n frames of the same notes is at most 0.7 n.
    rows, columns : np.ndarray, shape=(k,), int
        Frames of the one and of the other that lie over each other, both increasing.
    """

    score: float
    rows: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    columns: np.ndarray = field(default_factory=lambda: np.zeros(0, int))


def align(
    roll: np.ndarray,
    others: Sequence[np.ndarray],
    ordinary: Sequence[float] | None = None,
    least: Sequence[float] | None = None,
) -> list[Stretch]:
    """The best stretch of a recording with each of some others.

    Parameters
    ----------
    roll : np.ndarray, shape=(n, 88), float32
        Of :func:`espr.alignment.onset_roll.onset_roll`.
    others : sequence of np.ndarray, shape=(m, 88)
        Their lengths differ.
    ordinary : sequence of float, optional
        Of :func:`ordinary_likeness`, where it is known.
    least : sequence of float, optional
        A stretch whose score is lower has no frames: they cost three times as much as the score.
    """
    if ordinary is None:
        ordinary = [ordinary_likeness(roll, other) for other in others]
    found: list[Stretch | None] = [None] * len(others)
    by_length = sorted(range(len(others)), key=lambda place: len(others[place]))
    while by_length:
        longest = max(1, len(others[by_length[-1]]))
        count = max(1, _CELLS // (longest * max(1, len(roll))))
        some, by_length = by_length[-count:], by_length[:-count]
        gains = np.stack(
            [_padded(gain(roll, others[place], ordinary[place]), longest) for place in some]
        )
        wanted = list(range(len(some)))
        if least is not None:
            scores = best_scores(gains).tolist()
            wanted = [row for row in wanted if scores[row] >= least[some[row]]]
            for place, score in zip(some, scores, strict=True):
                found[place] = Stretch(score)
        if wanted:
            for row, stretch in zip(wanted, best_stretches(gains[wanted]), strict=True):
                found[some[row]] = stretch
    return [stretch for stretch in found if stretch is not None]


def gain(roll: np.ndarray, other: np.ndarray, ordinary: float) -> np.ndarray:
    """What each pair of frames gains, shape=(n, m), at most 0.7; 0 where one has no onset."""
    struck, other_struck = roll.any(axis=1), other.any(axis=1)
    gains: np.ndarray = roll @ other.T
    neutral = np.float32(ordinary)
    gains -= neutral
    gains *= np.float32(1.0 - _NEUTRAL) / (np.float32(1.0) - neutral)
    gains[~struck] = 0.0
    gains[:, ~other_struck] = 0.0
    return gains


def ordinary_likeness(roll: np.ndarray, other: np.ndarray) -> float:
    """The cosine of two frames that neither gains nor loses: 0.3 to 0.85.

    High where each recording says the same again and again: then little can be said of the two.
    """
    roll, other = (one[one.any(axis=1)] for one in (roll, other))
    if not len(roll) or not len(other):
        return _NEUTRAL
    some, others = (one[:: 1 + len(one) // _SAMPLED] for one in (roll, other))
    matched = min(1.0, _MATCHED / min(len(roll), len(other)))
    ordinary = float(np.quantile(some @ others.T, _ORDINARY * (1.0 - matched)))
    return min(_HIGHEST, max(_NEUTRAL, ordinary))


def _padded(gains: np.ndarray, columns: int) -> np.ndarray:
    return np.pad(gains, ((0, 0), (0, columns - gains.shape[1])), constant_values=-1.0)


def best_scores(gains: np.ndarray) -> np.ndarray:
    """The scores of :func:`best_stretches` alone, shape=(b,)."""
    count, rows, columns = gains.shape
    best = np.zeros(count, np.float32)
    before, last, here = (np.zeros((count, columns + 2), np.float32) for _ in range(3))
    half_before: np.ndarray = np.zeros((count, columns), np.float32)
    moved: np.ndarray = np.zeros_like(half_before)
    for row in range(rows):
        total, half = here[:, 2:], 0.5 * gains[:, row]
        np.add(last[:, 1:-2], half[:, :-1], out=moved[:, 1:])
        moved[:, :1] = 0.0
        np.maximum(last[:, 1:-1], moved, out=total)
        np.add(before[:, 1:-1], half_before, out=moved)
        np.maximum(total, moved, out=total)
        np.maximum(total, 0.0, out=total)
        total += gains[:, row]
        np.maximum(total, 0.0, out=total)
        np.maximum(best, total.max(axis=1), out=best)
        before, last, here = last, here, before
        half_before = half
    return best


def best_stretches(gains: np.ndarray) -> list[Stretch]:
    """The best stretch in each of some matrices of gains, shape=(b, n, m)."""
    count, rows, columns = gains.shape
    steps = np.zeros(gains.shape, np.int8)
    best = np.zeros(count, np.float32)
    ends = np.zeros((count, 2), int)
    # two columns before the first; the row before the last one, and the last one
    before: np.ndarray = np.zeros((count, columns + 2), np.float32)
    last: np.ndarray = np.zeros_like(before)
    half_before: np.ndarray = np.zeros((count, columns), np.float32)
    every = np.arange(count)
    for row in range(rows):
        here = gains[:, row]
        half = 0.5 * here
        choice = steps[:, row]
        total: np.ndarray = last[:, 1:-1].copy()
        choice[:] = _DIAGONAL
        wide = last[:, :-2].copy()
        wide[:, 1:] += half[:, :-1]
        wide[:, 0] = 0.0
        tall = before[:, 1:-1] + half_before
        for other, name in ((wide, _WIDE), (tall, _TALL)):
            better = other > total
            np.copyto(total, other, where=better)
            np.copyto(choice, name, where=better, casting="unsafe")
        fresh = total <= 0.0
        total = np.maximum(np.maximum(total, 0.0) + here, 0.0)
        np.copyto(choice, _START, where=fresh | (total <= 0.0), casting="unsafe")
        before, last = last, before
        last[:, 2:] = total
        half_before = half
        column = total.argmax(axis=1)
        top = total[every, column]
        higher = top > best
        best[higher] = top[higher]
        ends[higher, 0], ends[higher, 1] = row, column[higher]
    return [
        Stretch(float(best[place]), *_traced(steps[place], *ends[place])) for place in range(count)
    ]


def _traced(steps: np.ndarray, row: int, column: int) -> tuple[np.ndarray, np.ndarray]:
    """The path that ends in a cell."""
    cells = [(row, column)]
    while (step := int(steps[row, column])) != _START:
        down, right = _STEPS[step]
        if row < down or column < right:
            break
        row, column = row - down, column - right
        cells.append((row, column))
    path = np.array(cells[::-1])
    return path[:, 0], path[:, 1]
