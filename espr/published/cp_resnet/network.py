"""The layers of CP-ResNet, named as in the published checkpoint."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class FrequencyAwareConv(nn.Conv2d):
    """A convolution without bias that also sees how high in the spectrum it is."""

    def __init__(self, channels: int, out: int, kernel: int) -> None:
        super().__init__(channels + 1, out, kernel, padding=kernel // 3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Shape=(b, channels, bands, frames); the coordinate is added here."""
        rows = x.shape[2]  # row i of n lies at 2 i / n - 1: -1 up to 1 - 2 / n
        height = torch.arange(rows, dtype=x.dtype, device=x.device) * 2 / rows - 1
        coordinate = height[:, None].expand(len(x), 1, x.shape[2], x.shape[3])
        return super().forward(torch.cat([x, coordinate], dim=1))


class BasicBlock(nn.Module):
    """Two convolutions of kernels ``k1`` and ``k2`` beside a shortcut."""

    def __init__(self, channels: int, out: int, k1: int, k2: int) -> None:
        super().__init__()
        self.conv1 = FrequencyAwareConv(channels, out, k1)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = FrequencyAwareConv(out, out, k2)
        self.bn2 = nn.BatchNorm2d(out)
        self.shortcut = nn.Sequential()
        if channels != out:
            self.shortcut.add_module("conv", nn.Conv2d(channels, out, 1, bias=False))
            self.shortcut.add_module("bn", nn.BatchNorm2d(out))

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class CpResnetNetwork(nn.Module):
    """The published network without its discriminator: 2,220,174 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.in_c = nn.Sequential(
            nn.Conv2d(1, 128, 5, stride=2, padding=1, bias=False), nn.BatchNorm2d(128), nn.ReLU()
        )
        self.stage1 = nn.Sequential()
        self.stage1.add_module("block1", BasicBlock(128, 128, 3, 1))
        self.stage1.add_module("pool1", nn.MaxPool2d(2))
        self.stage1.add_module("block2", BasicBlock(128, 128, 3, 3))
        self.stage1.add_module("pool2", nn.MaxPool2d(2))
        self.stage1.add_module("block3", BasicBlock(128, 128, 3, 3))
        self.stage2 = nn.Sequential()
        self.stage2.add_module("block1", BasicBlock(128, 256, 3, 3))
        self.stage3 = nn.Sequential()
        self.stage3.add_module("block1", BasicBlock(256, 512, 1, 1))
        self.feed_forward = nn.Sequential(
            nn.Conv2d(512, 7, 1, bias=False), nn.BatchNorm2d(7), nn.AdaptiveAvgPool2d(1)
        )

    def forward(self, windows: Tensor) -> Tensor:
        """Seven outputs a window.

        Parameters
        ----------
        windows : Tensor, shape=(b, 1, 149, 469)
            log10(1 + magnitude).

        Returns
        -------
        Tensor, shape=(b, 7)
        """
        x = self.stage3(self.stage2(self.stage1(self.in_c(windows))))
        outputs: Tensor = self.feed_forward(x)[:, :, 0, 0]
        return outputs
