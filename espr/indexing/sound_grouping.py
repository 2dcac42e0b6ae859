"""New recordings compared with those that may be of the same piece, by what they play.

A recording that is new is compared with its nearest neighbours by note vector; one that came to
another piece, with some recordings of that piece, so that a wrong tag is noticed. Each recording's
comparisons are stored when they are done: an interruption costs those of one recording.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from espr.alignment.comparison import PERHAPS, Comparison
from espr.catalog.regroup import bring_up_to_date, regroup
from espr.catalog.sound import (
    ALIGNED,
    COMPARED,
    NEW,
    is_aligned,
    note_vectors,
    notes_of,
    paired,
    pending,
    set_compared,
    store_comparisons,
)
from espr.indexing.interrupts import interrupts_wait

if TYPE_CHECKING:
    import numpy as np

    from espr.catalog.catalog import Catalog

_NEIGHBOURS = 10  # that a new recording is compared with,
_SHIFTED = 3  # and with its pitches a semitone higher, and lower
_NEAREST = 0.35  # cosine: performances of a piece have 0.5 and more, whole ones 0.78
_NEAREST_SHIFTED, _NEARER = 0.5, 0.15  # cosine: at least, and at least above that without
_MEMBERS = 5  # of its piece: one with 300 performances is not compared pair by pair


def group_by_sound(
    catalog: Catalog, progress: Callable[[int, int], None] = lambda done, of: None
) -> list[int]:
    """Bring pieces up to date, with what recordings sound like; those whose piece changed.

    Parameters
    ----------
    progress : callable
        Called with how many of how many recordings were compared.
    """
    if is_aligned(catalog):
        return []
    if new := pending(catalog, NEW):
        _compare_neighbours(catalog, new, progress)
    changed = dict.fromkeys(bring_up_to_date(catalog))
    _compare_members(catalog)
    if pending(catalog, COMPARED):
        changed |= dict.fromkeys(regroup(catalog))
    with catalog.transaction() as connection:
        state = catalog.grouped_state(ahead=1)
        connection.executemany(
            "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)",
            [(ALIGNED, state), ("grouped", state)],
        )
    return list(changed)


def _compare_neighbours(
    catalog: Catalog, new: Sequence[int], progress: Callable[[int, int], None]
) -> None:
    """Compare new recordings with those that play the most similar notes."""
    ids, vectors = note_vectors(catalog)
    place_of = {identity: place for place, identity in enumerate(ids)}
    done = paired(catalog, new)
    for number, recording in enumerate(new, 1):
        notes = notes_of(catalog, [recording])[recording]
        found: dict[int, Comparison] = {}
        for shift, places in _nearest(notes, vectors, place_of[recording]).items():
            others = [ids[place] for place in places if ids[place] not in done[recording]]
            _take_better(found, _compared(catalog, recording, others, shift))
        for other in found:
            done[other].add(recording)
        worth = {other: one for other, one in found.items() if one.score >= PERHAPS}
        with interrupts_wait():
            _store(catalog, recording, worth)
        progress(number, len(new))


def _nearest(notes: np.ndarray, vectors: np.ndarray, own: int) -> dict[int, list[int]]:
    """Shift in semitones → the rows of the vectors that are near; ``own`` is the recording's.

    With a shift only what is nearer than without.
    """
    import numpy as np

    from espr.alignment.note_vector import note_vector
    from espr.alignment.recording_comparison import SHIFTS

    plain = vectors @ vectors[own]
    plain[own] = -1.0
    order = np.argsort(-plain, kind="stable")[:_NEIGHBOURS]
    nearest = {0: [int(place) for place in order if plain[place] >= _NEAREST]}
    for shift in SHIFTS:
        cosines = vectors @ note_vector(notes, shift)
        cosines[own] = -1.0
        least = np.maximum(plain + _NEARER, _NEAREST_SHIFTED)
        order = np.argsort(-np.where(cosines >= least, cosines, -1.0), kind="stable")
        nearest[shift] = [
            int(place) for place in order[:_SHIFTED] if cosines[place] >= least[place]
        ]
    return nearest


def _take_better(found: dict[int, Comparison], others: dict[int, Comparison]) -> None:
    """Take over the comparisons whose score is higher."""
    for recording, comparison in others.items():
        if recording not in found or comparison.score > found[recording].score:
            found[recording] = comparison


def _compare_members(catalog: Catalog) -> None:
    """Compare recordings with some of their piece that they were not compared with."""
    from espr.alignment.recording_comparison import compare_in_any_tuning

    members: dict[int, list[int]] = defaultdict(list)
    with catalog.snapshot():
        sounding = {row[0] for row in catalog.rows("SELECT id FROM note_vectors")}
        for recording, piece in sorted(catalog.pieces_of().items()):
            if recording in sounding:
                members[piece].append(recording)
    several = [ids for ids in members.values() if len(ids) > 1]
    done = paired(catalog, [one for ids in several for one in ids])
    for ids in several:
        for recording in ids:
            among = done[recording].intersection(ids)
            wanted = [other for other in ids if other != recording and other not in among]
            others = wanted[: max(0, min(_MEMBERS, len(ids) - 1) - len(among))]
            if not others:
                continue
            notes = notes_of(catalog, [recording, *others])
            compared = compare_in_any_tuning(notes[recording], [notes[one] for one in others])
            found = dict(zip(others, compared, strict=True))
            with interrupts_wait():
                _store(catalog, recording, found)
            for other in others:
                done[recording].add(other)
                done[other].add(recording)


def _compared(
    catalog: Catalog, recording: int, others: Sequence[int], shift: int = 0
) -> dict[int, Comparison]:
    from espr.alignment.recording_comparison import compare

    if not others:
        return {}
    notes = notes_of(catalog, [recording, *others])
    found = compare(notes[recording], [notes[other] for other in others], shift)
    return dict(zip(others, found, strict=True))


def _store(catalog: Catalog, recording: int, found: dict[int, Comparison]) -> None:
    with catalog.transaction() as connection:
        store_comparisons(connection, recording, found)
        set_compared(connection, [recording], COMPARED)
