"""Which recordings are performances of the same piece.

The first rule that fires decides: a manifest, the MusicBrainz work id, WORK + MOVEMENT tags,
composer + title, a file name `piece_performer` whose piece another file shares, the folder.
Whatever the rule, a piece that is known by composer, work and part has one key, so a recording
with a work id and one with a messy title meet in one group. A key depends on the titles of the
library only where they complete one another (`shared_readings.py`).
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from espr.folding import fold
from espr.works.composers import composer
from espr.works.from_file_names import (
    folder_composer,
    is_album,
    name_key,
    readable,
    says_music,
    shared_pieces,
    stem,
)
from espr.works.from_tags import TagIdentity, tag_identity
from espr.works.manifest import ManifestEntry, read_manifest
from espr.works.performers import performer
from espr.works.shared_readings import SharedReadings
from espr.works.slugs import slug, unique_slugs
from espr.works.tags import Tags
from espr.works.titles import clean_title
from espr.works.work_identification import Identity

RULES = (
    "manifest",
    "work-id",
    "work+movement",
    "composer+title",
    "file-name",
    "folder",
)
NO_MANIFEST: Mapping[str, ManifestEntry] = MappingProxyType({})

__all__ = [
    "RULES",
    "Assignment",
    "Facts",
    "ManifestEntry",
    "group",
    "read_manifest",
    "slug",
    "unique_slugs",
]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one recording: its row id, its absolute path, its tags, its start in s."""

    id: int
    path: str
    tags: Tags
    start: float = 0.0


@dataclass(frozen=True, slots=True)
class Assignment:
    """The piece that a recording was found to be of.

    `key` is equal for performances of one piece; `rule` is one of `RULES`; `title` and `composer`
    are shown and equal within a piece; `performer` is empty where nothing names one.
    """

    id: int
    key: str
    rule: str
    title: str
    composer: str
    performer: str


@dataclass(slots=True)
class _Draft:
    """An assignment before the titles of its group are compared."""

    facts: Facts
    rule: str
    key: str
    title: str
    composer: str
    performer: str


def group(
    recordings: Iterable[Facts], manifest: Mapping[str, ManifestEntry] = NO_MANIFEST
) -> list[Assignment]:
    """Assign every recording to a piece; one assignment a recording, in the same order."""
    recordings = list(recordings)
    by_tags = [tag_identity(facts.tags) for facts in recordings]
    by_name = _identities_of_names(recordings, by_tags, manifest)
    identities = [name or found.identity for name, found in zip(by_name, by_tags, strict=True)]
    # Equal tags give the same object; equal identities may differ in what they teach.
    distinct = {id(one): one for one in identities if one is not None}
    readings = SharedReadings(distinct.values())
    key_of = {place: readings.complete(one).key for place, one in distinct.items()}
    keys = [key_of.get(id(one), "") for one in identities]
    drafts = [
        _draft(facts, found, key, name is not None, manifest)
        for facts, found, key, name in zip(recordings, by_tags, keys, by_name, strict=True)
    ]
    _join_work_ids(drafts, keys)
    _name_the_rest(drafts)
    return _titled(drafts)


def _identities_of_names(
    recordings: Sequence[Facts],
    by_tags: Sequence[TagIdentity],
    manifest: Mapping[str, ManifestEntry],
) -> list[Identity | None]:
    """The pieces that the names of files without telling tags speak of, with the folders' help."""
    found: list[Identity | None] = []
    for facts, tags in zip(recordings, by_tags, strict=True):
        silent = tags.identity is None and not facts.tags.title and facts.path not in manifest
        found.append(name_identity(facts.path) if silent and not facts.start else None)
    return found


@lru_cache(maxsize=65536)
def name_identity(path: str) -> Identity | None:
    """The piece that a file's name speaks of, with the folders' help, or None.

    Only what a catalogue or a famous name makes sure: words of a file name may be anything.
    """
    folder = os.path.dirname(path)
    who = composer(folder_composer(folder))
    name = Tags(
        title=readable(stem(path)),
        album=readable(os.path.basename(folder)),
        composer=who.name
        if who and not tag_identity(Tags(title=readable(stem(path)))).composers
        else "",
    )
    identity = tag_identity(name).identity
    return identity if identity is not None and identity.sure else None


def _draft(
    facts: Facts,
    found: TagIdentity,
    key: str,
    by_name: bool,
    manifest: Mapping[str, ManifestEntry],
) -> _Draft:
    tags = facts.tags
    players = performer(tags, found.composers)
    who = composer(key.partition("|")[0]) if key else None
    name = who.name if who else found.composer_name
    shown = (
        f"{tags.work}: {tags.movement}" if tags.work and tags.movement else tags.title or tags.work
    )
    title = clean_title(shown)
    if entry := manifest.get(facts.path):
        piece = name_key(entry.piece)
        return _Draft(
            facts,
            "manifest",
            f"manifest:{piece}",
            entry.piece,
            "",
            entry.performer or players,
        )
    if tags.work_id:
        return _Draft(facts, "work-id", key, title, name, players)
    if key and by_name:
        return _Draft(
            facts,
            "file-name",
            key,
            clean_title(readable(stem(facts.path))),
            name,
            players,
        )
    if key:
        return _Draft(facts, found.rule, key, title, name, players)
    return _Draft(facts, "", "", title, found.composer_name, players)


