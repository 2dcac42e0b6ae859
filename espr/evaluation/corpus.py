"""Described performances as numbers: what a model is fitted on and asked about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from espr.datasets.benchmark import Benchmark, Description
from espr.embeddings.encoder import TextEncoder
from espr.errors import EsprError
from espr.evaluation.expression_terms import expression_terms
from espr.features import Space


@dataclass(frozen=True, slots=True)
class Corpus:
    """Described performances as numbers.

    Attributes
    ----------
    text, audio : str
        Ids of the encoders.
    profiles : np.ndarray, shape=(performances, d)
        In the audio encoder's units.
    pieces, works : np.ndarray, shape=(performances,), str
    answers : np.ndarray, shape=(answers, dimension)
        Embeddings of the answers that have a known word.
    described : np.ndarray, shape=(answers,), int
        The performance that each answer describes.
    terms : np.ndarray, shape=(terms, dimension)
        Embeddings of the expression terms.
    term_targets : np.ndarray, shape=(terms, d)
    """

    text: str
    audio: str
    space: Space
    profiles: np.ndarray
    pieces: np.ndarray
    works: np.ndarray
    answers: np.ndarray
    described: np.ndarray
    terms: np.ndarray
    term_targets: np.ndarray

    def documents(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Whole descriptions: the described performances of ``chosen``, and their summed answers.

        Parameters
        ----------
        chosen : np.ndarray, shape=(performances,), bool

        Returns
        -------
        tuple of np.ndarray, shape=(n,) and (n, dimension)
        """
        described = np.unique(self.described[chosen[self.described]])
        rows = [self.answers[self.described == one].sum(axis=0, dtype=float) for one in described]
        return described, np.array(rows)


def make_corpus(
    benchmark: Benchmark,
    text: TextEncoder,
    audio: str,
    space: Space,
    profiles: np.ndarray,
) -> Corpus:
    """The performances and descriptions of a benchmark as numbers.

    Parameters
    ----------
    audio : str
        Id of the audio encoder.
    profiles : np.ndarray, shape=(performances, >= d)
        In the encoder's own space, which ``space`` begins.
    """
    answers, described = [], []
    for description in benchmark.descriptions:
        embedding = embed_description(text, description)
        if embedding is not None:
            answers.append(embedding)
            described.append(description.performance)
    known = [
        (text.embed(term), target)
        for term, target in expression_terms(space)
        if term in text.vocabulary
    ]
    return Corpus(
        text=text.id,
        audio=audio,
        space=space,
        profiles=profiles[:, : len(space)],
        pieces=np.array([performance.piece for performance in benchmark.performances]),
        works=np.array([performance.work for performance in benchmark.performances]),
        answers=np.array(answers),
        described=np.array(described),
        terms=np.array([embedding for embedding, _ in known]),
        term_targets=np.array([target for _, target in known]),
    )


def embed_description(text: TextEncoder, description: Description) -> np.ndarray | None:
    """The summed embedding of a description, None when none of its words is known."""
    rows = []
    for term, weight in description.terms:
        try:
            rows.append(weight * text.embed(term))
        except EsprError:
            continue
    if not rows:
        return None
    summed: np.ndarray = np.sum(rows, axis=0)
    return summed if summed.any() else None
