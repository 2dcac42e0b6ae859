"""What the players of a page play: clips and recordings inside the page, or links to the files."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote_from_bytes

from espr.audio.clips import CLIP_FORMATS, clip_kind, encode_clip
from espr.audio.formats import format_of
from espr.errors import EsprError
from espr.pages import PageAudio
from espr.pages.page import Sources

if TYPE_CHECKING:
    from espr.catalog.catalog import Recording
    from espr.retrieval.results import BestWindow

_AT_ONCE = 4  # clips; libsndfile works outside Python's lock


# a file has no origin of its own
SOURCES = {
    PageAudio.CLIPS: Sources(),
    PageAudio.WHOLE: Sources(),
    PageAudio.LINK: Sources(media="'self' file:"),
}


@dataclass(frozen=True, slots=True)
class Sound:
    """What one player plays.

    Attributes
    ----------
    source : str
        An address, or "" where nothing can be played.
    offset : float
        Seconds into the recording at which the sound begins; negative where it begins earlier, as
        a one-file album does before its second track.
    begin, end : float
        Seconds of the recording that can be played.
    problem : str
        Why nothing can be played.
    """

    source: str = ""
    offset: float = 0.0
    begin: float = 0.0
    end: float = 0.0
    problem: str = ""


class Sounding(Protocol):
    """A performance that has a window to listen to, such as a result."""

    @property
    def source(self) -> Recording: ...

    @property
    def best_window(self) -> BestWindow | None: ...

    @property
    def is_missing(self) -> bool: ...


def sounds_of(
    results: Sequence[Sounding], audio: PageAudio, folder: Path | None, done: Callable[[], None]
) -> list[Sound]:
    """The sound of each result; ``done`` is called after each.

    ``folder``: of the page, to which links may be relative; None where nobody knows it.
    """
    stop = threading.Event()

    def make(result: Sounding) -> Sound:
        sound = _sound_of(result, audio, folder, stop)
        done()
        return sound

    pool = ThreadPoolExecutor(min(_AT_ONCE, os.cpu_count() or 1))
    try:
        return list(pool.map(make, results))
    finally:
        stop.set()  # of Ctrl-C: an hour of music takes minutes to encode
        pool.shutdown(cancel_futures=True)


def _sound_of(
    result: Sounding, audio: PageAudio, folder: Path | None, stop: threading.Event
) -> Sound:
    recording, window = result.source, result.best_window
    if window is None:
        return Sound(problem="There is no sound: only profiles were published.")
    if not os.path.exists(recording.path):
        what = "is not there any more" if result.is_missing else "is not at hand now"
        return Sound(problem=f"The recording {what}.")
    length = recording.duration
    try:
        if audio is PageAudio.LINK:
            return Sound(_address(recording.path, folder), -recording.start, 0.0, length)
        if audio is PageAudio.WHOLE:
            return Sound(_whole(recording, stop), 0.0, 0.0, length)
        start, end = window.start, min(window.end, length)
        kind, before = clip_kind(), recording.start
        clip = encode_clip(recording.path, before + start, before + end, kind, stop)
        return Sound(_embedded(clip, kind), start, start, end)
    except (EsprError, OSError) as error:
        return Sound(problem=f"The recording cannot be played: it {error}.")


def _whole(recording: Recording, stop: threading.Event) -> str:
    """All of a recording: an MP3 file as it is, else what is made of it."""
    if recording.whole:
        with open(recording.path, "rb") as file:
            form = format_of(file)
            if form is not None and form.name == "mp3":
                file.seek(form.start)
                return _embedded(file.read(), "mp3")
    kind = clip_kind()
    encoded = encode_clip(recording.path, recording.start, recording.end, kind, stop)
    return _embedded(encoded, kind)


def _embedded(content: bytes, kind: str) -> str:
    media_type = CLIP_FORMATS[kind].media_type
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def _address(path: str, folder: Path | None) -> str:
    """Relative to the page where the recording lies below it, so that both may move together."""
    absolute = os.path.abspath(path)
    beside = os.pardir if folder is None else os.path.relpath(absolute, os.path.abspath(folder))
    if not beside.startswith(os.pardir):
        return "./" + quote_from_bytes(os.fsencode(beside))
    return Path(absolute).as_uri()
