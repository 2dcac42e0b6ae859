"""What the comparison of two recordings found: whether they play the same, where, how fast.

The limits were set on renderings of pieces by three pianists each and on 31 commercial clips of
20 s; that of the score also by either half of the pieces (`tests/benchmarks/sound_limits.py`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace

# Counted up whenever the same notes get another score or kind: what an older rule found is compared
# again. 1 scored without regard to what most frames of two recordings have in common, 2 without
# regard to how else they could be laid over each other.
RULE = 3
SAME = 0.17  # least score of two performances of a piece
PERHAPS = 0.12  # least score that is worth a question
UNLIKE = 0.08  # a score below which two recordings do not play the same piece
_SECONDS = 10.0  # least length of the stretch in either
# share of both that must be explained: less is an excerpt of a longer recording. Well above half,
# so that a recording of two pieces is of neither
_MOST = 0.65
_SHORT, _MOST_OF_SHORT = 30.0, 0.55  # s: of clips, which begin and end anywhere
_MONOTONOUS = 0.7  # ordinary likeness: where all is alike, nothing is unlike,
PATTERN = 0.75  # and where it is as high as this, only what changes is compared
_FEWEST_NOTES = 15
_FEWEST_PITCHES = 8  # a drone sounds like any other
_SHARED = 0.3  # least share of the notes that are matched
# Variations have a bass and a harmony in common, songs their chords: much of what the one plays
# the other does not, or it fits as well elsewhere. Set on renderings (207 true pairs of 66 pieces,
# 3,570 pairs of WoO 80, tests/benchmarks/variation_recordings.py), made-up pieces, and the clips.
_FULLER = 0.31  # least share of the notes of the fuller one that are matched,
_DISTINCT = 0.22  # and that times what no other place offers;
_AHEAD = 0.05, 0.2  # least score times the same: where all was compared, or what changes alone
_LOW, _MOST_NOTES = 0.24, 0.53  # below this score, least share of the sparser one's notes
_SURELY, _SURE_SCORE = 0.6, 0.45  # of strophes that are all alike: least share, and score

_STRAIGHT = 0.02  # s: how far the notes of a copy lie from a straight line
_COPIED = 0.65  # share of notes that a copy has in common, at least
_SAME_SPEED = 0.005

COPY = "copy"  # the notes of the one lie where those of the other do: perhaps one performance
SAME_PIECE = "same"  # performances of one piece
PART = "part"  # the one is, or holds, an excerpt of the other
MAYBE = "maybe"  # neither like nor unlike
OTHER = "other"  # other pieces
KINDS = (COPY, SAME_PIECE, PART, MAYBE, OTHER)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the comparison of one recording with another found.

    Attributes
    ----------
    score : float
        Of the best stretch, over the length of the shorter recording: 0 to 0.7.
    stretches : tuple of (start, end, start, end)
        Seconds in the one and in the other; the first is the best one, the others are repeats.
    explained : tuple of two floats
        Share of each that lies in a stretch, between its first note and its last.
    notes, pitches : int
        That are matched, and different ones among these.
    shared : float
        Matched notes, of those of the stretch in the recording that has fewer.
    tempo : float or None
        How many times as fast the one is as the other; None where too little is matched.
    bend : float or None
        Median distance of matched notes from a straight line, s: of two copies of one performance
        it is a few milliseconds.
    shift : int
        Semitones that the one lies below the other, where instruments are tuned otherwise.
    fuller : float
        Matched notes, of those of the stretch in the recording that has more.
    rival : float
        Score of the next best way to lay the best stretch over the other recording, as a share of
        ``score``.
    goes_on : float
        Score of what goes on before the best stretch or after it in both, likewise.
    ordinary : float
        How alike frames of the two are anyhow, see
        :func:`espr.alignment.local_alignment.ordinary_likeness`.
    """

    score: float
    stretches: tuple[tuple[float, float, float, float], ...] = ()
    explained: tuple[float, float] = (0.0, 0.0)
    notes: int = 0
    pitches: int = 0
    shared: float = 0.0
    tempo: float | None = None
    bend: float | None = None
    shift: int = 0
    ordinary: float = 0.3
    fuller: float = 1.0
    rival: float = 0.0
    goes_on: float = 0.0

    @property
    def alike(self) -> bool:
        """Whether a part of some length is the same music."""
        if self.score < SAME or not self.stretches:
            return False
        begin, end, other_begin, other_end = self.stretches[0]
        return (
            min(end - begin, other_end - other_begin) >= _SECONDS
            and self.notes >= _FEWEST_NOTES
            and self.pitches >= _FEWEST_PITCHES
            and self.shared >= _SHARED
        )

    @property
    def sure_tempo(self) -> float | None:
        """``tempo``, where a part of some length is the same music; else none, not a wrong one."""
        return self.tempo if self.alike else None

    @property
    def kind(self) -> str:
        """One of ``KINDS``."""
        if self.same_timing:
            return COPY
        if self.same_piece:
            return SAME_PIECE
        if self.akin:
            return MAYBE
        if self.alike:
            return PART if self.fuller >= _FULLER else MAYBE
        unlike = self.score < UNLIKE and self.ordinary < _MONOTONOUS
        return OTHER if unlike else MAYBE

    @property
    def same_piece(self) -> bool:
        """Whether the two are performances of one piece, and not an excerpt and a longer one."""
        return self._is_whole and self._is_distinct

    @property
    def akin(self) -> bool:
        """Whether they could be of one piece, or variations, or songs over the same chords."""
        return self._is_whole and not self._is_distinct

    @property
    def _is_whole(self) -> bool:
        if not self.alike:
            return False
        begin, end, *_ = self.stretches[0]
        least = _MOST_OF_SHORT if end - begin < _SHORT else _MOST
        return min(self.explained) >= least

    @property
    def _is_distinct(self) -> bool:
        only_here = 1.0 - self.rival
        if self.score * (1.0 + self.goes_on) < _LOW and self.shared < _MOST_NOTES:
            return False
        pattern = self.ordinary >= PATTERN
        if (
            self.fuller >= _FULLER
            and self.fuller * only_here >= _DISTINCT
            and self.score * only_here >= _AHEAD[pattern]
        ):
            return True
        return self.fuller >= _SURELY and self.score >= _SURE_SCORE

    @property
    def same_timing(self) -> bool:
        """Whether every note lies where it lies in the other: one performance, copied."""
        return (
            self.same_piece
            and not self.shift
            and self.tempo is not None
            and self.bend is not None
            and abs(self.tempo - 1.0) <= _SAME_SPEED
            and self.bend <= _STRAIGHT
            and self.shared >= _COPIED
        )

    def reversed(self) -> Comparison:
        """The same as the other recording sees it."""
        return replace(
            self,
            stretches=tuple((c, d, a, b) for a, b, c, d in self.stretches),
            explained=(self.explained[1], self.explained[0]),
            tempo=None if self.tempo is None else 1.0 / self.tempo,
            shift=-self.shift,
        )

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> Comparison:
        known = {one.name for one in fields(Comparison)}
        found = {name: value for name, value in json.loads(text).items() if name in known}
        found["stretches"] = tuple(map(tuple, found["stretches"]))
        found["explained"] = tuple(found["explained"])
        return Comparison(**found)
