"""Tags of a recording, read from the file and never written back.

What the file is decides who reads it, never its name: ID3, APEv2 and the chunks of WAV and AIFF
are read here, because there the text's encoding is in doubt; FLAC, Ogg, MP4 and WMA by tinytag
(MIT), everything else by FFmpeg. A FLAC's or an Ogg's own comments win over an ID3 tag in front.

The names are ours, one for every container. MusicBrainz and movement tags are spelt differently by
each: a FLAC's MUSICBRAINZ_WORKID is "musicbrainz_workid", an MP3's TXXX "MusicBrainz Work Id" is
"musicbrainz work id".
"""

from __future__ import annotations

import contextlib
import io
from typing import BinaryIO

from espr.audio.formats import format_of
from espr.audio.readers import open_container
from espr.indexing.ape_tags import read_ape
from espr.indexing.chunk_tags import read_chunks, read_dsf
from espr.indexing.id3_tags import Fields, read_id3, read_id3_version_1
from espr.indexing.text_encoding import guess_encoding, undo_mojibake
from espr.works.tags import TAG_NAMES, Tags

# Longer than any title; a tag of megabytes is damage or mischief.
LONGEST = 1000

# Spellings by container, the first that is there counts.
_WORK_ID = (
    "musicbrainz_workid",
    "musicbrainz work id",
    "musicbrainz_work_id",
    "musicbrainz/work id",
)
_MOVEMENT = ("movementname", "movement_name", "part")
_MOVEMENT_NUMBER = (
    "movementnumber",
    "movement_number",
    "movement number",
    "partnumber",
)
_PERFORMER = (
    "performer",
    "performers",
    "soloist",
    "soloists",
    "instrumentalist",
    "ensemble",
    "credits",
)
_IN_CHUNKS = ("wav", "rf64", "aiff")
_BY_TINYTAG = ("flac", "ogg", "mp4", "asf")
# Not a playlist, which could open any other file.
_BY_FFMPEG = "caf,matroska,webm,w64,au,iff,ape,wv,tta,mpc,mpc8,tak"


def read_tags(path: str) -> Tags:
    """Read the tags of a file; embedded images and the audio are passed over.

    Damaged or enormous tags, and a file that cannot be opened, give empty tags: whether the
    recording can be read is for the decoder to say.
    """
    return _tags(read_fields(path))


def read_fields(path: str) -> dict[str, list[str]]:
    """Every text that a file's tags hold, by its name in small letters."""
    try:
        with open(path, "rb") as file:
            return _decoded(_read(path, file))
    except (OSError, ValueError):
        return {}


def _read(path: str, file: BinaryIO) -> Fields:
    kind = format_of(file)
    fields, _ = read_id3(file)
    if kind is None or kind.name in ("mp3", "adts", "loas"):
        return {**read_id3_version_1(file), **read_ape(file), **fields}
    if kind.name in _IN_CHUNKS:
        return {**fields, **read_chunks(file, kind.start)}
    if kind.name == "dsf":
        return {**fields, **read_dsf(file, kind.start)}
    if kind.name in _BY_TINYTAG:
        return {**fields, **_read_with_tinytag(_From(file, kind.start))}
    return {**_read_with_ffmpeg(path), **read_id3_version_1(file), **read_ape(file), **fields}


class _From(io.RawIOBase):
    """A file as if it began at ``start``."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        self._file = file
        self._start = start

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._file.read(size)

    def tell(self) -> int:
        return self._file.tell() - self._start

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_SET:
            offset += self._start
        return self._file.seek(offset, whence) - self._start


def _read_with_tinytag(file: io.RawIOBase) -> Fields:
    from tinytag import TinyTag, TinyTagException

    file.seek(0)
    try:
        found = TinyTag.get(file_obj=file, duration=False, image=False)  # type: ignore[arg-type]
    except TinyTagException:
        return {}
    fields: Fields = {name.lower(): [*values] for name, values in found.other.items()}
    own = {"date": found.year, "track": found.track, "disc": found.disc}
    own |= {name: getattr(found, name) for name in ("title", "artist", "album", "albumartist")}
    own["composer"] = found.composer
    for name, value in own.items():
        if value:
            fields[name] = [str(value), *fields.get(name, [])]
    return fields


def _read_with_ffmpeg(path: str) -> Fields:
    import av

    names = {"album_artist": "albumartist", "album artist": "albumartist", "year": "date"}
    fields: Fields = {}
    options = {"format_whitelist": _BY_FFMPEG, "protocol_whitelist": "file"}
    with contextlib.suppress(av.FFmpegError):
        with open_container(path, options=options) as container:
            found = [container.metadata, *(stream.metadata for stream in container.streams.audio)]
        for name, value in (item for metadata in found for item in metadata.items()):
            name = names.get(name.lower(), name.lower())
            fields.setdefault(name, []).append(value.encode("utf-8", "surrogateescape"))
    return fields


def _decoded(fields: Fields) -> dict[str, list[str]]:
    """All values as text: those of unknown encoding were most probably written by one program."""
    raw = [value for values in fields.values() for value in values if isinstance(value, bytes)]
    encoding = guess_encoding(b"\n".join(raw)) if raw else "utf-8"
    return {
        name: [
            value.decode(encoding, "replace") if isinstance(value, bytes) else undo_mojibake(value)
            for value in values
        ]
        for name, values in fields.items()
    }


def _joined(values: list[str]) -> str:
    """Several values of one tag, and those that a zero byte divides, as one."""
    parts = [part.strip() for value in values for part in value.split("\x00")]
    return "; ".join(dict.fromkeys(part for part in parts if part))


def _storable(text: str) -> str:
    # A broken UTF-16 tag decodes to lone surrogates, which neither SQLite nor JSON can hold.
    return text[:LONGEST].encode("utf-8", "replace").decode("utf-8").strip()


def _tags(fields: dict[str, list[str]]) -> Tags:
    def first(*names: str) -> str:
        return next((text for name in names if (text := _joined(fields.get(name, [])))), "")

    def number(name: str) -> str:
        return first(name).split("/")[0].lstrip("0")

    movement, movement_number = first(*_MOVEMENT), first(*_MOVEMENT_NUMBER)
    # "movement" is the name in a vorbis comment, the number ("2/4") in MP4.
    plain = first("movement")
    if plain.split("/")[0].strip().isdigit():
        movement_number = movement_number or plain
    else:
        movement = movement or plain
    values = Tags(
        title=_joined(fields.get("title", [])[:1]),
        artist=first("artist", "artists"),
        album=_joined(fields.get("album", [])[:1]),
        album_artist=first("albumartist"),
        composer=first("composer"),
        # TIT1 alone is called "grouping", but is where ID3 keeps the work; vorbis has WORK.
        work=first("work") or first("grouping"),
        movement=movement,
        movement_number=movement_number.split("/")[0],
        work_id=first(*_WORK_ID),
        performer=first(*_PERFORMER),
        conductor=first("conductor"),
        track=number("track"),
        disc=number("disc"),
        date=_joined(fields.get("date", [])[:1]),
    )
    return Tags(*(_storable(getattr(values, name)) for name in TAG_NAMES))
