"""What lies on disk: the audio files below some folders, and the tracks of one-file albums.

Only directories are read and ``stat`` is asked; no file is opened but CUE sheets. Hidden
files and symbolic links are left out, except where the user names one.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec

from espr.catalog.models import ScannedFile
from espr.errors import EsprError
from espr.indexing.cue_sheets import CueTrack, read_cue

SUFFIXES = frozenset((".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".aifc"))
PYAV_SUFFIXES = frozenset((".m4a", ".mp4", ".aac", ".alac"))
PYAV_COMMAND = 'pip install "espr[m4a]"'


@dataclass
class Scan:
    """What was found.

    Attributes
    ----------
    sources : list of ScannedFile
        In the order of their paths.
    unreadable : dict
        Folders that could not be listed and CUE sheets that could not be read → reason.
    left_out : set of str
        Files that only PyAV reads, where it is not installed.
    places : list of str
        The folders and files that were scanned, absolute.
    barren : list of str
        Folders among them that hold no audio file at all.
    """

    sources: list[ScannedFile] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    places: list[str] = field(default_factory=list)
    barren: list[str] = field(default_factory=list)

    def covers(self, path: str) -> bool:
        """Whether ``path`` would have been found if it were still there."""
        return _lies_in(path, self.places) and not self.doubtful(path)

    def doubtful(self, path: str) -> bool:
        """Whether ``path`` may still be there though it was not found.

        Below a folder that could not be listed or that holds nothing now: a drive that is
        not mounted is not a thousand deleted files.
        """
        return (
            path in self.left_out or _lies_in(path, self.barren) or _lies_in(path, self.unreadable)
        )


def scan(places: Sequence[str | os.PathLike[str]]) -> Scan:
    """Find the audio files in and below ``places``, folders or single files.

    Raises
    ------
    EsprError
        Exit code 2 when one of them does not exist.
    """
    found = Scan()
    for place in places:
        path = os.path.abspath(os.path.expanduser(os.fspath(place)))
        _check_place(path)
        if path not in found.places:
            found.places.append(path)
    has_pyav = find_spec("av") is not None
    files: dict[str, os.stat_result] = {}
    sheets: dict[str, os.stat_result] = {}
    for place in found.places:
        barren = os.path.isdir(place)
        for path, status in _files(place, found):
            suffix = os.path.splitext(path)[1].lower()
            if suffix == ".cue":
                sheets[path] = status
            elif suffix in SUFFIXES or (has_pyav and suffix in PYAV_SUFFIXES):
                files[path] = status
                barren = False
            elif suffix in PYAV_SUFFIXES:
                found.left_out.add(path)
                barren = False
        if barren:
            found.barren.append(place)
    tracks = _tracks(sheets, files, found)
    for path in sorted(files):
        found.sources += tracks.get(path) or [_whole(path, files[path])]
    return found


def _check_place(path: str) -> None:
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError as error:
        raise EsprError(f"there is no folder or file {path}") from error
    except OSError as error:
        raise EsprError(f"{path} cannot be read: {error.strerror}") from error
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        raise EsprError(f"{path} is neither a folder nor a file")


def _whole(path: str, status: os.stat_result) -> ScannedFile:
    return ScannedFile(path, 0.0, None, status.st_size, status.st_mtime_ns)


def _files(place: str, found: Scan) -> Iterator[tuple[str, os.stat_result]]:
    """The regular files of a folder and its subfolders; or ``place`` itself, if it is a file."""
    if not os.path.isdir(place):
        yield place, os.stat(place)
        return
    waiting = [place]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                listed = [entry for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            found.unreadable[folder] = f"cannot be listed: {error.strerror}"
            continue
        for entry in listed:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif entry.is_file(follow_symlinks=False):
                try:
                    yield entry.path, entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # deleted since it was listed


def _tracks(
    sheets: dict[str, os.stat_result], files: dict[str, os.stat_result], found: Scan
) -> dict[str, list[ScannedFile]]:
    """Audio path → its tracks, for the files that a CUE sheet speaks of."""
    tracks: dict[str, list[ScannedFile]] = {}
    for sheet in sorted(sheets):
        try:
            listed = read_cue(sheet)
        except EsprError as error:
            found.unreadable[sheet] = str(error)
            continue
        by_path: dict[str, list[CueTrack]] = {}
        for track in listed:
            by_path.setdefault(os.path.abspath(track.path), []).append(track)
        for path, own in by_path.items():
            # Two sheets for one album: the first speaks. A sheet may also name a file
            # outside of the folders, or one that is not there: it is not scanned.
            if path in files and path not in tracks:
                tracks[path] = [_part(track, path, files[path], sheets[sheet]) for track in own]
    return tracks


def _part(track: CueTrack, path: str, file: os.stat_result, sheet: os.stat_result) -> ScannedFile:
    return ScannedFile(
        path,
        track.start,
        track.end,
        file.st_size + sheet.st_size,
        max(file.st_mtime_ns, sheet.st_mtime_ns),
        track.tags,
    )


def _lies_in(path: str, places: Iterable[str]) -> bool:
    return any(path == place or path.startswith(place.rstrip(os.sep) + os.sep) for place in places)
