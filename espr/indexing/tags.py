"""Tags of a recording, read from the file and never written back.

The names are ours, one for every container. MusicBrainz and movement tags are spelt differently
by each, and tinytag gives them in small letters: a FLAC's MUSICBRAINZ_WORKID is
"musicbrainz_workid", an MP3's TXXX "MusicBrainz Work Id" is "musicbrainz work id".
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from espr.audio.container import LARGEST_ID3, id3_bytes

if TYPE_CHECKING:
    from tinytag import TinyTag

# Longer than any title; a tag of megabytes is damage or mischief.
LONGEST = 1000

# Spellings by container, the first that is there counts.
_WORK_ID = (
    "musicbrainz_workid",
    "musicbrainz work id",
    "musicbrainz_work_id",
    "musicbrainz/work id",
)
_MOVEMENT = ("movement_name", "movementname", "part")
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
)


@dataclass(frozen=True, slots=True)
class Tags:
    """What a file says about itself; an absent tag is an empty string.

    `work_id` is the MusicBrainz id of the work, several joined by ";". Values are as the file
    has them, control characters included: they are cleaned where they are printed.
    """

    title: str = ""
    artist: str = ""
    album: str = ""
    album_artist: str = ""
    composer: str = ""
    work: str = ""
    movement: str = ""
    movement_number: str = ""
    work_id: str = ""
    performer: str = ""
    conductor: str = ""
    track: str = ""
    disc: str = ""
    date: str = ""

    def to_json(self) -> str:
        """The tags that are not empty, as a JSON object."""
        present = {name: value for name in TAG_NAMES if (value := getattr(self, name))}
        return json.dumps(present, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Tags:
        """The tags in a JSON object; names of another version are passed over."""
        present = json.loads(text or "{}")
        # a library says the same of many: at a million recordings this is worth 300 MB
        return cls(
            **{name: sys.intern(str(value)) for name, value in present.items() if name in TAG_NAMES}
        )


TAG_NAMES = tuple(field.name for field in fields(Tags))


def _joined(values: list[str]) -> str:
    """Several values of one tag, and those that a zero byte divides, as one."""
    parts = [part.strip() for value in values for part in value.split("\x00")]
    return "; ".join(dict.fromkeys(part for part in parts if part))


def _storable(text: str) -> str:
    # A broken UTF-16 tag decodes to lone surrogates, which neither SQLite nor JSON can hold.
    return text[:LONGEST].encode("utf-8", "replace").decode("utf-8").strip()


def _from(found: TinyTag) -> Tags:
    other = {name.lower(): values for name, values in found.other.items()}

    def first(*names: str) -> str:
        return next((text for name in names if (text := _joined(other.get(name, [])))), "")

    def several(value: str | None, name: str) -> str:
        return _joined([value or "", *other.get(name, [])])

    movement, movement_number = first(*_MOVEMENT), first(*_MOVEMENT_NUMBER)
    # "movement" is the name in a vorbis comment, the number ("2/4") in ID3 and MP4.
    plain = first("movement")
    if plain.split("/")[0].strip().isdigit():
        movement_number = movement_number or plain
    else:
        movement = movement or plain
    values = Tags(
        title=found.title or "",
        artist=several(found.artist, "artist"),
        album=found.album or "",
        album_artist=several(found.albumartist, "albumartist"),
        composer=several(found.composer, "composer"),
        # TIT1 alone is called "grouping", but is where ID3 keeps the work; vorbis has WORK.
        work=first("work") or first("grouping"),
        movement=movement,
        movement_number=movement_number.split("/")[0],
        work_id=first(*_WORK_ID),
        performer=first(*_PERFORMER),
        conductor=first("conductor"),
        track=str(found.track or ""),
        disc=str(found.disc or ""),
        date=found.year or "",
    )
    return Tags(*(_storable(getattr(values, name)) for name in TAG_NAMES))


def read_tags(path: str) -> Tags:
    """Read the tags of a file; embedded images and the audio are passed over.

    Damaged or enormous tags, and a file that cannot be opened, give empty tags: whether the
    recording can be heard is for the decoder to say.
    """
    from tinytag import TinyTag, TinyTagException

    try:
        with open(path, "rb") as file:
            if id3_bytes(file.read(10)) > LARGEST_ID3:
                return Tags()
        found = TinyTag.get(path, duration=False, image=False)
    except (TinyTagException, OSError, ValueError):
        return Tags()
    return _from(found)
