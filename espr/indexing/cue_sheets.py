"""CUE sheets: where the tracks of a one-file album begin and end, and what they are called.

Times are minutes:seconds:frames with 75 frames a second; INDEX 01 is where a track's music
begins. A FILE must lie in the sheet's folder or below. Its name may differ in letter case and
Unicode form, and its extension may be that of the format it was converted from ("album.wav" where
album.flac lies). Several FILEs name several files: none may stand for two of them.

A sheet may lie beside its audio or inside it (a tag CUESHEET, see embedded_sheets).
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from espr.audio.formats import AUDIO_SUFFIXES
from espr.errors import EsprError
from espr.indexing.tags import LONGEST
from espr.indexing.text_encoding import decode_text
from espr.works.tags import Tags

FRAMES_A_SECOND = 75
# A sheet is a page of text; what is longer is something else by that name.
LONGEST_SHEET = 1 << 20

_VALUE = re.compile(r"(?:REM\s+)?(\w+)\s+(.*)", re.IGNORECASE | re.DOTALL)
_FILE = re.compile(r"FILE\s+(.*)", re.IGNORECASE)
_TYPE = re.compile(r"\s+(?:WAVE|MP3|AIFF|FLAC|BINARY|MOTOROLA|OGG|APE)\s*$", re.IGNORECASE)
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
class Track:
    """One TRACK as a sheet lists it: `file` is its FILE, `start` its INDEX 01 in seconds."""

    number: int
    file: str
    start: float | None = None
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a sheet says: `name` is where it was read from, for messages."""

    name: str
    album: dict[str, str]
    tracks: list[Track]


def read_cue(path: str) -> list[CueTrack]:
    """The tracks of the sheet in the file ``path``, in order, those without a file left out.

    A one-file album gives its tracks with their times. Where a file holds a single track, that
    track is the whole file: `start` 0 and `end` None.

    Raises
    ------
    EsprError
        When the sheet cannot be read or is malformed, or none of its files is there.
    """
    try:
        with open(path, "rb") as file:
            raw = file.read(LONGEST_SHEET + 1)
    except OSError as error:
        raise EsprError(f"cannot read the CUE sheet {path}: {error.strerror}") from error
    if len(raw) > LONGEST_SHEET:
        raise EsprError(f"{path}: too long for a CUE sheet")
    sheet = parse_sheet(decode_text(raw), path)
    return list_tracks(sheet, _find_files(sheet))


def parse_sheet(text: str, name: str) -> Sheet:
    """A sheet's text, line by line; what is no CUE sheet raises EsprError."""
    album: dict[str, str] = {}
    tracks: list[Track] = []
    file = ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if match := _FILE.match(line):
            file = _unquoted(_TYPE.sub("", match[1]))
        elif match := _TRACK.match(line):
            if not file:
                raise EsprError(f"{name}, line {number}: a TRACK before any FILE")
            # some rippers list a track again below its own FILE when its pregap lies in another
            again = tracks and tracks[-1].number == int(match[1]) and tracks[-1].start is None
            if not again:
                tracks.append(Track(int(match[1]), file))
            if match[2].upper() != "AUDIO":
                tracks[-1].values["data"] = "yes"
        elif match := _INDEX.match(line):
            if not tracks:
                raise EsprError(f"{name}, line {number}: an INDEX before any TRACK")
            if int(match[1]) == 1:
                tracks[-1].start = _seconds(name, number, match)
                tracks[-1].file = file  # a pregap may lie in the file before
        elif line.upper().startswith("INDEX"):
            raise EsprError(f"{name}, line {number}: {line[:60]!r} is no INDEX NN mm:ss:ff")
        elif match := _VALUE.match(line):
            values = tracks[-1].values if tracks else album
            values[match[1].lower()] = _unquoted(match[2])[:LONGEST]
    if not tracks:
        raise EsprError(f"{name}: no TRACK in this CUE sheet")
    return Sheet(name, album, tracks)


def list_tracks(sheet: Sheet, files: dict[str, str]) -> list[CueTrack]:
    """The tracks whose FILE is among the keys of ``files``, its values their absolute paths."""
    found: list[CueTrack] = []
    following: dict[str, float] = {}  # FILE → where its track after this one begins
    counts = Counter(track.file for track in sheet.tracks)
    for track in reversed(sheet.tracks):
        if track.start is None:
            raise EsprError(f"{sheet.name}: track {track.number} has no INDEX 01")
        end = following.get(track.file)
        if end is not None and end <= track.start:
            raise EsprError(f"{sheet.name}: track {track.number} ends before it begins")
        following[track.file] = track.start
        if "data" in track.values or track.file not in files:
            continue
        start = 0.0 if counts[track.file] == 1 else track.start
        found.append(CueTrack(files[track.file], start, end, _tags(sheet.album, track)))
    return found[::-1]


