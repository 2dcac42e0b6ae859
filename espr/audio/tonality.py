"""Pitch content of a window: how sure its key is, how minor, how rough.

Key: correlation of pitch-class profiles with Temperley's corpus-based key profiles
(Temperley, *Music and Probability*, 2007, after Krumhansl & Kessler 1982). Key clarity and
mode as in MIRtoolbox (Lartillot & Toiviainen 2007): the best correlation, and the best minor
one less the best major one. Roughness: Sethares, "Local consonance and the relationship
between timbre and scale", JASA 1993, over the spectrum's peaks (Plomp & Levelt 1965).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from espr.audio.onsets import highest_of_three
from espr.audio.spectrogram import FRAME_RATE, log_filterbank

_LOWEST, _HIGHEST = (
    100.0,
    4_000.0,
)  # Hz; outside, bands are wider than a semitone or mostly noise
_SPAN = round(3.0 * FRAME_RATE)  # frames over which a key is estimated
_STEP = round(1.0 * FRAME_RATE)
# Temperley (2007), p. 85, major and minor, from the tonic
_MAJOR = (
    0.748,
    0.060,
    0.488,
    0.082,
    0.670,
    0.460,
    0.096,
    0.715,
    0.104,
    0.366,
    0.057,
    0.400,
)
_MINOR = (
    0.712,
    0.084,
    0.474,
    0.618,
    0.049,
    0.460,
    0.105,
    0.747,
    0.404,
    0.067,
    0.133,
    0.330,
)


@cache
def _pitch_class_map() -> np.ndarray:
    """Shares of every band in the twelve pitch classes, shape=(bands, 12), C first."""
    _, centres = log_filterbank()
    shares = np.zeros((len(centres), 12), np.float32)
    for band, frequency in enumerate(centres):
        if _LOWEST < frequency < _HIGHEST:
            pitch = 69.0 + 12.0 * np.log2(frequency / 440.0)
            below = int(np.floor(pitch))
            shares[band, below % 12] += 1.0 - (pitch - below)
            shares[band, (below + 1) % 12] += pitch - below
    return shares


@cache
def _key_profiles() -> np.ndarray:
    """Standardised profiles of the 24 keys, shape=(24, 12): C major … B major, C minor …."""
    profiles = np.array([np.roll(mode, tonic) for mode in (_MAJOR, _MINOR) for tonic in range(12)])
    centred = profiles - profiles.mean(axis=1, keepdims=True)
    standardised: np.ndarray = centred / centred.std(axis=1, keepdims=True)
    return standardised


@cache
def _roughness_kernel() -> np.ndarray:
    """Roughness of every pair of bands at equal amplitude, shape=(bands, bands) (Sethares)."""
    _, centres = log_filterbank()
    lower, upper = (
        np.minimum.outer(centres, centres),
        np.maximum.outer(centres, centres),
    )
    distance = 0.24 / (0.021 * lower + 19.0) * (upper - lower)
    kernel = np.exp(-3.5 * distance) - np.exp(-5.75 * distance)
    audible = centres > 60.0
    kernel[~audible], kernel[:, ~audible] = 0.0, 0.0
    smaller: np.ndarray = kernel.astype(np.float32)
    return smaller


def pitch_classes(magnitudes: np.ndarray) -> np.ndarray:
    """Band magnitudes, shape=(frames, bands), to pitch classes, shape=(frames, 12)."""
    classes: np.ndarray = magnitudes @ _pitch_class_map()
    return classes


def roughness(magnitudes: np.ndarray) -> np.ndarray:
    """Sensory roughness of each frame, relative to the energy of its peaks.

    Parameters
    ----------
    magnitudes : np.ndarray, shape=(frames, bands), float32, linear

    Returns
    -------
    np.ndarray, shape=(frames,)
        0 for one partial; higher where strong partials lie within a critical band.
    """
    peaks = np.where(magnitudes == highest_of_three(magnitudes), magnitudes, np.float32(0.0))
    pairs = np.einsum("fb,fb->f", peaks @ _roughness_kernel(), peaks)
    relative: np.ndarray = pairs / ((peaks**2).sum(axis=1) + 1e-6)
    return relative


def key_clarity_and_minorness(classes: np.ndarray) -> tuple[float, float]:
    """How sure the key is, and how minor, averaged over spans of 3 s, 1 s apart.

    Parameters
    ----------
    classes : np.ndarray, shape=(frames, 12)

    Returns
    -------
    clarity : float
        The best correlation with any key, up to 1.
    minorness : float
        The best minor correlation less the best major one.
    """
    starts = range(0, max(1, len(classes) - _SPAN + 1), _STEP)
    spans = np.array([classes[start : start + _SPAN].sum(axis=0) for start in starts])
    centred = spans - spans.mean(axis=1, keepdims=True)
    standardised = centred / (centred.std(axis=1, keepdims=True) + 1e-9)
    correlations = standardised @ _key_profiles().T / 12.0
    major, minor = correlations[:, :12].max(axis=1), correlations[:, 12:].max(axis=1)
    return float(np.maximum(major, minor).mean()), float((minor - major).mean())
