"""The sound and the cover of a recording, by its number in the library."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import threading
import weakref
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.types import Message, Receive, Scope, Send

from espr.audio.clips import CLIP_FORMATS, clip_kind, encode_clip
from espr.audio.formats import identify_format
from espr.catalog.catalog import Recording
from espr.errors import EsprError

# what browsers play, by what a file is; others say so on the page
MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "mp4": "audio/mp4",
    "adts": "audio/aac",
}
_KEPT = 30  # encoded recordings; 5 MB each, as a rule
_LOOKED_AT = 5  # recordings of a piece, for a cover
# a single transparent pixel: what is behind it shows
_NOTHING = (
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D"
    b"\x01\0;"
)
_IMAGES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n": "image/png",
    b"GIF8": "image/gif",
}


class _SoundFile(FileResponse):
    """A file, all of it or a range; where it becomes shorter meanwhile, as when it is tagged again,
    the connection ends with it, and the browser asks for the rest of what is there then."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        promised = sent = 0

        async def send_what_is_there(message: Message) -> None:
            nonlocal promised, sent
            if message["type"] == "http.response.start":
                promised = int(Headers(raw=message["headers"]).get("content-length", "0"))
            elif scope["method"] != "HEAD":
                sent += len(message["body"])
                if sent < promised and not message.get("more_body"):
                    return
            await send(message)

        try:
            await super().__call__(scope, receive, send_what_is_there)
        except OSError:  # it went away
            if not promised:
                await Response(status_code=404)(scope, receive, send)


def sound_response(recording: Recording) -> Response:
    """The file of a recording, all of it or the range that is asked for; 404 when it is gone."""
    try:
        found = os.stat(recording.path)
        if not stat.S_ISREG(found.st_mode):
            return Response(status_code=404)
        form = identify_format(recording.path)
    except OSError:
        return Response(status_code=404)
    media_type = MEDIA_TYPES.get(form.name if form else "", "application/octet-stream")
    return _SoundFile(recording.path, stat_result=found, media_type=media_type)


class EncodedRecordings:
    """MP3 files of recordings that a browser could not play, in a folder that goes away.

    Of a track of a longer file, it is the track alone. One is made at a time; the newest are kept.
    """

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="espr-serve-")
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._made: dict[tuple[int, str], str] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()

    def stop(self) -> None:
        """Encode nothing more: an hour of music would keep the process for a minute."""
        self._stop.set()

    def response(self, recording: Recording) -> Response:
        """The file, all of it or the range that is asked for; 404 where it cannot be made."""
        key = (recording.id, recording.audio_hash)
        path = self._made.get(key)  # a range of it does not wait until another is made
        if path is None:
            try:
                with self._lock:
                    path = self._made.get(key) or self._make(recording, key)
            except (EsprError, OSError):
                return Response(status_code=404)
        return FileResponse(path, media_type=CLIP_FORMATS[clip_kind()].media_type)

    def _make(self, recording: Recording, key: tuple[int, str]) -> str:
        content = encode_clip(
            *(recording.path, recording.start, recording.end, clip_kind()), stop=self._stop
        )
        return self._keep(key, content)

    def _keep(self, key: tuple[int, str], content: bytes) -> str:
        handle, path = tempfile.mkstemp(dir=self._folder)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        self._made[key] = path
        while len(self._made) > _KEPT:
            os.unlink(self._made.pop(next(iter(self._made))))
        return path


def cover_response(recordings: Sequence[Recording]) -> Response:
    """The first picture in the tags of some recordings; a transparent one where there is none."""
    headers = {"Cache-Control": "private, max-age=3600"}
    for recording in recordings[:_LOOKED_AT]:
        if picture := _picture(recording.path):
            for magic, media_type in _IMAGES.items():
                if picture.startswith(magic):
                    return Response(picture, media_type=media_type, headers=headers)
    return Response(_NOTHING, media_type="image/gif", headers=headers)


def _picture(path: str) -> bytes | None:
    from tinytag import TinyTag, TinyTagException

    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        with open(path, "rb") as file:
            tags = TinyTag.get(file_obj=file, duration=False, image=True)
    except (OSError, TinyTagException, ValueError):
        return None
    image = tags.images.any
    return None if image is None else bytes(image.data)
