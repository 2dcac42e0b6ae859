"""Texts read once: their embeddings and their terms, kept beside the profiles of recordings.

One ``.npz`` file of embeddings for each encoder and way of reading, in the form of
:mod:`espr.evaluation.embedding_table`, and one ``.json`` file of terms for each encoder. A name
holds a digest of what decides how words are read: the code of ``query_language`` and
``embeddings``, the word lists and the registry entries of the vectors. The cache can be deleted at
any time; a file of it that cannot be read is made again.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import astuple
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from espr.embeddings.encoder import TextEncoder
from espr.errors import EsprError
from espr.paths import ASSETS, cache_folder
from espr.query_language.parser import Term
from espr.whole_files import replace_file

Track = Callable[[Iterable[Any], int, str], Iterable[Any]]


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
        self._place = _place(encoder, f"{reading}-{reading_digest()}.npz")
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
        content = io.BytesIO()
        names, vectors = np.array(list(self._rows)), np.array([*self._rows.values()])
        np.savez(content, names=names, vectors=vectors)
        _keep(self._place, content.getvalue())


class TermCache:
    """The terms of texts as one encoder reads whole queries.

    Parameters
    ----------
    encoder : TextEncoder
    """

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self._place = _place(encoder.id, f"terms-{reading_digest()}.json")

    @cached_property
    def _terms(self) -> dict[str, tuple[Term, ...]]:
        return _read_terms(self._place)

    def __getitem__(self, text: str) -> tuple[Term, ...]:
        """The terms of a text; none when no word is known."""
        if text not in self._terms:
            self._terms[text] = self._parse(text)
        return self._terms[text]

    def add(self, texts: Iterable[str]) -> None:
        """Read the texts that are not there yet, and keep them."""
        absent = [text for text in dict.fromkeys(texts) if text not in self._terms]
        if not absent:
            return
        self._terms.update((text, self._parse(text)) for text in absent)
        rows = {text: [astuple(term) for term in terms] for text, terms in self._terms.items()}
        _keep(self._place, json.dumps(rows).encode("utf-8"))

    def _parse(self, text: str) -> tuple[Term, ...]:
        try:
            return self._encoder.parse(text)
        except EsprError:  # no word is known
            return ()


def _place(encoder: str, name: str) -> Path:
    return cache_folder() / "texts" / f"{encoder.replace('/', '-')}-{name}"


def _keep(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    replace_file(place, content)


def _read_terms(place: Path) -> dict[str, tuple[Term, ...]]:
    try:
        rows = json.loads(place.read_text(encoding="utf-8"))
        return {
            text: tuple(
                Term(typed, tuple(words), weight, known, tuple(suggestions), note, target)
                for typed, words, weight, known, suggestions, note, target in terms
            )
            for text, terms in rows.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


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
