"""The notes of a recording, by which pieces are recognised, beside an encoder without them.

They are those that `midlevel` writes down, its network being run for them alone. The network knows
pianos at A = 440 Hz: of those that are tuned otherwise it reads a spectrogram that is shifted.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from espr.audio.decode import Sound
    from espr.audio.spooled_spectrogram import KeptSpectrogram


class NoteWriter(Protocol):
    """What writes notes down; see :class:`espr.audio.midlevel.encoder.Midlevel`."""

    def notes(self, magnitudes: KeptSpectrogram, spans: np.ndarray) -> np.ndarray: ...


def write_notes(
    writer: NoteWriter, magnitudes: KeptSpectrogram, spans: np.ndarray, sound: Sound
) -> tuple[np.ndarray, float | None]:
    """The notes of a recording, and its tuning; ``sound.timings`` gains ``network``.

    Parameters
    ----------
    magnitudes : KeptSpectrogram, shape=(frames, 149)
        Of the whole sound.
    spans : np.ndarray, shape=(n, 2)
        Of :func:`espr.audio.signal_features.window_times`.

    Returns
    -------
    notes : np.ndarray, shape=(n, 2)
        Onset in seconds of the recording and MIDI pitch, by onset.
    tuning : float or None
        Cents above A = 440 Hz.
    """
    since = time.perf_counter()
    tuning = magnitudes.retune()
    notes = of_recording(writer.notes(magnitudes, spans), sound)
    sound.timings["network"] = time.perf_counter() - since
    return notes, tuning


def of_recording(notes: np.ndarray, sound: Sound) -> np.ndarray:
    """Notes of a sound as those of its recording; what is wrapped is not played twice."""
    from espr.audio.decode import SAMPLE_RATE

    notes = notes[notes[:, 0] < sound.length / SAMPLE_RATE]
    notes[:, 0] += sound.offset
    return notes
