"""What lies on disk: the audio files below some folders, and the tracks of one-file albums.

Only directories are read and ``stat`` is asked; no file is opened but CUE sheets, and files without
a suffix, of which the first bytes say what they are.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from espr.audio.formats import AUDIO_SUFFIXES, identify_format
from espr.catalog.away import lies_in
from espr.catalog.models import ScannedFile
from espr.errors import EsprError
from espr.indexing.cue_sheets import CueTrack, read_cue
from espr.indexing.folder_walk import FolderWalk
from espr.indexing.remote_files import is_url, list_files


@dataclass
class Scan:
    """What lies below the places that were asked for.

    Attributes
    ----------
    files : list of ScannedFile
        In the order of their paths.
    unreadable : dict
        Folders that could not be listed → reason.
    notes : dict
        CUE sheets that split nothing and links that were not followed → reason.
    left_out : Counter
        Files that are no audio, by suffix, and folders of waste, by name.
    places : list of str
        The folders and files that were scanned, absolute.
    empty_folders : list of str
        Places that hold no audio file, and folders below that hold no file at all.
    dangling : list of str
        Links whose target is not there.
    devices : dict
        See :class:`FolderWalk`.
    """

    files: list[ScannedFile] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    places: list[str] = field(default_factory=list)
    empty_folders: list[str] = field(default_factory=list)
    dangling: list[str] = field(default_factory=list)
    devices: dict[str, int] = field(default_factory=dict)

    def covers(self, path: str) -> bool:
        """Whether ``path`` lies where was looked."""
        return lies_in(path, self.places)


def scan(places: Sequence[str | os.PathLike[str]]) -> Scan:
    """Find the audio files in and below ``places``: folders, single files, CUE sheets, or URLs.

    Raises
    ------
    EsprError
        Exit code 2 when one of them does not exist, or is a sheet that cannot be used.
    """
    result = Scan()
    named = [os.fspath(place) for place in places]
    result.places = list(dict.fromkeys(_existing_place(one) for one in named if not is_url(one)))
    folders = [place for place in result.places if os.path.isdir(place)]
    files: dict[str, os.stat_result] = {}
    sheets: dict[str, os.stat_result] = {}
    walk = FolderWalk()
    for path, status in walk.files(folders):
        suffix = os.path.splitext(path)[1].lower()
        if suffix == ".cue":
            sheets[path] = status
        elif suffix in AUDIO_SUFFIXES or (not suffix and _is_audio(path)):
            files[path] = status
        else:
            result.left_out[suffix or "no suffix"] += 1
    result.unreadable, result.notes, result.devices = walk.unreadable, walk.notes, walk.devices
    result.dangling, result.empty_folders = walk.dangling, walk.empty_folders
    result.left_out += walk.left_out
    tracks: dict[str, list[ScannedFile]] = {}
    for place in result.places[:]:
        if place not in folders:
            _add_named_file(place, result, files, tracks)
    _add_tracks(sheets, files, tracks, result.notes)
    for path in sorted(files, key=os.fsencode):
        result.files += tracks.get(path) or [_whole(path, files[path])]
    for url in dict.fromkeys(filter(is_url, named)):
        _add_remote_files(url, result)
    for folder in folders:
        if not any(lies_in(path, [folder]) for path in files):
            result.empty_folders.append(folder)
    return result


def _add_remote_files(url: str, result: Scan) -> None:
    """Add the audio files below a URL, by their suffixes alone."""
    place, files = list_files(url)
    result.places.append(place)
    for file in files:
        suffix = os.path.splitext(file.path)[1].lower()
        if suffix in AUDIO_SUFFIXES:
            result.files.append(file)
        else:
            result.left_out[suffix or "no suffix"] += 1


def _existing_place(place: str) -> str:
    """The absolute path of a folder or file, in the Unicode form that it has on disk."""
    path = os.path.abspath(os.path.expanduser(place))
    if not os.path.lexists(path):
        path = _in_form_on_disk(path)
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError as error:
        raise EsprError(f"there is no folder or file {path}") from error
    except OSError as error:
        raise EsprError(f"{path} cannot be read: {error.strerror}") from error
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        raise EsprError(f"{path} is neither a folder nor a file")
    return path


def _in_form_on_disk(path: str) -> str:
    """``path``, or the existing path that differs from it in its Unicode form alone."""
    found = os.sep
    for part in path.split(os.sep)[1:]:
        here = os.path.join(found, part)
        if not os.path.lexists(here):
            wanted = unicodedata.normalize("NFC", part)
            try:
                listed = os.listdir(found)
            except OSError:
                return path
            same = [name for name in listed if unicodedata.normalize("NFC", name) == wanted]
            if not same:
                return path
            here = os.path.join(found, same[0])
        found = here
    return found


def _is_audio(path: str) -> bool:
    try:
        return identify_format(path) is not None
    except OSError:
        return False


def _whole(path: str, status: os.stat_result) -> ScannedFile:
    return ScannedFile(path, 0.0, None, status.st_size, status.st_mtime_ns)


def _add_named_file(
    place: str,
    result: Scan,
    files: dict[str, os.stat_result],
    tracks: dict[str, list[ScannedFile]],
) -> None:
    """A single file with the sheet that lies beside it, or a sheet with the files that it names."""
    if place.lower().endswith(".cue"):
        for track in read_cue(place):
            if track.path not in files:
                files[track.path] = os.stat(track.path)
            if track.path not in result.places:
                result.places.append(track.path)
        _add_tracks({place: os.stat(place)}, files, tracks, result.notes)
        return
    suffix = os.path.splitext(place)[1].lower()
    if suffix not in AUDIO_SUFFIXES and not _is_audio(place):
        result.left_out[suffix or "no suffix"] += 1
        return
    files[place] = os.stat(place)
    folder = os.path.dirname(place)
    names = sorted(name for name in os.listdir(folder) if name.lower().endswith(".cue"))
    beside = [os.path.join(folder, name) for name in names if not name.startswith(".")]
    sheets = {sheet: os.stat(sheet) for sheet in beside if os.path.isfile(sheet)}
    _add_tracks(sheets, files, tracks, {})


def _add_tracks(
    sheets: dict[str, os.stat_result],
    files: dict[str, os.stat_result],
    tracks: dict[str, list[ScannedFile]],
    notes: dict[str, str],
) -> None:
    """Add the tracks of the ``files`` that sheets name; a sheet that cannot be used is noted."""
    for sheet in sorted(sheets):
        try:
            listed = read_cue(sheet)
        except EsprError as error:
            notes[sheet] = str(error).removeprefix(f"{sheet}: ")
            continue
        by_path: dict[str, list[CueTrack]] = {}
        for track in listed:
            by_path.setdefault(track.path, []).append(track)
        for path, own in by_path.items():
            # Two sheets for one album: the first speaks.
            if path in files and path not in tracks:
                tracks[path] = [_part(track, files[path], sheets[sheet]) for track in own]


def _part(track: CueTrack, file: os.stat_result, sheet: os.stat_result) -> ScannedFile:
    return replace(
        _whole(track.path, file),
        start=track.start,
        end=track.end,
        size=file.st_size + sheet.st_size,
        mtime_ns=max(file.st_mtime_ns, sheet.st_mtime_ns),
        cue=track.tags,
    )
