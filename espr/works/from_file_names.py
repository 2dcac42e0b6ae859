"""What the names of a file and its folders say: composer, work, movement and player.

A path is divided into *fields*: its folders, and the parts of the file's name between " - ". Each
field is recognised for what it is, wherever it stands: "Composer - Title - Performer",
"Composer/Work/Performer.wav", "Performer/Album/NN Title", "Composer/Performer/NN - Title",
"Work/Performer Year". What a name says depends on its path alone, not on its neighbours.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import lru_cache

from espr.folding import fold
from espr.works.catalogue_numbers import composer_of_catalogue, find_catalogue_numbers
from espr.works.composers import Composer, composers_in, only_composer
from espr.works.identity import Identity
from espr.works.known_works import known_place
from espr.works.name_fields import (
    fields_of,
    holds_anything,
    is_collection,
    is_numbered_take,
    is_person,
    is_surely_take,
    is_take,
    says_music,
    says_take,
    without_repeats,
    without_track,
)
from espr.works.performers import is_known_performer
from espr.works.readable_names import readable, stem
from espr.works.repertoire import composer_of_name
from espr.works.title_terms import terms
from espr.works.titles import read_title
from espr.works.work_identification import identify_title

FOLDERS = 4  # folders that may tell of a file, from it outwards
_ORDINAL = re.compile(r"(\d)(?:st|nd|rd|th)", re.IGNORECASE)
_ORDINAL_LAST = re.compile(r"\b(\d)(?:st|nd|rd|th)$", re.IGNORECASE)  # "moonlight 3rd"


@dataclass(frozen=True, slots=True)
class NamedFile:
    """What the names of a file and its folders say; "" and None where they do not.

    Attributes
    ----------
    identity : Identity or None
    title : str
        The fields that speak of work and movement, to show.
    words : str
        The names, as written, that it went by.
    composer : str
        The id of the one composer whom they name.
    performer : str
    is_take : bool
        The file's own name tells a take of the piece that the folder names.
    piece_folder : str
        The folder whose name is that of a piece, whichever that is; "" where it is not.
    """

    identity: Identity | None = None
    title: str = ""
    words: str = ""
    composer: str = ""
    performer: str = ""
    is_take: bool = False
    piece_folder: str = ""


@dataclass(slots=True)
class _Parts:
    """The fields of a path by what they are."""

    composers: list[Composer]
    own: list[str]  # of the file's name: what is neither composer nor known player
    folders: list[str]  # what the folders say of music, from the outermost
    performer: str
    labelled: bool  # the file's name begins with the composer
    numbered: bool  # or with a track number
    leaf: str  # the folder that the file lies in, where it is neither composer nor player


def _parts(path: str) -> _Parts:
    folder, name = os.path.split(path)
    above = [part for part in folder.split(os.sep) if part][-FOLDERS:]
    own = stem(name)
    untracked = without_track(own)
    parts = _Parts([], [], [], "", False, untracked != own, "")
    for place, part in enumerate(above):
        leaf = place == len(above) - 1
        for field in fields_of(without_repeats(part)):
            _take_folder(parts, field, leaf)
    fields = [_ORDINAL_LAST.sub(r"\1. movement", field) for field in fields_of(untracked)]
    fields = _composer_apart(fields[0]) if len(fields) == 1 else fields
    for place, field in enumerate(fields):
        who = only_composer(field, alone=place == 0 and len(fields) > 1)
        if who and not who.needs_forename:
            parts.composers.append(who)
            parts.labelled = parts.labelled or place == 0
        elif is_known_performer(field) and len(fields) > 1:
            parts.performer = field
        else:
            parts.own.append(field)
    return parts


def _composer_apart(field: str) -> list[str]:
    """ "albeniz asturias" as composer and title, where what follows the name speaks of music."""
    spelt = field.split()
    for count in range(min(4, len(spelt) - 1), 0, -1):
        head, rest = " ".join(spelt[:count]), " ".join(spelt[count:])
        who = only_composer(head)
        if who and not who.needs_forename and _speaks_of(rest, who.id):
            return [head, rest]
    return [field]


def _speaks_of(text: str, who: str) -> bool:
    """Whether a text speaks of music: a form, a catalogue number, a work of the composer."""
    return (
        says_music(text)
        or bool(find_catalogue_numbers(fold(text), who)[0])
        or _names_work(text, who)
    )


def _take_folder(parts: _Parts, field: str, leaf: bool) -> None:
    who = only_composer(field)
    if who and not who.needs_forename:
        parts.composers.append(who)
    elif is_known_performer(field):
        parts.performer = field
    elif not holds_anything(field):
        parts.leaf = field if leaf else parts.leaf
        if says_music(field) or composer_of_name(terms(fold(field))) or _is_work(field, parts):
            parts.folders.append(field)
        elif parts.folders and re.match(r"\d", field):
            parts.folders.append(field)  # "Etudes_op_10/4"
        elif leaf:
            parts.folders.append(field)
    elif parts.folders and field.isdecimal():
        parts.leaf = field if leaf else parts.leaf
        parts.folders.append(field)


def _is_work(field: str, parts: _Parts) -> bool:
    """Whether a folder's name is that of a work of the composers above it: "Kreisleriana"."""
    return any(_names_work(field, who.id) for who in parts.composers)


