"""Rhythm and tempo from onsets: pulse clarity, complexity, fluctuation of tempo."""

from __future__ import annotations

import numpy as np

from espr.smoothing import smooth

_RATE = 100.0  # frames a second of the onset train
_BLUR = 0.025  # s, standard deviation: how far a pulse may be missed and still be felt as one
_LAGS = (0.1, 1.5)  # s: from the fastest running notes to 40 beats a minute
_BROAD_CHORD = 0.08  # s
_CLASSES = 12  # of inter-onset intervals, an octave
_LOCAL, _HOP = 3.0, 1.0  # s: stretches over which a tempo is taken as one
_LOCAL_BLUR = 0.04  # s
_LOCAL_LAGS = (0.25, 1.5)  # s: 40 to 240 beats a minute


def group_starts(onsets: np.ndarray, within: float) -> np.ndarray:
    """The first note of each chord: of notes less than ``within`` seconds after it, int."""
    following = np.searchsorted(onsets, onsets + within)
    following = np.maximum(following, np.arange(1, len(onsets) + 1)).tolist()
    starts = []
    note = 0
    while note < len(following):
        starts.append(note)
        note = following[note]
    return np.array(starts, int)


def _train(onsets: np.ndarray, velocities: np.ndarray, span: float, blur: float) -> np.ndarray:
    """Onsets weighted by velocity on a grid of 10 ms, blurred, without their mean."""
    frames = int(span * _RATE) + 1
    places = np.minimum((onsets * _RATE + 0.5).astype(int), frames - 1)
    train = np.bincount(places, weights=velocities / 127.0, minlength=frames)
    blurred = smooth(train, blur * _RATE, reflect=False)
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


def rhythm_complexity(onsets: np.ndarray, pitches: np.ndarray) -> float:
    """Simple (low) to complex (high): harder to tap, more layers.

    The entropy of inter-onset intervals in octaves (e.g. Thul & Toussaint, "Rhythm complexity
    measures", ISMIR 2008), the density blurred by a quarter octave, so that notes are told
    from their halves but rubato counts little; their normalised pairwise variability index
    (Grabe & Low 2002); and whether two layers, the notes above and below the middle, strike
    now together, now alone (a single line or block chords never do both). Chords may be 80 ms
    broad. Of 24 variants of the blur, that breadth and the parts this one repeats rhythm
    stability and texture the least.
    """
    starts = group_starts(onsets, _BROAD_CHORD)
    if len(starts) < 3:
        return 0.0
    intervals = np.maximum(np.diff(onsets[starts]), 1e-3)
    places = np.round(_CLASSES * np.log2(intervals)).astype(int)
    margin = 4 * _CLASSES
    counts = np.bincount(places - places.min() + margin, minlength=np.ptp(places) + 2 * margin + 1)
    blur = _CLASSES / 4.0
    density = smooth(counts / len(intervals), blur, reflect=False)
    density = density[density > 1e-9]
    # less the entropy of the blur itself: 0 bits for one note value
    entropy = -float(np.sum(density * np.log2(density))) - np.log2(blur * np.sqrt(2 * np.pi * np.e))
    one, other = intervals[:-1], intervals[1:]
    variability = float(np.mean(np.abs(one - other) / (one + other)))
    group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(onsets))))
    upper = pitches > np.median(pitches)
    above = np.bincount(group[upper], minlength=len(starts)) > 0
    below = np.bincount(group[~upper], minlength=len(starts)) > 0
    alone = float(np.mean(above != below)) if upper.any() else 0.0
    return float(entropy + 3.0 * variability + 4.0 * alone * (1.0 - alone))
