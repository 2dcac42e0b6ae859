"""Which piece each recording is of, over the whole catalog: grouping, then corrections.

Run after every change, in one transaction. It writes only what differs, keeps every slug
that exists, and is a function of the recordings, the manifests and the corrections alone.
Recordings that no change can touch are not looked at, see :mod:`espr.catalog.affected_recordings`.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from espr.catalog.schema import storable
from espr.catalog.sound import COMPARED, GROUPED, linked, links, pending, same_timing, set_compared
from espr.works.by_sound import join_by_sound
from espr.works.grouping import RULES, SINGLE, Assignment, Facts, ManifestEntry, group, unique_slugs
from espr.works.reissues import Performance, duplicates

if TYPE_CHECKING:
    import sqlite3

    from espr.catalog.affected_recordings import Neighbours
    from espr.catalog.catalog import Catalog, Recording

_CHUNK = 5_000  # recordings read at once

# Rules beside those of grouping: a reissue whose tags or name say less than another copy's,
SAME_AUDIO = "same audio"
ASSIGNED = "assigned"  # a recording whose piece the user named,
MERGED = "merged"  # and one of a piece that the user joined with another.


@dataclass(frozen=True, slots=True)
class _Name:
    """What a piece is called, and the rule by which it came together."""

    title: str
    composer: str
    rule: str


def bring_up_to_date(catalog: Catalog) -> list[int]:
    """:func:`regroup`, unless nothing was written since."""
    if catalog.grouping_is_current():
        return []
    return regroup(catalog)


def regroup(catalog: Catalog) -> list[int]:
    """Bring pieces, performers and duplicates up to date.

    Returns
    -------
    list of int
        The recordings whose piece changed.
    """
    # numpy is imported only where something is to be grouped
    from espr.catalog.affected_recordings import Neighbours

    with catalog.transaction() as connection:
        said = {
            table: dict(catalog.read_table(table)) for table in ("renamed", "merged", "assigned")
        }
        stored = {row[1]: row for row in catalog.read_table("pieces")}
        keys = {key: row[0] for key, row in stored.items()}
        compared = pending(catalog, COMPARED)
        neighbours = Neighbours(catalog, said, keys, compared)
        recordings, grouped, corrected = _assignments(catalog, neighbours, said, stored)
        names = _names(said["renamed"], stored, grouped, corrected)
        ids = _store_pieces(connection, stored, names)
        changed = _store_assignments(connection, recordings, corrected, ids)
        _mark_duplicates(catalog, sorted({ids[assignment.key] for assignment in corrected}))
        connection.execute(
            """
            DELETE FROM pieces WHERE id NOT IN
                (SELECT piece_id FROM recordings WHERE piece_id IS NOT NULL)
            AND key NOT IN (SELECT key FROM renamed) AND key NOT IN (SELECT into_key FROM merged)
            AND key NOT IN (SELECT key FROM assigned)
            """
        )
        set_compared(connection, compared, GROUPED)
        # this transaction is the next generation
        state = catalog.grouped_state(ahead=1)
        connection.executemany(
            "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)",
            [("grouped", state), ("ties", neighbours.store())],
        )
    return changed


def _assignments(
    catalog: Catalog,
    neighbours: Neighbours,
    said: Mapping[str, Mapping[str, str]],
    stored: Mapping[str, tuple[Any, ...]],
) -> tuple[list[Recording], list[Assignment], list[Assignment]]:
    """The recordings that a change can touch; their pieces as grouping found them; and corrected.

    ``said``: what the user says, table by table; ``stored``: the row of each piece by its key.
    """
    from espr.catalog.affected_recordings import ties_of

    manifest = _manifest(catalog)
    known = _read(catalog, neighbours.new)
    sounding = linked(catalog, list(known))
    neighbours.learn(
        ties_of(_facts(r), r.audio_hash, manifest, sounding[r.id]) for r in known.values()
    )
    touched = neighbours.touched()
    while True:
        known |= _read(catalog, [identity for identity in touched if identity not in known])
        recordings = sorted(known.values(), key=lambda r: (r.path, r.start))
        grouped = [_with(a, storable(a.key)) for a in group(map(_facts, recordings), manifest)]
        audio = {r.id: r.audio_hash for r in recordings}
        corrected = join_by_sound(
            _corrected(said, _together(grouped, audio), audio),
            links(catalog, [recording.id for recording in recordings]),
            copied=SAME_AUDIO,
            assigned=ASSIGNED,
            named=said["renamed"],
        )
        # nothing need tie what was assigned or merged into a piece to what is found to be of it
        keys = {assignment.key for assignment in corrected}
        touched = neighbours.touched([stored[key][0] for key in keys if key in stored])
        if len(touched) == len(known):
            return recordings, grouped, corrected


def _store_assignments(
    connection: sqlite3.Connection,
    recordings: Sequence[Recording],
    assignments: Sequence[Assignment],
    ids: Mapping[str, int],
) -> list[int]:
    """Write what differs; return the recordings whose piece changed."""
    changed = []
    updates = []
    for recording, assignment in zip(recordings, assignments, strict=True):
        before = (recording.piece_id, recording.rule, recording.title, recording.performer)
        now = (
            ids[assignment.key],
            assignment.rule,
            storable(recording.tags.title or assignment.title),
            storable(assignment.performer),
        )
        if before[0] != now[0]:
            changed.append(recording.id)
        if before != now:
            updates.append((*now, recording.id))
    connection.executemany(
        "UPDATE recordings SET piece_id = ?, rule = ?, title = ?, performer = ? WHERE id = ?",
        updates,
    )
    return changed


def _read(catalog: Catalog, ids: Sequence[int]) -> dict[int, Recording]:
    """Recordings by id, in the order of ``ids``; row by row they would take twice the memory."""
    found: dict[int, Recording] = {}
    for first in range(0, len(ids), _CHUNK):
        some = ids[first : first + _CHUNK]
        of_some = catalog.recordings_by_id(some)
        found |= {identity: of_some[identity] for identity in some}
    return found


def _facts(recording: Recording) -> Facts:
    return Facts(recording.id, recording.path, recording.tags, recording.start)


def _manifest(catalog: Catalog) -> dict[str, ManifestEntry]:
    return {
        os.fsdecode(path): ManifestEntry(piece, performer)
        for path, piece, performer, _ in catalog.read_table("manifest")
    }


def _together(grouped: Sequence[Assignment], audio: Mapping[int, str]) -> list[Assignment]:
    """The assignments, with copies of the same audio in one piece.

    The copy whose rule is the strongest decides; of equals, the one in the largest piece.
    """
    copies: dict[str, list[Assignment]] = defaultdict(list)
    for assignment in grouped:
        copies[audio[assignment.id]].append(assignment)
    sizes = Counter(assignment.key for assignment in grouped)
    strength = {rule: place for place, rule in enumerate((*RULES, SINGLE))}
    decided = {
        audio_hash: min(same, key=lambda a: (strength[a.rule], -sizes[a.key], a.key))
        for audio_hash, same in copies.items()
        if len({a.key for a in same}) > 1
    }
    joined = []
    for assignment in grouped:
        best = decided.get(audio[assignment.id], assignment)
        if assignment.key != best.key and assignment.rule != "manifest":
            assignment = _with(assignment, best.key, SAME_AUDIO)
        joined.append(assignment)
    return joined


def _corrected(
    said: Mapping[str, Mapping[str, str]],
    assignments: Iterable[Assignment],
    audio: Mapping[int, str],
) -> list[Assignment]:
    """The assignments with storable keys, after what the user said about them."""
    assigned, merged = said["assigned"], said["merged"]
    corrected = []
    for assignment in assignments:
        key, rule = assignment.key, assignment.rule
        if audio[assignment.id] in assigned:
            key, rule = assigned[audio[assignment.id]], ASSIGNED
        followed = _followed(key, merged)
        rule = MERGED if followed != key and rule != ASSIGNED else rule
        corrected.append(_with(assignment, followed, rule))
    return corrected


def _with(assignment: Assignment, key: str, rule: str = "") -> Assignment:
    """The assignment with another key and rule; itself where they are its own, as most are."""
    if key == assignment.key and rule in ("", assignment.rule):
        return assignment
    return replace(assignment, key=key, rule=rule or assignment.rule)


def _followed(key: str, merged: Mapping[str, str]) -> str:
    """Where a chain of merges leads."""
    seen = {key}
    while key in merged and merged[key] not in seen:
        key = merged[key]
        seen.add(key)
    return key


def _names(
    renamed: Mapping[str, str],
    stored: Mapping[str, tuple[Any, ...]],
    grouped: Iterable[Assignment],
    corrected: Iterable[Assignment],
) -> dict[str, _Name]:
    """What each piece is called: as the user said, else as most of its recordings say.

    Those that grouping put there, that is: a take that was assigned or merged into a piece
    does not name it, and a piece that has no others keeps its name.
    """
    said: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    fired: dict[str, Counter[str]] = defaultdict(Counter)
    for found, assignment in zip(grouped, corrected, strict=True):
        fired[assignment.key][assignment.rule] += 1
        if found.key == assignment.key:
            said[found.key][storable(found.title), storable(found.composer)] += 1
    names = {}
    for key, rules in fired.items():
        votes = said.get(key)
        # of two ties the shorter title
        title, composer = (
            min(votes, key=lambda name: (-votes[name], len(name[0]), name))
            if votes
            else stored[key][3:5]
            if key in stored
            else (key, "")
        )
        rule = min(rules, key=lambda name: (-rules[name], name))
        names[key] = _Name(renamed.get(key, title), composer, rule)
    return names


def _store_pieces(
    connection: sqlite3.Connection,
    stored: Mapping[str, tuple[Any, ...]],
    names: Mapping[str, _Name],
) -> dict[str, int]:
    """Insert new pieces, update the others' names; return key → id."""
    slugs = unique_slugs(
        [(key, name.title, name.composer) for key, name in names.items()],
        {key: row[2] for key, row in stored.items()},
    )
    ids = {key: row[0] for key, row in stored.items()}
    for key, name in sorted(names.items(), key=lambda item: item[0]):
        if key not in stored:
            cursor = connection.execute(
                "INSERT INTO pieces (key, slug, title, composer, rule) VALUES (?, ?, ?, ?, ?)",
                [key, slugs[key], name.title, name.composer, name.rule],
            )
            ids[key] = int(cursor.lastrowid or 0)
        elif _Name(*stored[key][3:]) != name:
            connection.execute(
                "UPDATE pieces SET title = ?, composer = ?, rule = ? WHERE key = ?",
                [name.title, name.composer, name.rule, key],
            )
    return ids


def _mark_duplicates(catalog: Catalog, pieces: Sequence[int]) -> None:
    rows = catalog.rows_of(
        f"""
        SELECT r.id, r.piece_id, r.audio_hash, r.duration, r.encoder, p.profile, r.duplicate_of
        FROM recordings r JOIN profiles p ON p.recording_id = r.id AND p.encoder = r.encoder
        WHERE r.state = 'analysed' AND r.piece_id IN (?)
        ORDER BY r.rule = '{SAME_AUDIO}', r.performer = '', r.path, r.start
        """,  # what is shown first is the copy that says more
        pieces,
    )
    found = duplicates(
        [Performance(*row[:6]) for row in rows], same_timing(catalog, [row[0] for row in rows])
    )
    with catalog.transaction() as connection:
        connection.executemany(
            "UPDATE recordings SET duplicate_of = ? WHERE id = ?",
            [(found.get(row[0]), row[0]) for row in rows if found.get(row[0]) != row[6]],
        )
