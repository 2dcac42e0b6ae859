"""Rhythm and tempo from onsets: pulse clarity, complexity, fluctuation of tempo."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

_RATE = 100.0  # frames a second of the onset train
_BLUR = 0.025  # s, standard deviation: how far a pulse may be missed and still be felt as one
_LAGS = (0.1, 1.5)  # s: from the fastest running notes to 40 beats a minute
_LOCAL, _HOP = 3.0, 1.0  # s: stretches over which a tempo is taken as one
_LOCAL_BLUR = 0.04  # s
_LOCAL_LAGS = (0.25, 1.5)  # s: 40 to 240 beats a minute


def _train(onsets: np.ndarray, velocities: np.ndarray, span: float, blur: float) -> np.ndarray:
    """Onsets weighted by velocity on a grid of 10 ms, blurred, without their mean."""
    frames = int(span * _RATE) + 1
    places = np.minimum((onsets * _RATE + 0.5).astype(int), frames - 1)
    train = np.bincount(places, weights=velocities / 127.0, minlength=frames)
    blurred = gaussian_filter1d(train, blur * _RATE, mode="constant")
    centred: np.ndarray = blurred - blurred.mean()
    return centred


def _autocorrelation(trains: np.ndarray) -> np.ndarray:
    """Of each row, for lags from 0, as a share of its variance and without the ends' taper."""
    frames = trains.shape[-1]
    size = 1 << (2 * frames - 1).bit_length()
    spectrum = np.fft.rfft(trains, size)
    found = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, size)[..., :frames]
    found /= np.maximum(found[..., :1], 1e-12)
    # a lag of half the train has half the products
    found *= frames / np.maximum(frames - np.arange(frames), frames / 4)
    return np.asarray(found)


def rhythm_stability(onsets: np.ndarray, velocities: np.ndarray, span: float) -> float:
    """Pulse clarity, free (low) to steady (high): how easy it is to march along.

    The highest autocorrelation of the onset train at a lag of a pulse ("maximal
    autocorrelation", Lartillot, Eerola, Toiviainen & Fornari, "Multi-feature modeling of pulse
    clarity", ISMIR 2008). 0 where there are too few onsets for a pulse. Of 23 choices of blur (10
    to 60 ms), lags and scale this one followed PercePiano's raters best.
    """
    first, last = (round(lag * _RATE) for lag in _LAGS)
    if len(onsets) < 3 or span < 2 * _LAGS[0]:
        return 0.0
    train = _train(onsets, velocities, span, _BLUR)
    correlation = _autocorrelation(train)[first : last + 1]
    return float(np.clip(correlation.max(), 0.0, 1.0))


def tempo_variation(onsets: np.ndarray, velocities: np.ndarray, span: float) -> float:
    """Fluctuation of the local tempo, log2 of its relative standard deviation.

    The tempo of a stretch of 3 s is the lag near the window's pulse at which it correlates most
    with itself; what remains between 1 s later stretches is rubato (the tempo curves of Repp,
    "Diversity and commonality in music performance", JASA 1992, without a score).
    """
    first, last = (round(lag * _RATE) for lag in _LOCAL_LAGS)
    local, hop = int(_LOCAL * _RATE), int(_HOP * _RATE)
    train = _train(onsets, velocities, span, _LOCAL_BLUR)
    if len(onsets) < 6 or len(train) < local + 2 * hop:
        return float(np.log2(0.05))
    whole = _autocorrelation(train)[first : last + 1]
    pulse = first + int(np.argmax(whole))
    stretches = np.lib.stride_tricks.sliding_window_view(train, local)[::hop]
    near = np.arange(round(pulse * 0.75), round(pulse * 1.3333) + 1)
    correlations = _autocorrelation(stretches - stretches.mean(axis=1, keepdims=True))[:, near]
    weights = np.maximum(correlations.max(axis=1), 0.0) + 1e-6
    tempo = np.log(near[np.argmax(correlations, axis=1)])
    mean = np.average(tempo, weights=weights)
    spread = np.sqrt(np.average((tempo - mean) ** 2, weights=weights))
    return float(np.log2(spread + 0.02))


def rhythm_complexity(onsets: np.ndarray, pitches: np.ndarray, group: np.ndarray) -> float:
    """Simple (low) to complex (high): harder to tap, more layers.

    The entropy of inter-onset intervals in classes a third of an octave wide, in bits (e.g.
    Thul & Toussaint, "Rhythm complexity measures", ISMIR 2008); their normalised pairwise
    variability index (Grabe & Low 2002), 1 being 66; and the share of onsets at which only one
    of two layers, the notes below and above the middle, strikes.

    Parameters
    ----------
    onsets : np.ndarray, shape=(g,)
        Of the onset groups, s.
    pitches, group : np.ndarray, shape=(n,)
        Of every note.
    """
    if len(onsets) < 3:
        return 0.0
    intervals = np.maximum(np.diff(onsets), 1e-3)
    classes = np.round(3.0 * np.log2(intervals)).astype(int)
    counts = np.bincount(classes - classes.min())
    share = counts[counts > 0] / len(intervals)
    entropy = -float(np.sum(share * np.log2(share)))
    one, other = intervals[:-1], intervals[1:]
    variability = float(np.mean(np.abs(one - other) / (one + other)))
    upper = pitches > np.median(pitches)
    groups = len(onsets)
    above = np.bincount(group[upper], minlength=groups) > 0
    below = np.bincount(group[~upper], minlength=groups) > 0
    alone = float(np.mean(above != below)) if upper.any() else 0.0
    return entropy / 2.0 + variability * 3.0 + alone
