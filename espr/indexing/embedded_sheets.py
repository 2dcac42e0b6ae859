"""Albums in one file that carry their sheet inside: a tag CUESHEET, or the CUESHEET block of FLAC.

A tag is a whole CUE sheet as text. A block (RFC 9639, section 8.7) holds sample numbers alone;
titles, where there are any, are tags CUE_TRACK01_TITLE and so on.
"""

from __future__ import annotations

import os
import struct
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from espr.audio.formats import tag_bytes
from espr.catalog.models import ScannedFile
from espr.catalog.recordings import CatalogedFile
from espr.errors import EsprError
from espr.indexing.cue_sheets import CueTrack, Sheet, Track, list_tracks, parse_sheet
from espr.indexing.tags import read_fields

# Formats in which people keep a whole disc. Others are not opened: an MP3 is a track.
ALBUM_SUFFIXES = (".flac", ".ape", ".wv", ".tta", ".tak")

_STREAMINFO, _CUESHEET = 0, 5
_LARGEST_BLOCK = 1 << 20
_HEADER = 128 + 8 + 259  # catalogue number, lead-in, flags
_TRACK = struct.Struct(">QB12sB13xB")
_INDEX = struct.Struct(">QB3x")


def split_albums(
    files: Sequence[ScannedFile],
    known: Mapping[tuple[str, float], CatalogedFile],
    notes: dict[str, str],
) -> list[ScannedFile]:
    """``files`` with each album that carries a sheet replaced by its tracks.

    Only what is new or changed is opened: what the catalog has of an unchanged file stands.
    ``notes`` receives sheets that cannot be used.
    """
    parts_of: defaultdict[str, list[CatalogedFile]] = defaultdict(list)
    for item in known.values():
        if item.start or item.end is not None:
            parts_of[item.path].append(item)
    split: list[ScannedFile] = []
    for file in files:
        before = known.get((file.path, 0.0))
        known_parts = parts_of.get(file.path, [])
        is_unchanged = not known_parts and before is not None and before.matches(file)
        is_album = file.whole and not file.cue and file.path.lower().endswith(ALBUM_SUFFIXES)
        if is_unchanged or not is_album:
            split.append(file)
            continue
        whole = [before] if before is not None and before.end is None else []
        as_known = [
            (item, replace(file, start=item.start, end=item.end)) for item in whole + known_parts
        ]
        if as_known and all(item.matches(part) for item, part in as_known):
            split += sorted((part for _, part in as_known), key=lambda part: part.start)
            continue
        try:
            tracks = read_embedded(file.path)
        except (EsprError, OSError) as error:
            notes[file.path] = f"{error}; it is read whole"
            tracks = []
        parts = [replace(file, start=t.start, end=t.end, cue=t.tags) for t in tracks]
        split += parts or [file]
    return split


def read_embedded(path: str) -> list[CueTrack]:
    """The tracks that the sheet inside a file lists; none where there is no sheet.

    Raises
    ------
    EsprError
        When the sheet is malformed or speaks of several files.
    """
    fields = read_fields(path)
    if texts := fields.get("cuesheet"):
        sheet = parse_sheet(texts[0], "the sheet inside")
    else:
        sheet = Sheet("the sheet inside", {}, _tracks_of_block(path, fields))
    named = list(dict.fromkeys(track.file for track in sheet.tracks))
    if len(named) > 1:
        raise EsprError(f"the sheet inside speaks of {len(named)} files")
    return list_tracks(sheet, dict.fromkeys(named, os.path.abspath(path)))


def _tracks_of_block(path: str, fields: Mapping[str, Sequence[str]]) -> list[Track]:
    """The tracks of the CUESHEET block of a FLAC file, the lead-out left out."""
    blocks = _flac_blocks(path, (_STREAMINFO, _CUESHEET))
    info, sheet = blocks.get(_STREAMINFO, b""), blocks.get(_CUESHEET, b"")
    rate = int.from_bytes(info[10:13], "big") >> 4
    if not rate or len(sheet) <= _HEADER:
        return []
    tracks = []
    place = _HEADER + 1
    for _ in range(sheet[_HEADER]):
        if place + _TRACK.size > len(sheet):
            break
        offset, number, _, flags, indices = _TRACK.unpack_from(sheet, place)
        place += _TRACK.size
        if place + indices * _INDEX.size > len(sheet):
            break
        points = dict(
            reversed(_INDEX.unpack_from(sheet, place + k * _INDEX.size)) for k in range(indices)
        )
        place += indices * _INDEX.size
        if number in (170, 255):  # the lead-out of a CD, of anything else
            continue
        own = f"cue_track{number:02}_"
        values = {
            name.removeprefix(own): "; ".join(texts)
            for name, texts in fields.items()
            if name.startswith(own)
        }
        if flags & 0x80:
            values["data"] = "yes"
        start = (offset + points.get(1, 0)) / rate
        tracks.append(Track(number, path, start, values))
    return tracks


def _flac_blocks(path: str, kinds: Sequence[int]) -> dict[int, bytes]:
    """The first metadata block of each kind; none of a file that is no FLAC."""
    blocks: dict[int, bytes] = {}
    with open(path, "rb") as file:
        file.seek(tag_bytes(file))
        if file.read(4) != b"fLaC":
            return blocks
        last = False
        while not last and len(header := file.read(4)) == 4:
            last, kind = bool(header[0] & 0x80), header[0] & 0x7F
            size = int.from_bytes(header[1:], "big")
            if kind in kinds and kind not in blocks and size <= _LARGEST_BLOCK:
                blocks[kind] = file.read(size)
            else:
                file.seek(size, os.SEEK_CUR)
    return blocks
