"""The `signal` encoder: every feature measured from the spectrogram, nothing learned.

Each feature is one number a window, by a published signal-level definition:

================= ======================================================================
melodiousness     salience of the top line times how much of it moves by step
articulation      mean fall of the level between one onset and the next, dB
rhythm_stability  pulse clarity, the highest autocorrelation of the onset strength
rhythm_complexity entropy and pairwise variability of the inter-onset intervals
dissonance        sensory roughness of the spectral peaks
tonal_stability   correlation with the best key over 3 s
minorness         correlation with the best minor key less the best major one
onset_density     onsets per second, chords counted once
loudness          root mean square relative to the recording's peak, dB
dynamic_range     standard deviation of the levels at onsets, weighted, dB
attack            mean onset strength at the onsets
brightness        energy above 1.5 kHz relative to all, dB
================= ======================================================================

The sources stand in the modules that compute them: :mod:`espr.audio.onsets`,
:mod:`~espr.audio.rhythm`, :mod:`~espr.audio.tonality`, :mod:`~espr.audio.melody`,
:mod:`~espr.audio.dynamics`. HPSS and a constant-Q transform would cost 6.3 s and 0.6 s for three
minutes of music; spectrograms and features together cost 0.15 s (`make bench`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from espr.audio import dynamics, melody, onsets, rhythm, tonality
from espr.audio.decode import SAMPLE_RATE, Sound
from espr.audio.encoder import HOP, SHORTEST_PARTIAL, WINDOW
from espr.audio.spectrogram import (
    FRAME_LENGTH,
    FRAME_RATE,
    ONSET_HOP,
    ONSET_RATE,
    band_magnitudes,
    choose_transform,
    log_filterbank,
    log_frame_starts,
    logarithmic,
    onset_magnitudes,
)
from espr.audio.spooled_spectrogram import KeptSpectrogram
from espr.features import AUDIO_SPACE

_CHUNK = 6_000 * ONSET_HOP  # samples, a minute: memory stays flat however long the recording
_BRIGHT = 1_500.0  # Hz
_RATES = (ONSET_RATE, FRAME_RATE)  # of the fast and the slow frames


@dataclass(frozen=True, slots=True)
class Frames:
    """What is kept of every frame: 20 numbers instead of 149 bands.

    The first two at 100.2 frames a second, the others at 31.3.
    """

    strength: np.ndarray  # (f,) onset strength
    level: np.ndarray  # (f,) dB
    classes: np.ndarray  # (g, 12) pitch classes
    roughness: np.ndarray  # (g,)
    line: np.ndarray  # (g,) top line, quarter tones above A2
    salience: np.ndarray  # (g,)
    weight: np.ndarray  # (g,) sum of the band magnitudes
    bright_energy: np.ndarray  # (g,) above 1.5 kHz
    energy: np.ndarray  # (g,)
    power: np.ndarray  # (f,) mean square of the samples

    @staticmethod
    def joined(parts: list[Frames]) -> Frames:
        return Frames(
            *(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Frames))
        )

    def between(self, start: float, end: float, before: tuple[int, int] = (0, 0)) -> Frames:
        """The frames between two times in seconds; ``before``: how many fast and slow are gone."""
        fast, slow = (
            slice(round(start * rate) - gone, round(end * rate) - gone)
            for rate, gone in zip(_RATES, before, strict=True)
        )
        is_fast = {"strength", "level", "power"}
        return Frames(
            *(getattr(self, f.name)[fast if f.name in is_fast else slow] for f in fields(Frames))
        )


def window_times(duration: float) -> np.ndarray:
    """Start and end of each window in seconds from the first sound, shape=(n, 2).

    Windows start every 5 s as long as 5 s are left. Less than 15 s is wrapped into one window.
    """
    if duration < WINDOW:  # one window, wrapped
        return np.array([[0.0, WINDOW]])
    starts = np.arange(int((duration - SHORTEST_PARTIAL) // HOP) + 1) * HOP
    return np.stack([starts, np.minimum(starts + WINDOW, duration)], axis=1)


def measured_windows(
    sound: Sound,
    spans: np.ndarray,
    timings: dict[str, float],
    spectrogram: KeptSpectrogram | None = None,
) -> np.ndarray:
    """The features of every window, shape=(n, 12), float32.

    No more than a chunk and a window of frames is held: an hour of them would be 25 MB.

    Parameters
    ----------
    sound : Sound
    spans : np.ndarray, shape=(n, 2)
        Of :func:`window_times`.
    timings : dict
        Seconds are added to ``spectrogram`` and ``features``.
    spectrogram : KeptSpectrogram, optional
        The magnitudes of the log-frequency spectrogram are appended to it, 149 bands, and its meter
        measures the tuning.
    """
    rows: list[list[float]] = []
    frames: Frames | None = None
    gone = (0, 0)
    for part in _frames(sound, timings, spectrogram):
        since = time.perf_counter()
        frames = part if frames is None else Frames.joined([frames, part])
        ends = (gone[0] + len(frames.strength), gone[1] + len(frames.weight))
        for begin, stop in spans[len(rows) :]:
            if any(round(stop * rate) > end for rate, end in zip(_RATES, ends, strict=True)):
                break
            rows.append(window_features(frames.between(begin, stop, gone)))
        if len(rows) == len(spans):
            frames = None
        else:
            first = spans[len(rows), 0]
            frames = frames.between(first, spans[-1, 1] + 1.0, gone)
            gone = (round(first * ONSET_RATE), round(first * FRAME_RATE))
        timings["features"] = timings.get("features", 0.0) + time.perf_counter() - since
    if frames is not None:  # the last windows may reach a frame beyond the sound
        rest = spans[len(rows) :]
        rows += [window_features(frames.between(begin, stop, gone)) for begin, stop in rest]
    return np.array(rows, np.float32).reshape(-1, len(AUDIO_SPACE))


def _frames(
    sound: Sound, timings: dict[str, float], spectrogram: KeptSpectrogram | None
) -> Iterator[Frames]:
    """Everything the features need, chunk by chunk."""
    before: np.ndarray | None = None
    transform = choose_transform(sound.length)
    shortest = round(WINDOW * SAMPLE_RATE)
    for position, chunk in sound.chunks(_CHUNK, FRAME_LENGTH):
        samples, own = chunk, min(_CHUNK, sound.length - position)
        if sound.length < shortest:
            samples, own = np.resize(chunk, shortest + FRAME_LENGTH), shortest
        since = time.perf_counter()
        starts = log_frame_starts(position, position + own) - position
        fast = onset_magnitudes(samples, -(-own // ONSET_HOP), transform)
        slow = band_magnitudes(samples, starts, transform)
        logarithms = logarithmic(fast)
        now = time.perf_counter()
        timings["spectrogram"] = timings.get("spectrogram", 0.0) + now - since
        if before is None:
            before = np.repeat(logarithms[:1], onsets.LAG, axis=0)
        strength = onsets.onset_strength(logarithms, before)
        described = _describe(samples[:own], fast, slow, strength)
        if spectrogram is not None:
            spectrogram.append(slow)
            spectrogram.meter.add(chunk)
        before = logarithms[-onsets.LAG :]
        timings["features"] = timings.get("features", 0.0) + time.perf_counter() - now
        yield described


def _describe(
    samples: np.ndarray, fast: np.ndarray, slow: np.ndarray, strength: np.ndarray
) -> Frames:
    """Reduce the magnitudes of a chunk to what the features need."""
    _, centres = log_filterbank()
    energies = slow**2
    line, salience = melody.top_line(logarithmic(slow))
    whole = np.zeros(len(fast) * ONSET_HOP, np.float32)
    whole[: len(samples)] = samples
    return Frames(
        strength=strength,
        level=20.0 * np.log10(fast.sum(axis=1) + 1e-3),
        classes=tonality.pitch_classes(slow),
        roughness=tonality.roughness(slow),
        line=line,
        salience=salience,
        weight=slow.sum(axis=1) + 1e-6,
        bright_energy=energies[:, centres > _BRIGHT].sum(axis=1),
        energy=energies.sum(axis=1),
        power=(whole.reshape(-1, ONSET_HOP) ** 2).mean(axis=1),
    )


def window_features(frames: Frames) -> list[float]:
    """The twelve features of one window, in the order of the space."""
    found = onsets.pick_onsets(frames.strength)
    times = onsets.onset_times(found, frames.strength)
    clarity, minorness = tonality.key_clarity_and_minorness(frames.classes)
    strengths = frames.strength[found]
    share = float(frames.bright_energy.sum() / (frames.energy.sum() + 1e-9))
    return [
        melody.melodiousness(frames.line, frames.salience, frames.weight, times),
        dynamics.fall_between_onsets(frames.level, found),
        rhythm.pulse_clarity(frames.strength),
        rhythm.rhythmic_variety(times),
        float(np.average(frames.roughness, weights=frames.weight)),
        clarity,
        minorness,
        len(found) / (len(frames.strength) / ONSET_RATE),
        10.0 * float(np.log10(frames.power.mean() + 1e-12)),
        dynamics.level_spread_at_onsets(frames.level, found, frames.strength),
        float(strengths.mean()) if len(strengths) else 0.0,
        10.0 * float(np.log10(share + 1e-9)),
    ]
