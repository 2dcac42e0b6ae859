"""From the frames of windows to what the network says of them; the layers in numpy.

Mean and spread over time of what every frame says, the fit of learned key profiles (over the window
and over its thirds), the autocorrelation of onset-like signals, and what the notes amount to. What
is a sum over a window is the difference of two running sums: windows overlap by two thirds.
:mod:`espr.training.midlevel.window_head` is the same in torch, which trains it.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from espr.audio.midlevel.frame_network import Frames
from espr.audio.midlevel.front_end import LOWEST_PITCH, PITCHES, STEP

LAGS = (4, 64)  # frames of the spectrogram: 0.13 s to 2 s
_SHARPNESS = 10.0  # of the soft maximum over the twelve transpositions of a key profile


class WindowHead:
    """Reads the outputs of windows from frames.

    Parameters
    ----------
    weights : mapping
        By the names of the parameters of the one in torch.
    """

    def __init__(self, weights: Mapping[str, np.ndarray]) -> None:
        profiles = _normalised(weights["templates"].astype(np.float64))
        rotated = [np.roll(profiles, shift, axis=1) for shift in range(12)]
        self._profiles = np.concatenate(rotated).T
        scale = weights["norm.weight"] / np.sqrt(weights["norm.running_var"] + 1e-5)
        self._norm = (scale, weights["norm.bias"] - scale * weights["norm.running_mean"])
        self._rhythm, self._hidden, self._out = (
            (weights[f"{layer}.weight"].T, weights[f"{layer}.bias"])
            for layer in ("rhythm", "hidden", "out")
        )

    @property
    def outputs(self) -> int:
        """How many numbers a window is given."""
        return len(self._out[1])

    def read(self, frames: Frames, spans: np.ndarray) -> np.ndarray:
        """The outputs of windows, standardised.

        Parameters
        ----------
        spans : np.ndarray, shape=(n, 2), int
            First and last frame of each window, the last one excluded.

        Returns
        -------
        np.ndarray, shape=(n, outputs), float32
        """
        rows = _Rows(frames)
        x = np.array([self._inputs(rows, frames.pulses, *span) for span in spans.tolist()])
        scale, shift = self._norm
        hidden = np.maximum(_linear(scale * x + shift, self._hidden), 0.0)
        outputs: np.ndarray = _linear(hidden, self._out).astype(np.float32)
        return outputs

    def _inputs(self, rows: _Rows, pulses: np.ndarray, start: int, end: int) -> np.ndarray:
        """What the layers are fed, shape=(199,)."""
        autocorrelations = autocorrelation(pulses[:, STEP * start : STEP * end]).ravel()
        return np.concatenate(
            [
                *rows.states(start, end),
                np.maximum(_linear(autocorrelations, self._rhythm), 0.0),
                self._keys(rows, start, end),
                rows.note_statistics(start, end),
            ]
        )

    def _keys(self, rows: _Rows, start: int, end: int) -> np.ndarray:
        """How well the learned key profiles fit what sounds and what is struck, shape=(4 · k,).

        Over the whole window, and over its thirds: their mean is clarity without regard to
        modulation.
        """
        thirds = [start + len(part) for part in np.array_split(np.arange(end - start), 3)]
        bounds = start + np.cumsum([0, *(one - start for one in thirds)])
        whole = self._fits(rows.pitch_classes(start, end))
        parts = [self._fits(rows.pitch_classes(one, other)) for one, other in pairwise(bounds)]
        return np.concatenate([whole.ravel(), np.mean(parts, axis=0).ravel()])

    def _fits(self, classes: np.ndarray) -> np.ndarray:
        """Correlation (Krumhansl 1990) of pitch classes (b, 12) with each profile, at its best."""
        fits = (_normalised(classes) @ self._profiles).reshape(len(classes), 12, -1)
        best: np.ndarray = np.log(np.exp(_SHARPNESS * fits).sum(axis=1)) / _SHARPNESS
        return best


class _Rows:
    """Running sums over the frames of a stretch of what is summed or averaged over windows."""

    def __init__(self, frames: Frames) -> None:
        struck, sounding, velocities = frames.onsets, frames.sounding, frames.velocities
        hard = struck * velocities
        kept = np.minimum(struck, np.float32(0.99))
        attacks = 1.0 - np.prod(1.0 - kept, axis=0, dtype=np.float64)  # of any key
        pitches = np.arange(PITCHES, dtype=np.float32) / PITCHES
        self._count = len(frames.states)
        rows = [
            frames.states,
            frames.states**2,
            _folded(sounding),
            _folded(struck * np.maximum(velocities, np.float32(0.05))),
            struck.sum(axis=0),
            sounding.sum(axis=0),
            attacks,
            hard.sum(axis=0),
            (hard * velocities).sum(axis=0),
            pitches @ struck,
        ]
        table = np.vstack(rows)
        self._sums = np.zeros((len(table), len(frames) + 1))
        np.cumsum(table, axis=1, out=self._sums[:, 1:])

    def _between(self, rows: slice, start: int, end: int) -> np.ndarray:
        found: np.ndarray = self._sums[rows, end] - self._sums[rows, start]
        return found

    def states(self, start: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the states."""
        length, n = end - start, self._count
        mean = self._between(slice(n), start, end) / length
        squares = self._between(slice(n, 2 * n), start, end)
        variance = np.maximum(squares - length * mean**2, 0.0) / (length - 1)
        return mean, np.sqrt(variance)

    def pitch_classes(self, start: int, end: int) -> np.ndarray:
        """How much of each pitch class sounds and is struck, C first, shape=(2, 12)."""
        first = 2 * self._count
        sums = self._between(slice(first, first + 24), start, end)
        return sums.reshape(2, 12) / (end - start)

    def note_statistics(self, start: int, end: int) -> np.ndarray:
        """Rates, lengths and velocities of the notes, shape=(7,)."""
        length = end - start
        struck, sounding, attacks, hard, squares, height = self._between(
            slice(2 * self._count + 24, None), start, end
        )
        count, held = struck + 0.1, sounding + 0.1
        mean = hard / count
        spread = (squares - 2.0 * mean * hard + mean**2 * struck) / count
        return np.array(
            [
                np.log(count / length),
                np.log(held / length),
                np.log(held / count),
                np.log(attacks / length + 1e-3),
                mean,
                np.sqrt(max(spread, 0.0) + 1e-6),
                height / count,
            ]
        )


