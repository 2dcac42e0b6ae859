"""The `cp-resnet` encoder: the published network of the mid-level features, fed as published.

CP-ResNet, a residual network with a small receptive field (Koutini, Eghbal-zadeh, Dorfer &
Widmer, EUSIPCO 2019), frequency-aware (Koutini, Eghbal-zadeh & Widmer, 2019), trained on
mid-level features and adapted to piano (Chowdhury & Widmer, ICASSP 2021). Its weights are the
user's to add (``espr models add``); :mod:`espr.published.cp_resnet.checkpoint` reads the file.

A recording is decoded to mono 16-bit integers at 22.05 kHz, scaled to the full range and cut back
to integers; only exact zeros are trimmed at both ends. A window is 469 frames (15 s) of the
log-frequency spectrogram; windows begin every 5 s and are whole; a shorter recording is one
window, wrapped. Onset density, which the network does not give, is measured as `signal` does in
the same seconds, as far as they hold sound.

What the published facts leave open, and how it is settled:

- Frequency is the third axis, time the fourth: (windows, channels, 149 → 74 → 37 → 18, frames).
- The frequency coordinate is the last input channel of the convolutions of the blocks: 2 i / n − 1
  for row i of n, whatever height their input has; the first convolution, the shortcuts and the
  last convolution have none.
- The published file counts 2,246,865 parameters. The network with these shapes has 2,220,174; the
  remaining 26,691 are those of a discriminator of three linear layers, 512 → 50 → 20 → 1, which is
  left out. With a coordinate on the shortcuts, or biases, no such layers make up the rest.
- Convolutions are padded by a third of their kernel (1 of 3, 0 of 1) and have no bias; a block is
  conv – norm – ReLU – conv – norm, plus the shortcut, ReLU.
"""

from __future__ import annotations

import time
from contextlib import closing
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from espr.audio.encoder import HOP, WINDOW, Analysis, Windows
from espr.audio.note_writer import NoteWriter, write_notes
from espr.errors import EsprError
from espr.features import AUDIO_SPACE, MIDLEVEL
from espr.published.store import Installed, required

if TYPE_CHECKING:
    from espr.published.cp_resnet.network import CpResnetNetwork

NAME = "cp-resnet"
WINDOW_FRAMES = 469

# in the order of the published outputs
OUTPUTS = (
    "melodiousness",
    "articulation",
    "rhythm_complexity",
    "rhythm_stability",
    "dissonance",
    "tonal_stability",
    "minorness",
)


_FULL_SCALE = 32_767  # of 16-bit integers
_VERSION = 2  # of what the network is fed


class CpResnet:
    """The published network as an encoder; see :class:`espr.audio.encoder.AudioEncoder`.

    Torch is imported when the first recording is encoded.
    """

    name = NAME
    space = MIDLEVEL

    def __init__(self, installed: Installed, note_writer: NoteWriter | None = None) -> None:
        self._installed = installed
        self._note_writer = note_writer

    @property
    def writes_notes(self) -> bool:
        return self._note_writer is not None

    @property
    def id(self) -> str:
        return f"{NAME}/{_VERSION}-{self._installed.digest[:8]}"

    @cached_property
    def _network(self) -> CpResnetNetwork:
        from espr.published.cp_resnet.network import CpResnetNetwork

        network = CpResnetNetwork()
        # not strict: the counters of batches are of no use outside training
        network.load_state_dict(self._installed.weights(), strict=False)
        return network.eval()

    def hear(
        self, path: str | PathLike[str], start: float = 0.0, end: float | None = None
    ) -> Analysis:
        """Encode a recording; ``timings`` has ``network`` besides."""
        # not at the top: the process that only asks for the id needs none of it
        from espr.audio.decode import SAMPLE_RATE, decode
        from espr.audio.signal_features import measured_windows, window_times
        from espr.audio.spectrogram import FRAME_RATE
        from espr.audio.spooled_spectrogram import KeptSpectrogram

        sound = decode(path, start, end)
        timings = sound.timings
        samples, offset = integer_samples(path, start, end)
        first_frames = window_frames(len(samples))
        begins = offset + first_frames / FRAME_RATE  # seconds
        length = sound.length / SAMPLE_RATE
        inside = (begins - sound.offset).clip(0.0, max(length - WINDOW, 0.0))
        spans = np.stack([inside, inside + WINDOW], axis=1)
        notes = tuning = None
        with closing(KeptSpectrogram()) as magnitudes:
            kept = magnitudes if self._note_writer else None
            measured = measured_windows(sound, spans, timings, kept)
            if self._note_writer:
                notes, tuning = write_notes(
                    self._note_writer, magnitudes, window_times(length), sound
                )
        since = time.perf_counter()
        features = np.empty((len(begins), len(self.space)), np.float32)
        for row, first in zip(features, first_frames, strict=True):
            row[[self.space.index(name) for name in OUTPUTS]] = self.outputs(
                window_of(samples, int(first))
            )
        timings["network"] = timings.get("network", 0.0) + time.perf_counter() - since
        density = measured[:, AUDIO_SPACE.index("onset_density")]
        features[:, self.space.index("onset_density")] = density
        ends = np.minimum(begins + WINDOW, offset + len(samples) / SAMPLE_RATE)
        windows = Windows(np.stack([begins, ends], axis=1), features, self.space)
        return Analysis(windows, sound.duration, sound.audio_hash, timings, notes, tuning)

    def encode(self, path: str | PathLike[str]) -> Windows:
        return self.hear(path).windows

    def outputs(self, window: np.ndarray) -> np.ndarray:
        """What the network says of a window, shape=(469, 149) to (7,), as ``OUTPUTS`` names it."""
        import torch

        with torch.inference_mode():
            found: np.ndarray = self._network(torch.from_numpy(window.T[None, None]))[0].numpy()
        return found


