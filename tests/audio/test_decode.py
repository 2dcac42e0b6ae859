"""Decoding: whole files, parts of files, and files that are not what they say."""

from __future__ import annotations

import struct

import av
import numpy as np
import pytest
import soundfile

from espr.audio import decode as decoding
from espr.audio.decode import SAMPLE_RATE, audio_hash, decode
from espr.errors import EsprError

CONTAINERS = ("wav", "flac", "mp3", "ogg", "opus", "aiff")


def write(path, samples, rate=44_100):
    """Write in blocks: libsndfile crashes on a minute of Ogg at once."""
    formats = {"opus": {"format": "OGG", "subtype": "OPUS"}}
    options = formats.get(path.suffix[1:], {})
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    with soundfile.SoundFile(path, "w", rate, channels, **options) as file:
        for start in range(0, len(samples), 65_536):
            file.write(samples[start : start + 65_536])
    return path


def sine(seconds, rate=44_100, frequency=440.0):
    return 0.5 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)


def joined(sound, step=50_000, overlap=0):
    return np.concatenate([samples for _, samples in sound.chunks(step, overlap)])


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_every_container_decodes_to_mono_at_22050(tmp_path, suffix):
    rate = 48_000 if suffix == "opus" else 44_100
    path = write(tmp_path / f"a.{suffix}", np.stack([sine(3, rate)] * 2, axis=1), rate)
    sound = decode(path)
    assert sound.duration == pytest.approx(3.0, abs=0.06)
    samples = joined(sound)
    assert len(samples) / SAMPLE_RATE == pytest.approx(3.0, abs=0.1)
    assert np.abs(samples).max() == pytest.approx(1.0, abs=1e-5)
    spectrum = np.abs(np.fft.rfft(samples))
    assert spectrum.argmax() / len(samples) * SAMPLE_RATE == pytest.approx(440, abs=2)


@pytest.mark.parametrize("suffix", CONTAINERS)
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_cut_file_is_named_as_cut(tmp_path, suffix, share):
    rate = 48_000 if suffix == "opus" else 44_100
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 5 * rate)
    path = write(tmp_path / f"a.{suffix}", noise, rate)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(EsprError, match="cut short"):
        decode(path)


def test_a_damaged_mp3_without_a_byte_count_is_found_by_its_frame_count(tmp_path):
    path = write(tmp_path / "a.mp3", sine(10))
    data = bytearray(path.read_bytes())
    tag = data.find(b"Info") if b"Info" in data else data.find(b"Xing")
    flags = struct.unpack(">I", data[tag + 4 : tag + 8])[0]
    assert flags & 3 == 3
    data[tag + 12 : tag + 16] = b"\xff" * 4  # byte count unknown
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(EsprError, match="cut short"):
        decode(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "empty"), (b"just some words\n" * 50, "cannot be decoded"), (b"RIFF", "decoded")],
)
def test_what_is_no_audio(tmp_path, content, message):
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    with pytest.raises(EsprError, match=message):
        decode(path)


def test_missing_file(tmp_path):
    with pytest.raises(EsprError, match="cannot be opened"):
        decode(tmp_path / "nowhere.wav")


def test_zero_frames_silence_and_too_short(tmp_path):
    for seconds, level, message in ((0, 1, "no audio"), (3, 0, "silent"), (0.3, 1, "0.3 s")):
        with pytest.raises(EsprError, match=message):
            decode(write(tmp_path / "a.wav", level * sine(seconds)))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_not_numbers(tmp_path, value):
    samples = sine(2).astype(np.float32)
    samples[5000] = value
    soundfile.write(tmp_path / "a.wav", samples, 44_100, subtype="FLOAT")
    with pytest.raises(EsprError, match="not numbers"):
        decode(tmp_path / "a.wav")


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (192_000, 6), (22_050, 2)])
def test_unusual_rates_and_channels(tmp_path, rate, channels):
    path = write(tmp_path / "a.wav", np.stack([sine(2, rate)] * channels, axis=1), rate)
    sound = decode(path)
    assert sound.duration == pytest.approx(2.0)
    assert sound.length / SAMPLE_RATE == pytest.approx(2.0, abs=0.03)


def test_a_sample_rate_of_one_hertz_is_refused(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.ones(10) * 0.5, 1)
    with pytest.raises(EsprError, match="sample rate of 1 Hz"):
        decode(path)


def test_silence_at_both_ends_is_not_heard(tmp_path):
    quiet = np.zeros(2 * 44_100)
    path = write(tmp_path / "a.wav", np.concatenate([quiet, sine(3), quiet]))
    sound = decode(path)
    assert sound.duration == pytest.approx(7.0)
    assert sound.offset == pytest.approx(2.0, abs=0.02)
    assert sound.length / SAMPLE_RATE == pytest.approx(3.0, abs=0.04)


@pytest.mark.parametrize("silence", [0.5, 1.3, 2.0])
def test_silence_in_front_changes_no_sample(tmp_path, silence):
    """Nor where the last one lies: a window more or less would be heard otherwise."""
    seconds = np.arange(3 * 44_100) / 44_100
    fading = sine(3) * np.exp(-4.0 * seconds) * np.minimum(seconds / 0.01, 1.0)
    at_once = decode(write(tmp_path / "a.wav", fading))
    late = np.concatenate([np.zeros(round(silence * 44_100)), fading])
    later = decode(write(tmp_path / "b.wav", late))
    assert later.offset == pytest.approx(at_once.offset + silence, abs=1e-3)
    assert later.length == at_once.length
    np.testing.assert_allclose(joined(later), joined(at_once), atol=1e-4)


def test_part_of_a_file(tmp_path):
    path = write(
        tmp_path / "a.flac", np.concatenate([sine(3, frequency=440), sine(3, frequency=880)])
    )
    samples = joined(decode(path, 3.0, 6.0))
    spectrum = np.abs(np.fft.rfft(samples))
    assert spectrum.argmax() / len(samples) * SAMPLE_RATE == pytest.approx(880, abs=2)
    assert audio_hash(path, 0.0, 3.0) != audio_hash(path, 3.0, 6.0)


def test_the_hash_is_of_the_samples_not_of_the_file(tmp_path):
    samples = np.round(sine(2) * 32767).astype(np.int16)
    wav, flac = write(tmp_path / "a.wav", samples), write(tmp_path / "b.flac", samples)
    assert audio_hash(wav) == audio_hash(flac) == decode(wav).audio_hash
    assert audio_hash(write(tmp_path / "c.wav", samples // 2)) != audio_hash(wav)


def test_a_long_recording_is_read_twice_and_heard_alike(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    path = write(tmp_path / "a.wav", rng.uniform(-0.5, 0.5, 20 * 44_100))
    kept = decode(path)
    monkeypatch.setattr(decoding, "_KEPT_SECONDS", 5)
    streamed = decode(path)
    assert streamed._kept is None
    assert (streamed.length, streamed.audio_hash) == (kept.length, kept.audio_hash)
    for (p, a), (q, b) in zip(
        kept.chunks(60_000, 2048), streamed.chunks(60_000, 2048), strict=True
    ):
        assert p == q
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_m4a_through_pyav(tmp_path):
    path = tmp_path / "a.m4a"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44_100)
        stream.layout = "mono"
        samples = sine(3).astype(np.float32)
        for start in range(0, len(samples), 1024):
            block = samples[start : start + 1024]
            frame = av.AudioFrame.from_ndarray(block[None], format="fltp", layout="mono")
            frame.rate, frame.pts = 44_100, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    sound = decode(path)
    assert sound.duration == pytest.approx(3.0, abs=0.1)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(EsprError):
        decode(path)
