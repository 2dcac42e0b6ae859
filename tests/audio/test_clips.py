"""Stretches of recordings as files of their own."""

from __future__ import annotations

import io
import threading

import numpy as np
import pytest
import soundfile

from espr.audio.clips import CLIP_FORMATS, clip_kind, encode_clip
from espr.errors import EsprError

needs_mp3 = pytest.mark.skipif(clip_kind() != "mp3", reason="libsndfile is older than 1.1")


def write_beeps(path, rate=44_100, channels=2, seconds=8):
    """A tone of 100 Hz more each second, so that a stretch can be recognised."""
    time = np.arange(rate * seconds) / rate
    tone = 0.4 * np.sin(2 * np.pi * (300 + 100 * np.floor(time)) * time)
    soundfile.write(path, np.tile(tone[:, None], channels), rate)
    return path


def pitch_of(samples, rate):
    mono = samples if samples.ndim == 1 else samples[:, 0]
    return np.abs(np.fft.rfft(mono)).argmax() * rate / len(mono)


@needs_mp3
@pytest.mark.parametrize("kind", CLIP_FORMATS)
@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000])
def test_a_clip_is_the_stretch_that_was_asked_for(tmp_path, kind, rate):
    path = write_beeps(tmp_path / "take.wav", rate)
    samples, own_rate = soundfile.read(io.BytesIO(encode_clip(path, 3.0, 4.0, kind)))
    assert len(samples) / own_rate == pytest.approx(1.0, abs=0.06)
    assert samples.shape[1] == 2
    assert pitch_of(samples, own_rate) == pytest.approx(600, abs=3)


@needs_mp3
def test_surround_becomes_mono_and_a_clip_is_small(tmp_path):
    path = write_beeps(tmp_path / "take.wav", 48_000, channels=6)
    clip = encode_clip(path, 1.0, 7.0)
    assert soundfile.info(io.BytesIO(clip)).channels == 1
    assert len(clip) < 100_000


def test_cuts_are_faded_and_the_ends_of_a_recording_are_not(tmp_path):
    path = tmp_path / "constant.wav"
    soundfile.write(path, np.full(44_100, 0.5), 44_100)
    cut, _ = soundfile.read(io.BytesIO(encode_clip(path, 0.2, 0.6, "wav")))
    assert abs(cut[0]) < 0.01 and abs(cut[-1]) < 0.01 and cut[8_000] == pytest.approx(0.5, abs=1e-3)
    whole, _ = soundfile.read(io.BytesIO(encode_clip(path, kind="wav")))
    assert whole[[0, -1]] == pytest.approx(0.5, abs=1e-3)
    assert len(whole) == 44_100


def test_another_thread_may_end_the_work(tmp_path):
    path = write_beeps(tmp_path / "take.wav")
    stop = threading.Event()
    stop.set()
    with pytest.raises(EsprError, match="not read to its end"):
        encode_clip(path, kind="wav", stop=stop)


def test_what_cannot_be_cut_out_is_an_error(tmp_path):
    path = write_beeps(tmp_path / "take.wav", seconds=2)
    with pytest.raises(EsprError, match="holds no audio there"):
        encode_clip(path, 60.0, 75.0)
    with pytest.raises(EsprError, match="cannot be opened"):
        encode_clip(tmp_path / "gone.wav")
