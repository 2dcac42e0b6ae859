"""Harmony from sounding notes: dissonance, key clarity and modulation, mode.

All are computed from the amplitude of every key in frames of 0.1 s, :func:`sounding_keys`.
"""

from __future__ import annotations

from functools import cache

import numpy as np

_FRAME = 0.1  # s
_STRETCH, _HOP = 4.0, 2.0  # s: over which a key is taken as one
_HARMONICS = 6

# Krumhansl & Kessler, Psychological Review 1982: probe-tone ratings.
_KRUMHANSL = (
    (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
)
# Albrecht & Shanahan, "The use of large corpora to train a new type of key-finding algorithm",
# Music Perception 2013: tells the mode better.
_ALBRECHT = (
    (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
    (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
)
_TRIADS = ((0, 4, 7), (0, 3, 7))


@cache
def _roughness() -> np.ndarray:
    """Sensory dissonance of two equally loud keys, shape=(128, 128); 0 on the diagonal.

    Plomp & Levelt's curve as Sethares, "Local consonance and the relationship between timbre
    and scale", JASA 1993, gives it, over six harmonics falling by 0.7 each.
    """
    frequencies = 440.0 * 2.0 ** ((np.arange(128) - 69) / 12.0)
    harmonics = np.arange(1, _HARMONICS + 1)
    partials = (frequencies[:, None] * harmonics).ravel()
    strengths = np.tile(0.7 ** (harmonics - 1.0), 128)
    lower = np.minimum(partials[:, None], partials[None, :])
    width = 0.24 / (0.021 * lower + 19.0)
    distance = width * np.abs(partials[:, None] - partials[None, :])
    rough = np.exp(-3.5 * distance) - np.exp(-5.75 * distance)
    rough *= np.minimum(strengths[:, None], strengths[None, :])
    keys = rough.reshape(128, _HARMONICS, 128, _HARMONICS).sum(axis=(1, 3))
    np.fill_diagonal(keys, 0.0)
    return np.asarray(keys)


def sounding_keys(
    onsets: np.ndarray,
    ends: np.ndarray,
    pitches: np.ndarray,
    velocities: np.ndarray,
    span: float,
) -> np.ndarray:
    """Amplitude of every key in frames of 0.1 s, shape=(frames, 128), decaying from its stroke.

    A string loses half its amplitude in 0.8 s at C4, faster above, slower below.
    """
    frames = max(1, int(np.ceil(span / _FRAME)))
    first = np.minimum((onsets / _FRAME).astype(int), frames - 1)
    lengths = np.minimum(np.ceil(ends / _FRAME).astype(int), frames) - first
    lengths = np.maximum(lengths, 1)
    note = np.repeat(np.arange(len(onsets)), lengths)
    age = np.arange(len(note)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    half_life = 0.8 * 2.0 ** (-(pitches - 60.0) / 24.0) / _FRAME
    amplitudes = (velocities / 127.0)[note] * 2.0 ** (-age / half_life[note])
    places = (first[note] + age) * 128 + pitches.astype(int)[note]
    flat = np.bincount(places, weights=amplitudes, minlength=frames * 128)
    return np.asarray(flat.reshape(frames, 128))


def dissonance(sounding: np.ndarray) -> float:
    """Consonant (low) to dissonant (high), log2 of the mean roughness of a sounding interval.

    The roughness of all pairs of sounding keys (:func:`_roughness`) by the product of their
    amplitudes, so that it does not rise with loudness or with the number of keys, but with what
    a pedal lets run together; frames by their amplitude. Of six ways to normalise, this one
    goes along with the pedal the least (within a segment of PercePiano 0.21, per energy 0.65).
    """
    rough = np.sum((sounding @ _roughness()) * sounding, axis=1) / 2.0
    energy = np.sum(sounding**2, axis=1)
    pairs = (np.sum(sounding, axis=1) ** 2 - energy) / 2.0
    heard = energy > 1e-6
    if not heard.any():
        return float(np.log2(0.02))
    # a key alone, or with one that has faded, is no interval
    quality = rough[heard] / (pairs[heard] + 0.05 * energy[heard])
    return float(np.log2(np.average(quality, weights=np.sqrt(energy[heard])) + 0.02))


def _stretches(sounding: np.ndarray, seconds: float, hop: float) -> np.ndarray:
    """Pitch-class weights of overlapping stretches, shape=(s, 12); silent ones left out."""
    classes = np.zeros((len(sounding), 12))
    for octave in range(0, 120, 12):
        classes += sounding[:, octave : octave + 12]
    classes[:, :8] += sounding[:, 120:]
    sums = np.vstack([np.zeros(12), np.cumsum(classes, axis=0)])
    size, step = round(seconds / _FRAME), round(hop / _FRAME)
    starts = np.arange(0, max(1, len(sounding) - size // 2), step)
    found = sums[np.minimum(starts + size, len(sounding))] - sums[starts]
    return np.asarray(found[found.sum(axis=1) > 1e-9])


@cache
def _keys(profiles: tuple[tuple[float, ...], ...]) -> np.ndarray:
    """Normalised profiles of the 12 major and the 12 minor keys, shape=(12, 24)."""
    rows = np.array([np.roll(profile, tonic) for profile in profiles for tonic in range(12)])
    rows -= rows.mean(axis=1, keepdims=True)
    return np.asarray((rows / np.linalg.norm(rows, axis=1, keepdims=True)).T)


def _correlations(classes: np.ndarray, profiles: tuple[tuple[float, ...], ...]) -> np.ndarray:
    """Of pitch-class weights (s, 12) with every key, shape=(s, 24)."""
    centred = classes - classes.mean(axis=-1, keepdims=True)
    norms = np.linalg.norm(centred, axis=-1, keepdims=True)
    return np.asarray(centred / np.maximum(norms, 1e-9) @ _keys(profiles))


def tonal_stability(sounding: np.ndarray) -> float:
    """Wandering (low) to anchored (high): how clear the key is, and how little it changes.

    Key clarity is the highest correlation of 4 s of music with Krumhansl & Kessler's profiles
    (Krumhansl, Cognitive Foundations of Musical Pitch, 1990; Lartillot & Toiviainen, "A Matlab
    toolbox for musical feature extraction", 2007); modulation shows as a lower correlation with
    the key of the whole window. The mean of both.
    """
    local = _correlations(_stretches(sounding, _STRETCH, _HOP), _KRUMHANSL)
    if not len(local):
        return 0.0
    home = int(np.argmax(_correlations(_all_classes(sounding), _KRUMHANSL)))
    return float(np.mean(local.max(axis=1) + local[:, home]) / 2.0)


def _all_classes(sounding: np.ndarray) -> np.ndarray:
    """Pitch-class weights of everything, shape=(12,)."""
    return np.asarray(np.bincount(np.arange(128) % 12, weights=sounding.sum(axis=0)))


def minorness(sounding: np.ndarray) -> float:
    """Major (low) to minor (high): whether minor chords and keys would accompany it.

    The best minor less the best major correlation, of the window with Albrecht & Shanahan's key
    profiles and, half of it, of every second with the triads.
    """
    keys = _correlations(_all_classes(sounding), _ALBRECHT)
    chords = _correlations(_stretches(sounding, 1.0, 0.5), _triads())
    mode = keys[12:].max() - keys[:12].max()
    if not len(chords):
        return float(mode)
    triads = np.mean(chords[:, 12:].max(axis=1) - chords[:, :12].max(axis=1))
    return float(mode + triads)


def key_of(pitches: np.ndarray, weights: np.ndarray) -> tuple[int, bool]:
    """Tonic (0 is C) and whether it is minor, of notes weighted by duration."""
    classes = np.bincount(pitches.astype(int) % 12, weights=weights, minlength=12)
    best = int(np.argmax(_correlations(classes, _ALBRECHT)))
    return best % 12, best >= 12


@cache
def _triads() -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(tone in triad) for tone in range(12)) for triad in _TRIADS)
