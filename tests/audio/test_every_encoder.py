"""Whatever a program writes, ESPR decodes as many seconds of it as FFmpeg does."""

from __future__ import annotations

import shutil
import subprocess
from zlib import crc32

import numpy as np
import pytest

from espr.audio.decode import decode
from espr.audio.formats import AUDIO_SUFFIXES
from tests.signals import phrase, write

# program → suffix and arguments, with {in} and {out}
FFMPEG = "-v error -y -i {in}"
COMMANDS = {
    "ffmpeg": (
        ("mp3", "-c:a libmp3lame -b:a 128k"),
        ("mp3", "-c:a libmp3lame -q:a 3 -write_xing 0"),
        ("mp2", "-c:a mp2"),
        ("m4a", "-c:a aac"),
        ("m4a", "-c:a aac -movflags empty_moov+delay_moov"),
        ("m4b", "-c:a aac -movflags faststart -f ipod"),
        ("m4a", "-c:a alac"),
        ("alac", "-c:a alac -f mov"),
        ("mp4", "-c:a flac -strict -2"),
        ("mp4", "-c:a libopus"),
        ("aac", "-c:a aac"),
        ("flac", "-c:a flac"),
        ("flac", "-c:a flac -sample_fmt s32"),
        ("ogg", "-c:a flac"),
        ("ogg", "-c:a libvorbis"),
        ("opus", "-c:a libopus"),
        ("spx", "-c:a libspeex -ar 32000"),
        ("wma", "-c:a wmav1"),
        ("wma", "-c:a wmav2"),
        ("wv", "-c:a wavpack"),
        ("mka", "-c:a flac"),
        ("mka", "-c:a libopus"),
        ("weba", "-c:a libopus -f webm"),
        ("tta", "-c:a tta"),
        ("ac3", "-c:a ac3"),
        ("eac3", "-c:a eac3"),
        ("dts", "-c:a dca -strict -2"),
        ("caf", "-c:a pcm_s24be"),
        ("caf", "-c:a alac"),
        ("au", "-c:a pcm_s16be"),
        ("aiff", "-c:a pcm_s24be"),
        ("aifc", "-c:a pcm_s16le -f aiff"),
        ("w64", "-c:a pcm_s16le"),
        ("rf64", "-c:a pcm_s16le -rf64 always -f wav"),
        ("wav", "-c:a pcm_f64le"),
        ("wav", "-c:a pcm_s32le"),
        ("wav", "-c:a pcm_u8"),
        ("wav", "-c:a pcm_alaw"),
        ("wav", "-c:a adpcm_ima_wav"),
        ("wav", "-c:a adpcm_ms"),
        ("wav", "-c:a libmp3lame"),
        ("wav", "-c:a ac3"),
    ),
    "lame": (
        ("mp3", "--quiet -b 320 {in} {out}"),
        ("mp3", "--quiet -V 2 {in} {out}"),
        ("mp3", "--quiet -V 2 -t {in} {out}"),
        ("mp3", "--quiet --abr 96 -p {in} {out}"),
        ("mp3", "--quiet --resample 8 -b 16 {in} {out}"),
        ("mp3", "--quiet -m m -b 48 --id3v1-only --tt x {in} {out}"),
    ),
    "flac": (
        ("flac", "-s -8 -o {out} {in}"),
        ("flac", "-s --blocksize=192 -o {out} {in}"),
        ("oga", "-s --ogg -o {out} {in}"),
    ),
    "oggenc": (
        ("ogg", "-Q -o {out} {in}"),
        ("ogg", "-Q --managed -b 64 -o {out} {in}"),
    ),
    "opusenc": (
        ("opus", "--quiet {in} {out}"),
        ("opus", "--quiet --framesize 60 --bitrate 24 {in} {out}"),
    ),
    "speexenc": (
        ("spx", "--quiet {in} {out}"),
        ("spx", "--quiet --vbr {in} {out}"),
    ),
    "sox": (
        ("wav", "{in} -e floating-point -b 32 {out}"),
        ("wav", "{in} -b 24 {out}"),
        ("wav", "{in} -t wav -B {out}"),
        ("aiff", "{in} {out}"),
        ("au", "{in} {out}"),
        ("caf", "{in} {out}"),
        ("w64", "{in} {out}"),
        ("ogg", "{in} {out}"),
        ("flac", "{in} -r 192000 -b 24 {out}"),
        ("wav", "{in} -c 6 {out}"),
    ),
}
CASES = [
    (program, suffix, arguments)
    for program, commands in COMMANDS.items()
    for suffix, arguments in commands
]


def seconds_by_ffmpeg(path):
    """The seconds that FFmpeg's own program decodes."""
    probe = "ffprobe -v error -select_streams a:0 -show_entries stream=sample_rate -of csv=p=0"
    shown = subprocess.run([*probe.split(), path], capture_output=True, text=True, check=True)
    rate = int(shown.stdout.split()[0].rstrip(","))
    read = ["ffmpeg", "-v", "quiet", "-i", path, "-map", "0:a:0"]
    done = subprocess.run(
        [*read, "-f", "u8", "-ac", "1", "-ar", str(rate), "-"], capture_output=True, check=False
    )
    return len(done.stdout) / rate


@pytest.mark.parametrize(("program", "suffix", "arguments"), CASES)
def test_seconds_are_what_ffmpeg_decodes(tmp_path, program, suffix, arguments):
    for needed in (program, "ffmpeg", "ffprobe"):
        if not shutil.which(needed):
            pytest.skip(f"{needed} is not installed")
    assert f".{suffix}" in AUDIO_SUFFIXES
    # another length and number of channels for each case, the same in every run
    rng = np.random.default_rng(crc32(f"{program} {suffix} {arguments}".encode()))
    sound = phrase(float(rng.uniform(1.5, 4.5)), 44_100)
    channels = [sound] if rng.random() < 0.3 else [sound, 0.7 * sound]
    source = write(tmp_path / "in.wav", np.stack(channels, axis=1), 44_100)
    path = tmp_path / f"out.{suffix}"
    if program == "ffmpeg":
        arguments = f"{FFMPEG} {arguments} {{out}}"
    command = arguments.replace("{in}", str(source)).replace("{out}", str(path)).split()
    made = subprocess.run([program, *command], capture_output=True, check=False)
    if made.returncode or not path.exists():
        pytest.skip(f"this {program} does not write it: {made.stderr[-200:]!r}")
    assert decode(path).duration == pytest.approx(seconds_by_ffmpeg(path), abs=0.05)
