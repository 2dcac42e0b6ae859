"""How recordings are tuned, on sounds made here: what has a tuning, what has none, what hides it.

Modelled on public reports: an estimate of a plain tone that was wrong in 52 of 72 cases (librosa
#151), 50 cents up and down as if they were a semitone apart (librosa #806), hum out of range that
leaves nothing in range (librosa #776), a deviation that is corrected twice (librosa #925), noise
that has a key (live-coding-music-mcp #321), a chord in tune that is found beside its centre (Mixxx
#2109), sides of a record that run at different speeds.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from espr.audio.decode import SAMPLE_RATE
from espr.audio.spectrogram import band_magnitudes, log_filterbank, retuned
from espr.audio.tuning import TuningMeter

SECONDS = 10
SCALE = (48, 50, 52, 53, 55, 57, 59, 60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77, 79)


def normalised(samples: np.ndarray) -> np.ndarray:
    return (samples / np.abs(samples).max()).astype(np.float32)


@cache
def string(
    pitch: float, seconds: float = 2.0, stiffness: float = 0.0, vibrato: float = 0.0
) -> np.ndarray:
    """A struck string: partial n lies at n √(1 + stiffness n²); ``vibrato`` in cents."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    frequency = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
    sway = 2.0 ** (vibrato / 1200.0 * np.sin(2 * np.pi * (5.5 * time + 7.3 * pitch)))
    turns = np.cumsum(frequency * sway) / SAMPLE_RATE if vibrato else frequency * time
    return sum(
        0.7**n * np.sin(2 * np.pi * n * np.sqrt(1.0 + stiffness * n * n) * turns)
        for n in range(1, 9)
        if n * frequency < SAMPLE_RATE / 2.5
    ) * np.exp(-time / 1.5)


@cache
def play(cents: float, *, rests: bool = False, spread: float = 0.0, **strings: float) -> np.ndarray:
    """Two voices at random; ``spread``: the standard deviation of the keys' own tuning, cents."""
    rng = np.random.default_rng(7)
    own = dict(zip(SCALE, rng.normal(0.0, spread, len(SCALE)), strict=True))
    sound = np.zeros((SECONDS + 3) * SAMPLE_RATE)
    for number, begin in enumerate(np.arange(0.0, SECONDS, 0.4)):
        if rests and number % 9 > 5:
            continue
        for key in rng.choice(SCALE, 2):
            tone = string(key + (cents + own[key]) / 100.0, **strings)
            start = round(begin * SAMPLE_RATE)
            sound[start : start + len(tone)] += tone
    return normalised(sound[: SECONDS * SAMPLE_RATE])


def tuning(samples: np.ndarray, chunk: int = 10 * SAMPLE_RATE) -> float | None:
    meter = TuningMeter()
    for start in range(0, len(samples), chunk):
        meter.add(normalised(samples)[start : start + chunk])
    return meter.tuning


def off(found: float | None, cents: float) -> float:
    """How far a tuning lies from another; a semitone is the full circle."""
    assert found is not None
    assert -50.0 <= found <= 50.0
    return abs((found - cents + 50.0) % 100.0 - 50.0)


@pytest.mark.parametrize("cents", [-60, -50, -38, -20, 0, 8, 30, 49, 50, 60])
def test_the_tuning_of_plain_strings(cents):
    assert off(tuning(play(cents)), cents) < 4


@pytest.mark.parametrize(
    "manner",
    [
        {"stiffness": 4e-4},  # as the strings of a small piano
        {"stiffness": 4e-4, "spread": 8.0},  # that was not tuned for years
        {"rests": True},
        {"vibrato": 20.0},
    ],
    ids=str,
)
def test_the_tuning_of_what_is_less_plain(manner):
    assert off(tuning(play(30, **manner)), 30) < 6


def test_chunks_do_not_matter_much():
    sound = play(-27)
    assert abs(tuning(sound) - tuning(sound, len(sound))) < 2
    assert abs(tuning(sound) - tuning(sound, 3 * SAMPLE_RATE + 500)) < 2


def test_a_chord_in_tune_is_in_tune():
    chord = sum(string(pitch, 8.0) for pitch in (48, 60, 64, 67, 72))
    assert off(tuning(chord), 0) < 5


@pytest.mark.parametrize("hum", [50.0, 60.0, 100.0])
def test_hum_and_rumble_do_not_hide_it(hum):
    sound = play(30)
    time = np.arange(len(sound)) / SAMPLE_RATE
    assert off(tuning(0.05 * sound + np.sin(2 * np.pi * hum * time) + 2.0), 30) < 4


