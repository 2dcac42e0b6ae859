"""Files as users of other players and libraries reported them, made here: all of each is decoded.

Every kind names the public report that it follows; the sound is the suite's own.
"""

from __future__ import annotations

import io
import os
import shutil
import struct
import subprocess

import numpy as np
import pytest
import soundfile

from espr.audio.decode import audio_hash, decode
from espr.errors import EsprError
from tests.signals import phrase, write

RATE = 44_100
SECONDS = 4.0
SOUND = phrase(SECONDS, RATE)
BLANK_ID3 = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10)
ID3_1 = b"TAG" + b"A title".ljust(125, b"\0")
RNG = np.random.default_rng(0)


def encoded(container, subtype=None, sound=SOUND, rate=RATE):
    file = io.BytesIO()
    soundfile.write(file, sound, rate, subtype, format=container)
    return file.getvalue()


WAV, FLAC, OGG = encoded("WAV", "PCM_16"), encoded("FLAC", "PCM_16"), encoded("OGG", "VORBIS")
MP3 = encoded("MP3")
OPUS = encoded("OGG", "OPUS", phrase(SECONDS, 48_000), 48_000)
AIFF = encoded("AIFF", "PCM_16")
PCM = WAV[WAV.index(b"data") + 8 :]
FMT = struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)


