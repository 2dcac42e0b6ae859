"""Samples to spectrograms: the log-frequency one that pitch is read from, a faster one for time.

`LogSpectrogram` has the front end of the published mid-level network: 2048-sample Hann
frames at 31.3 frames a second, triangular bands at 24 per octave, log10(1 + magnitude)
(madmom's LogarithmicFilteredSpectrogram, Böck et al., ACM MM 2016). `OnsetSpectrogram` has
what onset detection needs: 1024-sample frames every 10 ms (Böck & Widmer, DAFx 2013).

Both take peak-normalised chunks and yield frames as if the recording had come in one piece.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from espr.audio.decode import SAMPLE_RATE

FRAME_RATE = 31.3  # frames a second
FRAME_LENGTH = 2048  # samples
ONSET_HOP = 220  # samples
ONSET_RATE = SAMPLE_RATE / ONSET_HOP  # 100.2 frames a second
ONSET_LENGTH = 1024  # samples

Transform = Callable[[np.ndarray], np.ndarray]  # rows of real numbers to their spectra

_BANDS_PER_OCTAVE = 24
_LONG = 120.0  # seconds: what is shorter is not worth importing SciPy
_TUNING = 440.0  # Hz


@cache
def filterbank(frame_length: int, lowest: float, highest: float) -> tuple[np.ndarray, np.ndarray]:
    """Triangular filters on a logarithmic frequency axis, area-normalised, unique.

    Where bands are narrower than the bins of the transform they collapse onto one bin,
    so that the lowest bands lie further apart than a quarter tone (madmom does the same).

    Returns
    -------
    filters : np.ndarray, shape=(bins, bands), float32
    centres : np.ndarray, shape=(bands,)
        Centre frequencies in Hz.
    """
    bins = frame_length // 2
    bin_frequencies = np.arange(bins) * SAMPLE_RATE / frame_length
    steps = np.arange(
        np.floor(np.log2(lowest / _TUNING) * _BANDS_PER_OCTAVE),
        np.ceil(np.log2(highest / _TUNING) * _BANDS_PER_OCTAVE),
    )
    frequencies = _TUNING * 2.0 ** (steps / _BANDS_PER_OCTAVE)
    frequencies = frequencies[(frequencies >= lowest) & (frequencies <= highest)]
    above = np.clip(np.searchsorted(bin_frequencies, frequencies), 1, bins - 1)
    nearer_below = frequencies - bin_frequencies[above - 1] < bin_frequencies[above] - frequencies
    corners = np.unique(above - nearer_below)
    filters = np.zeros((bins, len(corners) - 2), np.float32)
    for band, (start, centre, stop) in enumerate(
        zip(corners[:-2], corners[1:-1], corners[2:], strict=True)
    ):
        if stop - start < 2:
            centre, stop = start, start + 1
        filters[start:centre, band] = np.linspace(0, 1, centre - start, endpoint=False)
        filters[centre:stop, band] = np.linspace(1, 0, stop - centre, endpoint=False)
    filters /= filters.sum(axis=0)
    return filters, bin_frequencies[corners[1:-1]]


def log_filterbank() -> tuple[np.ndarray, np.ndarray]:
    """The filters and centre frequencies of :func:`log_spectrogram`."""
    return filterbank(FRAME_LENGTH, 20.0, 16_000.0)


def onset_filterbank() -> tuple[np.ndarray, np.ndarray]:
    """The filters and centre frequencies of :func:`onset_spectrogram`."""
    return filterbank(ONSET_LENGTH, 30.0, 8_000.0)


def log_frame_starts(first: int, last: int) -> np.ndarray:
    """First samples of the frames that start in [first, last): frame i at ⌊i · 22050 / 31.3⌋."""
    hop = SAMPLE_RATE / FRAME_RATE
    frames = np.arange(int(np.floor(first / hop)), int(np.ceil(last / hop)) + 1)
    starts = np.floor(frames * hop).astype(np.int64)
    within: np.ndarray = starts[(starts >= first) & (starts < last)]
    return within


def log_spectrogram(samples: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The log-frequency spectrogram of the frames that begin at ``starts``.

    Parameters
    ----------
    samples : np.ndarray, shape=(n,), float32
        Peak-normalised; frames that reach beyond the end see zeros.
    starts : np.ndarray, shape=(frames,), int

    Returns
    -------
    np.ndarray, shape=(frames, 149), float32
        log10(1 + magnitude).
    """
    return logarithmic(band_magnitudes(samples, starts))


