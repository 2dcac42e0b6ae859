"""Encoders that hear with a network: what every such encoder has in common.

decode → the log-frequency spectrogram of the whole recording → network → windows. What a network
does not hear is measured exactly as the `signal` encoder measures it, onset density first of
all. Of a recording that is far from A = 440 Hz the network runs twice: the notes are those of the
second run, over a shifted spectrogram, the features those of the first. The samples stream through
in blocks of a minute; the spectrogram of a long recording is kept in a file.
"""

from __future__ import annotations

import time
from contextlib import closing
from os import PathLike
from typing import TYPE_CHECKING, Protocol

import numpy as np

from espr.audio.encoder import Analysis, Windows, is_off_tune
from espr.audio.note_writer import of_recording
from espr.features import AUDIO_SPACE, Space

if TYPE_CHECKING:
    from espr.audio.spooled_spectrogram import KeptSpectrogram


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
        """Features that are measured as `signal` does, not by the network."""

    def windows(
        self, magnitudes: KeptSpectrogram, spans: np.ndarray, measured: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Analyse a recording.

        Parameters
        ----------
        magnitudes : KeptSpectrogram, shape=(frames, 149), float32
            Of the log-frequency spectrogram of the whole recording without leading and trailing
            silence, at 31.3 frames a second, to be read by slices; a recording shorter than 15 s
            is wrapped to 15 s.
        spans : np.ndarray, shape=(n, 2)
            Seconds; 5 to 15 s each.
        measured : np.ndarray, shape=(n, 12), float32
            What `signal` measures in them, when anything is measured.

        Returns
        -------
        features : np.ndarray, shape=(n, d), float32
            In the order of the space; the columns of ``measured`` are overwritten.
        notes : np.ndarray, shape=(m, 2)
            Onset in seconds and MIDI pitch of the notes of the recording, by onset.
        pedal : np.ndarray, shape=(n,)
            How much of it there is, in standard deviations of training clips.
        """

    def notes(self, magnitudes: KeptSpectrogram, spans: np.ndarray) -> np.ndarray:
        """The notes alone."""


class NetworkEncoder:
    """An audio encoder that lets a network hear; see :class:`espr.audio.encoder.AudioEncoder`."""

    writes_notes = True

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
    ) -> Analysis:
        """Hear a recording; ``timings`` has ``network`` besides."""
        # not at the top: the process that only asks for the id needs none of it
        from espr.audio.decode import SAMPLE_RATE, decode
        from espr.audio.signal_features import measured_windows, window_times
        from espr.audio.spooled_spectrogram import KeptSpectrogram

        sound = decode(path, start, end)
        timings = sound.timings
        duration = sound.length / SAMPLE_RATE
        spans = window_times(duration)
        wanted = spans if self.network.measured else spans[:0]
        with closing(KeptSpectrogram()) as spectrogram:
            measured = measured_windows(sound, wanted, timings, spectrogram)
            since = time.perf_counter()
            features, notes, pedal = self.network.windows(spectrogram, spans, measured)
            if is_off_tune(tuning := spectrogram.retune()):
                notes = self.network.notes(spectrogram, spans)
            timings["network"] = time.perf_counter() - since
        for feature in self.network.measured:
            of_signal = AUDIO_SPACE.index(feature)
            features[:, self.space.index(feature)] = measured[:, of_signal]
        windows = Windows(np.minimum(spans, duration) + sound.offset, features, self.space)
        notes = of_recording(notes, sound)
        pedal = np.stack([windows.times[:, 0], pedal], axis=1)
        return Analysis(windows, sound.duration, sound.audio_hash, timings, notes, tuning, pedal)

    def encode(self, path: str | PathLike[str]) -> Windows:
        return self.hear(path).windows