def test_noise_as_loud_as_shellac_does_not_hide_it():
    sound = play(30)
    noise = np.random.default_rng(1).normal(0.0, 0.5 * sound.std(), len(sound))
    assert off(tuning(sound + noise), 30) < 5


def drums() -> np.ndarray:
    """The modes of five membranes, and the noise of their sticks, four a second."""
    time = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
    rng = np.random.default_rng(2)
    sound = np.zeros((SECONDS + 1) * SAMPLE_RATE)
    for number in range(4 * SECONDS):
        lowest = (55.0, 107.0, 143.0, 190.0, 330.0)[number % 5]
        hit = 0.5 * rng.standard_normal(len(time)) * np.exp(-time / 0.05)
        for mode in (1.0, 1.59, 2.14, 2.30, 2.65, 2.92):
            hit += np.sin(2 * np.pi * lowest * mode * time) * np.exp(-time * 5 * mode)
        start = number * SAMPLE_RATE // 4
        sound[start : start + len(hit)] += hit
    return sound


def bells() -> np.ndarray:
    partials = (0.5, 1.0, 1.2, 1.5, 2.0, 2.67, 3.0)
    time = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    sound = np.zeros((SECONDS + 2) * SAMPLE_RATE)
    for number in range(2 * SECONDS):
        strike = (200.0, 237.0, 301.0, 333.0, 411.0, 520.0)[number % 6]
        start = number * SAMPLE_RATE // 2
        sound[start : start + len(time)] += sum(
            np.sin(2 * np.pi * strike * partial * time) for partial in partials
        ) * np.exp(-time)
    return sound


def noise(slope: float) -> np.ndarray:
    """Noise whose magnitude falls with frequency to the power of ``slope``."""
    spectrum = np.fft.rfft(np.random.default_rng(3).standard_normal(SECONDS * SAMPLE_RATE))
    return np.fft.irfft(spectrum / np.maximum(np.arange(len(spectrum)), 300.0) ** slope)


def glide() -> np.ndarray:
    frequency = 200.0 * 2.0 ** (np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE / 5.0)
    return np.sin(2 * np.pi * np.cumsum(frequency) / SAMPLE_RATE)


WITHOUT = {
    "white noise": lambda: noise(0.0),
    "pink noise": lambda: noise(0.5),
    "brown noise": lambda: noise(1.0),
    "short noise": lambda: noise(0.0)[: 3 * SAMPLE_RATE],
    "drums": drums,
    "bells": bells,
    "a glide": glide,
    "a wide vibrato": lambda: play(30, vibrato=100.0),
    "no common tuning": lambda: play(30, spread=60.0),
    "one tone": lambda: np.sin(2 * np.pi * 430.57 * np.arange(5 * SAMPLE_RATE) / SAMPLE_RATE),
    "two sides, half a semitone apart": lambda: np.concatenate([play(0), play(50)]),
    "a click": lambda: np.eye(1, 2 * SAMPLE_RATE, 40)[0],
}


@pytest.mark.parametrize("name", WITHOUT)
def test_what_has_no_tuning_has_none(name):
    assert tuning(WITHOUT[name]()) is None


def test_nothing_has_no_tuning():
    meter = TuningMeter()
    assert meter.tuning is None
    for length in (0, 100, 5 * SAMPLE_RATE):
        meter.add(np.zeros(length, np.float32))
        assert meter.tuning is None


@pytest.mark.parametrize("cents", [-50, -35, -20, 20, 35, 50])
@pytest.mark.parametrize("pitch", [45, 57, 69, 81, 93])
def test_a_retuned_spectrogram_lies_where_that_of_a_tone_in_tune_lies(cents, pitch):
    _, centres = log_filterbank()

    def spectrogram(key: float) -> np.ndarray:
        time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
        tone = np.sin(2 * np.pi * 440.0 * 2.0 ** ((key - 69.0) / 12.0) * time)
        return band_magnitudes(tone.astype(np.float32), np.array([0, 8000]))

    def place(magnitudes: np.ndarray) -> float:
        """The centre of gravity, in cents above A4."""
        return float(
            np.average(1200 * np.log2(centres / 440.0), weights=(magnitudes**2).sum(axis=0))
        )

    sharp = spectrogram(pitch + cents / 100.0)
    shifted = retuned(sharp, cents)
    assert (shifted.shape, shifted.dtype) == (sharp.shape, np.float32)
    off = abs(place(shifted) - place(spectrogram(pitch)))
    assert off < 10
    np.testing.assert_array_equal(retuned(sharp, 0.0), sharp)
