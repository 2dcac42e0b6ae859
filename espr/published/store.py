"""Published models on the user's disk: converted once to safetensors, checked whenever used.

``models/NAME/`` in the data folder (``ESPR_DATA``, else the user's) holds ``weights.safetensors``,
``model.json`` with the SHA-256 of every file and of the one they were made from, and what else
a model needs. The folder is written under another name and then moved into place.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from espr.checksums import file_sha256
from espr.errors import NOTHING_MATCHED, EsprError
from espr.paths import data_folders
from espr.published.checkpoint import read_checkpoint
from espr.published.registry import PUBLISHED

if TYPE_CHECKING:
    from torch import Tensor

SCHEMA = "espr.model/1"
WEIGHTS = "weights.safetensors"
_RECORD = "model.json"


@dataclass(frozen=True, slots=True)
class Converted:
    """What a converter made of a published model.

    Attributes
    ----------
    tensors : dict
        Contiguous, on the CPU.
    source : Path
        The file they came from.
    files : dict
        Further files by name.
    """

    tensors: Mapping[str, Tensor]
    source: Path
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that was added.

    Attributes
    ----------
    sha256 : dict
        File name → SHA-256.
    source, source_sha256 : str
        The file that it was made from.
    added : str
        Day, ISO 8601.
    """

    name: str
    folder: Path
    sha256: Mapping[str, str]
    source: str
    source_sha256: str
    added: str

    @property
    def digest(self) -> str:
        """The SHA-256 of the weights, 64 hexadecimal digits."""
        return self.sha256[WEIGHTS]

    @property
    def size(self) -> int:
        """Bytes of its files, as far as they are there."""
        files = [self.folder / file for file in self.sha256]
        return sum(file.stat().st_size for file in files if file.is_file())

    def verified(self, file: str = WEIGHTS) -> Path:
        """The path of one of its files, after its bytes were compared with what was written.

        Raises
        ------
        EsprError
            When they differ, or it is gone.
        """
        path = self.folder / file
        try:
            found = file_sha256(path)
        except OSError as error:
            raise EsprError(f"cannot read {path}: {error.strerror}; {self._advice}") from error
        if found != self.sha256.get(file):
            raise EsprError(f"{path} is not what was written; {self._advice}")
        return path

    def weights(self) -> dict[str, Tensor]:
        """Its tensors, checked."""
        from safetensors.torch import load_file

        tensors: dict[str, Tensor] = load_file(self.verified())
        return tensors

    @property
    def _advice(self) -> str:
        return f"add it again with: espr models add {self.name} PATH"


def find_installed(name: str) -> Installed | None:
    """The model of that name, if it was added.

    Raises
    ------
    EsprError
        When what was added cannot be read any more.
    """
    for base in data_folders():
        folder = base / "models" / name
        if (folder / _RECORD).is_file():
            return _read_record(name, folder)
    return None


def required(name: str) -> Installed:
    """The model of that name.

    Raises
    ------
    EsprError
        When it was not added; the message says where it is published.
    """
    found = find_installed(name)
    if found is None:
        model = PUBLISHED[name]
        raise EsprError(
            f"{name} is not installed; it is published {model.published}. Add it with: "
            f"espr models add {name} PATH (PATH: {model.file})"
        )
    return found


ADDING_STEPS = 4  # recognised, converted, written, checked


def add_model(
    name: str | None, path: Path, advance: Callable[[], None] = lambda: None
) -> Installed:
    """Convert a published model and keep it; one of the same name is replaced.

    Parameters
    ----------
    name : str, optional
        Of ``PUBLISHED``; found by what ``path`` holds when left out.
    path : Path
        The file or folder as it was published.
    advance : callable
        Called after each of ``ADDING_STEPS`` steps.

    Raises
    ------
    EsprError
        When there is no such model, or ``path`` does not hold it.
    """
    addable = [model for model in PUBLISHED.values() if model.converter]
    if name is not None and name not in [model.name for model in addable]:
        raise EsprError(f"no model {name!r} to add; there is {_listed(m.name for m in addable)}")
    if not path.exists():
        raise EsprError(f"cannot read {path}: there is no such file or folder")
    if name is None:
        recognised = [m for m in addable if import_module(m.converter).recognise(path)]
        if not recognised:
            known = _listed(f"{model.name} ({model.file})" for model in addable)
            if path.is_file():  # say what is wrong with it, if something is
                read_checkpoint(path, known)
            raise EsprError(f"{path} is no published model that ESPR knows; it knows {known}")
        name = recognised[0].name
    advance()
    converted: Converted = import_module(PUBLISHED[name].converter).convert(path)
    advance()
    return _write(name, converted, advance)


def remove_model(name: str) -> None:
    """Delete a model that was added.

    Raises
    ------
    EsprError
        Exit code 1 when it was not.
    """
    folders = [base / "models" / name for base in data_folders() if name in PUBLISHED]
    found = [folder for folder in folders if (folder / _RECORD).is_file()]
    if not found:
        raise EsprError(f"{name!r} was not added, so it cannot be removed", NOTHING_MATCHED)
    for folder in found:
        (folder / _RECORD).unlink()  # first: without it the folder is no model
        shutil.rmtree(folder)


def _write(name: str, converted: Converted, advance: Callable[[], None]) -> Installed:
    from safetensors.torch import save_file

    folder = data_folders()[0] / "models" / name
    draft = folder.with_name(f".{name}.{os.getpid()}.part")
    old = folder.with_name(f".{name}.{os.getpid()}.old")
    try:
        draft.mkdir(parents=True)
        try:
            save_file(dict(converted.tensors), draft / WEIGHTS)
            advance()
            for file, content in converted.files.items():
                (draft / file).write_bytes(content)
            record = {
                "schema": SCHEMA,
                "name": name,
                "source": str(converted.source.resolve()),
                "source_sha256": file_sha256(converted.source),
                "added": time.strftime("%Y-%m-%d"),
                "sha256": {file: file_sha256(draft / file) for file in (WEIGHTS, *converted.files)},
            }
            (draft / _RECORD).write_text(json.dumps(record, indent=1) + "\n", "utf-8")
            # safetensors lets nobody else read; a data folder may be shared
            (draft / WEIGHTS).chmod((draft / _RECORD).stat().st_mode)
            for written in draft.iterdir():
                with written.open("rb") as opened:
                    os.fsync(opened.fileno())
            if folder.exists():
                folder.rename(old)
            draft.rename(folder)
            advance()
        finally:
            for leftover in (draft, old):
                if leftover.exists():
                    shutil.rmtree(leftover)
    except OSError as error:
        reason = error.strerror or str(error)
        raise EsprError(f"cannot write the model to {folder}: {reason}") from error
    return _read_record(name, folder)


def _read_record(name: str, folder: Path) -> Installed:
    record = folder / _RECORD
    try:
        document = json.loads(record.read_text("utf-8"))
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        digests = {str(file): str(digest) for file, digest in document["sha256"].items()}
        if len(digests[WEIGHTS]) != 64:
            raise ValueError("the SHA-256 of the weights is missing")
        return Installed(
            name=name,
            folder=folder,
            sha256=digests,
            source=str(document["source"]),
            source_sha256=str(document["source_sha256"]),
            added=str(document["added"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise EsprError(
            f"{record} cannot be read ({error}); add the model again with: espr models add "
            f"{name} PATH"
        ) from error


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
