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

It runs convolutionally over the whole recording, once; windows are pooled from the frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from espr.audio.spectrogram import FRAME_RATE, log_filterbank

BANDS = 149
PITCHES = 88  # A0 (MIDI 21) to C8
LOWEST_PITCH = 21
STEP = 2  # frames of the spectrogram to one of the network
STEP_RATE = FRAME_RATE / STEP
HALO = 64  # frames of context that reach into an output, on either side, rounded up

_OCTAVE = 24  # bands
_WHITE = 3.0  # mean magnitude of a band after whitening
_DEEPEST = 0.003  # of the strongest octave: what lies lower is noise and is not raised further

_HARMONICS = (0.5, 1, 2, 3, 4, 5, 6, 7, 8, 10)
_STATES = 64  # channels
_PULSES = 4  # onset-like signals whose autocorrelation is taken
_LAGS = (4, 64)  # frames of the spectrogram: 0.13 s to 2 s
_TEMPLATES = 8  # learned key profiles


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


def magnitudes_of(spectrogram: np.ndarray) -> np.ndarray:
    """What ``log10(1 + magnitude)`` was made of; same shape, float32."""
    magnitudes: np.ndarray = np.power(10.0, spectrogram, dtype=np.float32) - np.float32(1.0)
    return magnitudes


def whitening_factors(magnitudes: Iterable[np.ndarray]) -> np.ndarray:
    """The factors that make a recording's long-term spectrum flat, shape=(149,), float32.

    Parameters
    ----------
    magnitudes : iterable of np.ndarray, shape=(frames, 149)
        The whole recording, in blocks.
    """
    total, frames = np.zeros(BANDS), 0
    for block in magnitudes:
        total += block.sum(axis=0, dtype=np.float64)
        frames += len(block)
    window = np.hanning(2 * _OCTAVE + 1)
    weight = np.convolve(np.ones(BANDS), window, mode="same")
    smooth = np.convolve(total / max(frames, 1), window, mode="same") / weight
    factors: np.ndarray = _WHITE / (smooth + _DEEPEST * smooth.max() + 1e-6)
    return factors.astype(np.float32)


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
        self.states = nn.Conv1d(128, _STATES, 1)
        self.pulses = nn.Conv1d(128, STEP * _PULSES, 1)
        self.head = WindowHead(outputs)

    def frames(self, whitened: Tensor) -> Frames:
        """What is heard in every frame.

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
            pulses=pulses.view(batch, _PULSES, STEP, steps)
            .transpose(2, 3)
            .reshape(batch, _PULSES, STEP * steps),
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

    def windows(self, frames: Frames) -> Tensor:
        """The outputs of windows, one a batch entry, shape=(b, outputs), standardised."""
        outputs: Tensor = self.head(frames)
        return outputs


class WindowHead(nn.Module):
    """Reads the outputs of a window from its frames."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.templates = nn.Parameter(torch.randn(_TEMPLATES, 12))
        self.rhythm = nn.Linear(_PULSES * (_LAGS[1] - _LAGS[0]), 32)
        inputs = 2 * _STATES + 32 + 4 * _TEMPLATES + 7
        self.norm = nn.BatchNorm1d(inputs)
        self.hidden = nn.Linear(inputs, 96)
        self.dropout = nn.Dropout(0.2)
        self.out = nn.Linear(96, outputs)

    def forward(self, frames: Frames) -> Tensor:
        x = torch.cat(
            [
                frames.states.mean(dim=2),
                frames.states.std(dim=2),
                functional.relu(self.rhythm(autocorrelation(frames.pulses).flatten(1))),
                self._keys(frames),
                note_statistics(frames),
            ],
            dim=1,
        )
        outputs: Tensor = self.out(self.dropout(functional.relu(self.hidden(self.norm(x)))))
        return outputs

    def _keys(self, frames: Frames) -> Tensor:
        """How well the learned key profiles fit at the best of twelve transpositions.

        Over the whole window, and over its thirds: their mean is clarity without regard to
        modulation.
        """
        struck = torch.sigmoid(frames.onsets) * frames.velocities.detach().clamp(min=0.05)
        found = [
            self._fits(pitch_classes(notes)) for notes in (torch.sigmoid(frames.sounding), struck)
        ]
        for notes in (torch.sigmoid(frames.sounding), struck):
            thirds = torch.tensor_split(notes, 3, dim=2)
            found.append(sum(self._fits(pitch_classes(third)) for third in thirds) / 3)  # type: ignore[arg-type]
        return torch.cat(found, dim=1)

    def _fits(self, classes: Tensor) -> Tensor:
        """Correlation (Krumhansl 1990) of pitch classes (b, 12) with each profile, at its best."""
        profiles = _normalised(self.templates)
        rotated = torch.stack([profiles.roll(shift, dims=1) for shift in range(12)])
        fits = torch.einsum("bc,rkc->bkr", _normalised(classes), rotated)
        best: Tensor = torch.logsumexp(10.0 * fits, dim=2) / 10.0
        return best


def pitch_classes(notes: Tensor) -> Tensor:
    """How much of each pitch class there is, C first, shape=(b, 12), of notes (b, 88, t)."""
    each = notes.mean(dim=2)
    folded = each.new_zeros(len(each), 12)
    which = (torch.arange(PITCHES, device=each.device) + LOWEST_PITCH) % 12
    classes: Tensor = folded.index_add(1, which, each)
    return classes


def autocorrelation(pulses: Tensor) -> Tensor:
    """Normalised autocorrelation from 0.13 s to 2 s, shape=(b, pulses, lags)."""
    x = pulses - pulses.mean(dim=2, keepdim=True)
    spectrum = torch.fft.rfft(x, n=2 * x.shape[2])
    products = torch.fft.irfft(spectrum.abs() ** 2)
    normalised: Tensor = products[..., slice(*_LAGS)] / (products[..., :1] + 1e-4)
    return normalised


def note_statistics(frames: Frames) -> Tensor:
    """Rates, lengths and velocities of the notes, shape=(b, 7)."""
    struck = torch.sigmoid(frames.onsets)
    sounding = torch.sigmoid(frames.sounding)
    velocities = frames.velocities
    count = struck.sum(dim=(1, 2)) + 0.1
    held = sounding.sum(dim=(1, 2)) + 0.1
    mean = (struck * velocities).sum(dim=(1, 2)) / count
    spread = (struck * (velocities - mean[:, None, None]) ** 2).sum(dim=(1, 2)) / count
    attacks = 1 - torch.exp(torch.log1p(-struck.clamp(max=0.99)).sum(dim=1))  # of any key
    pitches = torch.arange(PITCHES, device=struck.device, dtype=struck.dtype) / PITCHES
    height = (struck.sum(dim=2) * pitches).sum(dim=1) / count
    length = struck.shape[2]
    return torch.stack(
        [
            torch.log(count / length),
            torch.log(held / length),
            torch.log(held / count),
            torch.log(attacks.sum(dim=1) / length + 1e-3),
            mean,
            torch.sqrt(spread + 1e-6),
            height,
        ],
        dim=1,
    )


def _normalised(x: Tensor) -> Tensor:
    x = x - x.mean(dim=1, keepdim=True)
    unit: Tensor = x / (x.norm(dim=1, keepdim=True) + 1e-4)
    return unit
