"""Texts of a benchmark as a two-tower model embeds them.

An answer is one text to the model, as the listener wrote it ("shy, delicate"); its embedding is
taken at length 1. A whole description is the sum of its answers': zero-shot, its score is the mean
cosine of the answers, and none is cut off because the others fill what the model reads. Weighted
terms (ratings) are embedded by themselves and summed by their weights.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from espr.datasets.benchmark import Benchmark, Description
from espr.evaluation.text_cache import TextCache, Track, do_not_track
from espr.published.joint_encoder import load_text_tower
from espr.retrieval.ranking import unit

_AT_ONCE = 64  # texts


class TowerTexts:
    """Embeddings of a benchmark's texts; each is computed once.

    Parameters
    ----------
    name : str
        Of the two-tower model.
    benchmark : Benchmark
    track : callable
        Shows the progress of embedding.
    """

    def __init__(self, name: str, benchmark: Benchmark, track: Track = do_not_track) -> None:
        self._tower = load_text_tower(name)
        self._track = track
        self._answers = benchmark.descriptions
        self._wholes = benchmark.queries("performance")
        self._parts: dict[Description, list[Description]] = {}
        for whole in self._wholes:
            self._parts[whole] = [
                one for one in self._answers if one.performance == whole.performance
            ]
        self._cache = TextCache(self._tower.id, "joint", self._tower.dimension)
        self._learn([text for one in self._answers for text, _ in _texts(one)])

    @property
    def dimension(self) -> int:
        return self._tower.dimension

    def embed(self, description: Description) -> np.ndarray:
        """The embedding of a query or of a text, shape=(dimension,)."""
        parts = self._parts.get(description, [description])
        if parts == [description]:
            summed = np.zeros(self.dimension)
            for text, weight in _texts(description):
                self._learn([text])
                summed += weight * self._cache[text]
            return summed
        total: np.ndarray = np.sum([self.embed(one) for one in parts], axis=0)
        return total

    def training(self, *, whole: bool) -> tuple[np.ndarray, np.ndarray]:
        """What a model is trained on: embeddings, shape=(n, dimension), and their performances.

        Parameters
        ----------
        whole : bool
            Whole descriptions, not single answers.
        """
        chosen = self._wholes if whole else self._answers
        rows = np.array([self.embed(one) for one in chosen])
        return rows, np.array([one.performance for one in chosen])

    def _learn(self, texts: list[str]) -> None:
        # by length: in a batch the shorter are padded
        ordered = sorted(set(texts), key=lambda text: (len(text), text))
        self._cache.add(ordered, self._embed, self._track)

    def _embed(self, texts: list[str]) -> Iterator[np.ndarray]:
        for at in range(0, len(texts), _AT_ONCE):
            yield from unit(self._tower.embeddings(texts[at : at + _AT_ONCE]))


def _texts(description: Description) -> list[tuple[str, float]]:
    """What the model reads, with weights; "clear_phrasing" is two words."""
    if all(weight == 1.0 for _, weight in description.terms):
        return [(description.text.replace("_", " "), 1.0)]
    return [(term.replace("_", " "), weight) for term, weight in description.terms]
