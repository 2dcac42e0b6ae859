"""The published checkpoint of MTR, found in its archive, checked and reduced to what is used.

Zenodo 7322135, ``mtr.tar.gz``: several models, each in a folder of its own with ``best.pth``. That
of the paper is contrastive, its text encoder BERT, its texts stochastic. ``best.pth`` is a dict
whose ``state_dict`` has the weights, keys prefixed ``module.``.

It is read with ``weights_only=True``: a pickle that would run code is refused, not run.
"""

from __future__ import annotations

import re
from pathlib import Path

from espr.errors import EsprError
from espr.published.checkpoint import check_tensors, read_checkpoint
from espr.published.mtr.encoder import expected_shapes
from espr.published.store import Converted

CHECKPOINT = "best.pth"
WANTED = ("contrastive", "bert", "stochastic")
EXPECTED = f"MTR's contrastive model with BERT ({CHECKPOINT} of mtr.tar.gz, zenodo record 7322135)"
_TOKEN = "audio_encoder.cls_token"
# settings beside a checkpoint, one a line: "text_rep: stochastic"
_SETTING = re.compile(r"^\W*(?:framework|loss_type|text_type|text_rep)\W*[:=]\s*(.+)$", re.M)
_SHOWN = 5  # checkpoints listed in a message


def find_checkpoint(path: Path) -> Path:
    """The paper's model: a file itself, or the one in an unpacked archive.

    A folder with several is decided by the names of folders and the settings beside each.

    Raises
    ------
    EsprError
        When there is none, or several may be it.
    """
    if path.is_file():
        if path.name.endswith((".tar.gz", ".tgz", ".tar")):
            raise EsprError(f"{path} is packed; unpack it (tar xf {path.name}) and give the folder")
        return path
    found = sorted(path.rglob(CHECKPOINT))
    if not found:
        raise EsprError(f"no {CHECKPOINT} in {path}; expected {EXPECTED}")
    if len(found) == 1:
        return found[0]
    fitting = [one for one in found if all(word in _described(one, path) for word in WANTED)]
    if len(fitting) != 1:
        listed = ", ".join(str(one.relative_to(path)) for one in (fitting or found)[:_SHOWN])
        raise EsprError(
            f"{path} has {len(fitting) or len(found)} models ({listed}); give the {CHECKPOINT} of "
            "the paper's: contrastive, BERT, stochastic text"
        )
    return fitting[0]


def _described(checkpoint: Path, folder: Path) -> str:
    """The words that name a model: its path below the folder, and the settings beside it."""
    words = [str(checkpoint.relative_to(folder))]
    for pattern in ("*.yaml", "*.yml", "*.json"):
        for settings in checkpoint.parent.glob(pattern):
            words += _SETTING.findall(settings.read_text("utf-8", errors="replace"))
    return " ".join(words).lower()


def recognise(path: Path) -> bool:
    """Whether a file or folder holds MTR."""
    try:
        return _TOKEN in read_checkpoint(find_checkpoint(path), EXPECTED)
    except EsprError:
        return False


def convert(path: Path) -> Converted:
    """The weights that ESPR uses, float32, by their published names without ``module.``.

    Parameters
    ----------
    path : Path
        ``best.pth``, or the unpacked archive.

    Raises
    ------
    EsprError
        When it is no such checkpoint, lacks weights, has some of another shape, or holds code.
    """
    checkpoint = find_checkpoint(path)
    found = read_checkpoint(checkpoint, EXPECTED)
    if _TOKEN in found:  # 256 numbers, however they are wrapped
        found[_TOKEN] = found[_TOKEN].flatten()
    shapes = expected_shapes()
    check_tensors(found, shapes, checkpoint, EXPECTED)
    # cloned: tensors that share memory cannot be written as safetensors
    weights = {name: found[name].float().contiguous().clone() for name in shapes}
    return Converted(tensors=weights, source=checkpoint)
