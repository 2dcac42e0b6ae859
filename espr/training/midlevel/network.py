"""The network of the `midlevel` encoder: spectrogram → what is played → windows of features.

A receptive-field-regularised residual network after CP-ResNet (Koutini et al., EUSIPCO 2019;
for mid-level features Chowdhury & Widmer, ICASSP 2021), cut down to what one core runs at
several hundred times real time, on the front end of the published one
(:func:`espr.audio.spectrogram.log_spectrogram`). Two things differ from it:

- *Whitening.* Every recording's long-term spectrum is made flat, octave by octave, before the
  network sees it: what piano, room, microphone and decade do to a whole recording is taken off,
  what changes within it stays.
- *Notes first.* The network is trained to tell which keys are struck and sound, frame by frame,
  and the features of a window are read from that (mean and spread over time, key profiles,
  autocorrelation of the onsets). Notes are what a performance is made of whatever plays them.

It runs convolutionally over the whole recording, once; windows are pooled from the frames. Here it
is trained and exported; recordings are analysed by its copy in ONNX
(:mod:`espr.audio.midlevel.frame_network`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from espr.audio.midlevel.frame_network import Frames as NumpyFrames
from espr.audio.midlevel.front_end import LOWEST_PITCH, PITCHES, STEP
from espr.audio.midlevel.window_head import WindowHead as NumpyHead
from espr.audio.spectrogram import log_filterbank
from espr.training.midlevel.window_head import PULSES, STATES, WindowHead

_HARMONICS = (0.5, 1, 2, 3, 4, 5, 6, 7, 8, 10)


@dataclass(frozen=True, slots=True)
class Frames:
    """What the network says of every frame; ``t`` frames of 64 ms.

    Attributes
    ----------
    states : Tensor, shape=(b, 64, t)
    pulses : Tensor, shape=(b, 4, 2 t)
        At the rate of the spectrogram.
    onsets, sounding : Tensor, shape=(b, 88, t)
        Logits of a key being struck in the frame, of a string sounding.
    velocities : Tensor, shape=(b, 88, t)
        MIDI velocity / 127 of the note that is struck, where one is.
    """

    states: Tensor
    pulses: Tensor
    onsets: Tensor
    sounding: Tensor
    velocities: Tensor

    @staticmethod
    def stacked(frames: Sequence[Frames]) -> Frames:
        """Frames of equally many steps, one after the other along the batch."""
        return Frames(
            *(torch.cat([getattr(one, field.name) for one in frames]) for field in fields(Frames))
        )

    def between(self, start: int, end: int) -> Frames:
        """The frames of a span."""
        return Frames(
            self.states[..., start:end],
            self.pulses[..., STEP * start : STEP * end],
            self.onsets[..., start:end],
            self.sounding[..., start:end],
            self.velocities[..., start:end],
        )


def harmonic_stack() -> np.ndarray:
    """What lies at the harmonics of every key, shape=(harmonics, 88, 149), float32.

    A matrix of linear interpolation between bands (harmonic stacking after Bittner et al.,
    "A lightweight instrument-agnostic model for polyphonic note transcription and multipitch
    estimation", ICASSP 2022): a note looks the same wherever it lies on the keyboard, also
    where the lowest bands are too wide to tell keys apart.
    """
    _, centres = log_filterbank()
    stack = np.zeros((len(_HARMONICS), PITCHES, len(centres)), np.float32)
    keys = 440.0 * 2.0 ** ((np.arange(PITCHES) + LOWEST_PITCH - 69) / 12)
    for plane, harmonic in zip(stack, _HARMONICS, strict=True):
        places = np.interp(
            np.log(harmonic * keys), np.log(centres), np.arange(len(centres)), -1.0, -1.0
        )
        for row, place in zip(plane, places, strict=True):
            if place >= 0.0:
                below = min(int(place), len(centres) - 2)
                row[below] = below + 1 - place
                row[below + 1] = place - below
    return stack


class Residual(nn.Module):
    """Two 3 × 3 convolutions beside a shortcut."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out)
        self.shortcut = nn.Conv2d(channels, out, 1, bias=False) if channels != out else None

    def forward(self, x: Tensor) -> Tensor:
        beside = x if self.shortcut is None else self.shortcut(x)
        x = functional.relu(self.norm1(self.conv1(x)))
        return functional.relu(self.norm2(self.conv2(x)) + beside)


class Temporal(nn.Module):
    """A dilated convolution over time beside a shortcut."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(
            channels, channels, 5, padding=2 * dilation, dilation=dilation, bias=False
        )
        self.norm = nn.BatchNorm1d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.norm(self.conv(x))) + x


class MidlevelNetwork(nn.Module):
    """Spectrogram to frames, frames to features.

    Parameters
    ----------
    outputs : int
        Features and further ratings that a window is given.
    channels : int
        Of the first stage; the second has twice, the third four times as many.
    """

    def __init__(self, outputs: int, channels: int = 16) -> None:
        super().__init__()
        c = channels
        harmonics = harmonic_stack()
        self.register_buffer("harmonics", torch.from_numpy(harmonics), persistent=False)
        self.stem = nn.Conv2d(
            len(harmonics), c, (3, 7), stride=(1, STEP), padding=(1, 3), bias=False
        )
        self.stem_norm = nn.BatchNorm2d(c)
        self.stage1 = Residual(c, c)
        self.stage2 = Residual(c, 2 * c)
        self.notes = nn.Conv2d(2 * c, 3, 1)
        self.keys = nn.Parameter(torch.zeros(3, PITCHES, 1))  # what differs from key to key
        self.gather = nn.Conv2d(2 * c, 128, (PITCHES, 1), bias=False)
        self.gather_norm = nn.BatchNorm2d(128)
        self.context = nn.Sequential(Temporal(128, 1), Temporal(128, 2))
        self.states = nn.Conv1d(128, STATES, 1)
        self.pulses = nn.Conv1d(128, STEP * PULSES, 1)
        self.head = WindowHead(outputs)

    def frames(self, whitened: Tensor) -> Frames:
        """The outputs in every frame.

        Parameters
        ----------
        whitened : Tensor, shape=(b, 149, frames)
            An even number of frames.
        """
        x = torch.einsum("hpb,nbt->nhpt", self.harmonics, whitened)
        x = x.contiguous(memory_format=torch.channels_last)
        x = self.stage1(functional.relu(self.stem_norm(self.stem(x))))
        x = self.stage2(x)
        notes = self.notes(x).float() + self.keys
        x = functional.relu(self.gather_norm(self.gather(x))).squeeze(2)
        x = self.context(x)
        pulses = functional.softplus(self.pulses(x).float())
        batch, _, steps = pulses.shape
        return Frames(
            states=functional.relu(self.states(x)).float(),
            pulses=pulses.view(batch, PULSES, STEP, steps)
            .transpose(2, 3)
            .reshape(batch, PULSES, STEP * steps),
            onsets=notes[:, 0],
            sounding=notes[:, 1],
            velocities=notes[:, 2],
        )

    def fused(self) -> MidlevelNetwork:
        """The same for hearing alone: norms are taken up by the convolutions before them."""
        self.eval()
        pairs: list[tuple[nn.Module, str, str]] = [
            (self, "stem", "stem_norm"),
            (self, "gather", "gather_norm"),
        ]
        for block in (self.stage1, self.stage2):
            pairs += [(block, "conv1", "norm1"), (block, "conv2", "norm2")]
        pairs += [(block, "conv", "norm") for block in self.context]
        for module, convolution, norm in pairs:
            whole = fuse_conv_bn_eval(getattr(module, convolution), getattr(module, norm))
            setattr(module, convolution, whole)
            setattr(module, norm, nn.Identity())
        return self

    def one_recording(self, stretch: np.ndarray) -> NumpyFrames:
        """The frames of a stretch, shape=(149, 2 t), as :data:`FrameNetwork` gives them."""
        with torch.inference_mode():
            frames = self.frames(torch.from_numpy(stretch)[None])
            logits = (torch.sigmoid(frames.onsets), torch.sigmoid(frames.sounding))
            found = (frames.states, frames.pulses, *logits, frames.velocities)
            return NumpyFrames(*(one[0].numpy() for one in found))

    def window_head(self) -> NumpyHead:
        """The head as it reads windows of recordings."""
        return NumpyHead({name: one.numpy() for name, one in self.head.state_dict().items()})

    def windows(self, frames: Frames) -> Tensor:
        """The outputs of windows, one a batch entry, shape=(b, outputs), standardised."""
        outputs: Tensor = self.head(frames)
        return outputs
