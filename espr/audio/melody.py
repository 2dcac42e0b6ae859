"""The top line: how far one pitch stands out, and how it moves.

Salience is the sum over harmonics of the locally whitened spectrum (Klapuri, ISMIR 2006;
Salamon & Gómez, IEEE TASLP 2012, with their decay of 0.8 a harmonic). What raters could sing
along to has a salient line that moves by step (Aljanaki & Soleymani 2018; Huron 2006 on step
inertia in singable melodies).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from espr.audio.spectrogram import FRAME_RATE, log_filterbank

_CANDIDATES = 440.0 * 2.0 ** (np.arange(-48, 49) / 24.0)  # A2 to A6 in quarter tones, Hz
_HARMONICS = 6
_DECAY = 0.8  # weight of a harmonic against the one below it
_WHITENING = 25  # bands, an octave
_STEP = 5.0  # quarter tones: a whole tone, and the width of a band
_SETTLED = np.arange(1, 6)  # frames after an onset over which its pitch is read, 30 to 190 ms


@cache
def _harmonic_map() -> np.ndarray:
    """Weights of every band for every candidate, shape=(bands, candidates)."""
    _, centres = log_filterbank()
    weights = np.zeros((len(centres), len(_CANDIDATES)), np.float32)
    for candidate, fundamental in enumerate(_CANDIDATES):
        for harmonic in range(1, _HARMONICS + 1):
            band = int(np.abs(centres - harmonic * fundamental).argmin())
            weights[band, candidate] += _DECAY ** (harmonic - 1)
    return weights


@cache
def _whitening() -> np.ndarray:
    """What takes off the mean of the bands around, reflected beyond the ends, (bands, bands)."""
    bands = len(log_filterbank()[1])
    padded = np.pad(np.eye(bands), ((0, 0), (_WHITENING // 2, _WHITENING // 2)), "symmetric")
    around = np.lib.stride_tricks.sliding_window_view(padded, _WHITENING, axis=1).mean(axis=2)
    whitening: np.ndarray = (np.eye(bands) - around).astype(np.float32)
    return whitening


def top_line(spectrogram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The most salient pitch of each frame.

    Parameters
    ----------
    spectrogram : np.ndarray, shape=(frames, bands), log10(1 + magnitude)

    Returns
    -------
    line : np.ndarray, shape=(frames,), int16
        Index of the most salient candidate, in quarter tones above A2.
    salience : np.ndarray, shape=(frames,), float32
        Its salience over the mean of all candidates.
    """
    whitened = spectrogram @ _whitening()
    np.maximum(whitened, 0.0, out=whitened)
    salience = whitened @ _harmonic_map()
    line = salience.argmax(axis=1).astype(np.int16)
    return line, salience.max(axis=1) / (salience.mean(axis=1) + 1e-6)


def melodiousness(
    line: np.ndarray,
    salience: np.ndarray,
    weights: np.ndarray,
    onset_seconds: np.ndarray,
) -> float:
    """Salience of the top line times how much it moves by step: 1 for none, 1/2 for a whole tone.

    Parameters
    ----------
    line, salience : np.ndarray, shape=(frames,)
        From :func:`top_line`.
    weights : np.ndarray, shape=(frames,)
        How loud each frame is.
    onset_seconds : np.ndarray, shape=(n,)
        Onsets, from the beginning of ``line``.
    """
    moves = np.diff(_settled_pitches(line, (onset_seconds * FRAME_RATE).astype(np.int64)))
    steps = float((1.0 / (1.0 + (moves / _STEP) ** 2)).mean()) if len(moves) else 0.0
    return float(np.average(salience, weights=weights)) * steps


def _settled_pitches(line: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The median of the line after each onset, as far as the line reaches, shape=(n,)."""
    starts = starts[starts + 1 < len(line)]
    places = starts[:, None] + _SETTLED
    whole = places[:, -1] < len(line)
    pitches = np.empty(len(starts))
    # of five numbers the third; a hundred calls of np.median would cost ten times as much
    pitches[whole] = np.sort(line[places[whole]], axis=1)[:, len(_SETTLED) // 2]
    pitches[~whole] = [np.median(line[start + 1 :]) for start in starts[~whole]]
    return pitches
