"""APEv2 tags at the end of a file: of Monkey's Audio, WavPack, Musepack, and of some MP3s.

Source: "APEv2 specification", wiki.hydrogenaud.io. Items are UTF-8; a zero divides values.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from espr.indexing.id3_tags import VERSION_1, Fields

_FOOTER = 32
_LARGEST = 1 << 24  # bytes; covers are among the items
_NAMES = {
    "album artist": "albumartist",
    "year": "date",
    "tracknumber": "track",
    "discnumber": "disc",
    "media number": "disc",
}


def read_ape(file: BinaryIO) -> Fields:
    """The text items of the APEv2 tag at the end of a file, or before an ID3 tag of version 1."""
    end = file.seek(0, 2)
    for behind in (0, VERSION_1):
        place = end - behind - _FOOTER
        if place < 0:
            continue
        file.seek(place)
        footer = file.read(_FOOTER)
        if footer.startswith(b"APETAGEX"):
            size, count = struct.unpack("<II", footer[12:20])
            start = place + _FOOTER - size
            if start < 0 or not _FOOTER <= size <= _LARGEST:
                return {}
            file.seek(start)
            return _items(file.read(size - _FOOTER), count)
    return {}


def _items(body: bytes, count: int) -> Fields:
    fields: Fields = {}
    place = 0
    while count and place + 8 < len(body):
        size, flags = struct.unpack("<II", body[place : place + 8])
        end = body.find(b"\0", place + 8)
        if end < 0:
            break
        name = body[place + 8 : end].decode("latin-1").lower()
        value = body[end + 1 : end + 1 + size]
        place = end + 1 + size
        count -= 1
        if flags & 0x06 == 0:  # text, neither binary nor a link
            values = [part for part in value.split(b"\0") if part]
            fields.setdefault(_NAMES.get(name, name), []).extend(values)
    return fields
