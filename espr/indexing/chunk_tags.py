"""Tags in the chunks of WAV, AIFF and DSF files: an ID3 tag, or RIFF's INFO and AIFF's own texts.

INFO names no encoding, so its text is given as bytes. Sources: "Multimedia Programming Interface
and Data Specifications 1.0" (IBM, Microsoft 1991), AIFF 1.3 (Apple 1989), DSF 1.01 (Sony 2005).
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from espr.indexing.id3_tags import Fields, read_id3

_LARGEST = 1 << 20  # bytes of a chunk of text
_MOST = 1000  # chunks; a file of more is none
_INFO = {
    b"INAM": "title",
    b"IART": "artist",
    b"IPRD": "album",
    b"ICRD": "date",
    b"IMUS": "composer",
    b"IWRI": "composer",
    b"ISTR": "performer",
    b"ITRK": "track",
    b"IPRT": "track",
}
_AIFF = {b"NAME": "title", b"AUTH": "artist"}


def read_chunks(file: BinaryIO, start: int) -> Fields:
    """The fields of a RIFF, RIFX, RF64 or FORM file that begins at byte ``start``."""
    file.seek(start)
    head = file.read(4)
    order = ">" if head in (b"FORM", b"RIFX") else "<"
    end = file.seek(0, 2)
    fields: Fields = {}
    texts: Fields = {}
    place = start + 12
    for _ in range(_MOST):
        if place + 8 > end:
            break
        file.seek(place)
        header = file.read(8)
        size = struct.unpack(f"{order}I", header[4:])[0]
        kind = header[:4]
        if kind.upper() in (b"ID3 ", b"ID32"):
            fields, _ = read_id3(file, place + 8)
        elif kind == b"LIST" and size <= _LARGEST:
            _merge(texts, _info(file.read(size), order))
        elif kind in _AIFF and size <= _LARGEST:
            _merge(texts, {_AIFF[kind]: [file.read(size).rstrip(b"\0 ")]})
        place += 8 + size + (size & 1)
    _merge(fields, texts)
    return fields


def read_dsf(file: BinaryIO, start: int) -> Fields:
    """The fields of the ID3 tag to which the header of a DSF file, at byte ``start``, points."""
    file.seek(start)
    head = file.read(28)
    place = struct.unpack("<Q", head[20:28])[0] if len(head) >= 28 else 0
    return read_id3(file, start + place)[0] if 0 < place < 1 << 62 else {}


def _info(body: bytes, order: str) -> Fields:
    fields: Fields = {}
    if not body.startswith(b"INFO"):
        return fields
    place = 4
    while place + 8 <= len(body):
        kind = body[place : place + 4]
        size = struct.unpack(f"{order}I", body[place + 4 : place + 8])[0]
        value = body[place + 8 : place + 8 + size].split(b"\0")[0].strip()
        if kind in _INFO and value:
            fields.setdefault(_INFO[kind], []).append(value)
        place += 8 + size + (size & 1)
    return fields


def _merge(fields: Fields, others: Fields) -> None:
    for name, values in others.items():
        fields.setdefault(name, values)
