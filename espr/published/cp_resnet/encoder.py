"""The `cp-resnet` encoder: the published network that hears the mid-level features.

CP-ResNet, a residual network with a small receptive field (Koutini, Eghbal-zadeh, Dorfer &
Widmer, EUSIPCO 2019), frequency-aware (Koutini, Eghbal-zadeh & Widmer, 2019), trained to hear
mid-level features and adapted to piano (Chowdhury & Widmer, ICASSP 2021). It runs as published:
once a window of 469 frames (15 s), overlapping windows each anew. Its weights are the user's to
add (``espr models add``); :mod:`espr.published.cp_resnet.checkpoint` reads the published file.

What the published facts leave open, and how it is settled:

- Frequency is the third axis, time the fourth: (windows, channels, 149 → 74 → 37 → 18, frames).
- The frequency coordinate is the last input channel of the convolutions of the blocks, -1 at the
  lowest row and 1 at the highest of whatever height their input has; the first convolution, the
  shortcuts and the last convolution have none.
- The published file counts 2,246,865 parameters. The network with these shapes has 2,220,174; the
  remaining 26,691 are those of a discriminator of three linear layers, 512 → 50 → 20 → 1, which is
  left out. With a coordinate on the shortcuts, or biases, no such layers make up the rest.
- Convolutions are padded by a third of their kernel (1 of 3, 0 of 1) and have no bias; a block is
  conv – norm – ReLU – conv – norm, plus the shortcut, ReLU.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from espr.audio.spectrogram import FRAME_RATE
from espr.features import MIDLEVEL
from espr.published.store import Installed, required

if TYPE_CHECKING:
    from espr.audio.spooled_spectrogram import KeptSpectrogram
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


class CpResnet:
    """The published network; a :class:`espr.audio.network_encoder.Network`.

    Torch is imported when the first recording is heard.
    """

    name = NAME
    space = MIDLEVEL
    measured = ("onset_density",)

    def __init__(self, installed: Installed) -> None:
        self._installed = installed

    @property
    def id(self) -> str:
        return f"{NAME}/{self._installed.digest[:8]}"

    @cached_property
    def _network(self) -> CpResnetNetwork:
        from espr.published.cp_resnet.network import CpResnetNetwork

        network = CpResnetNetwork()
        # not strict: the counters of batches are of no use outside training
        network.load_state_dict(self._installed.weights(), strict=False)
        return network.eval()

    def windows(
        self, spectrogram: KeptSpectrogram, spans: np.ndarray, measured: np.ndarray
    ) -> np.ndarray:
        """The features of windows, shape=(n, 8), float32; onset density is left at 0."""
        import torch

        columns = [self.space.index(name) for name in OUTPUTS]
        features = np.zeros((len(spans), len(self.space)), np.float32)
        with torch.inference_mode():
            for row, span in zip(features, spans, strict=True):
                window = torch.from_numpy(window_of(spectrogram, span))
                row[columns] = self._network(window.T[None, None])[0].numpy()
        return features


def window_of(spectrogram: KeptSpectrogram, span: np.ndarray) -> np.ndarray:
    """The 469 frames of a window, shape=(469, 149); one of less than 15 s is wrapped."""
    start, end = np.round(span * FRAME_RATE).astype(int)
    window: np.ndarray = np.resize(spectrogram[start:end], (WINDOW_FRAMES, spectrogram.shape[1]))
    return window


def load_cp_resnet() -> CpResnet:
    """The network as the user added it.

    Raises
    ------
    EsprError
        When it was not added, or its file is not what was written.
    """
    installed = required(NAME)
    installed.verified()  # now, not when the first recording is heard: it is not to blame
    return CpResnet(installed)