def integer_samples(
    path: str | PathLike[str], start: float = 0.0, end: float | None = None
) -> tuple[np.ndarray, float]:
    """Mono samples at 22.05 kHz as the published code reads them.

    Returns
    -------
    samples : np.ndarray, shape=(n,), int16
        Scaled to the full range, the digits after the point cut off, zeros at both ends trimmed.
    offset : float
        Seconds before the first sample that is not zero.
    """
    from espr.audio.decode import SAMPLE_RATE, blocks_at

    blocks = [
        np.rint(block * 32_768.0).clip(-32_768, _FULL_SCALE).astype(np.int16)
        for block in blocks_at(path, SAMPLE_RATE, start, end)
    ]
    samples = np.concatenate([np.zeros(0, np.int16), *blocks])
    peak = np.abs(samples.astype(np.int32)).max(initial=0)
    if not peak:
        raise EsprError("is silent")
    scaled = (samples / (float(peak) / _FULL_SCALE)).astype(np.int16)
    sounding = np.flatnonzero(scaled)
    return scaled[sounding[0] : sounding[-1] + 1], float(sounding[0]) / SAMPLE_RATE


def window_frames(length: int) -> np.ndarray:
    """The first frame of each whole window of so many samples, shape=(n,); one of a short one."""
    from espr.audio.spectrogram import FRAME_RATE, log_frame_starts

    frames = len(log_frame_starts(0, length))
    count = 1 + int(max(frames - WINDOW_FRAMES, 0) / (HOP * FRAME_RATE))
    return np.round(np.arange(count) * HOP * FRAME_RATE).astype(int)


def window_of(samples: np.ndarray, first: int) -> np.ndarray:
    """The 469 frames from ``first`` on, shape=(469, 149); fewer are wrapped.

    Parameters
    ----------
    samples : np.ndarray, shape=(n,), int16
    """
    from espr.audio.spectrogram import FRAME_LENGTH, log_frame_starts, log_spectrogram

    starts = log_frame_starts(0, len(samples))[first : first + WINDOW_FRAMES]
    part = samples[starts[0] : starts[-1] + FRAME_LENGTH].astype(np.float32) / _FULL_SCALE
    spectrogram = log_spectrogram(part, starts - starts[0])
    window: np.ndarray = np.resize(spectrogram, (WINDOW_FRAMES, spectrogram.shape[1]))
    return window


def load_cp_resnet(note_writer: NoteWriter | None = None) -> CpResnet:
    """The network as the user added it; ``note_writer`` listens beside it.

    Raises
    ------
    EsprError
        When it was not added, or its file is not what was written.
    """
    installed = required(NAME)
    installed.verified()  # now, not when the first recording is encoded: it is not to blame
    return CpResnet(installed, note_writer)