def autocorrelation(pulses: np.ndarray) -> np.ndarray:
    """Normalised autocorrelation from 0.13 s to 2 s, shape=(pulses, lags)."""
    x = pulses - pulses.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(x, n=2 * x.shape[1])
    products = np.fft.irfft(spectrum.real**2 + spectrum.imag**2)
    normalised: np.ndarray = products[:, slice(*LAGS)] / (products[:, :1] + 1e-4)
    return normalised


def _folded(notes: np.ndarray) -> np.ndarray:
    """Rows of the keys, shape=(88, t), added up by pitch class, shape=(12, t), C first."""
    lowest = LOWEST_PITCH % 12
    octaves = np.zeros((-(-(lowest + PITCHES) // 12) * 12, notes.shape[1]), notes.dtype)
    octaves[lowest : lowest + PITCHES] = notes
    folded: np.ndarray = octaves.reshape(-1, 12, notes.shape[1]).sum(axis=0)
    return folded


def _linear(x: np.ndarray, layer: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    weight, bias = layer
    found: np.ndarray = x @ weight + bias
    return found


def _normalised(x: np.ndarray) -> np.ndarray:
    x = x - x.mean(axis=1, keepdims=True)
    unit: np.ndarray = x / (np.linalg.norm(x, axis=1, keepdims=True) + 1e-4)
    return unit
