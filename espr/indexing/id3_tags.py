"""ID3 tags: version 2.2, 2.3 and 2.4 in front of a file or inside a chunk, version 1 at its end.

Text that is declared Latin-1 is given as bytes, because that is seldom what it is; all other text
as str. Sources: id3.org, "ID3 tag version 2.3.0" (sections 3 and 4, unsynchronisation in 5) and
"2.4.0" (structure and native frames). Two habits of real programs are read as they are meant:
frame sizes of 2.4 that are plain numbers, and tags that lay one behind the other.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterator
from typing import BinaryIO

from espr.audio.formats import LARGEST_ID3, id3_bytes

Fields = dict[str, list[str | bytes]]

HEADER = 10
VERSION_1 = 128
_LARGEST_TEXT = 1 << 16  # bytes of a frame; no title takes this much
_PADDING = 1 << 12  # zero bytes that some programs leave between two tags

_FRAMES = {
    "TIT2": "title",
    "TT2": "title",
    "TPE1": "artist",
    "TP1": "artist",
    "TALB": "album",
    "TAL": "album",
    "TPE2": "albumartist",
    "TP2": "albumartist",
    "TCOM": "composer",
    "TCM": "composer",
    "TPE3": "conductor",
    "TP3": "conductor",
    "TIT1": "grouping",
    "TT1": "grouping",
    "MVNM": "movementname",
    "MVIN": "movementnumber",
    "TRCK": "track",
    "TRK": "track",
    "TPOS": "disc",
    "TPA": "disc",
    "TDRC": "date",
    "TYER": "date",
    "TYE": "date",
}
_USER_TEXT = ("TXXX", "TXX")
_CREDITS = ("TMCL", "IPLS", "IPL", "TIPL")
# Involved people of whom none plays: ID3v2.4, TIPL, and what IPLS holds in practice.
_NO_MUSICIANS = frozenset(
    (
        *("producer", "executive producer", "engineer", "mix", "mixer", "dj-mix", "arranger"),
        *("writer", "composer", "lyricist", "mastering", "recording engineer", "a&r", "label"),
    )
)


def read_id3(file: BinaryIO, position: int = 0) -> tuple[Fields, int]:
    """The fields of the ID3v2 tags that begin at ``position``, and where what follows begins.

    The first of several tags that has a field gives it: a blank one in front hides nothing.
    """
    fields: Fields = {}
    while True:
        file.seek(position)
        head = file.read(HEADER)
        size = id3_bytes(head)
        if not size:
            return fields, position
        if size <= LARGEST_ID3:
            for name, values in _read_tag(file, head, size - HEADER).items():
                fields.setdefault(name, values)
        position += size
        file.seek(position)
        between = file.read(_PADDING)
        following = between.lstrip(b"\0")
        if following.startswith(b"ID3"):
            position += len(between) - len(following)


def read_id3_version_1(file: BinaryIO) -> Fields:
    """The fields of the last 128 bytes, where they are a tag of version 1."""
    file.seek(0, 2)
    file.seek(max(0, file.tell() - VERSION_1))
    tag = file.read(VERSION_1)
    if len(tag) < VERSION_1 or not tag.startswith(b"TAG"):
        return {}
    places = {"title": (3, 33), "artist": (33, 63), "album": (63, 93), "date": (93, 97)}
    fields: Fields = {}
    for name, (start, end) in places.items():
        if value := tag[start:end].split(b"\0")[0].strip():
            fields[name] = [value]
    if tag[125] == 0 and tag[126]:
        fields["track"] = [str(tag[126])]
    return fields


def _read_tag(file: BinaryIO, head: bytes, size: int) -> Fields:
    version, flags = head[3], head[5]
    body = file.read(size)
    if flags & 0x80 and version < 4:
        body = _resynchronised(body)
    place = 0
    if flags & 0x40 and version >= 3 and len(body) >= 4:  # an extended header
        place = struct.unpack(">I", body[:4])[0] + 4 if version == 3 else _synchsafe(body[:4])
    fields: defaultdict[str, list[str | bytes]] = defaultdict(list)
    for name, content in _frames(body, place, version, all_unsynchronised=bool(flags & 0x80)):
        if name in _FRAMES:
            fields[_FRAMES[name]] += _strings(content)
        elif name in _USER_TEXT:
            described = _strings(content, keep_empty=True)
            if described and (key := _key(described[0])):
                fields[key] += [value for value in described[1:] if value]
        elif name in _CREDITS:
            _add_credits(fields, _strings(content, keep_empty=True))
    return {name: values for name, values in fields.items() if values}


def _frames(
    body: bytes, place: int, version: int, *, all_unsynchronised: bool
) -> Iterator[tuple[str, bytes]]:
    """Name and content of each frame that holds text."""
    letters, header = (3, 6) if version == 2 else (4, 10)
    while place + header < len(body) and body[place]:
        name = body[place : place + letters].decode("latin-1")
        size = _frame_size(body, place, version)
        content = body[place + header : place + header + size]
        format_flags = body[place + 9] if version > 2 else 0
        place += header + size
        if (name[0] != "T" and name not in (*_CREDITS, "MVNM", "MVIN")) or not content:
            continue
        if len(content) > _LARGEST_TEXT:
            continue
        if version == 4:
            if format_flags & 0x0C:  # compressed or encrypted
                continue
            if format_flags & 0x01:  # its length comes first
                content = content[4:]
            if format_flags & 0x02 or all_unsynchronised:
                content = _resynchronised(content)
        elif version == 3 and format_flags & 0xC0:
            continue
        if content:
            yield name, content


def _frame_size(body: bytes, place: int, version: int) -> int:
    if version == 2:
        return int.from_bytes(body[place + 3 : place + 6], "big")
    raw = body[place + 4 : place + 8]
    plain: int = struct.unpack(">I", raw)[0]
    if version == 3:
        return plain
    safe = _synchsafe(raw)
    # iTunes once wrote plain sizes: right is what leads to another frame or to the end.
    if safe != plain and not _is_frame(body, place + 10 + safe):
        return plain if _is_frame(body, place + 10 + plain) else safe
    return safe


def _is_frame(body: bytes, place: int) -> bool:
    if place >= len(body):
        return place == len(body)
    name = body[place : place + 4]
    return not name.strip(b"\0") or (name.isalnum() and name.isupper())


def _synchsafe(raw: bytes) -> int:
    a, b, c, d = raw
    return a << 21 | b << 14 | c << 7 | d


def _resynchronised(raw: bytes) -> bytes:
    """Without the zero byte that unsynchronisation puts behind each 0xFF (ID3v2.3, section 5)."""
    return raw.replace(b"\xff\x00", b"\xff")


def _strings(content: bytes, *, keep_empty: bool = False) -> list[str | bytes]:
    """The strings of a text frame; a zero divides them."""
    encoding, raw = content[0], content[1:]
    found: list[str | bytes]
    if encoding in (1, 2):
        whole = raw[: len(raw) & ~1]
        order = "utf-16-be" if encoding == 2 or whole.startswith(b"\xfe\xff") else "utf-16-le"
        text = whole.decode(order, "replace").replace("\ufeff", "")
        found = [*text.split("\0")]
    elif encoding == 3:
        try:
            found = [*raw.decode("utf-8").split("\0")]
        except UnicodeDecodeError:
            found = [*raw.split(b"\0")]
    else:
        found = [*(raw if encoding == 0 else content).split(b"\0")]
    while found and not found[-1]:
        found.pop()
    return found if keep_empty else [value for value in found if value]


def _key(description: str | bytes) -> str:
    if isinstance(description, bytes):
        description = description.decode("latin-1")
    return description.strip().lower()


def _add_credits(fields: defaultdict[str, list[str | bytes]], pairs: list[str | bytes]) -> None:
    """Role and name in turn, as musician credits and involved people list them."""
    for role, name in zip(pairs[::2], pairs[1::2], strict=False):
        kind = _key(role)
        if kind == "conductor":
            fields["conductor"].append(name)
        elif kind not in _NO_MUSICIANS and name:
            fields["credits"].append(name)