def riff(*chunks):
    """A WAV of named chunks; an odd one is padded."""
    body = b"".join(
        name + struct.pack("<I", len(data)) + data + bytes(len(data) & 1) for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def data_length(content, length):
    """The WAV with another length of its samples."""
    at = content.index(b"data") + 4
    return content[:at] + struct.pack("<I", length) + content[at + 4 :]


def ape(cover=0):
    """An APEv2 tag with a head and a foot, and a picture of so many bytes."""
    items = struct.pack("<II", 5, 0) + b"Title\0Aria!"
    if cover:
        items += struct.pack("<II", cover, 2) + b"Cover Art (Front)\0" + RNG.bytes(cover)
    head, foot = (
        b"APETAGEX" + struct.pack("<IIII", 2000, len(items) + 32, 2, flags) + bytes(8)
        for flags in (0xA0000000, 0x80000000)
    )
    return head + items + foot


def xing(frames=None, size=None):
    """The MP3 with other counts in its header; None is unknown."""
    at = max(MP3.find(b"Xing"), MP3.find(b"Info"))
    assert MP3[at + 7] & 3 == 3
    old = struct.unpack(">II", MP3[at + 8 : at + 16])
    new = struct.pack(
        ">II",
        *(one if one is not None else was for one, was in zip((frames, size), old, strict=True)),
    )
    return MP3[: at + 8] + new + MP3[at + 16 :]


def without_header():
    """The MP3 without the frame that has the counts."""
    first = MP3.index(b"\xff\xfb")
    return MP3[MP3.index(MP3[first : first + 2], first + 100) :]


def total_samples(count):
    """The FLAC with another count in STREAMINFO."""
    packed = int.from_bytes(FLAC[18:26], "big")
    return FLAC[:18] + (packed >> 36 << 36 | count).to_bytes(8, "big") + FLAC[26:]


def au(length):
    return (
        b".snd"
        + struct.pack(">IIIII", 24, length, 3, RATE, 1)
        + np.frombuffer(PCM, "<i2").astype(">i2").tobytes()
    )


def rf64():
    """As a recorder leaves it that lost its power: all lengths are 0 or unknown."""
    sizes = struct.pack("<IQQQI", 28, 0, 0, 0, 0)
    head = b"RF64\xff\xff\xff\xffWAVEds64" + sizes + b"fmt " + struct.pack("<I", 16) + FMT
    return head + b"data\xff\xff\xff\xff" + PCM


PAGES = [n for n in range(len(OGG)) if OGG[n : n + 4] == b"OggS"]
MIDDLE = len(MP3) // 2
WHOLE = {
    # libsndfile 1001, DeaDBeeF 2390, mp3-duration 2: counts that are guesses
    "no header.mp3": without_header(),
    "frames times ten.mp3": xing(frames=10_000),
    "frames 0.mp3": xing(frames=0),
    "half the frames.mp3": xing(frames=70),
    "both counts times ten.mp3": xing(frames=10_000, size=10 * len(MP3)),
    # MPD 2328, mp3-duration 6, Picard 1339, SDL-Mixer-X 31: tags where the audio was expected
    "cover at the end.mp3": MP3 + ape(200_000) + ID3_1,
    "cover at the end, no header.mp3": without_header() + ape(200_000) + ID3_1,
    "APE in front.mp3": ape(5_000) + MP3,
    "lyrics.mp3": MP3 + b"LYRICSBEGININD0000210LYR00005words000027LYRICS200" + ID3_1,
    "ID3 at the end.mp3": MP3 + BLANK_ID3,
    # openaudible 258: a tag that is longer than it says
    "tag of a wrong size.mp3": BLANK_ID3 + bytes(24) + MP3,
    "two tags.mp3": 2 * BLANK_ID3 + MP3,
    "a tag, zeros, a tag.flac": BLANK_ID3 + bytes(500) + BLANK_ID3 + FLAC,
    "zeros in front.mp3": bytes(4_096) + MP3,
    "headers of a stream.mp3": b"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n" + MP3,
    # pedalboard 206, mp3-duration 15: rubbish between frames
    "rubbish inside.mp3": MP3[:MIDDLE] + RNG.bytes(20_000) + MP3[MIDDLE:],
    # shine 37: the last frame is not all there
    "last frame short.mp3": MP3[:-60],
    # flac 487, 523, 525: an ID3v1 tag at the end, a wrong sum, no count
    "ID3v1.flac": FLAC + ID3_1,
    "cover at the end.flac": FLAC + ape(200_000),
    "wrong sum.flac": FLAC[:26] + RNG.bytes(16) + FLAC[42:],
    "no count.flac": total_samples(0),
    "half the count.flac": total_samples(int(SECONDS * RATE / 2)),
    "ID3 in front.flac": BLANK_ID3 + FLAC,
    # libsndfile 370, 374 (a recorder's LIST), 331 (odd data), 1046 (PEAK); TagLib 733; wavefile 37
    "LIST of zeros.wav": riff((b"fmt ", FMT), (b"LIST", bytes(393_164)), (b"data", PCM)),
    "junk.wav": riff((b"JUNK", bytes(92)), (b"fmt ", FMT), (b"data", PCM)),
    "PEAK too short.wav": riff((b"fmt ", FMT), (b"PEAK", bytes(3)), (b"data", PCM)),
    "odd data, no padding.wav": riff((b"fmt ", FMT), (b"data", PCM + b"\0"))[:-1],
    "APE at the end.wav": WAV + ape(),
    "APE with a cover.wav": WAV + ape(300_000),
    "ID3v1.wav": WAV + ID3_1,
    "ID3 in front.wav": BLANK_ID3 + WAV,
    "length 0.wav": data_length(WAV, 0),
    "length unknown.wav": data_length(WAV, 0xFFFFFFFF),
    "length that wrapped.wav": data_length(WAV, 30_000),
    "a few bytes too long.wav": data_length(WAV, len(PCM) + 44),
    "crashed recorder.wav": rf64(),
    "crashed recorder.au": au(0),
    "length unknown.au": au(0xFFFFFFFF),
    "length 0.aiff": AIFF.replace(AIFF[AIFF.index(b"SSND") :][:8], b"SSND" + bytes(4)),
    "ID3v1.ogg": OGG + ID3_1,
    "ID3 in front.ogg": BLANK_ID3 + OGG,
    "zeros at the end.ogg": OGG + bytes(70_000),
    # the suffix is a guess
    "wave.mp3": WAV,
    "flac.m4a": FLAC,
    "mp3.wav": MP3,
    "ogg.flac": OGG,
}
JOINED = {
    "two.mp3": (MP3 + MP3, 2),
    "two kinds.mp3": (MP3 + encoded("MP3", sound=phrase(SECONDS, 22_050), rate=22_050), 2),
    "two.ogg": (OGG + OGG, 2),
    "three.opus": (3 * OPUS, 3),
}
CUT = {
    "page.ogg": OGG[: PAGES[-1] - 100],
    "frames.flac": FLAC[: len(FLAC) * 3 // 5],
    "frames.mp3": MP3[: MIDDLE + 33],
    "data.wav": WAV[: len(WAV) * 3 // 5],
    "data.aiff": AIFF[: len(AIFF) * 3 // 5],
    "data.au": au(len(PCM))[: len(PCM) // 2],
    "within its tags.mp3": b"ID3\x03\x00\x00\x00\x7f\x00\x00" + bytes(5_000),
}


@pytest.mark.parametrize("name", WHOLE)
def test_all_of_it_is_decoded(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(WHOLE[name])
    sound = decode(path)
    # an MPEG frame is 26 ms, and one that borrows bits from a missing one is lost with it
    slack = 0.2 if name.startswith("rubbish") else 0.12 if b"LAME" in WHOLE[name] else 0.03
    assert sound.duration == pytest.approx(SECONDS, abs=slack)
    assert sound.length / 22_050 == pytest.approx(SECONDS, abs=slack + 0.03)


@pytest.mark.parametrize("name", JOINED)
def test_what_was_joined_is_decoded_to_the_end(tmp_path, name):
    content, times = JOINED[name]
    path = tmp_path / name
    path.write_bytes(content)
    assert decode(path).duration == pytest.approx(times * SECONDS, abs=0.2)


@pytest.mark.parametrize("name", CUT)
def test_what_ends_early_is_called_cut_short(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(CUT[name])
    with pytest.raises(EsprError, match="cut short"):
        decode(path)


def test_a_stream_that_was_stopped_between_pages_is_whole(tmp_path):
    """As a program leaves it that records from the radio: no page has the flag of the end."""
    path = tmp_path / "radio.ogg"
    path.write_bytes(OGG[: PAGES[-1]])
    assert decode(path).duration > SECONDS / 2


def test_a_name_of_more_than_a_thousand_bytes(tmp_path):
    folder = tmp_path
    for _ in range(5):
        folder = folder / ("long" * 55)
    folder.mkdir(parents=True)
    for suffix, content in (("wav", WAV), ("mp3", MP3), ("flac", FLAC), ("ogg", OGG)):
        path = folder / f"take.{suffix}"
        path.write_bytes(content)
        assert len(os.fsencode(path)) > 1_100
        assert decode(path).duration == pytest.approx(SECONDS, abs=0.03)


def test_dsd(tmp_path):
    """One bit a sample, 2.8 MHz; first-order noise shaping of a sine of 441 Hz."""
    rate, count = 2_822_400, 2_822_400 * 2
    level = 0.4 * np.sin(2 * np.pi * 441.0 * np.arange(count) / rate)
    steps = np.floor(np.cumsum((level + 1.0) / 2.0))
    bits = np.packbits(np.diff(steps, prepend=0.0).astype(np.uint8), bitorder="little")
    data = bits.tobytes() + bytes(-len(bits) % 4_096)
    fmt = struct.pack("<IIIIIIQII", 1, 0, 1, 1, rate, 1, count, 4_096, 0)
    path = tmp_path / "a.dsf"
    path.write_bytes(
        b"DSD " + struct.pack("<QQQ", 28, 92 + len(data), 0)
        + b"fmt " + struct.pack("<Q", 52) + fmt
        + b"data" + struct.pack("<Q", 12 + len(data)) + data
    )  # fmt: skip
    sound = decode(path)
    assert sound.duration == pytest.approx(2.0, abs=0.01)
    samples = np.concatenate([chunk for _, chunk in sound.chunks(1 << 20, 0)])
    spectrum = np.abs(np.fft.rfft(samples))
    assert spectrum.argmax() / len(samples) * 22_050 == pytest.approx(441.0, abs=2.0)


@pytest.mark.skipif(not shutil.which("flac"), reason="flac is not installed")
def test_flac_of_32_bits(tmp_path):
    source = write(tmp_path / "in.wav", SOUND, RATE, "PCM_32")
    path = tmp_path / "out.flac"
    if subprocess.run(["flac", "-s", "-o", path, source], check=False).returncode:
        pytest.skip("this flac does not write 32 bits")
    assert decode(path).duration == pytest.approx(SECONDS)


@pytest.mark.parametrize("share", [1.0, 0.8])
def test_channels_that_cancel_are_subtracted(tmp_path, share):
    """Of a cable with its poles exchanged comes the sound of the right one."""
    other = share * SOUND + (1 - share) * phrase(SECONDS, RATE, seed=1)
    right = write(tmp_path / "right.wav", np.stack([SOUND, other], axis=1), RATE)
    inverted = write(tmp_path / "inverted.wav", np.stack([SOUND, -other], axis=1), RATE)
    assert decode(right).polarity == 1
    assert decode(inverted).polarity == -1
    assert decode(inverted).length == decode(right).length
    assert decode(inverted).audio_hash == audio_hash(inverted)


def test_wide_stereo_is_averaged(tmp_path):
    """Channels that have nothing in common do not cancel, nor does one that is silent."""
    for number, other in enumerate((phrase(SECONDS, RATE, seed=1), np.zeros_like(SOUND))):
        path = write(tmp_path / f"{number}.wav", np.stack([SOUND, other], axis=1), RATE)
        assert decode(path).polarity == 1


def test_lengths_that_damage_made_enormous(tmp_path):
    """Found by fuzzing: places beyond any file, gigabytes of memory, levels beyond any number."""
    caf = encoded("CAF", "PCM_16")
    at = caf.index(b"desc") + 4
    place = tmp_path / "place.caf"
    place.write_bytes(caf[:at] + b"\x7f" + caf[at + 1 :])
    assert decode(place).duration == pytest.approx(SECONDS)  # all of its audio is there
    loud = riff((b"fmt ", struct.pack("<HHIIHH", 3, 1, RATE, 4 * RATE, 4, 32)),
                (b"data", np.tile(np.float32([3e38, -3e38]), RATE).tobytes()))  # fmt: skip
    for name, content, reason in (
        ("memory.wav", WAV[:16] + struct.pack("<I", 0xD2000000) + WAV[20:], "is damaged"),
        ("level.wav", loud, "not numbers"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(EsprError, match=reason):
            decode(path)
