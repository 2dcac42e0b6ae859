"""Word vectors: a word in, its place among all words out.

Shipped vectors are two flat files in ``espr/assets``: ``NAME.txt``, one word a line, the
most frequent first, and ``NAME.npy``, whose row i is word i minus the mean word and whose last
row is the mean word itself: float16, or int8 with ``NAME.scales.npy``, float32, by which each row
is to be multiplied. The array is memory-mapped. ``NAME.toml`` beside them is the registry entry:
source, licence and the SHA-256 that is checked at loading (8 ms). How they were made:
``espr/training/vocabulary.py`` and ``espr/training/words``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np

from espr.checksums import file_sha256
from espr.embeddings.suggestion import Speller
from espr.errors import EsprError
from espr.paths import ASSETS

_AT_ONCE = 4096  # rows: 5 MB of float32
_REPAIR = "repair it with: pip install --force-reinstall espr"


class Vectors:
    """The vectors of a vocabulary, each minus the mean word.

    Parameters
    ----------
    name : str
    version : int
    words : list of str
        The most frequent first.
    rows : np.ndarray, shape=(len(words), dimension), any float, or int8 with ``scales``
        Centred: the mean word is subtracted.
    mean : np.ndarray, shape=(dimension,)
        The mean word: ``vector(word) + mean`` is the vector as it was published.
    axes : mapping, optional
        Directions of emotion by name (``valence``), shape=(dimension,): a word's is its vector's
        inner product with it, 0 for the mean word. None where the vectors were not made with any.
    scales : np.ndarray, shape=(len(words),), optional
        What each row is multiplied by.
    """

    notes: tuple[str, ...] = ()
    """What a user should know of the file they come from, one line each."""

    def __init__(
        self,
        name: str,
        version: int,
        words: list[str],
        rows: np.ndarray,
        mean: np.ndarray,
        axes: Mapping[str, np.ndarray] | None = None,
        scales: np.ndarray | None = None,
    ) -> None:
        self.axes = axes or {}
        self.name = name
        self.version = version
        self.words = words
        self.mean = mean
        self._rows = rows
        self._scales = scales
        self._positions = dict(zip(words, range(len(words)), strict=True))
        self._own: Mapping[str, np.ndarray] = {}
        self._speller: Speller | None = None

    def with_words(self, own: Mapping[str, np.ndarray]) -> Self:
        """The same vectors and those of further words; a word that is known stays as it is.

        Further words are read in queries. They are not among ``words``, and so neither neighbours
        nor suggestions.
        """
        extended = copy(self)
        extended._own = own
        return extended

    @property
    def id(self) -> str:
        """Name and version, e.g. ``glove/1``."""
        return f"{self.name}/{self.version}"

    @property
    def dimension(self) -> int:
        return int(self._rows.shape[1])

    def __contains__(self, word: object) -> bool:
        return word in self._positions or word in self._own

    def __len__(self) -> int:
        return len(self.words)

    def vector(self, word: str) -> np.ndarray:
        """The centred vector of a word of the vocabulary, shape=(dimension,), float32."""
        if word not in self._positions:
            if word in self._own:
                return self._own[word]
            raise EsprError(f"the vectors '{self.name}' have no word '{word}'")
        position = self._positions[word]
        vector: np.ndarray = self._rows[position].astype(np.float32)
        return vector if self._scales is None else vector * self._scales[position]

    @cached_property
    def phrases(self) -> dict[str, str]:
        """The words of several parts by their spaced form: "laid back" is ``laid-back``."""
        return {word.replace("-", " "): word for word in self.words if "-" in word or " " in word}

    def cosines(self, vector: np.ndarray, count: int) -> np.ndarray:
        """Cosine of ``vector`` with each of the ``count`` most frequent words; 0 with none."""
        unit = vector / (np.linalg.norm(vector) or 1.0)
        found = np.zeros(min(count, len(self)), dtype=np.float32)
        for start in range(0, len(found), _AT_ONCE):
            end = min(start + _AT_ONCE, len(found))
            rows = self._rows[start:end].astype(np.float32)
            lengths = np.linalg.norm(rows, axis=1)
            found[start:end] = rows @ unit / np.where(lengths > 0, lengths, 1.0)
        return found

    def suggest(self, word: str, n: int = 3) -> tuple[str, ...]:
        """Up to ``n`` words of the vocabulary spelt nearly like ``word``, the nearest first."""
        if self._speller is None:
            self._speller = Speller(self.words)
        return self._speller.suggest(word, n)


def load_vectors(name: str = "glove", folder: Path = ASSETS) -> Vectors:
    """The shipped vectors called ``name``, their bytes checked against the registry entry."""
    entry = _read_registry_entry(folder / f"{name}.toml")
    try:
        for file, digest in entry["sha256"].items():
            _verify(folder / file, digest)
        words = (folder / f"{name}.txt").read_text("utf-8").split("\n")[:-1]
        rows = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        version = int(entry["version"])
        expected = (len(words) + 1, int(entry["dimension"]))
        scales = None
        if rows.dtype == np.int8:
            scales = np.load(folder / f"{name}.scales.npy", allow_pickle=False)
        axes = {}
        if names := entry.get("axes"):
            directions = np.load(folder / f"{name}.axes.npy", allow_pickle=False)
            axes = dict(zip(names, directions.astype(np.float32), strict=True))
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        raise EsprError(f"the word vectors '{name}' are damaged ({error}); {_REPAIR}") from error
    except OSError as error:
        raise EsprError(f"cannot read the word vectors: {error}; {_REPAIR}") from error
    if rows.shape != expected:
        raise EsprError(f"'{name}.npy' is {rows.shape}, not {expected}; {_REPAIR}")
    mean = rows[-1].astype(np.float32)
    if scales is None:
        return Vectors(name, version, words, rows[:-1], mean, axes)
    if scales.shape != expected[:1]:
        raise EsprError(f"'{name}.scales.npy' is {scales.shape}, not {expected[:1]}; {_REPAIR}")
    return Vectors(name, version, words, rows[:-1], mean * scales[-1], axes, scales[:-1])


def _read_registry_entry(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise EsprError(f"cannot read what '{path.name}' says: {error}; {_REPAIR}") from error


def _verify(path: Path, digest: str) -> None:
    if file_sha256(path) != digest:
        raise EsprError(f"'{path.name}' is damaged (its SHA-256 differs); {_REPAIR}")
