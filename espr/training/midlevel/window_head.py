"""From the frames of a window to what the network says of it.

Mean and spread over time of what every frame says, the fit of learned key profiles (over the window
and over its thirds), the autocorrelation of onset-like signals, and what the notes amount to.
Recordings are analysed by the same in numpy (:mod:`espr.audio.midlevel.window_head`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from espr.audio.midlevel.front_end import LOWEST_PITCH, PITCHES

if TYPE_CHECKING:
    from espr.training.midlevel.network import Frames

STATES = 64  # channels
PULSES = 4  # onset-like signals whose autocorrelation is taken

_LAGS = (4, 64)  # frames of the spectrogram: 0.13 s to 2 s
_TEMPLATES = 8  # learned key profiles


class WindowHead(nn.Module):
    """Reads the outputs of a window from its frames."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.templates = nn.Parameter(torch.randn(_TEMPLATES, 12))
        self.rhythm = nn.Linear(PULSES * (_LAGS[1] - _LAGS[0]), 32)
        inputs = 2 * STATES + 32 + 4 * _TEMPLATES + 7
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
