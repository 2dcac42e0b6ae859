"""CUE sheets: where the tracks of a one-file album begin and end, and what they are called.

Times are minutes:seconds:frames with 75 frames a second, INDEX 01 is where a track's music
begins. The FILE must lie in the sheet's folder or below; its extension may be that of the
format it was converted from ("album.wav" where album.flac lies).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from espr.errors import EsprError
from espr.indexing.tags import LONGEST
from espr.works.tags import Tags

FRAMES_A_SECOND = 75
# A sheet is a page of text; what is longer is something else by that name.
LONGEST_SHEET = 1 << 20
AUDIO_EXTENSIONS = (".flac", ".wav", ".mp3", ".ogg", ".opus", ".m4a", ".aiff", ".aif")

_LINE = re.compile(r'(?:REM\s+)?(\w+)\s+(?:"((?:[^"\\]|\\.)*)"|(.*))', re.IGNORECASE)
_FILE = re.compile(
    r'FILE\s+(?:"([^"]*)"|(.*?))(?:\s+(?:WAVE|MP3|AIFF|FLAC|BINARY|MOTOROLA|OGG))?\s*$',
    re.IGNORECASE,
)
_INDEX = re.compile(r"INDEX\s+(\d{1,3})\s+(\d{1,6}):(\d{1,2}):(\d{1,2})\s*$", re.IGNORECASE)
_TRACK = re.compile(r"TRACK\s+(\d{1,5})\s+(\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CueTrack:
    """One track: `start` and `end` in seconds within the file `path`; `end` None is its end."""

    path: str
    start: float
    end: float | None
    tags: Tags


@dataclass(slots=True)
class _Track:
    number: int
    file: str
    start: float | None = None
    values: dict[str, str] = field(default_factory=dict)


def _text(path: str) -> str:
    try:
        with open(path, "rb") as sheet:
            raw = sheet.read(LONGEST_SHEET + 1)
    except OSError as error:
        raise EsprError(f"cannot read the CUE sheet {path}: {error.strerror}") from error
    if len(raw) > LONGEST_SHEET:
        raise EsprError(f"{path}: too long for a CUE sheet")
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    # cp1252 leaves five bytes undefined; latin-1 takes them all.
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise EsprError(f"{path}: the text of this CUE sheet cannot be decoded")


def _audio(sheet: str, name: str) -> str:
    """The absolute path of a sheet's FILE."""
    folder = os.path.realpath(os.path.dirname(os.path.abspath(sheet)))
    name = name.strip().replace("\\", "/")
    wanted = os.path.normpath(os.path.join(folder, name))
    if not name or "\0" in name or os.path.isabs(name) or re.match(r"[A-Za-z]:", name):
        raise EsprError(f"{sheet}: FILE must name a file beside the sheet, not {name!r}")
    if os.path.commonpath([folder, os.path.realpath(wanted)]) != folder:
        raise EsprError(f"{sheet}: FILE {name!r} lies outside the sheet's folder")
    if os.path.isfile(wanted):
        return wanted
    stem = os.path.splitext(wanted)[0]
    # The name as listed with another extension, else the sheet's own name.
    for base in (
        stem,
        os.path.join(folder, os.path.splitext(os.path.basename(sheet))[0]),
    ):
        for extension in AUDIO_EXTENSIONS:
            for spelt in (extension, extension.upper()):
                candidate = base + spelt
                if os.path.isfile(candidate) and (
                    os.path.commonpath([folder, os.path.realpath(candidate)]) == folder
                ):
                    return candidate
    raise EsprError(f"{sheet}: no file {name!r} beside the sheet, in any format that is read")


def _seconds(path: str, number: int, match: re.Match[str]) -> float:
    minutes, seconds, frames = (int(match[group]) for group in (2, 3, 4))
    if seconds >= 60 or frames >= FRAMES_A_SECOND:
        raise EsprError(f"{path}, line {number}: {match[0]!r} is no time (minutes:seconds:frames)")
    return minutes * 60 + seconds + frames / FRAMES_A_SECOND


def _parse(path: str) -> tuple[dict[str, str], list[_Track]]:
    album: dict[str, str] = {}
    tracks: list[_Track] = []
    file = ""
    for number, raw in enumerate(_text(path).splitlines(), start=1):
        line = raw.strip()
        if match := _FILE.match(line):
            file = match[1] if match[1] is not None else match[2]
        elif match := _TRACK.match(line):
            if not file:
                raise EsprError(f"{path}, line {number}: a TRACK before any FILE")
            tracks.append(_Track(int(match[1]), file))
            if match[2].upper() != "AUDIO":
                tracks[-1].values["data"] = "yes"
        elif match := _INDEX.match(line):
            if not tracks:
                raise EsprError(f"{path}, line {number}: an INDEX before any TRACK")
            if int(match[1]) == 1:
                tracks[-1].start = _seconds(path, number, match)
                tracks[-1].file = file  # a pregap may lie in the file before
        elif line.upper().startswith("INDEX"):
            raise EsprError(f"{path}, line {number}: {line[:60]!r} is no INDEX NN mm:ss:ff")
        elif match := _LINE.match(line):
            values = tracks[-1].values if tracks else album
            value = match[2] if match[2] is not None else match[3].strip()
            values[match[1].lower()] = value[:LONGEST]
    return album, tracks


def _tags(album: dict[str, str], track: _Track) -> Tags:
    own = track.values
    artist = own.get("performer") or album.get("performer", "")
    return Tags(
        title=own.get("title", ""),
        artist=artist,
        album=album.get("title", ""),
        album_artist=album.get("performer", ""),
        composer=(
            own.get("composer")
            or own.get("songwriter")
            or album.get("composer")
            or album.get("songwriter", "")
        ),
        work=own.get("work", ""),
        track=str(track.number),
        disc=album.get("discnumber", ""),
        date=own.get("date") or album.get("date", ""),
    )


def read_cue(path: str) -> list[CueTrack]:
    """The tracks of a CUE sheet in order; a malformed sheet raises EsprError.

    A one-file album gives its tracks with their times. Where a file holds a single track, that
    track is the whole file: `start` 0 and `end` None.
    """
    album, tracks = _parse(path)
    if not tracks:
        raise EsprError(f"{path}: no TRACK in this CUE sheet")
    found: list[CueTrack] = []
    for place, track in enumerate(tracks):
        if track.start is None:
            raise EsprError(f"{path}: track {track.number} has no INDEX 01")
        following = tracks[place + 1] if place + 1 < len(tracks) else None
        alone = sum(other.file == track.file for other in tracks) == 1
        end = following.start if following and following.file == track.file else None
        if end is not None and end <= track.start:
            raise EsprError(f"{path}: track {track.number} ends before it begins")
        if "data" in track.values:
            continue
        audio = _audio(path, track.file)
        start = 0.0 if alone else track.start
        found.append(CueTrack(audio, start, None if alone else end, _tags(album, track)))
    return found
