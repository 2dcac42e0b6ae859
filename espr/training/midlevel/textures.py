"""Piano textures made by rule: progressions of chords, melodies over them, and what breaks rules.

Every texture takes a generator of random numbers and gives notes, shape=(n, 4): onset and
duration in quarter notes, MIDI pitch, voice (0 is the uppermost), and the quarter notes of a bar.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_BARS = 60
_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
# Degrees of the scale on which a bar's triad stands, four bars each.
_PROGRESSIONS = (
    (0, 3, 4, 0),
    (0, 5, 3, 4),
    (0, 4, 5, 3),
    (0, 1, 4, 0),
    (5, 3, 0, 4),
    (0, 2, 3, 4),
    (0, 0, 4, 4),
    (3, 6, 2, 5),
)
# A bar of four quarters, from plain to intricate.
_RHYTHMS: tuple[tuple[float, ...], ...] = (
    (1, 1, 1, 1),
    (2, 1, 1),
    (0.5,) * 8,
    (1.5, 0.5, 1, 1),
    (1, 0.5, 0.5, 1, 1),
    (0.75, 0.25, 0.75, 0.25, 1, 1),
    (1 / 3,) * 3 + (1, 1 / 3, 1 / 3, 1 / 3, 1),
    (0.5, 1, 1, 1, 0.5),
    (0.25, 0.25, 0.5, 1.25, 0.75, 1),
    (0.4,) * 5 + (1.25, 0.75),
)

Notes = list[tuple[float, float, float, float]]
Texture = tuple[np.ndarray, float]


class _Harmony:
    """A key and a triad for every bar."""

    def __init__(self, rng: np.random.Generator, wandering: bool | None = None) -> None:
        self.rng = rng
        wanders = bool(rng.random() < 0.3) if wandering is None else wandering
        tonic, minor = int(rng.integers(12)), bool(rng.random() < 0.5)
        self.keys: list[tuple[int, bool]] = []
        self.degrees: list[int] = []
        while len(self.degrees) < _BARS:
            if wanders and self.degrees:
                tonic = (tonic + int(rng.integers(1, 12))) % 12
                minor = bool(rng.random() < 0.5)
            self.degrees += _PROGRESSIONS[rng.integers(len(_PROGRESSIONS))]
            self.keys += [(tonic, minor)] * 4
        self.rhythms = rng.choice(len(_RHYTHMS), 2, replace=False)

    def step(self, bar: int, step: int) -> int:
        """MIDI pitch of a step of the bar's scale, 0 the tonic about C4."""
        tonic, minor = self.keys[bar]
        scale = list(_MINOR if minor else _MAJOR)
        if minor and self.degrees[bar] == 4:
            scale[6] = 11  # the leading note of the dominant
        return 60 + (tonic if tonic < 7 else tonic - 12) + 12 * (step // 7) + scale[step % 7]

    def chord(self, bar: int, tones: int = 3) -> list[int]:
        degree = self.degrees[bar]
        return [self.step(bar, degree + 2 * tone) for tone in range(tones)]

    def melody(self, bar: int, place: int, leap: float) -> tuple[Notes, int]:
        """A bar of melody above C4 from scale step ``place``, and where it ends."""
        notes: Notes = []
        onset = 0.0
        for duration in _RHYTHMS[self.rhythms[int(self.rng.random() < 0.3)]]:
            if self.rng.random() < leap:
                place += int(self.rng.choice([-5, -4, -3, 3, 4, 5]))
            else:
                place += int(self.rng.choice([-1, -1, 0, 1, 1]))
            place = int(np.clip(place, 2, 16))
            if onset % 2 == 0 and (place - self.degrees[bar]) % 7 not in (0, 2, 4):
                place += int(self.rng.choice([-1, 1]))
            notes.append((4.0 * bar + onset, duration, self.step(bar, place), 0.0))
            onset += duration
        return notes, place


def _with_melody(
    harmony: _Harmony, accompaniment: Callable[[int], Notes], octave: int = 1
) -> Texture:
    notes: Notes = []
    place, leap = 7, float(harmony.rng.choice([0.05, 0.2, 0.7]))
    for bar in range(_BARS):
        upper, place = harmony.melody(bar, place, leap)
        notes += [(o, d, p + 12 * (octave - 1), v) for o, d, p, v in upper] + accompaniment(bar)
    return np.array(notes), 4.0


def _alberti(rng: np.random.Generator) -> Texture:
    harmony, step = _Harmony(rng), float(rng.choice([0.25, 0.5]))

    def accompaniment(bar: int) -> Notes:
        low, middle, high = (pitch - 12 for pitch in harmony.chord(bar))
        pattern = (low, high, middle, high)
        return [(4.0 * bar + n * step, step, pattern[n % 4], 1.0) for n in range(round(4.0 / step))]

    return _with_melody(harmony, accompaniment)


def _accompanied(rng: np.random.Generator) -> Texture:
    """Bass and afterbeats."""
    harmony = _Harmony(rng)

    def accompaniment(bar: int) -> Notes:
        chord = [pitch - 12 for pitch in harmony.chord(bar)]
        notes: Notes = []
        for half in (0.0, 2.0):
            notes.append((4.0 * bar + half, 1.0, chord[0] - 12, 2.0))
            notes += [(4.0 * bar + half + 1.0, 1.0, pitch, 1.0) for pitch in chord]
        return notes

    return _with_melody(harmony, accompaniment)


def _cross_rhythm(rng: np.random.Generator) -> Texture:
    harmony, count = _Harmony(rng), int(rng.choice([3, 5, 6, 7]))

    def accompaniment(bar: int) -> Notes:
        chord = harmony.chord(bar, 4)
        step = 4.0 / count
        return [(4.0 * bar + n * step, step, chord[n % 4] - 12, 1.0) for n in range(count)]

    return _with_melody(harmony, accompaniment)


def _arpeggios(rng: np.random.Generator) -> Texture:
    harmony, step, span = _Harmony(rng), float(rng.choice([0.25, 1 / 3, 0.5])), rng.integers(5, 10)
    notes: Notes = []
    for bar in range(_BARS):
        chord = harmony.chord(bar)
        tones = [chord[n % 3] + 12 * (n // 3) - 24 for n in range(span)]
        tones += tones[-2:0:-1]
        notes += [
            (4.0 * bar + n * step, step, tones[n % len(tones)], float(n % len(tones) < 3))
            for n in range(round(4.0 / step))
        ]
    return np.array(notes), 4.0


def _block_chords(rng: np.random.Generator) -> Texture:
    harmony, tones = _Harmony(rng), int(rng.integers(3, 6))
    notes: Notes = []
    for bar in range(_BARS):
        chord = harmony.chord(bar, tones)
        chord[0] -= 12
        onset = 0.0
        for duration in _RHYTHMS[harmony.rhythms[0]]:
            turned = [pitch + (12 if rng.random() < 0.15 else 0) for pitch in chord]
            top = max(turned)
            notes += [(4.0 * bar + onset, duration, p, float(p != top)) for p in turned]
            onset += duration
    return np.array(notes), 4.0


def _scales(rng: np.random.Generator) -> Texture:
    harmony, step = _Harmony(rng), float(rng.choice([0.25, 0.5]))
    hands, place, direction = int(rng.integers(1, 3)), 0, 1
    notes: Notes = []
    for bar in range(_BARS):
        for n in range(round(4.0 / step)):
            if not -7 < place + direction < 18:
                direction = -direction
            place += direction
            pitch = harmony.step(bar, place)
            notes += [(4.0 * bar + n * step, step, pitch - 12 * h, float(h)) for h in range(hands)]
        if rng.random() < 0.3:
            direction = -direction
    return np.array(notes), 4.0


def _imitation(rng: np.random.Generator) -> Texture:
    """Two voices, the lower repeating the upper a bar later."""
    harmony, place, leap = _Harmony(rng, False), 7, float(rng.choice([0.1, 0.4]))
    harmony.degrees = [0] * len(harmony.degrees)
    notes: Notes = []
    for bar in range(_BARS - 1):
        upper, place = harmony.melody(bar, place, leap)
        notes += upper + [(o + 4.0, d, p - 12, 1.0) for o, d, p, _ in upper]
    return np.array(notes), 4.0


def _atonal(rng: np.random.Generator) -> Texture:
    """Two voices that leap by any interval, in any rhythm."""
    notes: Notes = []
    for voice, centre in ((0.0, 74.0), (1.0, 52.0)):
        onset, rhythm = 0.0, _RHYTHMS[rng.integers(len(_RHYTHMS))]
        n = 0
        while onset < 4.0 * _BARS:
            duration = rhythm[n % len(rhythm)]
            notes.append((onset, duration, centre + rng.integers(-11, 12), voice))
            onset, n = onset + duration, n + 1
    return np.array(notes), 4.0


def _clusters(rng: np.random.Generator) -> Texture:
    """Chords of seconds, here and there a triad."""
    harmony, tones = _Harmony(rng), int(rng.integers(2, 6))
    triads = float(rng.uniform(0.0, 0.6))
    notes: Notes = []
    for bar in range(_BARS):
        onset = 0.0
        for duration in _RHYTHMS[harmony.rhythms[0]]:
            if rng.random() < triads:
                chord = harmony.chord(bar)
            else:
                lowest = int(rng.integers(48, 76))
                chord = (lowest + np.cumsum(rng.integers(1, 3, tones))).tolist()
            top = max(chord)
            notes += [(4.0 * bar + onset, duration, p, float(p != top)) for p in chord]
            onset += duration
    return np.array(notes), 4.0


TEXTURES: dict[str, Callable[[np.random.Generator], Texture]] = {
    "alberti": _alberti,
    "accompanied": _accompanied,
    "cross-rhythm": _cross_rhythm,
    "arpeggios": _arpeggios,
    "chords": _block_chords,
    "scales": _scales,
    "imitation": _imitation,
    "atonal": _atonal,
    "clusters": _clusters,
}
