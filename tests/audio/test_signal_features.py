"""The features of the signal encoder on sounds whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from espr.audio import dynamics, onsets, rhythm, tonality
from espr.audio.decode import SAMPLE_RATE
from espr.audio.signal_features import window_times
from espr.audio.spectrogram import (
    FRAME_RATE,
    filterbank,
    log_filterbank,
    log_frame_starts,
    log_spectrogram,
    onset_spectrogram,
)
from espr.encoders import load_audio_encoder
from espr.retrieval.query_model import load_query_model

RATE = SAMPLE_RATE
MAJOR, MINOR = (60, 64, 67, 72), (60, 63, 67, 72)


def tone(
    pitch: float, seconds: float, decay: float = 2.0, velocity: float = 1.0, partials: int = 8
) -> np.ndarray:
    """A struck string: partials that decay, the higher the faster."""
    t = np.arange(round(seconds * RATE)) / RATE
    frequency = 440.0 * 2 ** ((pitch - 69) / 12)
    wave = sum(
        np.sin(2 * np.pi * k * frequency * t) * np.exp(-decay * k**0.5 * t) / k ** (2 - velocity)
        for k in range(1, partials + 1)
        if k * frequency < RATE / 2
    )
    release = np.minimum(1.0, (seconds - t) / 0.01)
    return velocity * wave * release * np.minimum(1.0, t / 0.002)


def played(notes: list[tuple[float, float, float]], length: float, **tone_options) -> np.ndarray:
    """Notes (onset in seconds, duration, pitch) as samples."""
    samples = np.zeros(round(length * RATE))
    for onset, duration, pitch in notes:
        sound = tone(pitch, duration, **tone_options)
        start = round(onset * RATE)
        stop = min(len(samples), start + len(sound))
        samples[start:stop] += sound[: stop - start]
    return samples


def melody(step: float = 0.5, share: float = 1.0, length: float = 20.0) -> list:
    scale = (60, 62, 64, 65, 67, 65, 64, 62)
    return [(i * step, step * share, scale[i % len(scale)]) for i in range(int(length / step) - 1)]


@pytest.fixture
def heard(tmp_path):
    """Profile of samples, by feature."""
    encoder = load_audio_encoder("signal")

    def hear(samples: np.ndarray, rate: int = RATE) -> dict[str, float]:
        path = tmp_path / "take.wav"
        soundfile.write(path, 0.5 * samples / np.abs(samples).max(), rate, subtype="PCM_16")
        return dict(zip(encoder.space.names, encoder.encode(path).profile, strict=True))

    return hear


def strength_of(samples: np.ndarray) -> np.ndarray:
    samples = (samples / np.abs(samples).max()).astype(np.float32)
    spectrogram = onset_spectrogram(samples, len(samples) // 220)
    return onsets.onset_strength(spectrogram, np.repeat(spectrogram[:1], onsets.LAG, axis=0))


def test_the_filterbank_is_the_published_one():
    filters, centres = log_filterbank()
    assert filters.shape == (1024, 149)
    assert centres[0] == pytest.approx(3 * RATE / 2048)  # the lowest bands are single bins
    np.testing.assert_allclose(filters.sum(axis=0), 1.0, rtol=1e-5)
    assert filterbank(1024, 30.0, 8000.0)[0].shape[0] == 512


def test_a_sine_lands_in_its_band():
    t = np.arange(RATE) / RATE
    spectrogram = log_spectrogram(
        np.sin(2 * np.pi * 1000 * t).astype(np.float32), log_frame_starts(0, RATE - 2048)
    )
    _, centres = log_filterbank()
    assert centres[spectrogram.mean(axis=0).argmax()] == pytest.approx(1000, rel=0.02)


def test_frames_start_where_the_published_front_end_starts_them():
    starts = log_frame_starts(0, 10 * RATE)
    assert starts[:3].tolist() == [0, 704, 1408]
    assert len(starts) == round(10 * FRAME_RATE)
    chunks = [log_frame_starts(p, p + 1_320_000) for p in (0, 1_320_000, 2_640_000)]
    np.testing.assert_array_equal(np.concatenate(chunks), log_frame_starts(0, 3_960_000))


@pytest.mark.parametrize("per_second", [1.0, 2.0, 4.0, 8.0])
def test_onset_density_counts_notes(heard, per_second):
    samples = played(melody(step=1 / per_second), 20.0)
    assert heard(samples)["onset_density"] == pytest.approx(per_second, rel=0.06)


def test_a_spread_chord_is_one_onset(heard):
    notes = [(i + 0.012 * k, 0.9, p) for i in range(19) for k, p in enumerate(MAJOR)]
    assert heard(played(notes, 20.0))["onset_density"] == pytest.approx(1.0, rel=0.1)


def test_onsets_lie_where_the_notes_begin():
    times = np.array([0.5, 1.25, 2.0, 2.2, 3.0])
    strength = strength_of(played([(t, 0.6, 64) for t in times], 4.0))
    found = onsets.onset_times(onsets.pick_onsets(strength), strength)
    np.testing.assert_allclose(found, times, atol=0.03)


def test_silence_has_no_onsets():
    assert len(onsets.pick_onsets(np.zeros(500))) == 0
    assert len(onsets.pick_onsets(np.zeros(0))) == 0


def test_detached_notes_are_staccato_and_bound_ones_legato(heard):
    legato, staccato = heard(played(melody(), 20.0)), heard(played(melody(share=0.3), 20.0))
    assert staccato["articulation"] > legato["articulation"] + 3.0  # dB


def test_a_metronome_is_steadier_than_free_playing(heard):
    free = np.random.default_rng(1).uniform(0.25, 0.75, 38).cumsum()
    steady = heard(played(melody(), 20.0))
    wandering = heard(played([(t, 0.3, 60) for t in free], free[-1] + 1))
    assert steady["rhythm_stability"] > wandering["rhythm_stability"] + 0.3
    assert steady["rhythm_complexity"] < wandering["rhythm_complexity"] - 0.2


def test_rhythmic_variety_of_equal_and_alternating_intervals():
    assert rhythm.rhythmic_variety(np.arange(20) * 0.5) == pytest.approx(0.0, abs=1e-9)
    long_short = np.cumsum(np.tile([0.5, 0.25], 10))
    # nPVI = 100 * 0.25 / 0.375 = 66.7; entropy of two equal shares is 1 bit of log2(28)
    expected = (1 / np.log2(28) + 66.667 / 200) / 2
    assert rhythm.rhythmic_variety(long_short) == pytest.approx(expected, rel=0.02)


def test_minor_is_more_minor_and_clusters_are_rougher(heard):
    def chords(*pitches):
        return heard(played([(i, 0.95, p) for i in range(19) for p in pitches], 20.0))

    major, minor, cluster = chords(*MAJOR), chords(*MINOR), chords(60, 61, 62, 63)
    assert minor["minorness"] > major["minorness"] + 0.1
    assert cluster["dissonance"] > 1.3 * max(major["dissonance"], minor["dissonance"])
    assert cluster["tonal_stability"] < major["tonal_stability"]


def test_a_scale_is_more_melodious_than_leaps(heard):
    rng = np.random.default_rng(2)
    leaps = [(i * 0.5, 0.5, 48 + 7 * int(rng.integers(0, 5))) for i in range(38)]
    assert (
        heard(played(melody(), 20.0))["melodiousness"]
        > 1.5 * heard(played(leaps, 20.0))["melodiousness"]
    )


def test_key_of_a_triad():
    classes = np.zeros((100, 12))
    classes[:, [0, 4, 7]] = 1.0
    assert tonality.key_clarity_and_minorness(classes)[1] < 0
    classes[:] = 0.0
    classes[:, [0, 3, 7]] = 1.0
    clarity, minorness = tonality.key_clarity_and_minorness(classes)
    assert minorness > 0
    assert 0.5 < clarity <= 1.0


def test_performance_features_follow_their_poles(heard):
    soft = heard(played(melody(), 20.0, velocity=0.2))
    hard = heard(played(melody(), 20.0, velocity=1.0))
    assert hard["brightness"] > soft["brightness"] + 3.0
    assert hard["attack"] > soft["attack"]
    notes = melody()
    even = played(notes, 20.0)
    contrasted = sum(
        (0.2 if i % 8 < 4 else 1.0) * played([note], 20.0) for i, note in enumerate(notes)
    )
    assert heard(contrasted)["dynamic_range"] > heard(even)["dynamic_range"] + 2.0


def test_level_falls_are_measured_in_decibels():
    level = np.full(100, -60.0)
    level[10:20] = level[50:60] = 0.0
    assert dynamics.fall_between_onsets(level, np.array([10, 50])) == pytest.approx(30.0)
    assert dynamics.fall_between_onsets(level / 3, np.array([10, 50])) == pytest.approx(20.0)
    assert dynamics.fall_between_onsets(level, np.array([10])) == 0.0
    assert dynamics.level_spread_at_onsets(level, np.array([], int), level) == 0.0


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (3.0, [(0, 15)]),
        (15.0, [(0, 15), (5, 15), (10, 15)]),
        (19.0, [(0, 15), (5, 19), (10, 19)]),
        (20.0, [(0, 15), (5, 20), (10, 20), (15, 20)]),
    ],
)
def test_windows(seconds, expected):
    np.testing.assert_allclose(window_times(seconds), expected)


def test_a_short_recording_is_one_wrapped_window(tmp_path):
    soundfile.write(tmp_path / "short.wav", 0.5 * played(melody(0.5), 4.0), RATE)
    windows = load_audio_encoder("signal").encode(tmp_path / "short.wav")
    assert windows.features.shape == (1, 12)
    assert windows.times[0] == pytest.approx([0.0, 4.0], abs=0.6)
    assert np.isfinite(windows.features).all()


def test_level_silence_channels_and_container_do_not_matter(tmp_path, heard):
    """No feature moves by a third of the spread between performances of a piece."""
    noise = np.random.default_rng(3).normal(0.0, 1e-3, 20 * RATE)
    samples = played(melody(0.4, 0.7), 20.0)
    samples = samples / np.abs(samples).max() + noise
    encoder, model = load_audio_encoder("signal"), load_query_model("glove", "signal")
    spread = model.within_std[: len(model.space.measured)]
    reference = np.array(list(heard(samples).values()))
    silence = np.zeros(2 * RATE)
    variants = {"silence": list(heard(np.concatenate([silence, samples, silence])).values())}
    for suffix in ("wav", "flac", "mp3"):
        path = tmp_path / f"quiet.{suffix}"
        with soundfile.SoundFile(path, "w", RATE, 2) as file:
            file.write(0.25 * np.stack([samples, samples], axis=1))
        variants[suffix] = encoder.encode(path).profile
    for name, variant in variants.items():
        moved = np.abs(np.array(variant) - reference) / spread
        assert moved.max() < 1 / 3, (name, dict(zip(encoder.space.names, moved, strict=True)))
