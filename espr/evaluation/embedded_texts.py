"""Texts of a benchmark whose embeddings were made elsewhere, looked up in a table.

A performance's whole description is called ``piece/performer``; an answer, a term or the text of
an augmentation is its own name, however its commas are spaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from espr.datasets.benchmark import Benchmark, Description, Performance
from espr.errors import EsprError
from espr.evaluation.embedding_table import EmbeddingTable, read_embedding_table
from espr.published.joint_encoder import is_tower


def is_table(name: str) -> bool:
    """Whether the name of an encoder is that of a table of embeddings."""
    return name.lower().endswith(".npz") and not is_tower(name)


def is_embedded(name: str) -> bool:
    """Whether an encoder's features are unnamed: of a table, or of a two-tower model."""
    return is_table(name) or is_tower(name)


class EmbeddedTexts:
    """The embeddings of a benchmark's texts.

    Parameters
    ----------
    path : str
        Of the table.
    benchmark : Benchmark
    """

    def __init__(self, path: str, benchmark: Benchmark) -> None:
        self._table = read_embedding_table(Path(path))
        self._benchmark = benchmark
        self._names = {_spaced(name): name for name in self._table.names}
        self._whole = frozenset(benchmark.queries("performance"))

    @property
    def dimension(self) -> int:
        return self._table.dimension

    def embed(self, description: Description) -> np.ndarray:
        """The embedding of a query or of a text, shape=(dimension,).

        A whole description that has no embedding of its own is the sum of its answers'.

        Raises
        ------
        EsprError
            When there is none; the message names it.
        """
        if _spaced(description.text) in self._names:
            return self._table.vector(self._names[_spaced(description.text)])
        if description not in self._whole:
            return self._table.vector(description.text)
        name = self._name(description.performance)
        answers = self._answers(description.performance)
        if name in self._table or not all(_spaced(one.text) in self._names for one in answers):
            return self._table.vector(name)
        summed: np.ndarray = np.sum([self.embed(one) for one in answers], axis=0)
        return summed

    def training(self, *, whole: bool) -> tuple[np.ndarray, np.ndarray]:
        """What a model is trained on: embeddings, shape=(n, dimension), and their performances.

        Parameters
        ----------
        whole : bool
            Prefer whole descriptions to single answers; where the table lacks one kind, it is the
            other.
        """
        answers = self._benchmark.descriptions
        known = [_spaced(one.text) in self._names for one in answers]
        has_answers = all(known)
        wholes = self._benchmark.queries("performance")
        has_wholes = all(self._name(one.performance) in self._table for one in wholes)
        chosen = wholes if has_wholes and (whole or not has_answers) else answers
        if not any(known) and not has_wholes:
            chosen = wholes  # of the kind that the table has, the first missing is named
        rows = [
            self._table.vector(self._name(one.performance)) if chosen is wholes else self.embed(one)
            for one in chosen
        ]
        return np.array(rows, float), np.array([one.performance for one in chosen])

    def _name(self, performance: int) -> str:
        of = self._benchmark.performances[performance]
        return f"{of.piece}/{of.performer}"

    def _answers(self, performance: int) -> list[Description]:
        return [one for one in self._benchmark.descriptions if one.performance == performance]


def embedded_recordings(path: str, performances: Iterable[Performance]) -> np.ndarray:
    """The embeddings of recordings by ``piece_performer`` or file stem, shape=(n, dimension).

    Raises
    ------
    EsprError
        When a recording has none; the message names it.
    """
    table = read_embedding_table(Path(path))
    return np.array([_recording(table, one) for one in performances], float)


def _recording(table: EmbeddingTable, performance: Performance) -> np.ndarray:
    name = f"{performance.piece}_{performance.performer}"
    for known in (name, performance.audio.stem, performance.audio.name):
        if known in table:
            return table.vector(known)
    wanted = name if performance.piece else performance.audio.stem
    raise EsprError(f"{table.path} has no embedding of the recording {wanted!r}")


def _spaced(text: str) -> str:
    return re.sub(r"\s*,\s*", ", ", text).strip(" ,")
