"""The demo's piano: sounds whose pitch, time, level and colour are known beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from espr.demo.manners import (
    DEADPAN,
    DELICATE_LEGATO,
    DRY_STACCATO,
    FREE_ROMANTIC,
    MANNERS,
    RUSHED_AND_LOUD,
    SLOW_AND_DARK,
    PlayedNote,
    PlayedScore,
    perform,
)
from espr.demo.scores import BACH_PRELUDE, FUR_ELISE, SCORES, midi_number
from espr.demo.synthesiser import RATE, build_piano, render

SEEDS = range(4)


def note(onset=0.1, duration=1.0, pitch=69, velocity=70.0):
    return PlayedNote(onset, duration, pitch, velocity)


def sound(*notes, pedal=(), seed=0, rate=RATE):
    return render(PlayedScore(notes, pedal), seed, rate)


def level(samples, start, end):
    """RMS in dB of full scale between two times in seconds."""
    part = samples[int(start * RATE) : int(end * RATE)].astype(float)
    return 10 * np.log10(np.mean(part**2) + 1e-12)


def centroid(samples):
    """Spectral centroid in Hz, by energy."""
    energy = np.abs(np.fft.rfft(samples)) ** 2
    return (energy * np.fft.rfftfreq(len(samples), 1 / RATE)).sum() / energy.sum()


def strongest(samples, low, high):
    """The frequency in Hz of the highest peak in a band, by parabolic interpolation."""
    size = 8 * len(samples)
    spectrum = np.log(np.abs(np.fft.rfft(samples * np.hanning(len(samples)), size)) + 1e-9)
    band = np.arange(int(low * size / RATE), int(high * size / RATE))
    peak = band[np.argmax(spectrum[band])]
    left, middle, right = spectrum[peak - 1 : peak + 2]
    return (peak + 0.5 * (left - right) / (left - 2 * middle + right)) * RATE / size


@pytest.mark.parametrize("seed", SEEDS)
def test_a_is_in_tune_with_the_piano(seed):
    heard = strongest(sound(note(duration=2.0), seed=seed)[RATE // 4 : 2 * RATE], 400, 480)
    assert abs(1200 * np.log2(heard / 440.0)) < 6
    assert abs(1200 * np.log2(heard / build_piano(seed).diapason)) < 3


def test_partials_are_stretched_by_the_stiffness_of_the_string():
    samples = sound(note(duration=2.0, pitch=60, velocity=110.0))[RATE // 4 : 2 * RATE]
    fundamental = strongest(samples, 250, 275)
    sharp = []
    for order in (2, 4, 6):
        harmonic = order * fundamental
        heard = strongest(samples, harmonic - 30, harmonic + 60)
        sharp.append(1200 * np.log2(heard / harmonic))
    assert 0 < sharp[0] < sharp[1] < sharp[2] < 30


@pytest.mark.parametrize("seed", SEEDS)
def test_repeated_notes_begin_when_they_are_struck(seed):
    struck = [0.2 + 0.25 * count for count in range(8)]
    samples = sound(*(note(onset, 0.1) for onset in struck), seed=seed)
    envelope = np.convolve(samples**2, np.ones(64) / 64, "same")
    for onset in struck:
        around = envelope[int((onset - 0.05) * RATE) : int((onset + 0.05) * RATE)]
        steepest = np.argmax(around[256:] / (around[:-256] + 1e-7)) + 128
        assert abs(steepest / RATE - 0.05) < 0.012


@pytest.mark.parametrize("seed", SEEDS)
def test_a_harder_blow_is_louder_and_brighter(seed):
    soft, middle, hard = (sound(note(velocity=v), seed=seed) for v in (30.0, 70.0, 110.0))
    assert level(soft, 0.1, 0.6) + 6 < level(middle, 0.1, 0.6)
    assert level(middle, 0.1, 0.6) + 4 < level(hard, 0.1, 0.6)
    assert centroid(soft) < centroid(middle) < centroid(hard)


def test_dampers_end_a_short_note_and_the_pedal_keeps_it():
    short, long = sound(note(duration=0.15)), sound(note(duration=1.0))
    held = sound(note(duration=0.15), pedal=((0.15, 1.1),))
    assert level(short, 0.6, 0.9) + 20 < level(long, 0.6, 0.9)
    assert level(held, 0.6, 0.9) == pytest.approx(level(long, 0.6, 0.9), abs=1.0)
    assert level(held, 2.0, 2.3) + 20 < level(held, 0.6, 0.9)


def test_low_notes_ring_longer_than_high_ones():
    fall = [
        level(samples, 0.2, 0.4) - level(samples, 1.2, 1.4)
        for samples in (sound(note(duration=2.0, pitch=pitch)) for pitch in (40, 64, 88))
    ]
    assert fall[0] < fall[1] < fall[2]


def test_a_seed_is_one_piano_and_another_seed_another():
    once, again, other = (sound(note(), seed=seed) for seed in (1, 1, 2))
    assert once.dtype == np.float32
    np.testing.assert_array_equal(once, again)
    assert not np.allclose(once, other)


def test_another_rate_is_the_same_sound():
    double = sound(note(duration=2.0), rate=2 * RATE)
    assert len(double) == pytest.approx(2 * len(sound(note(duration=2.0))), abs=2)
    heard = strongest(double[RATE // 2 : 4 * RATE : 2], 400, 480)
    assert abs(1200 * np.log2(heard / 440.0)) < 6


def test_nothing_to_play_is_only_the_room():
    assert np.abs(sound()).max() < 0.01


def test_nothing_clips():
    chord = [note(pitch=pitch, velocity=127.0) for pitch in range(36, 84, 2)]
    assert np.abs(sound(*chord)).max() < 0.96


def test_pitches_are_named_as_musicians_do():
    assert [midi_number(name) for name in ("C4", "A4", "F#4", "Bb3")] == [60, 69, 66, 58]


def test_the_pieces_are_as_long_as_their_bars():
    assert BACH_PRELUDE.end == 11 * 4
    assert FUR_ELISE.end == 66  # an upbeat of one eighth, 21 bars of three, two beats of the last
    assert {note.pitch % 12 for note in BACH_PRELUDE.notes} == {0, 2, 4, 5, 6, 7, 9, 11}
    for score in SCORES:
        assert all(note.onset % score.pulse == 0 for note in score.notes)


@pytest.mark.parametrize("score", SCORES, ids=lambda score: score.slug)
def test_manners_differ_as_their_names_say(score):
    played = {manner.name: perform(score, manner, seed=3) for manner in MANNERS}

    def length(manner):
        return played[manner.name].notes[-1].onset

    def force(manner):
        return np.mean([note.velocity for note in played[manner.name].notes])

    def held(manner):
        return np.median([note.duration for note in played[manner.name].notes])

    assert length(RUSHED_AND_LOUD) < length(DEADPAN) < length(SLOW_AND_DARK)
    assert force(DELICATE_LEGATO) < force(DEADPAN) < force(RUSHED_AND_LOUD)
    assert held(DRY_STACCATO) < 0.5 * held(DEADPAN) < held(DELICATE_LEGATO)
    velocities = [note.velocity for note in played[FREE_ROMANTIC.name].notes]
    assert np.std(velocities) > 5
    assert {note.velocity for note in played[DEADPAN.name].notes} == {DEADPAN.velocity}


def test_a_machine_keeps_the_beat_and_a_romantic_does_not():
    def beats(manner):
        onsets = np.array([note.onset for note in perform(BACH_PRELUDE, manner, seed=3).notes])
        return np.diff(onsets)[:-1]

    assert np.std(beats(DEADPAN)) < 1e-6 < 0.02 < np.std(beats(FREE_ROMANTIC))
