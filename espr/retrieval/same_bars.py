"""The same bars in another performance, and how fast each plays them, from the notes stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from espr.alignment.recording_comparison import compare_in_any_tuning
from espr.alignment.tempo_curves import TempoCurves, tempo_curves
from espr.alignment.time_map import TimeMap, map_time
from espr.catalog.sound import alignments_of, notes_of

if TYPE_CHECKING:
    from espr.alignment.comparison import Comparison
    from espr.catalog.catalog import Catalog


def time_map(catalog: Catalog, one: int, other: int) -> TimeMap:
    """From moments of a recording to those of another, by their ids.

    Seconds count from the beginning of each recording, which may be a track of a longer file. The
    map is empty where the two share nothing, or where the notes of one are not known.
    """
    return _time_maps(catalog, one, [other])[other]


def piece_tempo_curves(catalog: Catalog, recordings: Sequence[int]) -> TempoCurves | None:
    """How fast performances of a piece are from moment to moment.

    Parameters
    ----------
    recordings : sequence of int
        Their ids; those that share nothing with the one whose time counts are left out.

    Returns
    -------
    TempoCurves or None
        None where no two of them can be laid over each other.
    """
    links = [found for found in alignments_of(catalog, recordings) if found.comparison.alike]
    shares = dict.fromkeys(sorted(recordings), 0.0)
    for link in links:
        if {link.one, link.other} <= shares.keys():
            shares[link.one] += link.comparison.explained[0]
            shares[link.other] += link.comparison.explained[1]
    reference = max(shares, key=lambda identity: shares[identity], default=0)
    others = [identity for identity in shares if identity != reference]
    maps = {
        other: found for other, found in _time_maps(catalog, reference, others).items() if found
    }
    if not maps:
        return None
    length = float(notes_of(catalog, [reference])[reference][-1, 0])
    return tempo_curves(reference, length, maps)


def _time_maps(catalog: Catalog, one: int, others: Sequence[int]) -> dict[int, TimeMap]:
    """The maps from a recording to each of some others."""
    notes = notes_of(catalog, [one, *others])
    known = [other for other in others if one in notes and other in notes]
    compared: dict[int, Comparison] = {
        found.partner(one): found.seen_from(one)
        for found in alignments_of(catalog, [one])
        if found.partner(one) in known
    }
    if left := [other for other in known if other not in compared]:
        found = compare_in_any_tuning(notes[one], [notes[other] for other in left])
        compared |= dict(zip(left, found, strict=True))
    maps = dict.fromkeys(others, TimeMap(()))
    return maps | {other: map_time(notes[one], notes[other], compared[other]) for other in known}
