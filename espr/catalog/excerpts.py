"""What a long recording plays that other recordings play alone: concerts, medleys, sets.

Such an excerpt is reported with its place, and joins nothing to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from espr.alignment.comparison import PART

if TYPE_CHECKING:
    from espr.catalog.models import Recording
    from espr.catalog.sound import Alignment


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a recording that another recording plays alone.

    Attributes
    ----------
    recording : Recording
        The one that plays it alone.
    begin, end : float
        Seconds in the longer one.
    """

    recording: Recording
    begin: float
    end: float


def longer_of(alignment: Alignment) -> int:
    """Of two recordings that share a part: the one of which more is left over."""
    in_one, in_other = alignment.comparison.explained
    return alignment.other if in_one >= in_other else alignment.one


def excerpts_of(
    whole: int, alignments: Iterable[Alignment], recordings: Mapping[int, Recording]
) -> list[Excerpt]:
    """What a recording plays of others, by time; each stretch of its music once.

    Parameters
    ----------
    whole : int
        The id of the recording.
    recordings : mapping of int → Recording
        The others, as far as they count.
    """
    parts = [
        found
        for found in alignments
        if found.kind == PART and longer_of(found) == whole and found.partner(whole) in recordings
    ]
    chosen: list[Excerpt] = []
    for found in sorted(parts, key=lambda found: -found.comparison.score):
        begin, end, *_ = found.seen_from(whole).stretches[0]
        overlaps = [min(end, one.end) - max(begin, one.begin) for one in chosen]
        if max(overlaps, default=0.0) <= 0.5 * (end - begin):
            chosen.append(Excerpt(recordings[found.partner(whole)], begin, end))
    return sorted(chosen, key=lambda one: one.begin)
