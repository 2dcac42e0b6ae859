"""Whole files of every kind that ESPR reads, from which damaged ones are made.

All are made here; small, so that many can be tried.
"""

from __future__ import annotations

import gzip
import io
import json
import struct

import av
import numpy as np
import soundfile

from espr.features import MIDLEVEL
from tests.signals import phrase

_RATE = 8_000
_SECONDS = 1.2
# libsndfile goes by the content, whatever the name: what it can write, it may be given.
_CONTAINERS = {
    "WAV": ("PCM_16", "PCM_24", "FLOAT", "ULAW", "IMA_ADPCM", "MS_ADPCM", "GSM610", "G721_32"),
    "WAVEX": ("PCM_16", "DOUBLE"),
    "RF64": ("PCM_16",),
    "W64": ("PCM_16", "MS_ADPCM"),
    "AIFF": ("PCM_16", "FLOAT", "IMA_ADPCM", "DWVW_16"),
    "AU": ("PCM_16", "G723_24"),
    "CAF": ("PCM_16", "ALAC_16"),
    "FLAC": ("PCM_16", "PCM_24"),
    "OGG": ("VORBIS", "OPUS"),
    "MP3": ("MPEG_LAYER_III",),
    "SDS": ("PCM_16",),
    "VOC": ("PCM_16",),
    "SVX": ("PCM_16",),
    "PAF": ("PCM_16",),
    "NIST": ("PCM_16",),
    "MAT5": ("PCM_16",),
    "XI": ("DPCM_16",),
}
_PYAV = {  # suffix → PyAV's names of container and codec
    ".m4a": ("ipod", "aac"),
    ".aac": ("adts", "aac"),
    ".alac": ("ipod", "alac"),
}
TAGS = {
    "title": "Sonata No. 14, Op. 27/2: I. Adagio sostenuto",
    "artist": "Hélène Grimaud",
    "album": "Beethoven: Piano Sonatas",
    "composer": "Ludwig van Beethoven",
    "track": "3/12",
    "date": "1998",
}


def audio() -> list[tuple[str, bytes]]:
    """Suffix and bytes of one or two seconds in each container and codec."""
    sound = phrase(_SECONDS, _RATE)
    files = []
    for container, subtypes in _CONTAINERS.items():
        for subtype in subtypes:
            stereo = subtype == "PCM_24"
            samples = np.stack([sound, sound], axis=1) if stereo else sound
            suffix = {"AIFF": ".aiff", "OGG": ".ogg", "MP3": ".mp3", "FLAC": ".flac"}
            files.append((suffix.get(container, ".wav"), _sndfile(samples, container, subtype)))
    files += [(suffix, _pyav(sound, *form)) for suffix, form in _PYAV.items()]
    return files


def _sndfile(samples: np.ndarray, container: str, subtype: str) -> bytes:
    """The samples in a container, with tags where it has them."""
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", _RATE, channels, subtype, format=container) as written:
        if container in ("WAV", "AIFF", "FLAC", "OGG", "CAF"):
            written.title, written.artist = TAGS["title"], TAGS["artist"]
        written.write(samples)
    return file.getvalue()


