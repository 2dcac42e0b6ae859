"""Tags of a recording, read from the file and never written back.

The names are ours, one for every container. MusicBrainz and movement tags are spelt
differently by each container, so each has a list of spellings, as tinytag lowers them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Tags:
    """What a file says about itself; an absent tag is an empty string."""

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
        return cls(**{name: str(value) for name, value in present.items() if name in TAG_NAMES})


TAG_NAMES = tuple(field.name for field in fields(Tags))


def read_tags(path: str) -> Tags:
    """Read the tags of a file; what cannot be read gives empty tags."""
    from tinytag import TinyTag, TinyTagException

    try:
        found = TinyTag.get(path, duration=False)
    except (TinyTagException, OSError):
        return Tags()
    return Tags(
        title=found.title or "",
        artist=found.artist or "",
        album=found.album or "",
        album_artist=found.albumartist or "",
        composer=found.composer or "",
    )
