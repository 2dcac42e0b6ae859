"""What a file is by its content, whatever its name, and how many frames an MP3 has."""

from __future__ import annotations

import io
import shutil
import subprocess

import pytest

from espr.audio.formats import AUDIO_SUFFIXES, format_of, identify_format
from espr.audio.mpeg_frames import count_frames
from tests.signals import phrase, write

# FFmpeg's arguments → what the file is
WRITTEN = {
    "-f mp3 -c:a libmp3lame": "mp3",
    "-f mp2 -c:a mp2 -ar 44100": "mp3",
    "-f adts -c:a aac": "adts",
    "-f latm -c:a aac": "loas",
    "-f ipod -c:a aac": "mp4",
    "-f mov -c:a alac": "mp4",
    "-f matroska -c:a flac": "matroska",
    "-f asf -c:a wmav2": "asf",
    "-f flac": "flac",
    "-f ogg -c:a flac": "ogg",
    "-f opus -c:a libopus": "ogg",
    "-f wav": "wav",
    "-f wav -rf64 always": "rf64",
    "-f w64": "w64",
    "-f aiff": "aiff",
    "-f caf": "caf",
    "-f au": "au",
    "-f wv -c:a wavpack": "wavpack",
    "-f tta -c:a tta": "tta",
    "-f ac3 -c:a ac3 -ar 44100": "ac3",
    "-f dts -c:a dca -strict -2 -ar 44100": "dts",
}
ID3 = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10)
APE = b"APETAGEX" + (2000).to_bytes(4, "little") + (2000).to_bytes(4, "little") + bytes(4)


@pytest.fixture(scope="module")
def wave(tmp_path_factory):
    return write(tmp_path_factory.mktemp("wave") / "a.wav", phrase(2.0))


@pytest.fixture(scope="module")
def mp3(tmp_path_factory):
    return write(tmp_path_factory.mktemp("mp3") / "a.mp3", phrase(3.0)).read_bytes()


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")
@pytest.mark.parametrize("arguments", WRITTEN)
def test_what_ffmpeg_writes_is_known_whatever_its_name(arguments, wave, tmp_path):
    path = tmp_path / "a.txt"
    command = ["ffmpeg", "-v", "error", "-i", wave, *arguments.split(), path]
    subprocess.run(command, check=True)
    found = identify_format(path)
    assert found is not None
    assert found.name == WRITTEN[arguments]


@pytest.mark.parametrize("front", [b"", ID3, 3 * ID3, APE + bytes(2012), ID3 + APE + bytes(2012)])
def test_tags_in_front_are_passed_over(front, wave, mp3):
    for content, name in ((b"fLaC" + bytes(40), "flac"), (wave.read_bytes(), "wav"), (mp3, "mp3")):
        found = format_of(io.BytesIO(front + content))
        assert (found.name, found.start) == (name, len(front))


def test_mpeg_frames_behind_rubbish(mp3):
    assert format_of(io.BytesIO(b"HTTP/1.0 200 OK\r\n" + bytes(5000) + mp3)).name == "mp3"


@pytest.mark.parametrize("content", [b"", b"just some words\n" * 50, bytes(10_000), b"\xff" * 999])
def test_what_is_no_audio(content):
    assert format_of(io.BytesIO(content)) is None


def test_magic_words_count_at_their_place_only():
    assert format_of(io.BytesIO(b"x" + b"fLaC" + bytes(40))) is None


def test_suffixes_are_in_small_letters_with_their_dot():
    assert all(suffix == suffix.lower() and suffix[0] == "." for suffix in AUDIO_SUFFIXES)
    assert {".mp3", ".flac", ".wav", ".m4a", ".wma", ".spx"} <= AUDIO_SUFFIXES


def test_the_frames_of_an_mp3_are_counted(mp3):
    count = count_frames(io.BytesIO(mp3), 0, len(mp3))
    assert not count.ends_within_frame
    # the header's frame, the encoder's delay and its padding are frames, too
    assert 3.0 < count.samples[22_050] / 22_050 < 3.2
    for rubbish in (bytes(3000), b"\xff\xfb\x91\x00\xff" * 700, b"ID3 and a picture" * 99):
        both = mp3 + rubbish + mp3
        assert count_frames(io.BytesIO(both), 0, len(both)).frames == 2 * count.frames


def test_a_frame_that_is_not_whole_is_not_counted(mp3):
    cut = mp3[:-10]
    count = count_frames(io.BytesIO(cut), 0, len(cut))
    assert count.ends_within_frame
    assert count.samples[22_050] == count_frames(io.BytesIO(mp3), 0, len(mp3)).samples[22_050] - 576
