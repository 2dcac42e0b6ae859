"""How much audio a file holds, by its structure: the decoders do not say when they miss some.

libsndfile reads as many samples as a header promises, and stops; it decodes a cut WAV, AIFF or Ogg
file without a word (measured with 1.2.2). So chunks, pages, boxes and frames are walked here.
What a header promises serves to notice that a file is *cut*, and only where its writer must have
known: counts that a stream's writer could not go back for are 0 or at their maximum, sizes wrap at
4 GB, Xing counts outlive every edit.

Sources: RIFF/WAVE (Microsoft 1991), RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088), AIFF 1.3 (Apple
1989), Wave64 (Sony), CAF (Apple), RFC 3533 (Ogg), RFC 9639 (FLAC), ISO 14496-12 (boxes), RFC 8794
(EBML), ASF (Microsoft), DSF (Sony), the Xing/Info header as LAME writes it.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from espr.audio.formats import LARGEST_ID3, AudioFormat, tag_bytes
from espr.audio.mpeg_frames import count_frames, read_header
from espr.errors import EsprError

# Streams whose writer could not seek back leave the length at 0 or at its maximum.
_UNKNOWN_LENGTHS = {0, 0x7FFFFFFF, 0xFFFFFFFF, 0x7FFFF000, 0xFFFFF000}
_SLACK = 4096  # bytes that a header may promise too much: its writer counted itself, or padding


@dataclass(frozen=True, slots=True)
class Extent:
    """What the structure of a file says of its audio.

    Attributes
    ----------
    rate : int
        Hz, of ``samples``; 0 where they are unknown.
    samples : int or None
        For each channel, as counted; None where only decoding can tell.
    one_stream : bool
        Whether the header at the beginning speaks for all of it. libsndfile reads no further.
    ignores_length : bool
        Whether the audio goes on to the end of the file, whatever length its chunk has.
    """

    rate: int = 0
    samples: int | None = None
    one_stream: bool = True
    ignores_length: bool = False

    @property
    def seconds(self) -> float | None:
        return None if self.samples is None else self.samples / self.rate


def measure_extent(file: BinaryIO, form: AudioFormat | None) -> Extent:
    """Walk through an open file.

    Raises
    ------
    EsprError
        When it is empty, or ends before its audio does. The message starts with a verb.
    """
    size = os.fstat(file.fileno()).st_size
    if size == 0:
        raise EsprError("is empty (0 bytes)")
    start = form.start if form else tag_bytes(file)
    if start >= size:
        raise EsprError("is cut short: it ends within its tags")
    if start > LARGEST_ID3:
        raise EsprError(
            f"has {start >> 20} MB of tags; at most {LARGEST_ID3 >> 20} MB are read. "
            "Remove some with a tag editor"
        )
    return _WALKS.get(form.name, _unknown)(file, start, size) if form else Extent()


def _unknown(file: BinaryIO, start: int, size: int) -> Extent:
    return Extent()


def _cut(present: int, promised: int) -> EsprError:
    share = 100.0 * present / promised
    return EsprError(f"is cut short: {share:.0f} % of the audio that its header promises is there")


def _at(file: BinaryIO, position: int, length: int) -> bytes:
    """What lies at a place; nothing at one that damage has made of a length."""
    if position >= 1 << 43:
        return b""
    file.seek(position)
    return file.read(length)


# -- chunks ----------------------------------------------------------------------------------


def _riff(file: BinaryIO, start: int, size: int) -> Extent:
    """WAV: the chunk ``data``, which RF64 gives a longer length in ``ds64``."""
    order = ">" if _at(file, start, 4) == b"RIFX" else "<"
    position, long_length = start + 12, None
    while len(head := _at(file, position, 8)) == 8:
        name, length = struct.unpack(f"{order}4sI", head)
        if name == b"ds64":
            long_length = int.from_bytes(_at(file, position + 16, 8), "little")
        if name == b"data":
            if length == 0xFFFFFFFF and long_length is not None:
                length = long_length
            return _data(file, position + 8, length, size, order)
        position += 8 + length + (length & 1)
        if position > size + _SLACK:  # FFmpeg would take as much memory
            raise EsprError("is damaged: what stands before its audio is longer than the file")
    return Extent()


def _data(file: BinaryIO, begin: int, length: int, size: int, order: str) -> Extent:
    """A chunk of samples that is as long as it says, is cut, or goes on to the end."""
    present = size - begin
    if length in _UNKNOWN_LENGTHS - {0}:
        return Extent(ignores_length=True)
    if present + _SLACK < length:
        raise _cut(present, length)
    if present > length and not _are_chunks(file, begin + length, size, order):
        return Extent(one_stream=False, ignores_length=True)
    return Extent()


def _are_chunks(file: BinaryIO, position: int, size: int, order: str) -> bool:
    """Whether what follows the samples is named chunks up to the end, or padding."""
    position += position & 1
    while position + 8 <= size:
        name, length = struct.unpack(f"{order}4sI", _at(file, position, 8))
        if not name.strip(b"\0"):
            return not any(_at(file, position, _SLACK))
        if name[:3] in (b"TAG", b"ID3", b"APE"):  # tags that do not belong there
            return True
        if not all(32 <= byte < 127 for byte in name) or position + length > size + _SLACK:
            return False
        position += 8 + length + (length & 1)
    return True


def _form(file: BinaryIO, start: int, size: int) -> Extent:
    """AIFF: the chunk ``SSND``."""
    position = start + 12
    while len(head := _at(file, position, 8)) == 8:
        name, length = struct.unpack(">4sI", head)
        if name == b"SSND":
            present = size - position - 8
            if length not in _UNKNOWN_LENGTHS and present + _SLACK < length:
                raise _cut(present, length)
            return Extent()
        position += 8 + length + (length & 1)
    return Extent()


def _chunk_walk(
    word: bytes, first: int, head: str, is_whole_chunk: bool, align: int = 1
) -> Callable[[BinaryIO, int, int], Extent]:
    """A walk over chunks to the one that holds the audio.

    Parameters
    ----------
    first : int
        Where the first chunk lies.
    head : str
        Struct of a chunk's name and length.
    is_whole_chunk : bool
        Whether the length counts the head, too.
    """
    taken = struct.calcsize(head)

    def walk(file: BinaryIO, start: int, size: int) -> Extent:
        position = start + first
        while len(read := _at(file, position, taken)) == taken:
            name, length = struct.unpack(head, read)
            length -= taken if is_whole_chunk else 0
            if name[: len(word)] == word:
                present = size - position - taken
                if 0 < length < 1 << 62 and present + _SLACK < length:
                    raise _cut(present, length)
                return Extent()
            if length < 0:
                return Extent()
            position += taken + -(-length // align) * align
        return Extent()

    return walk


def _au(file: BinaryIO, start: int, size: int) -> Extent:
    head = _at(file, start, 12)
    if len(head) == 12:
        begin, length = struct.unpack(">II", head[4:])
        present = size - start - begin
        if length not in _UNKNOWN_LENGTHS and present + _SLACK < length:
            raise _cut(max(0, present), length)
        return Extent(one_stream=length > 0)
    return Extent()


def _asf(file: BinaryIO, start: int, size: int) -> Extent:
    """The objects of an ASF file; that of the audio is as long as it says, or cut."""
    position = start
    while len(head := _at(file, position, 24)) == 24:
        length = int.from_bytes(head[16:], "little")
        if head[:4] == b"\x36\x26\xb2\x75":  # the data object
            if length > 50 and position + length > size + _SLACK:
                raise _cut(size - position, length)
            return Extent()
        if length < 24:
            return Extent()
        position += length
    return Extent()


# -- boxes and elements ----------------------------------------------------------------------


def _boxes(file: BinaryIO, start: int, size: int) -> Extent:
    """The boxes of an MP4 file, one behind the other to the end."""
    position = start
    while len(head := _at(file, position, 16)) >= 8:
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < 8:  # 0: to the end of the file
            return Extent()
        if head[4:8] == b"mdat" and position + length > size + _SLACK:
            raise _cut(size - position, length)
        position += length
    return Extent()


def _ebml(file: BinaryIO, start: int, size: int) -> Extent:
    """Matroska: the segment is as long as it says, unless it says nothing."""
    position = start
    for name in (b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"):
        head = _at(file, position, 12)
        if head[:4] != name or len(head) < 12 or not head[4]:
            return Extent()
        width = 9 - head[4].bit_length()
        length = int.from_bytes(head[4 : 4 + width], "big") & ((1 << 7 * width) - 1)
        if length == (1 << 7 * width) - 1:
            return Extent()
        position += 4 + width + length
    if position > size + _SLACK:
        raise _cut(size - start, position - start)
    return Extent()


# -- pages and frames ------------------------------------------------------------------------


def _ogg(file: BinaryIO, start: int, size: int) -> Extent:
    """Pages; what ends within one is cut (RFC 3533, section 6). A second stream is a chain."""
    position, streams = start, 0
    data, base = b"", start
    while position + 27 <= size:
        offset = position - base
        if offset + 27 + 255 > len(data) and base + len(data) < size:
            data, base, offset = _at(file, position, 1 << 20), position, 0
        if data[offset : offset + 4] != b"OggS":
            following = data.find(b"OggS", offset + 1)
            position = base + (following if following >= 0 else max(offset + 1, len(data) - 3))
            continue
        segments = data[offset + 26]
        length = 27 + segments + sum(data[offset + 27 : offset + 27 + segments])
        streams += data[offset + 5] >> 1 & 1
        if position + length > size:
            raise EsprError("is cut short: the Ogg stream ends within a page")
        position += length
    return Extent(one_stream=streams <= 1)


def _flac(file: BinaryIO, start: int, size: int) -> Extent:
    """The count of STREAMINFO, which encoders that write to a pipe leave at 0."""
    info = _at(file, start + 8, 18)
    if len(info) < 18:
        return Extent()
    packed = int.from_bytes(info[10:18], "big")
    rate, samples = packed >> 44, packed & ((1 << 36) - 1)
    if not rate or not samples:
        return Extent(one_stream=samples > 0)
    return Extent(rate, samples)


def _mpeg(file: BinaryIO, start: int, size: int) -> Extent:
    """The frames, less what the header of the encoder says to leave out at both ends."""
    end = size - trailing_tag_bytes(file, size)
    count = count_frames(file, start, end)
    if not count.samples:
        return Extent()
    promise = _read_promise(_at(file, start, 4096))
    if count.ends_within_frame and promise.exceeds(count.frames, end - start):
        raise (
            _cut(end - start, promise.size) if promise.size else _cut(count.frames, promise.frames)
        )
    rate = max(count.samples, key=lambda one: count.samples[one])
    seconds = sum(samples / of_rate for of_rate, samples in count.samples.items())
    samples = max(0, round(seconds * rate) - promise.left_out)
    return Extent(rate, samples, one_stream=len(count.samples) == 1)


def trailing_tag_bytes(file: BinaryIO, size: int) -> int:
    """The bytes of ID3v1 and APEv2 tags at the end."""
    taken = 128 if _at(file, max(0, size - 128), 3) == b"TAG" else 0
    foot = _at(file, max(0, size - taken - 32), 32)
    if foot[:8] == b"APETAGEX":
        has_header = foot[23] & 0x80
        taken += int.from_bytes(foot[12:16], "little") + (32 if has_header else 0)
    return min(taken, size)


@dataclass(frozen=True, slots=True)
class _Promise:
    """What the first frame of an MP3 says of the others; 0 is unknown."""

    frames: int = 0
    size: int = 0  # bytes
    left_out: int = 0  # samples at both ends, and the frame that says so

    def exceeds(self, frames: int, size: int) -> bool:
        """Whether all that it says is more than there is.

        Taggers and editors rewrite files without correcting it: allow 1 %, and believe the
        smallest.
        """
        shares = [
            present / promised
            for present, promised in ((frames, self.frames), (size, self.size))
            if promised
        ]
        return bool(shares) and max(shares) < 0.99


def _read_promise(data: bytes) -> _Promise:
    """Of a Xing, Info or VBRI header, which stand at their places in the first frame."""
    at = next((n for n in range(len(data)) if data[n] == 0xFF and read_header(data, n)), 0)
    header = read_header(data, at)
    if header is None:
        return _Promise()
    if data[at + 36 : at + 40] == b"VBRI":
        size, frames = struct.unpack(">II", data[at + 46 : at + 54])
        return _Promise(frames, 0 if size in _UNKNOWN_LENGTHS else size, header.samples)
    side = {(True, False): 32, (True, True): 17, (False, False): 17, (False, True): 9}
    place = at + 4 + side[header.version == 1, header.mono]
    places = (place, place + 2)  # behind a CRC
    place = next((n for n in places if data[n : n + 4] in (b"Xing", b"Info")), 0)
    if not place:
        return _Promise()
    flags = data[place + 7] if len(data) > place + 7 else 0
    place += 8
    frames = size = 0
    if flags & 1:
        frames = int.from_bytes(data[place : place + 4], "big")
        place += 4
    if flags & 2:
        size = int.from_bytes(data[place : place + 4], "big")
        place += 4
    place += (100 if flags & 4 else 0) + (4 if flags & 8 else 0)
    left_out = header.samples
    if data[place : place + 4] in (b"LAME", b"Lavf", b"Lavc"):
        gaps = int.from_bytes(data[place + 21 : place + 24], "big")
        left_out += (gaps >> 12) + (gaps & 0xFFF)
    return _Promise(frames, 0 if size in _UNKNOWN_LENGTHS else size, left_out)


_WALKS: dict[str, Callable[[BinaryIO, int, int], Extent]] = {
    "wav": _riff,
    "rf64": _riff,
    "aiff": _form,
    "8svx": _form,
    "au": _au,
    "caf": _chunk_walk(b"data", 8, ">4sQ", is_whole_chunk=False),
    "w64": _chunk_walk(b"data", 40, "<16sQ", is_whole_chunk=True, align=8),
    "dsf": _chunk_walk(b"data", 28, "<4sQ", is_whole_chunk=True),
    "dff": _chunk_walk(b"DSD ", 16, ">4sQ", is_whole_chunk=False, align=2),
    "asf": _asf,
    "mp4": _boxes,
    "matroska": _ebml,
    "ogg": _ogg,
    "flac": _flac,
    "mp3": _mpeg,
}
