"""Reissues: one performance in several files, to be shown once.

Two recordings of a piece are one performance when their audio hashes are equal, or when
their durations and profiles agree to rounding. Measured with ``signal/1`` on takes of
two pieces: another level or another container moves no feature by more than 0.1 % of its
value; the closest two takes of a piece differ by 34 % in some feature. Half a second of added
silence did as little to four takes of five, but moved the fifth by 17 %; a lossy transcoding
moves features by 1 to 17 %. Such reissues are recognised where the notes of both are known: every
note lies where it lies in the other, and the features are close.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_SECONDS = 0.1
_SHARE = 0.002
# Root mean square of the differences of the features, in standard deviations: MP3 and Opus at 64
# kbit/s moved `midlevel` by 0.17 at most, the same keys on another piano by 0.21 at least.
_CLOSE = 0.2


@dataclass(frozen=True, slots=True)
class Performance:
    """What decides whether a recording is a reissue; ``profile`` is of float32 values."""

    id: int
    piece_id: int
    audio_hash: str
    duration: float
    encoder: str
    profile: bytes


def duplicates(
    performances: Sequence[Performance], same_timing: Iterable[tuple[int, int]] = ()
) -> dict[int, int]:
    """Duplicate → the recording that it is a reissue of: the first of its kind, as listed.

    ``same_timing``: pairs of ids of which every note lies where it lies in the other; their
    profiles are in standard deviations.
    """
    retimed = defaultdict(set)
    for one, other in same_timing:
        retimed[one].add(other)
        retimed[other].add(one)
    found: dict[int, int] = {}
    pieces: dict[int, list[Performance]] = defaultdict(list)
    for performance in performances:
        pieces[performance.piece_id].append(performance)
    for takes in pieces.values():
        first_of_hash: dict[str, int] = {}
        # By duration and first feature in steps of the tolerances, so that a folder of 10,000
        # takes of one length is not compared pair by pair: 0.1 s instead of minutes.
        originals: dict[tuple[int, int], list[tuple[Performance, Sequence[float]]]]
        originals = defaultdict(list)
        first: list[Performance] = []  # those that are no reissues
        for take in takes:
            if take.audio_hash in first_of_hash:
                found[take.id] = first_of_hash[take.audio_hash]
                continue
            profile = array("f", take.profile)
            second, size = int(take.duration / _SECONDS), _step(profile[0])
            near = (
                other
                for seconds in (second - 1, second, second + 1)
                for sizes in (size - 1, size, size + 1)
                for other, features in originals.get((seconds, sizes), ())
                if _agree(take, other) and _alike(profile, features)
            )
            same = next((other.id for other in near), None)
            if same is None and take.id in retimed:
                others = (other for other in first if other.id in retimed[take.id])
                same = next((other.id for other in others if _close(take, other)), None)
            first_of_hash[take.audio_hash] = take.id if same is None else same
            if same is None:
                originals[second, size].append((take, profile))
                first.append(take)
            else:
                found[take.id] = same
    return found


def _step(feature: float) -> int:
    """Features that agree are at most one step apart, whatever their size."""
    known = feature and math.isfinite(feature)
    return round(math.log(abs(feature)) / (1.1 * _SHARE)) if known else 0


def _agree(one: Performance, other: Performance) -> bool:
    return one.encoder == other.encoder and abs(one.duration - other.duration) <= _SECONDS


def _close(one: Performance, other: Performance) -> bool:
    if one.encoder != other.encoder:
        return False
    pairs = zip(array("f", one.profile), array("f", other.profile), strict=True)
    squares = [(a - b) ** 2 for a, b in pairs]
    return math.sqrt(sum(squares) / len(squares)) <= _CLOSE


def _alike(one: Sequence[float], other: Sequence[float]) -> bool:
    pairs = zip(one, other, strict=True)
    return all(abs(a - b) <= _SHARE * max(abs(a), abs(b)) for a, b in pairs)
