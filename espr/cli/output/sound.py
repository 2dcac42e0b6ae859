"""What performances of a piece have in common by their notes: which stretch is which."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from espr.alignment.comparison import COPY, OTHER, SAME_PIECE
from espr.cli.output.terminal_safe import clean
from espr.printable import clock

if TYPE_CHECKING:
    from espr.alignment.comparison import Comparison
    from espr.catalog.catalog import Recording
    from espr.catalog.excerpts import Excerpt
    from espr.catalog.sound import Alignment

_LINES = 8  # shown of a piece


def sound_lines(
    performances: Sequence[Recording], names: Sequence[str], alignments: Sequence[Alignment]
) -> list[str]:
    """Of each performance, what it plays of the one that most others were compared with."""
    name_of = {one.id: name for one, name in zip(performances, names, strict=True)}
    within = [one for one in alignments if {one.one, one.other} <= name_of.keys()]
    like = [one for one in within if one.kind in (COPY, SAME_PIECE)]
    if not within:
        return []
    lines = []
    counts = dict.fromkeys(name_of, 0)
    for alignment in like:
        for identity in (alignment.one, alignment.other):
            counts[identity] += 1
    for identity in name_of:
        mine = [one for one in like if identity in (one.one, one.other)]
        best = max(
            mine, key=lambda one: counts[one.partner(identity)], default=None
        )  # the first of equals
        if best is not None and counts[best.partner(identity)] >= counts[identity]:
            partner = best.partner(identity)
            if (counts[partner], -partner) > (counts[identity], -identity):
                what = _in_words(best.seen_from(identity), name_of[partner])
                lines.append(f"  {clean(name_of[identity])}: {what}")
        elif best is None and _is_unlike(identity, within):
            lines.append(f"  {clean(name_of[identity])}: like none of the others")
    more = len(lines) - _LINES
    return [*lines[:_LINES], *([f"  and {more} more"] if more > 0 else [])]


def excerpt_lines(
    names: Sequence[str], played: Sequence[Sequence[Excerpt]], slug_of: Mapping[int, str]
) -> list[str]:
    """Of each performance, what it plays that recordings of other pieces play alone."""
    return [
        f"  {clean(name)}: {_span(one.begin, one.end)} as "
        f"{clean(os.path.basename(one.recording.path))} of {slug_of[one.recording.piece_id or 0]}"
        for name, excerpts in zip(names, played, strict=True)
        for one in excerpts
    ]


def _is_unlike(identity: int, alignments: Sequence[Alignment]) -> bool:
    kinds = {one.kind for one in alignments if identity in (one.one, one.other)}
    return kinds == {OTHER}


def _in_words(comparison: Comparison, name: str) -> str:
    """ "0:00–4:50 as 0:02–4:41 of Gould; 4:51–7:10 as 2:28–4:41: a repeat"."""
    (begin, end, other_begin, other_end), *further = comparison.stretches
    words = f"{_span(begin, end)} as {_span(other_begin, other_end)} of {clean(name)}"
    if comparison.shift:
        words += f", tuned a semitone {'lower' if comparison.shift > 0 else 'higher'}"
    for begin, end, other_begin, other_end in further:
        again = any(_overlap(other_begin, other_end, c, d) for _, _, c, d in comparison.stretches
                    if (c, d) != (other_begin, other_end))  # fmt: skip
        words += f"; {_span(begin, end)} as {_span(other_begin, other_end)}"
        words += " again: a repeat" if again else ""
    return words


def _overlap(begin: float, end: float, other_begin: float, other_end: float) -> bool:
    """Whether more than half of a stretch lies in another."""
    return min(end, other_end) - max(begin, other_begin) > 0.5 * (end - begin)


def _span(begin: float, end: float) -> str:
    return f"{clock(begin)}–{clock(end)}"


def sound_of(
    recording: Recording, others: Sequence[Recording], alignments: Sequence[Alignment]
) -> list[dict[str, Any]]:
    """For a program: what a recording has in common with each that it was compared with."""
    paths = {other.id: other.path for other in others}
    found = []
    for alignment in alignments:
        if recording.id not in (alignment.one, alignment.other):
            continue
        if (partner := alignment.partner(recording.id)) not in paths:
            continue
        comparison = alignment.seen_from(recording.id)
        found.append(
            {
                "recording": paths[partner],
                "kind": alignment.kind,
                "score": comparison.score,
                "tempo": comparison.tempo and round(comparison.tempo, 5),
                "semitones": -comparison.shift,
                "stretches": [list(stretch) for stretch in comparison.stretches],
            }
        )
    return found
