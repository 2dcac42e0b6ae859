"""The audio tower of MTR: a residual front end over the spectrogram, then a transformer.

Doh, Won, Choi & Nam, "Toward Universal Text-to-Music Retrieval" (ICASSP 2023). Modules bear the
names of the published checkpoint, so that its weights load as they are.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from espr.published.mtr.spectrogram import BANDS, MelSpectrogram

CHANNELS = 128
WIDTH = 256  # of the transformer
EMBEDDING = 128  # of the space that both towers share
_POOLINGS = 4  # each halves bands and frames
_LAYERS = 4
_HEADS, _HEAD_WIDTH = 8, 32
_FEED_FORWARD = 1024
_POSITIONS = 513  # the class token, and 512 frames


class AudioTowerNetwork(nn.Module):
    """Samples at 16 kHz, shape=(n, 158560), to embeddings, shape=(n, 128)."""

    def __init__(self) -> None:
        super().__init__()
        self.spectrogram = MelSpectrogram()
        self.audio_encoder = AudioEncoder()
        self.audio_projector = projector(WIDTH)

    def forward(self, samples: Tensor) -> Tensor:
        encoded = self.audio_encoder(self.spectrogram(samples))
        embeddings: Tensor = self.audio_projector(encoded[:, 0])
        return embeddings


class AudioEncoder(nn.Module):
    """Decibels, shape=(n, 1, 128, frames), to states, shape=(n, 1 + frames // 16, 256)."""

    def __init__(self) -> None:
        super().__init__()
        self.frontend = FrontEnd()
        self.cls_token = nn.Parameter(torch.zeros(WIDTH))
        self.pos_embedding = nn.Parameter(torch.zeros(1, _POSITIONS, WIDTH))
        self.transformer = Transformer()

    def forward(self, decibels: Tensor) -> Tensor:
        frames = self.frontend(decibels)
        first = self.cls_token.expand(len(frames), 1, WIDTH)
        states = torch.cat([first, frames], dim=1)
        states = states + self.pos_embedding[:, : states.shape[1]]
        encoded: Tensor = self.transformer(states)
        return encoded


class FrontEnd(nn.Module):
    """Decibels, shape=(n, 1, 128, frames), to vectors, shape=(n, frames // 16, 256)."""

    def __init__(self) -> None:
        super().__init__()
        self.input_bn = nn.BatchNorm2d(1)
        self.layer1 = ResidualLayer(1, CHANNELS)
        self.layer2 = ResidualLayer(CHANNELS, CHANNELS)
        self.layer3 = ResidualLayer(CHANNELS, CHANNELS)
        self.layer4 = ResidualLayer(CHANNELS, CHANNELS)
        self.fc = nn.Linear(CHANNELS * (BANDS >> _POOLINGS), WIDTH)

    def forward(self, decibels: Tensor) -> Tensor:
        maps = self.input_bn(decibels)
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            maps = layer(maps)
        # (n, channels, bands, frames) to (n, frames, channels · bands), the channel outermost
        vectors: Tensor = self.fc(maps.permute(0, 3, 1, 2).flatten(start_dim=2))
        return vectors


class ResidualLayer(nn.Module):
    """Two convolutions beside a shortcut, then ReLU, then the maximum of every 2 × 2."""

    def __init__(self, channels: int, wanted: int) -> None:
        super().__init__()
        self.conv_1 = nn.Conv2d(channels, wanted, 3, padding=1)
        self.bn_1 = nn.BatchNorm2d(wanted)
        self.conv_2 = nn.Conv2d(wanted, wanted, 3, padding=1)
        self.bn_2 = nn.BatchNorm2d(wanted)
        self.changes = channels != wanted
        if self.changes:
            self.conv_3 = nn.Conv2d(channels, wanted, 3, padding=1)
            self.bn_3 = nn.BatchNorm2d(wanted)

    def forward(self, maps: Tensor) -> Tensor:
        found = self.bn_1(self.conv_1(maps)).relu()
        found = self.bn_2(self.conv_2(found))
        shortcut = self.bn_3(self.conv_3(maps)) if self.changes else maps
        return functional.max_pool2d((found + shortcut).relu(), 2)


class Transformer(nn.Module):
    """Pre-norm layers of attention and feed-forward, each with a residual; no norm at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.ModuleList([Residual(PreNorm(Attention())), Residual(PreNorm(FeedForward()))])
            for _ in range(_LAYERS)
        )

    def forward(self, states: Tensor) -> Tensor:
        for layer in self.layers:
            for part in layer.children():  # attention, then feed-forward
                states = part(states)
        return states


class Residual(nn.Module):
    """What comes out of a part, plus what went in."""

    def __init__(self, fn: nn.Module) -> None:
        super().__init__()
        self.fn = fn

    def forward(self, states: Tensor) -> Tensor:
        found: Tensor = self.fn(states) + states
        return found


class PreNorm(nn.Module):
    """A layer norm, then what it is put before."""

    def __init__(self, fn: nn.Module) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.fn = fn

    def forward(self, states: Tensor) -> Tensor:
        found: Tensor = self.fn(self.norm(states))
        return found


class Attention(nn.Module):
    """Self-attention of 8 heads of 32; scores are scaled by 32 ** -0.5."""

    def __init__(self) -> None:
        super().__init__()
        inner = _HEADS * _HEAD_WIDTH
        self.to_qkv = nn.Linear(WIDTH, 3 * inner, bias=False)
        self.to_out = nn.Sequential(nn.Linear(inner, WIDTH))

    def forward(self, states: Tensor) -> Tensor:
        heads = (
            part.unflatten(-1, (_HEADS, _HEAD_WIDTH)).transpose(1, 2)
            for part in self.to_qkv(states).chunk(3, dim=-1)
        )
        found = functional.scaled_dot_product_attention(*heads)
        attended: Tensor = self.to_out(found.transpose(1, 2).flatten(start_dim=2))
        return attended


class FeedForward(nn.Module):
    """256 to 1024, GELU, back to 256; 2 is the published model's dropout, idle here."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(WIDTH, _FEED_FORWARD),
            nn.GELU(),
            nn.Identity(),
            nn.Linear(_FEED_FORWARD, WIDTH),
        )

    def forward(self, states: Tensor) -> Tensor:
        found: Tensor = self.net(states)
        return found


def projector(width: int) -> nn.Sequential:
    """States of a tower to the shared space: layer norm, then a linear map without bias."""
    return nn.Sequential(nn.LayerNorm(width), nn.Linear(width, EMBEDDING, bias=False))
