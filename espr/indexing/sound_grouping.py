"""New recordings compared with those that may be of the same piece, by what they play.

A recording that is new is compared with its nearest neighbours by note vector; one that came to
another piece, with some recordings of that piece, so that a wrong tag is noticed. Each recording's
comparisons are stored when they are done: an interruption costs those of one recording. What an
older rule compared is compared again, and what that found serves until then.
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
    adopt_rule,
    alignments_of,
    count_outdated,
    is_aligned,
    notes_of,
    paired,
    pending,
    set_compared,
    store_comparisons,
)
from espr.indexing.interrupts import interrupts_wait
from espr.printable import counted

if TYPE_CHECKING:
    import numpy as np

    from espr.catalog.catalog import Catalog
    from espr.catalog.note_codes import NoteCodes

NEIGHBOURS = 10  # that a new recording is compared with,
_SHIFTED = 3  # and with its pitches a semitone higher, and lower
_NEAREST = 0.35  # cosine: performances of a piece have 0.5 and more, whole ones 0.78
_LONG, _PART = 480.0, 150.0  # s: of each such part of a longer recording,
_NEAREST_PART = 0.5  # the neighbours that are as near as this are compared with it, too
CANDIDATES = 256  # whose vectors are compared
_NEAREST_SHIFTED, _NEARER = 0.5, 0.15  # cosine: at least, and at least above that without
_MEMBERS = 5  # of its piece: one with 300 performances is not compared pair by pair


def group_by_sound(
    catalog: Catalog,
    progress: Callable[[int, int], None] = lambda done, of: None,
    notice: Callable[[str], None] = lambda line: None,
) -> list[int]:
    """Bring pieces up to date, with what recordings sound like; those whose piece changed.

    Parameters
    ----------
    progress : callable
        Called with how many of how many recordings were compared.
    notice : callable
        Called with what the user should know before that, in one line.
    """
    outdated = outdated_in_words(catalog)
    if not outdated and is_aligned(catalog):
        return []
    if outdated:
        notice(outdated)
    adopt_rule(catalog)
    meta = catalog.meta()
    known = meta.get(ALIGNED) is not None and meta.get(ALIGNED) == meta.get("grouped")
    new = pending(catalog, NEW)
    if new:
        _compare_neighbours(catalog, new, progress)
    touched = pending(catalog, COMPARED)
    changed = dict.fromkeys(bring_up_to_date(catalog))
    # of pieces that were compared within before, those that something came to
    _compare_members(catalog, [*touched, *changed] if known else None)
    if pending(catalog, COMPARED):
        changed |= dict.fromkeys(regroup(catalog))
    with catalog.transaction() as connection:
        state = catalog.grouped_state(ahead=1)
        connection.executemany(
            "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)",
            [(ALIGNED, state), ("grouped", state)],
        )
    return list(changed)


def outdated_in_words(catalog: Catalog) -> str:
    """What will be compared again, in one line; empty where nothing is."""
    count = count_outdated(catalog)
    if not count:
        return ""
    return (
        f"the notes of {counted(count, 'recording')} were compared by an older rule, and are"
        " compared again by that of this version; no file is analysed for it"
    )


def _compare_neighbours(
    catalog: Catalog, new: Sequence[int], progress: Callable[[int, int], None]
) -> None:
    """Compare new recordings with those that play the most similar notes."""
    from espr.catalog.note_codes import NoteCodes

    codes = NoteCodes(catalog, new)
    codes.store()
    done = paired(catalog, new)
    waiting = set(new)
    for number, recording in enumerate(new, 1):
        waiting.discard(recording)
        outdated = done[recording] & waiting  # pairs that another rule compared
        known = done[recording] - outdated
        notes = notes_of(catalog, [recording])[recording]
        nearest = _nearest(codes, recording, notes)
        if outdated:
            for old in alignments_of(catalog, [recording]):
                if (other := old.partner(recording)) in outdated:
                    near = nearest.setdefault(old.seen_from(recording).shift, [])
                    if other not in near:
                        near.append(other)
        found: dict[int, Comparison] = {}
        for shift, near in nearest.items():
            others = [other for other in near if other not in known]
            _take_better(found, _compared(catalog, recording, others, shift))
        for other in found:
            done[other].add(recording)
        worth = {
            other: one for other, one in found.items() if one.score >= PERHAPS or other in outdated
        }
        with interrupts_wait():
            _store(catalog, recording, worth)
        progress(number, len(new))


def _nearest(codes: NoteCodes, recording: int, notes: np.ndarray) -> dict[int, list[int]]:
    """Shift in semitones → the ids of the recordings that are near, the nearest first.

    With a shift only what is nearer than without. Of a long recording each part has neighbours.
    """
    import numpy as np

    from espr.alignment.note_vector import note_vector
    from espr.alignment.recording_comparison import SHIFTS

    wanted = {shift: note_vector(notes, shift) for shift in (0, *SHIFTS)}
    parts = _parts(notes)
    known = codes.nearest([*wanted.values(), *parts], CANDIDATES)
    known.pop(recording, None)
    if not known:
        return {}
    ids, vectors = list(known), np.stack(list(known.values()))

    def best(cosines: np.ndarray, least: np.ndarray, count: int) -> list[int]:
        order = np.argsort(-np.where(cosines >= least, cosines, -1.0), kind="stable")[:count]
        return [ids[place] for place in order if cosines[place] >= least[place]]

    plain = vectors @ wanted[0]
    nearest = {0: best(plain, np.full(len(ids), _NEAREST), NEIGHBOURS)}
    for part in parts:
        near = best(vectors @ part, np.full(len(ids), _NEAREST_PART), _SHIFTED)
        nearest[0] += [other for other in near if other not in nearest[0]]
    least = np.maximum(plain + _NEARER, _NEAREST_SHIFTED)
    return nearest | {shift: best(vectors @ wanted[shift], least, _SHIFTED) for shift in SHIFTS}


def _parts(notes: np.ndarray) -> list[np.ndarray]:
    """The note vectors of the parts of a long recording: a concert is like none of its pieces."""
    from espr.alignment.note_vector import note_vector

    if not len(notes) or notes[-1, 0] < _LONG:
        return []
    part_of = (notes[:, 0] // _PART).astype(int)
    return [note_vector(notes[part_of == part]) for part in range(int(part_of[-1]) + 1)]


def _take_better(found: dict[int, Comparison], others: dict[int, Comparison]) -> None:
    """Take over the comparisons whose score is higher."""
    for recording, comparison in others.items():
        if recording not in found or comparison.score > found[recording].score:
            found[recording] = comparison


def _compare_members(catalog: Catalog, touched: Sequence[int] | None) -> None:
    """Compare recordings with some of their piece that they were not compared with.

    ``touched``: only of the pieces of these.
    """
    from espr.alignment.recording_comparison import compare_in_any_tuning

    members: dict[int, list[int]] = defaultdict(list)
    for recording, piece in _sounding_members(catalog, touched):
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


def _sounding_members(catalog: Catalog, touched: Sequence[int] | None) -> list[tuple[int, int]]:
    """Recordings whose notes are known and their pieces, ascending."""
    with catalog.snapshot():
        if touched is None:
            sounding = {row[0] for row in catalog.rows("SELECT id FROM note_vectors")}
            every = catalog.pieces_of().items()
            return sorted((one, piece) for one, piece in every if one in sounding)
        of_these = "SELECT DISTINCT piece_id FROM recordings WHERE piece_id NOT NULL AND id IN (?)"
        pieces = [row[0] for row in catalog.rows_of(of_these, touched)]
        return sorted(
            (row[0], row[1])
            for row in catalog.rows_of(
                "SELECT r.id, r.piece_id FROM recordings r JOIN note_vectors USING (id)"
                " WHERE r.piece_id IN (?)",
                sorted(set(pieces)),
            )
        )


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
