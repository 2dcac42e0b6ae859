"""The published checkpoint of CP-ResNet, to tensors named as in :mod:`.network`.

What does not belong to the network's forward pass is left out: the discriminator of the domain
adaptation, and the counters of batch normalisation.
"""

from __future__ import annotations

from pathlib import Path

from espr.errors import EsprError
from espr.published.checkpoint import check_tensors, read_checkpoint
from espr.published.registry import PUBLISHED
from espr.published.store import Converted

_MODEL = PUBLISHED["cp-resnet"]
EXPECTED = f"{_MODEL.file}, the published CP-ResNet (Chowdhury & Widmer, ICASSP 2021)"
_TELLING = "stage1.block1.conv1.weight"
_UNUSED = "num_batches_tracked"
# the shortcut's layers in the published code's naming, and without names
_SHORTCUT = {".shortcut.0.": ".shortcut.conv.", ".shortcut.1.": ".shortcut.bn."}


def shapes() -> dict[str, tuple[int, ...]]:
    """Every tensor of the network and its shape."""
    import torch

    from espr.published.cp_resnet.network import CpResnetNetwork

    with torch.device("meta"):
        tensors = CpResnetNetwork().state_dict()
    return {
        name: tuple(tensor.shape) for name, tensor in tensors.items() if not name.endswith(_UNUSED)
    }


def recognise(path: Path) -> bool:
    """Whether a file is a checkpoint of this network."""
    try:
        return _TELLING in read_checkpoint(path, EXPECTED)
    except EsprError:
        return False


def convert(path: Path) -> Converted:
    """The network's tensors.

    Raises
    ------
    EsprError
        When the file is not a checkpoint of this network.
    """
    tensors = read_checkpoint(path, EXPECTED)
    for old, new in _SHORTCUT.items():
        tensors = {name.replace(old, new): tensor for name, tensor in tensors.items()}
    wanted = shapes()
    check_tensors(tensors, wanted, path, EXPECTED)
    return Converted({name: tensors[name].float().contiguous() for name in wanted}, path)
