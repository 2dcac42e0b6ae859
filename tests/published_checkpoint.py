"""A checkpoint in the form in which CP-ResNet was published, its weights drawn at random."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

PARAMETERS = 2_246_865  # of the published file

# name of the block: channels in, channels out, kernels
BLOCKS = {
    "stage1.block1": (128, 128, 3, 1),
    "stage1.block2": (128, 128, 3, 3),
    "stage1.block3": (128, 128, 3, 3),
    "stage2.block1": (128, 256, 3, 3),
    "stage3.block1": (256, 512, 1, 1),
}


def shapes() -> dict[str, tuple[int, ...]]:
    """Every parameter of the published file, the discriminator's too."""
    found: dict[str, tuple[int, ...]] = {"in_c.0.weight": (128, 1, 5, 5), **_norm("in_c.1", 128)}
    for name, (channels, out, k1, k2) in BLOCKS.items():
        # one more input channel: the frequency coordinate
        found[f"{name}.conv1.weight"] = (out, channels + 1, k1, k1)
        found |= _norm(f"{name}.bn1", out)
        found[f"{name}.conv2.weight"] = (out, out + 1, k2, k2)
        found |= _norm(f"{name}.bn2", out)
        if channels != out:
            found[f"{name}.shortcut.conv.weight"] = (out, channels, 1, 1)
            found |= _norm(f"{name}.shortcut.bn", out)
    found["feed_forward.0.weight"] = (7, 512, 1, 1)
    found |= _norm("feed_forward.1", 7)
    for layer, (inputs, outputs) in zip((0, 2, 4), ((512, 50), (50, 20), (20, 1)), strict=True):
        found[f"discriminator.{layer}.weight"] = (outputs, inputs)
        found[f"discriminator.{layer}.bias"] = (outputs,)
    return found


def _norm(name: str, channels: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (channels,), f"{name}.bias": (channels,)}


def published_state(seed: int = 0) -> dict[str, Tensor]:
    """Parameters and the statistics of the batch norms, of a size that keeps signals alive."""
    generator = torch.Generator().manual_seed(seed)
    state: dict[str, Tensor] = {}
    for name, shape in shapes().items():
        values = torch.randn(shape, generator=generator)
        if len(shape) > 1:
            state[name] = values * (2.0 / values[0].numel()) ** 0.5
        else:
            is_gain = name.endswith("weight")
            state[name] = 1.0 + 0.2 * values if is_gain else 0.2 * values
            if is_gain:
                norm = name.removesuffix("weight")
                state[norm + "running_mean"] = 0.2 * torch.randn(shape, generator=generator)
                state[norm + "running_var"] = 0.5 + torch.rand(shape, generator=generator)
                state[norm + "num_batches_tracked"] = torch.tensor(1000)
    return state


def write_published(path: Path, seed: int = 0) -> Path:
    """Save such a checkpoint as PyTorch does."""
    torch.save(published_state(seed), path)
    return path
