"""What a file is, by its first bytes: the decoder, the tag reader and the scan ask here.

A suffix is a guess: FLAC is named .m4a, AAC .mp3, MP3 .wav. What counts is the magic word behind
any number of ID3v2 and APE tags. MPEG audio, ADTS and LOAS have no such word but frames, each
with a header that says where the next one begins; two that agree are believed.

Sources: ID3v2.4 (Nilsson 2000), ISO 11172-3 and 13818-3 (MPEG audio), ISO 14496-3 (AAC), RFC 3533
(Ogg), RFC 9639 (FLAC), and what each container's own specification calls its magic number.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from espr.audio.mpeg_frames import frame_bytes, free_frame_bytes

# What a scan takes. Names that mostly hold video (.mkv, .webm, .3gp, .avi) are not among them.
AUDIO_SUFFIXES = frozenset(
    ".wav .wave .bwf .rf64 .w64 .flac .mp3 .mp2 .mp1 .mpa .mpga .ogg .oga .opus .spx .aif .aiff "
    ".aifc .m4a .m4b .m4r .mp4 .aac .adts .alac .caf .au .snd .wma .ape .wv .tta .tak .mpc .mka "
    ".weba .dsf .dff .shn .ac3 .eac3 .dts".split()
)

# Decoders and tag readers hold a tag in memory, some of them twice. No cover takes this much.
LARGEST_ID3 = 64 << 20  # bytes
_ID3_HEADER = 10
_APE_HEADER = 32
_MOST_TAGS, _MOST_ZEROS = 100, 1 << 16
# what stands before the first frame of a stream that was cut out of another, or of a bad tag
_FURTHEST_FRAME = 1 << 17
_AT_ONCE, _BEHIND_RUBBISH = 2, 4  # frames that agree
_LONGEST_FRAME = 8192  # of MPEG audio, ADTS and LOAS


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """What a file is.

    Attributes
    ----------
    name : str
        ``mp3``, ``flac``, ``wav``, ``rf64``, ``aiff``, ``ogg``, ``mp4``, ``adts`` …
    demuxer : str
        FFmpeg's name of what reads it.
    start : int
        Bytes of tags before it.
    """

    name: str
    demuxer: str
    start: int


# name, FFmpeg's demuxer, (offset, magic) pairs that must all be there
_MAGIC: tuple[tuple[str, str, tuple[tuple[int, bytes], ...]], ...] = (
    ("flac", "flac", ((0, b"fLaC"),)),
    ("ogg", "ogg", ((0, b"OggS"),)),
    ("wav", "wav", ((0, b"RIFF"), (8, b"WAVE"))),
    ("wav", "wav", ((0, b"RIFX"), (8, b"WAVE"))),
    ("rf64", "wav", ((0, b"RF64"), (8, b"WAVE"))),
    ("rf64", "wav", ((0, b"BW64"), (8, b"WAVE"))),
    ("avi", "avi", ((0, b"RIFF"), (8, b"AVI "))),
    ("w64", "w64", ((0, b"riff\x2e\x91\xcf\x11"),)),
    ("aiff", "aiff", ((0, b"FORM"), (8, b"AIFF"))),
    ("aiff", "aiff", ((0, b"FORM"), (8, b"AIFC"))),
    ("8svx", "iff", ((0, b"FORM"), (8, b"8SVX"))),
    ("mp4", "mov", ((4, b"ftyp"),)),
    ("mp4", "mov", ((4, b"moov"),)),
    ("mp4", "mov", ((4, b"mdat"),)),
    ("matroska", "matroska", ((0, b"\x1a\x45\xdf\xa3"),)),
    ("asf", "asf", ((0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),)),
    ("ape", "ape", ((0, b"MAC "),)),
    ("wavpack", "wv", ((0, b"wvpk"),)),
    ("caf", "caf", ((0, b"caff"),)),
    ("au", "au", ((0, b".snd"),)),
    ("dsf", "dsf", ((0, b"DSD "),)),
    ("dff", "iff", ((0, b"FRM8"), (12, b"DSD "))),
    ("tta", "tta", ((0, b"TTA1"),)),
    ("tak", "tak", ((0, b"tBaK"),)),
    ("musepack", "mpc8", ((0, b"MPCK"),)),
    ("musepack", "mpc", ((0, b"MP+"),)),
    ("shorten", "shn", ((0, b"ajkg"),)),
    ("adif", "aac", ((0, b"ADIF"),)),
    ("ac3", "ac3", ((0, b"\x0b\x77"),)),
    ("dts", "dts", ((0, b"\x7f\xfe\x80\x01"),)),
)


def identify_format(path: str | os.PathLike[str]) -> AudioFormat | None:
    """What the file is by its content; None where it is no audio that is known here.

    Raises
    ------
    OSError
        When the file cannot be read.
    """
    with open(path, "rb") as file:
        return format_of(file)


def format_of(file: BinaryIO) -> AudioFormat | None:
    """The same of an open file; it is read from its beginning."""
    start = tag_bytes(file)
    file.seek(start)
    head = file.read(16)
    for name, demuxer, words in _MAGIC:
        if all(head[at : at + len(word)] == word for at, word in words):
            return AudioFormat(name, demuxer, start)
    file.seek(start)
    return _framed(file.read(_FURTHEST_FRAME + 2 * _LONGEST_FRAME), start)


def id3_bytes(head: bytes) -> int:
    """The bytes that an ID3v2 tag takes, by the first ten of them; 0 where there is none."""
    if head[:3] != b"ID3" or len(head) < _ID3_HEADER:
        return 0
    a, b, c, d = (byte & 0x7F for byte in head[6:10])
    footer = _ID3_HEADER if head[5] & 0x10 else 0
    return _ID3_HEADER + (a << 21 | b << 14 | c << 7 | d) + footer


def tag_bytes(file: BinaryIO) -> int:
    """The bytes of all ID3v2 and APEv2 tags at the beginning of an open file.

    A tag that is longer than it says leaves zeros behind it: they belong to it.
    """
    start = 0
    for _ in range(_MOST_TAGS):
        file.seek(start)
        head = file.read(_APE_HEADER)
        if head[:8] == b"APETAGEX" and len(head) == _APE_HEADER:
            start += _APE_HEADER + int.from_bytes(head[12:16], "little")
        elif length := id3_bytes(head):
            start += length
        elif start and head[:1] == b"\0":
            file.seek(start)
            zeros = file.read(_MOST_ZEROS)
            start += len(zeros) - len(zeros.lstrip(b"\0"))
            if not zeros.strip(b"\0"):
                break
        else:
            break
    return start


def _framed(data: bytes, start: int) -> AudioFormat | None:
    """MPEG audio, ADTS or LOAS: the first frame behind which others of its kind lie."""
    for match in _SYNC.finditer(data, 0, _FURTHEST_FRAME):
        at = match.start()
        for name, demuxer, length_of in _FRAMED:
            # what does not begin with a frame is one by accident, now and then
            if _agree(data, at, length_of, _AT_ONCE if at == 0 else _BEHIND_RUBBISH):
                return AudioFormat(name, demuxer, start)
    if free_frame_bytes(data):
        return AudioFormat("mp3", "mp3", start)
    return None


def _agree(data: bytes, at: int, length_of: Callable[[bytes, int], int], wanted: int) -> bool:
    """Whether so many frames lie one behind the other, or all up to the end."""
    sync = data[at : at + 2]
    for _ in range(wanted):
        length = length_of(data, at)
        if not length or data[at : at + 2] != sync:
            return False
        at += length
        if at == len(data):
            return True
    return True


def _adts_bytes(data: bytes, at: int) -> int:
    """The bytes of an ADTS frame (ISO 14496-3, 1.A.2.2); 0 where there is none."""
    head = data[at : at + 7]
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length > 7 else 0


def _loas_bytes(data: bytes, at: int) -> int:
    """The bytes of a LOAS frame (ISO 14496-3, 1.7.2); 0 where there is none."""
    head = data[at : at + 3]
    if len(head) < 3 or head[0] != 0x56 or head[1] & 0xE0 != 0xE0:
        return 0
    return 3 + ((head[1] & 0x1F) << 8 | head[2])


_SYNC = re.compile(rb"[\xff\x56](?=[\xe0-\xff])")
_FRAMED: tuple[tuple[str, str, Callable[[bytes, int], int]], ...] = (
    ("mp3", "mp3", frame_bytes),
    ("adts", "aac", _adts_bytes),
    ("loas", "loas", _loas_bytes),
)