def _pyav(samples: np.ndarray, container: str, codec: str) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=container) as written:
        written.metadata.update(TAGS)
        stream = written.add_stream(codec, rate=_RATE, layout="mono")
        values = np.rint(samples * 32_767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(values, format="s16", layout="mono")
        frame.sample_rate = _RATE
        frame.pts = 0
        for packet in (*stream.encode(frame), *stream.encode(None)):
            written.mux(packet)
    return file.getvalue()


def tagged() -> list[tuple[str, bytes]]:
    """Files with tags in each spelling, hardly any sound; FFmpeg writes them."""
    sound = phrase(0.2, _RATE)
    forms = {
        ".mp3": ("mp3", "libmp3lame"),
        ".flac": ("flac", "flac"),
        ".ogg": ("ogg", "flac"),
        ".opus": ("opus", "libopus"),
        ".aiff": ("aiff", "pcm_s16be"),
        ".m4a": ("ipod", "aac"),
        ".wav": ("wav", "pcm_s16le"),
    }
    return [(suffix, _pyav(sound, *form)) for suffix, form in forms.items()] + [
        (".mp3", _id3(3)),
        (".mp3", _id3(4)),
    ]


def _id3(version: int) -> bytes:
    """An ID3v2 tag with texts, a work id, a comment and a picture."""
    frames = b""
    texts = {
        b"TIT2": "Prélude in C",
        b"TPE1": "A\0B",
        b"TCOM": "J. S. Bach",
        b"TXXX": "MusicBrainz Work Id\0" + "0c1b5d0e-58b6-3ee9-8c9b-6fd11e2f3a10",
        b"COMM": "eng\0live",
        b"MVIN": "2/4",
    }
    contents = {name: b"\x03" + text.encode() for name, text in texts.items()}
    contents[b"APIC"] = b"\x00image/png\x00\x03\x00" + bytes(64)
    for name, content in contents.items():
        size = len(content)
        packed = struct.pack(">I", size)
        if version == 4:
            packed = bytes(size >> shift & 127 for shift in (21, 14, 7, 0))
        frames += name + packed + b"\0\0" + content
    size = bytes(len(frames) >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3" + bytes([version, 0, 0]) + size + frames + b"\xff\xfb\x90\x00" + bytes(413)


def vectors() -> list[tuple[str, bytes]]:
    """Word vectors in each format."""
    words = ("calm", "the", "Café", "dark", ". .")
    rows = np.random.default_rng(0).normal(size=(len(words), 4)).astype("<f4")
    lines = [
        " ".join((word, *(f"{number:.4f}" for number in row))).encode()
        for word, row in zip(words, rows, strict=True)
    ]
    text = b"\n".join(lines) + b"\n"
    packed = b"".join(
        word.encode().replace(b" ", b"_") + b" " + row.tobytes() + b"\n"
        for word, row in zip(words, rows, strict=True)
    )
    glove = b"\n".join(lines[:4]) + b"\n"
    return [
        (".txt", glove),
        (".vec", b"5 4\n" + text),
        (".bin", b"5 4\n" + packed),
        (".txt.gz", gzip.compress(glove, mtime=0)),
    ]


def checkpoints() -> list[tuple[str, bytes]]:
    """Named tensors as PyTorch writes them, in the archive of today and the form before it."""
    import torch

    content = {"state_dict": {"conv.weight": torch.ones(2, 3), "conv.bias": torch.zeros(2)}}
    files = []
    for archive in (True, False):
        file = io.BytesIO()
        torch.save(content, file, _use_new_zipfile_serialization=archive)
        files.append((".pt", file.getvalue()))
    return files


CUE = """REM GENRE Classical
REM DATE 1956
PERFORMER "Glenn Gould"
TITLE "Goldberg Variations"
FILE "album.flac" WAVE
  TRACK 01 AUDIO
    TITLE "Aria"
    REM COMPOSER "J. S. Bach"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Variatio 1"
    INDEX 00 00:01:70
    INDEX 01 00:02:00
FILE "../secret.wav" WAVE
  TRACK 03 AUDIO
    INDEX 01 00:00:00
"""
PLAIN_CUE = """FILE "album.wav" WAVE
  TRACK 01 AUDIO
    TITLE "Aria"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    INDEX 01 03:04:05
"""
MANIFEST = """path,piece,performer
a.flac,"Prelude, in C",Gould
sub/b.flac,Prelude in C,
../c.flac,=HYPERLINK("x"),\u202eevil
"""
ANSWERS = """music_id,answer_group,answer,timecode,performer,piece_name,performance_name
1,2,"dreamy, soft",0,gould,bach_excerpt1,bach_gould
2,2,"cold",0,stadtfeld,bach_excerpt1,bach_stadtfeld
"""
DESCRIPTIONS = 'recording,text\na.flac,"shy, delicate"\nb.flac,not fast\n'
DESCRIBED = 'audio,text,piece,work\na.flac,"shy, delicate",p,w\na.flac,calm,p,w\n'
QUERIES = 'query,piece\n"shy, delicate",bach\nnot fast,\n'


def query_model() -> bytes:
    """A query model of the eight features, of words in two dimensions."""
    ones = [1.0] * len(MIDLEVEL)
    document = {
        "schema": "espr.query-model/1",
        "text": "glove/1",
        "audio": "signal/1",
        "space": MIDLEVEL.name,
        "centring": "piece",
        "kappa": 1.0,
        "reference_mean": ones,
        "reference_std": ones,
        "within_std": ones,
        "matrix": [[0.5, -0.25]] * len(MIDLEVEL),
    }
    return json.dumps(document).encode()
