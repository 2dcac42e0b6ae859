"""Audio encoders: a recording in, windows of features out.

A *window* is 15 s of audio, hop 5 s. Leading and trailing silence (below -60 dB of the
recording's peak) is left out; the last partial window is kept when it holds 5 s or
more; a shorter recording is one window. A recording's *profile* is the mean over its
windows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeGuard

from espr.features import Space

if TYPE_CHECKING:
    from os import PathLike

    import numpy as np

WINDOW = 15.0  # seconds
HOP = 5.0  # seconds
SHORTEST_PARTIAL = 5.0  # seconds

_OFF_TUNE = 20.0  # cents: nearer to A = 440 Hz, the F1 of the notes falls by less than 0.03

DEFAULT_AUDIO = "midlevel"  # of a new library
BASELINE = "signal"  # of every library at first
AUDIO_ENCODERS = ("midlevel", "signal", "cp-resnet")


@dataclass(frozen=True, slots=True)
class Windows:
    """What an encoder measured, window by window.

    Attributes
    ----------
    times : np.ndarray, shape=(n, 2), float64
        Start and end of each window in seconds of the recording.
    features : np.ndarray, shape=(n, d), float32
        One row a window, in the encoder's own units, columns in the order of ``space``.
    space : Space
    """

    times: np.ndarray
    features: np.ndarray
    space: Space

    @property
    def profile(self) -> np.ndarray:
        """The recording's profile, shape=(d,): the mean over its windows."""
        mean: np.ndarray = self.features.mean(axis=0, dtype="float64")
        return mean


@dataclass(frozen=True, slots=True)
class Analysis:
    """One recording as it was analysed: what the catalog stores.

    Attributes
    ----------
    notes : np.ndarray, shape=(n, 2), optional
        Onset in seconds of the recording and MIDI pitch, by onset; None where the encoder writes
        no notes down.
    tuning : float, optional
        Cents above A = 440 Hz, -50 to 50; None where it is not known. The notes are those of a
        recording in tune.
    pedal : np.ndarray, shape=(n, 2), optional
        How much pedal windows have, see :mod:`espr.alignment.packed_notes`; None where the encoder
        does not say.
    """

    windows: Windows
    duration: float  # seconds, silence included
    audio_hash: str  # 32 hexadecimal digits, of the decoded samples: tags do not change it
    timings: dict[str, float]  # seconds spent in decode, resample, spectrogram, features
    notes: np.ndarray | None = None
    tuning: float | None = None
    pedal: np.ndarray | None = None


def is_off_tune(tuning: float | None) -> TypeGuard[float]:
    """Whether a tuning in cents is known, and too far from A = 440 Hz for the notes."""
    return tuning is not None and abs(tuning) >= _OFF_TUNE


class AudioEncoder(Protocol):
    """What every audio encoder offers."""

    @property
    def name(self) -> str:
        """The name on the command line, e.g. ``signal``."""

    @property
    def id(self) -> str:
        """Name and version, e.g. ``signal/1``: profiles of different ids never rank together."""

    @property
    def space(self) -> Space: ...

    @property
    def writes_notes(self) -> bool:
        """Whether its analysis holds the notes, by which pieces are recognised."""

    def hear(
        self, path: str | PathLike[str], start: float = 0.0, end: float | None = None
    ) -> Analysis:
        """Hear the recording in ``path``, or the part between two times in seconds.

        Raises
        ------
        EsprError
            When the file cannot be decoded, is truncated, silent, or holds no sound.
        """

    def encode(self, path: str | PathLike[str]) -> Windows:
        """``hear(path).windows``."""
