"""Playlists (extended M3U, UTF-8 without a mark, ``\\n``) that other programs read.

- Where in a file to start and stop: ``#EXTVLCOPT``, which VLC reads. Other programs play the file.
- A track of a one-file album, for Lyrion: ``#EXTURL`` with the address that it gives such a track,
  ``file:///album.flac#40-120.5``.
- MPD resolves no ``..`` and wants paths inside its music folder (its issues 200, 1271), and names
  the tracks of a sheet ``album.cue/track0002``. Music
  Assistant guesses the encoding and takes paths relative to the playlist (its issues 2432, 3292,
  4242): ``relative_to`` makes paths relative to a folder that holds the recordings.
- A line that begins with ``#`` would be a comment, one with ``<`` is passed over by Lyrion, one
  with ``http:`` taken for an address: such a path begins with ``./``.
- No program can read a name with a line break, or a blank at its end: it is left out, and named.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes

from espr.catalog.catalog import Recording
from espr.errors import NONE_READABLE, EsprError
from espr.printable import clean
from espr.retrieval.passages import Passage

PLAYLIST = b"#EXTM3U"
_FRAME = 1 / 75  # s: the unit of CUE sheets


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist, and for each file whose name it cannot hold a line that says so."""

    content: bytes
    left_out: list[str]


def playlist(
    passages: Sequence[Passage], relative_to: Path | None = None, *, name_tracks: bool = False
) -> Playlist:
    """The playlist of some passages, absolute paths but with ``relative_to``.

    ``name_tracks``: a track of a CUE sheet is named as MPD names it. A file name that is not UTF-8
    is written with its own bytes.

    Raises
    ------
    EsprError
        When a recording does not lie in ``relative_to``; exit code 4 when no name can stand in a
        playlist.
    """
    lines, left_out = [PLAYLIST], []
    for passage in passages:
        path = os.path.abspath(passage.recording.path)
        if name_tracks and not passage.recording.whole:
            path = _track_of_sheet(passage.recording)
        if len(path.splitlines()) > 1 or path != path.rstrip():
            why = "its name has a line break, or a blank at its end"
            left_out.append(f"left out of the playlist: {path!r}, for {why}")
            continue
        lines.append(
            f"#EXTINF:{round(passage.end - passage.start)},{clean(passage.title)}".encode()
        )
        if not passage.recording.whole:
            lines.append(b"#EXTURL:" + _address_of_track(passage))
        if passage.start:
            lines.append(f"#EXTVLCOPT:start-time={passage.start:.3f}".encode())
        if not _is_to_the_end(passage):
            lines.append(f"#EXTVLCOPT:stop-time={passage.end:.3f}".encode())
        lines.append(os.fsencode(path if relative_to is None else _relative(path, relative_to)))
    if left_out and len(left_out) == len(passages):
        raise EsprError(f"the playlist would be empty; {left_out[0]}", NONE_READABLE)
    return Playlist(b"\n".join(lines) + b"\n", left_out)


def _is_to_the_end(passage: Passage) -> bool:
    recording = passage.recording
    return recording.end is None and passage.end >= recording.start + recording.duration


def _address_of_track(passage: Passage) -> bytes:
    recording = passage.recording
    end = recording.start + recording.duration if recording.end is None else recording.end
    path = quote_from_bytes(os.fsencode(os.path.abspath(recording.path)), "/:@&=+$,!~*'()")
    return f"file://{path}#{recording.start:.15g}-{end:.15g}".encode()


def _relative(path: str, folder: Path) -> str:
    relative = os.path.relpath(path, folder)
    if relative.split(os.sep)[0] == os.pardir:
        raise EsprError(f"{path} does not lie in {folder}; name a folder that holds all recordings")
    relative = relative.replace(os.sep, "/")
    is_odd = relative[0] in "#<\ufeff" or relative[0].isspace() or ":" in relative
    return f"./{relative}" if is_odd else relative


def _track_of_sheet(recording: Recording) -> str:
    """``album.cue/track0002``, MPD's name of a track; of a sheet inside, ``album.flac/track0002``.

    The file itself where no sheet lists the track.
    """
    from espr.indexing.cue_sheets import read_cue
    from espr.indexing.embedded_sheets import read_embedded

    path = os.path.abspath(recording.path)
    folder = os.path.dirname(path)
    try:
        beside = [name for name in sorted(os.listdir(folder)) if name.lower().endswith(".cue")]
    except OSError:  # the folder is away
        beside = []
    for sheet in [*(os.path.join(folder, name) for name in beside), path]:
        try:
            tracks = read_embedded(sheet) if sheet == path else read_cue(sheet)
        except (EsprError, OSError):
            continue  # of another album, or no sheet
        for number, track in enumerate(tracks, start=1):
            if os.path.abspath(track.path) == path and abs(track.start - recording.start) < _FRAME:
                return f"{sheet}/track{number:04}"
    return path
