"""Embeddings of texts, computed once: kept beside the profiles of recordings.

One ``.npz`` file for each encoder and way of reading, in the form of
:mod:`espr.evaluation.embedding_table`. Its name holds a digest of what decides how words are read:
the code of ``query_language`` and ``embeddings``, the word lists and the registry entries of the
vectors. The cache can be deleted at any time; a file of it that cannot be read is made again.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import numpy as np

from espr.paths import ASSETS, cache_folder

Track = Callable[[Iterable[np.ndarray], int, str], Iterable[np.ndarray]]


def do_not_track(rows: Iterable[np.ndarray], _count: int, _label: str) -> Iterable[np.ndarray]:
    """Show no progress."""
    return rows


class TextCache:
    """The embeddings of texts that one encoder has embedded in one way.

    Parameters
    ----------
    encoder : str
        Id of the encoder.
    reading : str
        How it reads texts.
    dimension : int
    kept : bool
        On disk; else in this process only.
    """

    def __init__(self, encoder: str, reading: str, dimension: int, *, kept: bool = True) -> None:
        name = f"{encoder.replace('/', '-')}-{reading}-{reading_digest()}.npz"
        self._place = cache_folder() / "texts" / name
        self._kept = kept
        self._rows = _read(self._place, dimension) if kept else {}

    def __getitem__(self, text: str) -> np.ndarray:
        return self._rows[text]

    def add(
        self,
        texts: Iterable[str],
        embed: Callable[[list[str]], Iterable[np.ndarray]],
        track: Track = do_not_track,
    ) -> None:
        """Embed the texts that are not there yet, and keep them.

        Parameters
        ----------
        embed : callable
            A row for each text, shape=(dimension,); zeros where no word is known.
        """
        absent = [text for text in dict.fromkeys(texts) if text not in self._rows]
        if not absent:
            return
        rows = track(embed(absent), len(absent), "reading texts")
        self._rows.update(zip(absent, rows, strict=True))
        if not self._kept:
            return
        self._place.parent.mkdir(parents=True, exist_ok=True)
        draft = self._place.with_suffix(f".{os.getpid()}.part.npz")
        np.savez(draft, names=np.array(list(self._rows)), vectors=np.array([*self._rows.values()]))
        draft.replace(self._place)


def _read(place: Path, dimension: int) -> dict[str, np.ndarray]:
    try:
        with np.load(place, allow_pickle=False) as arrays:
            names, vectors = arrays["names"], arrays["vectors"]
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return {}
    if vectors.ndim != 2 or vectors.shape != (len(names), dimension):
        return {}
    return dict(zip(names.tolist(), vectors, strict=True))


@cache
def reading_digest() -> str:
    """A digest of the code and the lists by which texts are read, 12 hexadecimal digits."""
    package = ASSETS.parent
    files = [
        *sorted((package / "query_language").glob("*.py")),
        *sorted((package / "embeddings").glob("*.py")),
        *sorted(ASSETS.glob("*.toml")),
        *sorted(ASSETS.glob("*.csv")),
        *sorted(ASSETS.glob("*.txt")),
    ]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
