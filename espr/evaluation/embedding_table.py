"""Embeddings by name, made elsewhere: how any other model enters an evaluation.

A table is an ``.npz`` file with two arrays: ``names``, shape=(n,), text, and ``vectors``,
shape=(n, dimension), any real numbers. On the text side a name is a text as it stands in the data
set; on the audio side it is the name of an audio file. Written by::

    numpy.savez(path, names=numpy.array(names), vectors=vectors)

Object arrays, which are pickles, are refused.
"""

from __future__ import annotations

import lzma
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from espr.errors import EsprError

_ZIP = b"PK\x03\x04"
_SHOWN = 60  # letters of a name in a message
_MADE_BY = "write it with numpy.savez(path, names=numpy.array(names), vectors=vectors)"


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddingTable:
    """Embeddings by name.

    Attributes
    ----------
    path : Path
        Where it was read, for messages.
    names : tuple of str
        All different, in composed letters (NFC).
    vectors : np.ndarray, shape=(len(names), dimension), float32
        Finite and not zero.
    """

    path: Path
    names: tuple[str, ...]
    vectors: np.ndarray
    _positions: dict[str, int]

    @property
    def dimension(self) -> int:
        return int(self.vectors.shape[1])

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _composed(name) in self._positions

    def __len__(self) -> int:
        return len(self.names)

    def vector(self, name: str) -> np.ndarray:
        """The embedding of a name, shape=(dimension,), float32.

        Raises
        ------
        EsprError
            When the table has no such name.
        """
        position = self._positions.get(_composed(name))
        if position is None:
            raise EsprError(f"{self.path} has no embedding of {_cut(name)}")
        vector: np.ndarray = self.vectors[position]
        return vector


def read_embedding_table(path: Path) -> EmbeddingTable:
    """Read and check a table.

    Raises
    ------
    EsprError
        When the file is no ``.npz`` or is damaged, an array is missing, of another type or shape,
        a name stands twice or is empty, or an embedding is zero or not finite.
    """
    names, vectors = _read_arrays(path)
    if names.ndim != 1 or vectors.ndim != 2 or len(names) != len(vectors):
        raise EsprError(
            f"{path}: names {names.shape} and vectors {vectors.shape} do not belong together; "
            "(n,) and (n, dimension) are expected"
        )
    if not vectors.size:
        raise EsprError(f"{path} is empty: it holds no embeddings")
    listed = _texts(path, names)
    with np.errstate(over="ignore"):  # what is infinite is refused below
        rows = vectors.astype(np.float32)
    _check_names(path, listed)
    _check_rows(path, listed, rows)
    return EmbeddingTable(path, listed, rows, {name: at for at, name in enumerate(listed)})


def _read_arrays(path: Path) -> tuple[np.ndarray, np.ndarray]:
    if path.is_dir():
        raise EsprError(f"{path} is a folder, not an .npz table of embeddings")
    if not path.is_file():
        raise EsprError(f"no table of embeddings at {path}")
    try:
        with path.open("rb") as file:
            if file.read(4) != _ZIP:
                raise EsprError(f"{path} is not an .npz file; {_MADE_BY}")
            file.seek(0)
            arrays = np.load(file, allow_pickle=False)
            missing = [name for name in ("names", "vectors") if name not in arrays.files]
            if missing:
                raise EsprError(f"{path} has no array '{missing[0]}'; {_MADE_BY}")
            names, vectors = arrays["names"], arrays["vectors"]
    except OSError as error:
        raise EsprError(f"cannot read {path}: {error.strerror or error}") from error
    # a header of an array that lies, a broken checksum, a packing that is not known
    except (
        ValueError,
        EOFError,
        MemoryError,
        NotImplementedError,
        RuntimeError,
        SyntaxError,
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
    ) as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise EsprError(
            f"{path} is damaged or holds Python objects ({reason}); {_MADE_BY}"
        ) from error
    if not isinstance(names, np.ndarray) or not isinstance(vectors, np.ndarray):
        raise EsprError(f"{path}: what it calls names and vectors are no arrays; {_MADE_BY}")
    if vectors.dtype.kind not in "fiu":
        raise EsprError(f"{path}: vectors are {vectors.dtype}, not real numbers")
    return names, vectors


def _texts(path: Path, names: np.ndarray) -> tuple[str, ...]:
    if names.dtype.kind not in "US":
        raise EsprError(f"{path}: names are {names.dtype}, not text; {_MADE_BY}")
    try:
        plain = [name.decode() if isinstance(name, bytes) else name for name in names.tolist()]
    except UnicodeDecodeError as error:
        raise EsprError(f"{path}: a name holds bytes that are not UTF-8") from error
    return tuple(_composed(name) for name in plain)


def _check_names(path: Path, names: tuple[str, ...]) -> None:
    first: dict[str, int] = {}
    for at, name in enumerate(names):
        if not name:
            raise EsprError(f"{path}: name {at + 1} is empty")
        if first.setdefault(name, at) != at:
            raise EsprError(
                f"{path}: {_cut(name)} stands twice, as name {first[name] + 1} and {at + 1}"
            )


def _check_rows(path: Path, names: tuple[str, ...], rows: np.ndarray) -> None:
    for at in np.flatnonzero(~np.isfinite(rows).all(axis=1)):
        raise EsprError(f"{path}: the embedding of {_cut(names[at])} has NaN or infinite numbers")
    for at in np.flatnonzero(~rows.any(axis=1)):
        raise EsprError(f"{path}: the embedding of {_cut(names[at])} is zero")


def _composed(name: str) -> str:
    """File systems differ in how they write "é": macOS in two letters."""
    return unicodedata.normalize("NFC", name)


def _cut(name: str) -> str:
    return repr(name if len(name) <= _SHOWN else name[: _SHOWN - 1] + "…")
