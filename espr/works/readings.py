"""What the tags and names of one recording say by themselves, before others are looked at."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from espr.works.composers import composer_by_id
from espr.works.from_file_names import NamedFile, folder_composer, read_path
from espr.works.from_tags import tag_identity
from espr.works.identity import Identity
from espr.works.performers import performer
from espr.works.piece_performer import split_name
from espr.works.readable_names import readable
from espr.works.tags import Tags
from espr.works.titles import clean_title

_NO_NAMES = NamedFile()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one recording: its row id, its absolute path, its tags, its start in s."""

    id: int
    path: str
    tags: Tags
    start: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What one recording says of its piece.

    Attributes
    ----------
    identity : Identity or None
    rule : str
        One of "work+movement", "composer+title", "file-name"; "" where `identity` is None.
    title : str
        To show; "" where neither tags nor names tell one.
    composer : str
        Name of the composer, to show.
    performer : str
    names : NamedFile
        What its path says; empty where tags decide.
    """

    identity: Identity | None
    rule: str
    title: str
    composer: str
    performer: str
    names: NamedFile = _NO_NAMES


def read_recording(facts: Facts, *, in_manifest: bool = False) -> Reading:
    """What a recording says of its piece: by its tags, else by the names of file and folders."""
    tags = facts.tags
    by_tags = tag_identity(tags)
    if by_tags.identity is None and tags.title and not (by_tags.composers or tags.composer):
        who = composer_by_id(folder_composer(facts.path))
        by_tags = tag_identity(replace(tags, composer=who.name)) if who else by_tags
    players = performer(tags, by_tags.composers)
    silent = by_tags.identity is None and not tags.title and not facts.start and not in_manifest
    names = read_path(facts.path) if silent or not (players or in_manifest) else _NO_NAMES
    players = players or names.performer
    if not silent:
        names = _NO_NAMES
    identity = by_tags.identity or names.identity
    who = composer_by_id(identity.composer) if identity else composer_by_id(names.composer)
    shown = (
        f"{tags.work}: {tags.movement}" if tags.work and tags.movement else tags.title or tags.work
    )
    if not shown and identity is names.identity and identity is not None:
        shown = names.title
    return Reading(
        identity,
        by_tags.rule or ("file-name" if identity else ""),
        clean_title(shown),
        who.name if who else by_tags.composer_name,
        players,
        names,
    )


def words_it_went_by(facts: Facts, rule: str) -> str:
    """The words of tags or names by which a rule put a recording where it is, to show."""
    tags = facts.tags
    if rule == "work-id":
        return tags.work_id
    if rule == "work+movement":
        return f"{tags.work}: {tags.movement or tags.movement_number or tags.title}"
    if rule == "composer+title":
        who = tags.composer or read_recording(facts).composer
        return f"{who}: {tags.title}" if who else tags.title
    names = read_path(facts.path)
    if rule == "file-name":
        piece, _ = split_name(facts.path, beside_others=True)
        sure = names.identity is not None and names.identity.sure
        return readable(piece) if piece and not sure else names.words
    if rule == "folder":
        return tags.title or os.path.basename(os.path.dirname(facts.path))
    return ""
