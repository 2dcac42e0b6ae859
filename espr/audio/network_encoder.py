"""Encoders that hear with a network: what every such encoder has in common.

decode → the log-frequency spectrogram of the whole recording → network → windows. What a network
does not hear is measured exactly as the `signal` encoder measures it, onset density first of
all. The samples stream through in blocks of a minute; of the spectrogram 149 × 31.3 numbers a
second are kept, 67 MB an hour.
"""

from __future__ import annotations

import time
from os import PathLike
from typing import Protocol

import numpy as np

from espr.audio.decode import SAMPLE_RATE, decode
from espr.audio.encoder import Hearing, Windows
from espr.audio.signal import SignalEncoder, measured_frames, window_features, window_times
from espr.space import Space


class Network(Protocol):
    """A trained network, as :class:`NetworkEncoder` runs it."""

    @property
    def name(self) -> str:
        """The encoder's name on the command line, e.g. ``cp-resnet``."""

    @property
    def id(self) -> str:
        """Name and version: other weights, another id."""

    @property
    def space(self) -> Space: ...

    @property
    def measured(self) -> tuple[str, ...]:
        """Features that are measured as `signal` does, not heard by the network."""

    def windows(self, spectrogram: np.ndarray, spans: np.ndarray) -> np.ndarray:
        """What it hears.

        Parameters
        ----------
        spectrogram : np.ndarray, shape=(frames, 149), float32
            Of the whole recording without leading and trailing silence, at 31.3 frames a
            second; a recording shorter than 15 s is wrapped to 15 s.
        spans : np.ndarray, shape=(n, 2)
            Seconds; 5 to 15 s each.

        Returns
        -------
        np.ndarray, shape=(n, d), float32
            In the order of the space; the columns of ``measured`` are overwritten.
        """


class NetworkEncoder:
    """An audio encoder that lets a network hear; see :class:`espr.audio.encoder.AudioEncoder`."""

    def __init__(self, network: Network) -> None:
        self.network = network

    @property
    def name(self) -> str:
        return self.network.name

    @property
    def id(self) -> str:
        return self.network.id

    @property
    def space(self) -> Space:
        return self.network.space

    def hear(
        self, path: str | PathLike[str], start: float = 0.0, end: float | None = None
    ) -> Hearing:
        """Hear a recording; ``timings`` has ``network`` besides."""
        sound = decode(path, start, end)
        timings = sound.timings
        chunks: list[np.ndarray] = []
        frames = measured_frames(sound, timings, chunks)
        spectrogram = np.concatenate(chunks)
        chunks.clear()
        heard = sound.length / SAMPLE_RATE
        spans = window_times(heard)
        since = time.perf_counter()
        features = self.network.windows(spectrogram, spans)
        now = time.perf_counter()
        timings["network"] = now - since
        if self.network.measured:
            rows = np.array([window_features(frames.between(*span)) for span in spans], np.float32)
            for feature in self.network.measured:
                measured = SignalEncoder.space.index(feature)
                features[:, self.space.index(feature)] = rows[:, measured]
        timings["features"] += time.perf_counter() - now
        windows = Windows(np.minimum(spans, heard) + sound.offset, features, self.space)
        return Hearing(windows, sound.duration, sound.audio_hash, timings)

    def encode(self, path: str | PathLike[str]) -> Windows:
        return self.hear(path).windows
