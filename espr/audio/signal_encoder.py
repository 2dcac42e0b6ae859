"""The `signal` encoder; what measures is imported with the first recording.

The main process of ``espr index`` asks for its id only.
"""

from __future__ import annotations

from contextlib import closing
from os import PathLike

from espr.audio.encoder import Analysis, Windows
from espr.audio.note_writer import NoteWriter, write_notes
from espr.features import AUDIO_SPACE, Space


class SignalEncoder:
    """Measures the twelve features of ``midlevel+``; the first eight are ``midlevel``."""

    name = "signal"
    id = "signal/2"
    space: Space = AUDIO_SPACE

    def __init__(self, note_writer: NoteWriter | None = None) -> None:
        self._note_writer = note_writer

    @property
    def writes_notes(self) -> bool:
        return self._note_writer is not None

    def hear(
        self, path: str | PathLike[str], start: float = 0.0, end: float | None = None
    ) -> Analysis:
        """Hear a recording; see :class:`espr.audio.encoder.AudioEncoder`."""
        import numpy as np

        from espr.audio.decode import SAMPLE_RATE, decode
        from espr.audio.signal_features import measured_windows, window_times
        from espr.audio.spooled_spectrogram import KeptSpectrogram

        sound = decode(path, start, end)
        duration = sound.length / SAMPLE_RATE
        spans = window_times(duration)
        notes = tuning = None
        with closing(KeptSpectrogram()) as magnitudes:
            kept = magnitudes if self._note_writer else None
            features = measured_windows(sound, spans, sound.timings, kept)
            if self._note_writer:
                notes, tuning = write_notes(self._note_writer, magnitudes, spans, sound)
        windows = Windows(np.minimum(spans, duration) + sound.offset, features, self.space)
        return Analysis(windows, sound.duration, sound.audio_hash, sound.timings, notes, tuning)

    def encode(self, path: str | PathLike[str]) -> Windows:
        return self.hear(path).windows