def choose_transform(samples: int) -> Transform:
    """What transforms the frames of a recording of so many samples.

    SciPy's is 1.8 times as fast as NumPy's, 0.04 s for three minutes, but importing it costs a
    worker 0.3 s: as much as analysing a short recording.
    """
    if samples < _LONG * SAMPLE_RATE:
        return np.fft.rfft
    from scipy import fft

    transform: Transform = fft.rfft
    return transform


def band_magnitudes(
    samples: np.ndarray, starts: np.ndarray, transform: Transform = np.fft.rfft
) -> np.ndarray:
    """The magnitudes that :func:`log_spectrogram` is made of; same shape, float32."""
    filters, _ = log_filterbank()
    return _filtered(samples, starts, FRAME_LENGTH, filters, transform)


def retuned(magnitudes: np.ndarray, sharp: float) -> np.ndarray:
    """The magnitudes of a recording as if it were tuned ``sharp`` cents lower, same shape, float32.

    Each band is what lies as many cents above it, between the two bands that are nearest there:
    the network finds as many notes as after the samples themselves were resampled.
    """
    _, centres = log_filterbank()
    wanted = np.interp(centres * 2.0 ** (sharp / 1200.0), centres, np.arange(len(centres)))
    below = np.minimum(wanted.astype(int), len(centres) - 2)
    share = (wanted - below).astype(np.float32)
    bands: np.ndarray = magnitudes[:, below] * (1 - share) + magnitudes[:, below + 1] * share
    return bands


def onset_magnitudes(
    samples: np.ndarray, count: int, transform: Transform = np.fft.rfft
) -> np.ndarray:
    """Magnitudes of the first ``count`` frames, 10 ms apart, shape=(count, bands), float32."""
    filters, _ = onset_filterbank()
    starts = np.arange(count) * ONSET_HOP
    return _filtered(samples, starts, ONSET_LENGTH, filters, transform)


def onset_spectrogram(samples: np.ndarray, count: int) -> np.ndarray:
    """The first ``count`` frames, 10 ms apart, shape=(count, bands), log10(1 + magnitude)."""
    return logarithmic(onset_magnitudes(samples, count))


def logarithmic(magnitudes: np.ndarray) -> np.ndarray:
    """log10(1 + magnitude), same shape, float32."""
    bands = magnitudes + np.float32(1.0)
    np.log(bands, out=bands)  # which, unlike log10, NumPy computes several at a time
    bands *= np.float32(1.0 / np.log(10.0))
    return bands


def _filtered(
    samples: np.ndarray,
    starts: np.ndarray,
    length: int,
    filters: np.ndarray,
    transform: Transform,
) -> np.ndarray:
    needed = int(starts[-1]) + length if len(starts) else 0
    if needed > len(samples):
        samples = np.concatenate([samples, np.zeros(needed - len(samples), np.float32)])
    window = np.hanning(length).astype(np.float32)
    used = int(np.flatnonzero(filters.any(axis=1))[-1]) + 1  # bins that reach into a filter
    filters = filters[:used]
    bands = np.empty((len(starts), filters.shape[1]), np.float32)
    views = np.lib.stride_tricks.sliding_window_view(samples, length)
    # 64 frames at a time stay within the second-level cache
    for begin in range(0, len(starts), 64):
        frames = views[starts[begin : begin + 64]] * window
        magnitudes = np.abs(transform(frames)[:, :used])
        np.matmul(magnitudes, filters, out=bands[begin : begin + 64])
    return bands