def work_ids(tags: Tags) -> str:
    """The work ids of a recording in one order: a medley has several."""
    return "+".join(
        sorted(part.strip().lower() for part in tags.work_id.split(";") if part.strip())
    )


def _join_work_ids(drafts: Sequence[_Draft], keys: Sequence[str]) -> None:
    """Give recordings with a work id their key.

    Where the titles of one id agree on a piece, and no other id claims that piece, its key is
    the piece's: recordings without an id are then in the same group. Else the id keeps its own
    group. An id of a whole work that was given to several of its movements is divided by them.
    """
    pieces_of: dict[str, set[str]] = defaultdict(set)
    ids_of: dict[str, set[str]] = defaultdict(set)
    for draft, key in zip(drafts, keys, strict=True):
        if draft.rule == "work-id":
            identity = work_ids(draft.facts.tags)
            pieces_of[identity] |= {key} if key else set()
            if key:
                ids_of[key].add(identity)
    for draft, key in zip(drafts, keys, strict=True):
        if draft.rule != "work-id":
            continue
        identity = work_ids(draft.facts.tags)
        pieces = pieces_of[identity]
        works = {"|".join(piece.split("|")[:2]).partition("/")[0] for piece in pieces}
        movements = len(pieces) > 1 and len(works) == 1
        if len(pieces) == 1 and len(ids_of[next(iter(pieces))]) == 1:
            draft.key = next(iter(pieces))
        elif movements and key and len(ids_of[key]) == 1:
            draft.key = key
        elif movements and key:
            draft.key = f"work-id:{identity}|{key.partition('|')[2]}"
        else:
            draft.key = f"work-id:{identity}"


def _name_the_rest(drafts: Sequence[_Draft]) -> None:
    """Let file names and folders decide where tags did not."""
    rest = [draft for draft in drafts if not draft.rule]
    # A file that its name identifies as a known work is still `piece_performer` where others
    # share the piece: "schumann_arabeske_excerpt1_Horowitz" is not all of Op. 18.
    named = [draft for draft in drafts if draft.rule == "file-name"]
    shared = shared_pieces(draft.facts.path for draft in [*rest, *named] if not draft.facts.start)
    stems: dict[str, set[str]] = defaultdict(set)
    for draft in rest:
        if draft.facts.path not in shared:
            stems[os.path.dirname(draft.facts.path)].add(stem(draft.facts.path))
    titles: dict[str, set[str]] = defaultdict(set)
    for draft in rest:
        titles[os.path.dirname(draft.facts.path)].add(draft.title)
    albums = {folder for folder, names in stems.items() if is_album(sorted(names))}
    for draft in [*named, *rest]:
        path = draft.facts.path
        folder = os.path.dirname(path)
        if path in shared:
            piece, player = shared[path]
            draft.performer = draft.performer or readable(player)
            if draft.rule and not _excerpt(piece):
                draft.title = clean_title(readable(piece))
                continue
            draft.key, draft.rule = f"name:{name_key(piece)}", "file-name"
            draft.title, draft.composer = readable(piece), ""
        elif not draft.rule:
            _by_folder(draft, folder, folder in albums, titles[folder])


def _excerpt(piece: str) -> bool:
    """Whether a name speaks of a part that no title of a work would: "excerpt1", "bars 1-8"."""
    words = name_key(piece).split("-")
    return any(
        word.startswith(("excerpt", "bars", "takt", "ausschnitt", "extrait")) for word in words
    )


def _by_folder(draft: _Draft, folder: str, in_album: bool, titles: set[str]) -> None:
    draft.rule = "folder"
    own = draft.title
    name = stem(draft.facts.path)
    if not own and (in_album or says_music(name)):
        own = clean_title(readable(name))
    if draft.facts.start and not own:
        own = f"{name} {draft.facts.tags.track or draft.facts.start}"
    if own and (len(titles - {""}) > 1 or not draft.title):
        # tracks of an album, not takes of one piece
        draft.key, draft.title = f"folder:{folder}|{name_key(fold(own))}", own
        return
    draft.key = f"folder:{folder}"
    draft.performer = draft.performer or readable(name)
    draft.title = own or readable(os.path.basename(folder)) or folder


def _titled(drafts: Sequence[_Draft]) -> list[Assignment]:
    """Show one title and one composer for each piece: the most common, then the most telling."""
    titles: dict[str, Counter[str]] = defaultdict(Counter)
    composers: dict[str, Counter[str]] = defaultdict(Counter)
    for draft in drafts:
        titles[draft.key][draft.title] += bool(draft.title)
        composers[draft.key][draft.composer] += bool(draft.composer)
    title_of = {key: _best(counts) for key, counts in titles.items()}
    composer_of = {key: _best(counts) for key, counts in composers.items()}
    return [
        Assignment(
            draft.facts.id,
            draft.key,
            draft.rule,
            title_of[draft.key],
            composer_of[draft.key],
            draft.performer,
        )
        for draft in drafts
    ]


def _best(counts: Counter[str]) -> str:
    """The most common; of equals one with a number in it, then the shortest, then by letters."""

    def rank(text: str) -> tuple[int, bool, int, str]:
        numbered = any(letter.isdigit() for letter in text)
        return -counts[text], not numbered, len(text), text

    return min(counts, key=rank)
