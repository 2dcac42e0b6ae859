"""The mel spectrogram of MTR (Doh et al., ICASSP 2023): 128 bands, 100 frames a second.

Hann windows of 1024 samples, hop 160, centred with reflection, of 16 kHz mono. What is squared
is the *real part* of the complex transform, not its magnitude: the published model was trained
like this. 128 triangular bands on the HTK mel scale from 0 to 8000 Hz, not normalised;
10 · log10(power), at least -100 dB, without a limit at the top.
"""

from __future__ import annotations

import torch
from torch import Tensor

SAMPLE_RATE = 16_000  # Hz
HOP = 160  # samples
BANDS = 128
_WINDOW = 1024  # samples
_HIGHEST = 8_000.0  # Hz
_FLOOR = 1e-10  # power


class MelSpectrogram(torch.nn.Module):
    """Samples, shape=(n, samples), to decibels, shape=(n, 1, 128, 1 + samples // 160)."""

    def __init__(self) -> None:
        super().__init__()
        # constants, not weights: no part of a state dict
        self.register_buffer("window", torch.hann_window(_WINDOW), persistent=False)
        self.register_buffer("filters", mel_filters(), persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        window = self.get_buffer("window")
        transformed = torch.stft(
            samples,
            _WINDOW,
            HOP,
            window=window,
            center=True,
            pad_mode="reflect",
            return_complex=True,
        )
        power = self.get_buffer("filters") @ transformed.real.square()
        return (10.0 * power.clamp(min=_FLOOR).log10()).unsqueeze(1)


def mel_filters() -> Tensor:
    """Triangular filters with a peak of 1, shape=(128, 513)."""
    import librosa

    return torch.from_numpy(
        librosa.filters.mel(
            sr=SAMPLE_RATE, n_fft=_WINDOW, n_mels=BANDS, fmax=_HIGHEST, htk=True, norm=None
        )
    )
