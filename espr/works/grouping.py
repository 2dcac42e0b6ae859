"""Which recordings are performances of the same piece.

The first rule that fires decides: a manifest, the MusicBrainz work id, WORK + MOVEMENT tags,
composer + title, the names of file and folders, a folder of takes that is named by its piece.
What none of these joins to another stays single. Whatever the rule, a piece that is known by
composer, work and part has one key, so a recording with a work id and one with a messy title meet
in one group. A key depends on the titles of the library only where they complete one another
(`shared_readings.py`).
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from espr.folding import fold
from espr.works.manifest import ManifestEntry, read_manifest
from espr.works.name_fields import tells_piece
from espr.works.performers import is_known_performer
from espr.works.piece_performer import shared_pieces
from espr.works.readable_names import name_key, readable, stem
from espr.works.readings import Facts, Reading, read_recording
from espr.works.shared_readings import SharedReadings
from espr.works.slugs import slug, unique_slugs
from espr.works.tags import Tags
from espr.works.titles import clean_title

RULES = (
    "manifest",
    "work-id",
    "work+movement",
    "composer+title",
    "file-name",
    "folder",
)
SINGLE = "single"  # no rule joined it to another
NO_MANIFEST: Mapping[str, ManifestEntry] = MappingProxyType({})

__all__ = [
    "RULES",
    "SINGLE",
    "Assignment",
    "Facts",
    "ManifestEntry",
    "group",
    "read_manifest",
    "slug",
    "unique_slugs",
]


@dataclass(frozen=True, slots=True)
class Assignment:
    """The piece that a recording was found to be of.

    `key` is equal for performances of one piece; `rule` is one of `RULES`, or `SINGLE`; `title` and
    `composer` are shown and equal within a piece; `performer` is empty where nothing names one.
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
    reading: Reading
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
    readings = [read_recording(facts, in_manifest=facts.path in manifest) for facts in recordings]
    # Equal tags give the same object; equal identities may differ in what they teach.
    distinct = {id(one.identity): one.identity for one in readings if one.identity is not None}
    shared = SharedReadings(distinct.values())
    key_of = {place: shared.complete(one).key for place, one in distinct.items()}
    keys = [key_of.get(id(one.identity), "") for one in readings]
    drafts = [
        _draft(facts, reading, key, manifest)
        for facts, reading, key in zip(recordings, readings, keys, strict=True)
    ]
    _join_work_ids(drafts, keys)
    _name_the_rest(drafts)
    return _titled(drafts)


def _draft(
    facts: Facts, reading: Reading, key: str, manifest: Mapping[str, ManifestEntry]
) -> _Draft:
    players = reading.performer
    if entry := manifest.get(facts.path):
        key, players = f"manifest:{name_key(entry.piece)}", entry.performer or players
        return _Draft(facts, reading, "manifest", key, entry.piece, "", players)
    rule = "work-id" if facts.tags.work_id else reading.rule if key else ""
    return _Draft(facts, reading, rule, key, reading.title, reading.composer, players)


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
    """Let the names of files and folders decide where tags did not."""
    rest = [draft for draft in drafts if not draft.rule]
    # A file that its name identifies as a known work is still `piece_performer` where others
    # share the piece: "schumann_arabeske_excerpt1_Horowitz" is not all of Op. 18.
    named = [draft for draft in drafts if draft.rule == "file-name"]
    shared = shared_pieces(draft.facts.path for draft in [*rest, *named] if not draft.facts.start)
    for draft in [*named, *rest]:
        if found := shared.get(draft.facts.path):
            key, piece, player = found
            if draft.performer == draft.reading.names.performer:
                draft.performer = _player(draft.performer, player)
            sure = draft.reading.identity is not None and draft.reading.identity.sure
            if draft.rule and sure and not _excerpt(piece):
                draft.title = clean_title(readable(piece))
                continue
            draft.key, draft.rule = key, "file-name"
            draft.title, draft.composer = readable(piece), ""
        elif not draft.rule:
            _by_folder(draft)
    together = Counter(draft.key for draft in rest)
    for draft in rest:
        draft.rule = draft.rule or ("folder" if together[draft.key] > 1 else SINGLE)


def _player(by_path: str, by_ending: str) -> str:
    """The player of "piece_performer": the ending that differs, unless a folder names one."""
    return by_path if is_known_performer(by_path) else readable(by_ending)


def _excerpt(piece: str) -> bool:
    """Whether a name speaks of a part that no title of a work would: "excerpt1", "bars 1-8"."""
    words = name_key(piece).split("-")
    return any(
        word.startswith(("excerpt", "bars", "takt", "ausschnitt", "extrait")) for word in words
    )


def _by_folder(draft: _Draft) -> None:
    """Takes in a folder named by its piece are one piece; whatever else lies in one is its own."""
    folder, names = os.path.dirname(draft.facts.path), draft.reading.names
    name = stem(draft.facts.path)
    if names.piece_folder and not draft.title:
        draft.key = f"folder:{names.piece_folder}"
        draft.title = names.title or readable(os.path.basename(folder)) or folder
        return
    own = draft.title
    if draft.facts.start and not own:
        own = f"{name} {draft.facts.tags.track or draft.facts.start}"
    who = f"{name_key(draft.composer)}|" if draft.title and draft.composer else ""
    draft.key = f"folder:{folder}|{who}{name_key(fold(own or name))}"
    if own and not tells_piece(own):  # "Allegro" on two discs of one folder
        draft.key += f"|{name}"
    draft.title = own or clean_title(readable(name)) or folder


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
