"""Is an audio file whole? What the decoders do not say.

libsndfile decodes a cut WAV, AIFF or Ogg file without a word (measured with 1.2.2), and
mpg123 only warns. So the containers' own headers are read: the length that RIFF and FORM
promise, the end-of-stream flag of Ogg's last page, the byte count of an MP3's Xing header.
FLAC is checked while decoding, against the frame count of its STREAMINFO block.

Sources: RIFF/WAVE (Microsoft 1991), AIFF 1.3 (Apple 1989), RFC 3533 (Ogg), the Xing/Info
header as LAME writes it.
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from espr.audio.formats import LARGEST_ID3, id3_bytes
from espr.errors import EsprError

# Streams whose writer could not seek back leave the length at 0 or at its maximum.
_UNKNOWN_LENGTHS = {0, 0x7FFFFFFF, 0xFFFFFFFF, 0x7FFFF000, 0xFFFFF000}
_OGG_PAGE = 65_307  # the longest possible page


def check_whole(path: str) -> None:
    """Raise when the header of a WAV, AIFF, Ogg or MP3 file promises more than there is."""
    size = os.path.getsize(path)
    if size == 0:
        raise EsprError("is empty (0 bytes)")
    with open(path, "rb") as file:
        head = file.read(12)
        if head[:4] in (b"RIFF", b"RIFX") and head[8:12] == b"WAVE":
            _check_chunks(file, size, b"data", "<I" if head[:4] == b"RIFF" else ">I")
        elif head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
            _check_chunks(file, size, b"SSND", ">I")
        elif head[:4] == b"OggS":
            _check_ogg(file, size)
        elif head[:3] == b"ID3" or (head[:1] == b"\xff" and head[1:2] >= b"\xe0"):
            _check_mp3(file, size, head)


def _cut(present: int, promised: int) -> EsprError:
    share = 100.0 * present / promised
    return EsprError(f"is cut short: {share:.0f} % of the audio that its header promises is there")


def _check_chunks(file: BinaryIO, size: int, wanted: bytes, length_format: str) -> None:
    """Walk the chunks of a RIFF or FORM file to the audio and compare its length."""
    position = 12
    while position + 8 <= size:
        file.seek(position)
        header = file.read(8)
        if len(header) < 8:
            return
        length = struct.unpack(length_format, header[4:])[0]
        if header[:4] == wanted:
            present = size - position - 8
            # one missing padding byte is common and harmless
            if length not in _UNKNOWN_LENGTHS and present + 1 < length:
                raise _cut(present, length)
            return
        position += 8 + length + (length & 1)


def _check_ogg(file: BinaryIO, size: int) -> None:
    """The last page of every Ogg stream carries the end-of-stream flag (RFC 3533, sec. 6)."""
    file.seek(max(0, size - _OGG_PAGE))
    tail = file.read()
    last = tail.rfind(b"OggS")
    page_is_whole = False
    if last >= 0 and len(tail) >= last + 27:
        segments = tail[last + 26]
        table = tail[last + 27 : last + 27 + segments]
        page_is_whole = len(table) == segments and last + 27 + segments + sum(table) <= len(tail)
    if not page_is_whole or not tail[last + 5] & 0x04:
        raise EsprError("is cut short: the Ogg stream has no end")


def _check_mp3(file: BinaryIO, size: int, head: bytes) -> None:
    """Compare the byte count of the Xing or Info header, where there is one, with the file."""
    start = id3_bytes(head)
    if start >= size:
        raise EsprError("is cut short: it ends within its tags")
    if start > LARGEST_ID3:
        raise EsprError(
            f"has {start >> 20} MB of tags; at most {LARGEST_ID3 >> 20} MB are read. "
            "Mend them with a tag editor"
        )
    file.seek(start)
    frame = file.read(4096)
    # 36, 21, 13 bytes behind the first frame header, by MPEG version and channels; the
    # encoders' padding between tag and frame makes a short search safer than an offset.
    found = max(frame.find(b"Xing"), frame.find(b"Info"))
    if found < 0 or len(frame) < found + 16:
        return
    flags = struct.unpack(">I", frame[found + 4 : found + 8])[0]
    if not flags & 0x02:
        return
    offset = found + 8 + (4 if flags & 0x01 else 0)
    promised = struct.unpack(">I", frame[offset : offset + 4])[0]
    present = size - start
    # taggers rewrite files without mending this count by a few frames: allow 1 %
    if promised not in _UNKNOWN_LENGTHS and present < 0.99 * promised:
        raise _cut(present, promised)
