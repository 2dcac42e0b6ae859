"""Tags of a recording, read from the file and never written back.

The names are ours, one for every container. MusicBrainz and movement tags are spelt differently
by each, and tinytag gives them in small letters: a FLAC's MUSICBRAINZ_WORKID is
"musicbrainz_workid", an MP3's TXXX "MusicBrainz Work Id" is "musicbrainz work id".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from espr.audio.container import LARGEST_ID3, id3_bytes
from espr.works.tags import TAG_NAMES, Tags

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
