"""Checkpoints of PyTorch, read without trusting them.

A checkpoint is a pickle, and a pickle can hold a program. ``weights_only`` lets it build tensors
and plain containers and nothing else.
"""

from __future__ import annotations

import re
import stat
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espr.errors import EsprError

if TYPE_CHECKING:
    from torch import Tensor

LARGEST = 4 << 30  # bytes; the largest published model that ESPR runs has 0.5 GB
_NESTED = ("state_dict", "model_state_dict", "model")
_PREFIXES = ("module.", "model.")
# how torch names what it refuses to call
_PROGRAM = re.compile(r"unsupported (?:global: )?global (\S+)", re.I)


def read_checkpoint(path: Path, expected: str) -> dict[str, Tensor]:
    """The named tensors of a checkpoint, on the CPU; those of a file are mapped, not copied.

    Parameters
    ----------
    path : Path
    expected : str
        What the file should be, for the error: "CPResnet_BackProp_2bf74_2.pt of …".

    Raises
    ------
    EsprError
        When it is missing, cut short, too large, something else, or holds a program.
    """
    import torch

    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise EsprError(f"{path} is not a file; expected {expected}")
        if not 0 < found.st_size <= LARGEST:
            size = f"{found.st_size:,} bytes"
            raise EsprError(f"{path} has {size} and cannot be it; expected {expected}")
        mapped = _is_plain_archive(path, expected)
        with warnings.catch_warnings(action="ignore"):  # of a pickle of another version
            content = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except EsprError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise EsprError(f"cannot read {path}: {reason}; expected {expected}") from error
    except Exception as error:  # whatever a damaged or hostile pickle makes of the unpickler
        program = _PROGRAM.search(str(error))
        if program:
            raise EsprError(
                f"{path} wants to run {program[1]}, which weights need not; nothing of it was run. "
                f"Expected {expected}"
            ) from error
        raise EsprError(
            f"{path} is no PyTorch checkpoint, or it is cut short; expected {expected}"
        ) from error
    return _named_tensors(content, path, expected)


def check_tensors(
    tensors: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]], path: Path, expected: str
) -> None:
    """Check that every tensor of ``shapes`` is there in its shape, in finite floats.

    Raises
    ------
    EsprError
        Naming the first that is not.
    """
    for name, shape in shapes.items():
        if name not in tensors:
            raise EsprError(f"{path} has no tensor {name!r}; expected {expected}")
        tensor = tensors[name]
        if tuple(tensor.shape) != shape:
            raise EsprError(
                f"{path}: {name!r} has the shape {tuple(tensor.shape)}, not {shape}; "
                f"expected {expected}"
            )
        if not tensor.is_floating_point() or not bool(tensor.isfinite().all()):
            raise EsprError(
                f"{path}: {name!r} does not hold finite numbers only; expected {expected}"
            )


def _is_plain_archive(path: Path, expected: str) -> bool:
    """Whether it is the zip archive that PyTorch writes since 1.6; false for the older form."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        # stored, never compressed: a small file cannot unfold into a large one
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
            raise EsprError(f"{path} is an archive of something else; expected {expected}")
        if damaged := archive.testzip():  # PyTorch does not compare the sums
            raise EsprError(f"{path} is damaged (in {damaged}); expected {expected}")
    return True


def _named_tensors(content: Any, path: Path, expected: str) -> dict[str, Tensor]:
    import torch

    for name in _NESTED:
        if isinstance(content, Mapping) and isinstance(content.get(name), Mapping):
            content = content[name]
    tensors = {}
    if isinstance(content, Mapping):
        tensors = {
            key: value.detach()
            for key, value in content.items()
            if isinstance(key, str) and isinstance(value, torch.Tensor)
        }
    if not tensors:
        raise EsprError(f"{path} holds no named tensors; expected {expected}")
    for prefix in _PREFIXES:
        if all(key.startswith(prefix) for key in tensors):
            tensors = {key.removeprefix(prefix): value for key, value in tensors.items()}
    return tensors