def _identify(title: str, who: str) -> Identity | None:
    return identify_title(title, who) if title else None


def _composer_of(parts: _Parts, title: str) -> str:
    """The composer whom the fields name: of several the first whose known work the title names."""
    ids = list(dict.fromkeys(one.id for one in parts.composers))
    if len(ids) > 1:
        for one in ids:
            if known_place(read_title(title, one), one):
                return one
    if ids:
        return ids[0]
    free = [one.id for part in (*parts.folders, *parts.own)
            for one in composers_in(part, names_only=False) if not one.needs_forename]  # fmt: skip
    if len(set(free)) == 1:
        return free[0]
    folded = fold(title)
    return composer_of_catalogue(folded) or composer_of_name(terms(folded))


@lru_cache(maxsize=65536)
def folder_composer(path: str) -> str:
    """The id of the composer whom a field of the folders names, or ""."""
    above = [part for part in os.path.dirname(path).split(os.sep) if part][-FOLDERS:]
    found = [only_composer(field) for part in above for field in fields_of(part)]
    ids = [one.id for one in found if one and not one.needs_forename]
    return ids[0] if ids else ""


@lru_cache(maxsize=65536)
def read_path(path: str) -> NamedFile:
    """What the names of a file and its folders say."""
    parts = _parts(path)
    own = ": ".join(parts.own)
    around = ": ".join(_ORDINAL.sub(r"\1. movement", field) for field in parts.folders)
    who = _composer_of(parts, f"{around}: {own}")
    take = len(parts.own) <= 1 and (not own or (is_take(own) and not parts.numbered))
    if take and parts.folders and not (own and _names_work(own, who)):
        return _take_of_folder(path, parts, around, own, who)
    told = says_music(own) or parts.numbered or parts.labelled or _names_work(own, who)
    found = _identify(own, who) if who and told else None
    shown, said = own, parts.own
    if found is None or not found.sure:
        longer = _identify(f"{around}: {own}", who) if around and who else None
        within = longer and (longer.part or longer.tempo or longer.words or "/" in longer.work)
        if longer and longer.sure and within:
            found, shown, said = longer, f"{around}: {own}", [*parts.folders, *parts.own]
    performer = parts.performer
    if found and not performer and len(parts.own) > 1 and is_person(parts.own[-1]):
        shorter = _identify(": ".join(parts.own[:-1]), who)
        if shorter and shorter.key == found.key:
            performer, shown = parts.own[-1], ": ".join(parts.own[:-1])
    if found is not None and not found.composer:
        found = None
    return NamedFile(found, shown, " / ".join(said), who, performer)


def _names_work(own: str, who: str) -> bool:
    """Whether a name that could be a player's is that of a known work: "Träumerei"."""
    return bool(who) and known_place(read_title(own, who), who) is not None


def _take_of_folder(path: str, parts: _Parts, around: str, own: str, who: str) -> NamedFile:
    """A file named as a take, in a folder that may be named as its piece."""
    leaf = parts.folders[-1] if parts.leaf and parts.folders[-1] == parts.leaf else ""
    surely = not own or is_surely_take(own)
    counted = bool(re.fullmatch(r"\d+(?:-\d.*)?", leaf))
    found = None
    if leaf and who and not re.match(r"\d+-\d", leaf):
        found = _identify(around, who)
        found = found if found and found.sure else None
    specific = bool(found) or says_music(leaf) or counted
    explicit = not own or says_take(own)
    is_piece = (
        (bool(found) or not is_collection(leaf))
        and bool(leaf)
        and (specific or explicit or (surely and (bool(who) or not is_person(leaf))))
    )
    folder = without_repeats(os.path.dirname(path))
    performer = parts.performer or (readable(own) if not is_numbered_take(own) else "")
    return NamedFile(
        found if is_piece else None,
        around if is_piece else own,
        " / ".join(parts.folders),
        who,
        performer,
        True,
        folder if is_piece else "",
    )