def _unquoted(value: str) -> str:
    """A value without its quotes: it ends at the last one of its line, whatever lies between."""
    value = value.strip()
    end = value.rfind('"')
    if value.startswith('"') and end > 0:
        return value[1:end].replace('\\"', '"')
    return value.strip('"')


def _seconds(name: str, number: int, match: re.Match[str]) -> float:
    minutes, seconds, frames = (int(match[group]) for group in (2, 3, 4))
    if seconds >= 60 or frames >= FRAMES_A_SECOND:
        raise EsprError(f"{name}, line {number}: {match[0]!r} is no time (minutes:seconds:frames)")
    return minutes * 60 + seconds + frames / FRAMES_A_SECOND


def _find_files(sheet: Sheet) -> dict[str, str]:
    """FILE as the sheet spells it → absolute path, for those that are there.

    Raises
    ------
    EsprError
        When one lies outside of the sheet's folder, one file would stand for two FILEs, or none
        is there.
    """
    named = list(dict.fromkeys(track.file for track in sheet.tracks))
    folder = os.path.dirname(os.path.abspath(sheet.name))
    found: dict[str, str] = {}
    for name in named:
        path = _find_file(sheet.name, folder, name)
        if path is None and len(named) == 1:  # the sheet's own name, in another format
            own = os.path.splitext(os.path.basename(sheet.name))[0]
            path = _find_file(sheet.name, folder, f"{own}.wav")
        if path is None:
            continue
        if path in found.values():
            raise EsprError(
                f"{sheet.name}: {os.path.basename(path)} cannot be two of its FILEs; "
                "the audio is read whole"
            )
        found[name] = path
    if not found:
        what = f"no file {named[0]!r}" if len(named) == 1 else f"none of its {len(named)} files"
        raise EsprError(f"{sheet.name}: {what} beside the sheet")
    return found


def _find_file(sheet: str, folder: str, name: str) -> str | None:
    """The file below ``folder`` that a FILE names, by its own or another format's extension."""
    name = name.strip().replace("\\", "/")
    if re.match(r"[A-Za-z]:|/", name):  # where it lay when it was ripped
        name = name.rsplit("/", 1)[-1]
    if not name or "\0" in name:
        raise EsprError(f"{sheet}: FILE must name a file beside the sheet, not {name!r}")
    parent = os.path.normpath(os.path.join(folder, os.path.dirname(name)))
    if not _is_below(parent, folder):
        raise EsprError(f"{sheet}: FILE {name!r} lies outside the sheet's folder")
    try:
        parent = _existing(folder, os.path.relpath(parent, folder))
        listed = sorted(os.listdir(parent))
    except OSError:
        return None
    wanted = _plain(os.path.basename(name))
    stem = os.path.splitext(wanted)[0]
    same = [entry for entry in listed if _plain(entry) == wanted]
    converted = [
        entry
        for entry in listed
        if os.path.splitext(_plain(entry))[0] == stem
        and os.path.splitext(entry)[1].lower() in AUDIO_SUFFIXES
    ]
    for entry in [*same, *converted]:
        path = os.path.join(parent, entry)
        if os.path.isfile(path):
            if not _is_below(os.path.realpath(path), os.path.realpath(folder)):
                raise EsprError(f"{sheet}: FILE {name!r} lies outside the sheet's folder")
            return path
    return None


def _is_below(path: str, folder: str) -> bool:
    return os.path.commonpath([folder, path]) == folder


def _existing(folder: str, relative: str) -> str:
    """``folder/relative`` as its folders are spelt on disk."""
    for part in relative.split(os.sep):
        if part != os.curdir and not os.path.isdir(os.path.join(folder, part)):
            wanted = _plain(part)
            part = next((e for e in sorted(os.listdir(folder)) if _plain(e) == wanted), part)
        folder = os.path.normpath(os.path.join(folder, part))
    return folder


def _plain(name: str) -> str:
    """A file name without letter case and Unicode form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _tags(album: dict[str, str], track: Track) -> Tags:
    own = track.values
    artist = own.get("performer") or album.get("performer", "")
    return Tags(
        # a nameless track is not named after its file: its neighbours would be the same piece
        title=own.get("title") or f"Track {track.number:02}",
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
