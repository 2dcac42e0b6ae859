"""Which piece each recording is of, over the whole catalog: grouping, then corrections.

Run after every change, in one transaction. It writes only what differs, keeps every slug
that exists, and is a function of the recordings, the manifests and the corrections alone.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from espr.library.duplicates import Performance, duplicates
from espr.library.grouping import RULES, Assignment, Facts, ManifestEntry, group, unique_slugs
from espr.library.schema import storable

if TYPE_CHECKING:
    import sqlite3

    from espr.library.catalog import Catalog

# Rules beside those of grouping: a reissue whose tags or name say less than another copy's,
SAME_AUDIO = "same audio"
ASSIGNED = "assigned"  # and a recording whose piece the user named.


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
    with catalog.transaction() as connection:
        recordings = sorted(catalog.recordings(), key=lambda r: (r.path, r.start))
        facts = [Facts(r.id, r.path, r.tags, r.start) for r in recordings]
        grouped = [
            replace(assignment, key=storable(assignment.key))
            for assignment in group(facts, _manifest(catalog))
        ]
        audio = {r.id: r.audio_hash for r in recordings}
        corrected = _corrected(catalog, _together(grouped, audio), audio)
        ids = _store_pieces(catalog, _names(catalog, grouped, corrected))
        changed = []
        updates = []
        for recording, assignment in zip(recordings, corrected, strict=True):
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
        _mark_duplicates(connection)
        connection.execute(
            """
            DELETE FROM pieces WHERE id NOT IN
                (SELECT piece_id FROM recordings WHERE piece_id IS NOT NULL)
            AND key NOT IN (SELECT key FROM renamed) AND key NOT IN (SELECT into_key FROM merged)
            AND key NOT IN (SELECT key FROM assigned)
            """
        )
        # this transaction is the next generation
        state = catalog.grouped_state(ahead=1)
        connection.execute(
            "INSERT OR REPLACE INTO meta (key, value) VALUES ('grouped', ?)", [state]
        )
    return changed


def _manifest(catalog: Catalog) -> dict[str, ManifestEntry]:
    return {
        os.fsdecode(path): ManifestEntry(piece, performer)
        for path, piece, performer, _ in catalog.sealed("manifest")
    }


def _together(grouped: Sequence[Assignment], audio: Mapping[int, str]) -> list[Assignment]:
    """The assignments, with copies of the same audio in one piece.

    The copy whose rule is the strongest decides; of equals, the one in the largest piece.
    """
    copies: dict[str, list[Assignment]] = defaultdict(list)
    for assignment in grouped:
        copies[audio[assignment.id]].append(assignment)
    sizes = Counter(assignment.key for assignment in grouped)
    decided = {
        audio_hash: min(same, key=lambda a: (RULES.index(a.rule), -sizes[a.key], a.key))
        for audio_hash, same in copies.items()
        if len({a.key for a in same}) > 1
    }
    joined = []
    for assignment in grouped:
        best = decided.get(audio[assignment.id], assignment)
        if assignment.key != best.key and assignment.rule != "manifest":
            assignment = replace(assignment, key=best.key, rule=SAME_AUDIO)
        joined.append(assignment)
    return joined


def _corrected(
    catalog: Catalog, assignments: Iterable[Assignment], audio: Mapping[int, str]
) -> list[Assignment]:
    """The assignments with storable keys, after what the user said about them."""
    assigned = dict(catalog.sealed("assigned"))
    merged = dict(catalog.sealed("merged"))
    corrected = []
    for assignment in assignments:
        key, rule = assignment.key, assignment.rule
        if audio[assignment.id] in assigned:
            key, rule = assigned[audio[assignment.id]], ASSIGNED
        corrected.append(replace(assignment, key=_followed(key, merged), rule=rule))
    return corrected


def _followed(key: str, merged: Mapping[str, str]) -> str:
    """Where a chain of merges leads."""
    seen = {key}
    while key in merged and merged[key] not in seen:
        key = merged[key]
        seen.add(key)
    return key


def _names(
    catalog: Catalog,
    grouped: Iterable[Assignment],
    corrected: Iterable[Assignment],
) -> dict[str, _Name]:
    """What each piece is called: as the user said, else as most of its recordings say.

    Those that grouping put there, that is: a take that was assigned or merged into a piece
    does not name it, and a piece that grouping no longer finds keeps its name.
    """
    said: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for assignment in grouped:
        said[assignment.key][storable(assignment.title), storable(assignment.composer)] += 1
    fired: dict[str, Counter[str]] = defaultdict(Counter)
    for assignment in corrected:
        fired[assignment.key][assignment.rule] += 1
    stored = {key: (title, composer) for _, key, _, title, composer, _ in catalog.sealed("pieces")}
    renamed = dict(catalog.sealed("renamed"))
    names = {}
    for key, rules in fired.items():
        votes = said.get(key)
        # of two ties the shorter title
        title, composer = (
            min(votes, key=lambda name: (-votes[name], len(name[0]), name))
            if votes
            else stored.get(key, (key, ""))
        )
        rule = min(rules, key=lambda name: (-rules[name], name))
        names[key] = _Name(renamed.get(key, title), composer, rule)
    return names


def _store_pieces(catalog: Catalog, names: Mapping[str, _Name]) -> dict[str, int]:
    """Insert new pieces, update the others' names; return key → id."""
    stored = {
        key: (identity, slug, _Name(title, composer, rule))
        for identity, key, slug, title, composer, rule in catalog.sealed("pieces")
    }
    slugs = unique_slugs(
        [(key, name.title, name.composer) for key, name in names.items()],
        {key: slug for key, (_, slug, _) in stored.items()},
    )
    ids = {key: identity for key, (identity, _, _) in stored.items()}
    with catalog.transaction() as connection:
        for key, name in sorted(names.items(), key=lambda item: item[0]):
            if key not in stored:
                cursor = connection.execute(
                    "INSERT INTO pieces (key, slug, title, composer, rule) VALUES (?, ?, ?, ?, ?)",
                    [key, slugs[key], name.title, name.composer, name.rule],
                )
                ids[key] = int(cursor.lastrowid or 0)
            elif stored[key][2] != name:
                connection.execute(
                    "UPDATE pieces SET title = ?, composer = ?, rule = ? WHERE key = ?",
                    [name.title, name.composer, name.rule, key],
                )
    return ids


def _mark_duplicates(connection: sqlite3.Connection) -> None:
    rows = connection.execute(
        """
        SELECT r.id, r.piece_id, r.audio_hash, r.duration, r.encoder, p.profile, r.duplicate_of
        FROM recordings r JOIN profiles p ON p.recording_id = r.id AND p.encoder = r.encoder
        WHERE r.state = 'heard' ORDER BY r.rule = ?, r.performer = '', r.path, r.start
        """,
        [SAME_AUDIO],  # what is shown first is the copy that says more
    ).fetchall()
    found = duplicates([Performance(*row[:6]) for row in rows])
    connection.executemany(
        "UPDATE recordings SET duplicate_of = ? WHERE id = ?",
        [(found.get(row[0]), row[0]) for row in rows if found.get(row[0]) != row[6]],
    )
