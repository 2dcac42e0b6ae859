"""A model of one fold, however it was fitted, and how it ranks: with what `espr query` ranks with.

Profiles of performances enter the cosine as :meth:`QueryModel.centred` gives them; scores are
:func:`espr.retrieval.ranking.cosine`'s, eq. (1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from espr.evaluation.corpus import Corpus
from espr.evaluation.metrics import Rank, rank_of
from espr.retrieval.query_model import QueryModel
from espr.retrieval.ranking import cosine


@dataclass(frozen=True, slots=True)
class FoldModel:
    """A query's profile is ``h.profile(embedding - origin) + intercept``.

    Attributes
    ----------
    h : QueryModel
    origin : np.ndarray, shape=(dimension,)
    intercept : np.ndarray, shape=(d,)
    components : int or None
        What embeddings were reduced to.
    """

    h: QueryModel
    origin: np.ndarray
    intercept: np.ndarray
    components: int | None = None

    def profile(self, embedding: np.ndarray) -> np.ndarray:
        """The profile of an embedding, shape=(dimension,) to (d,)."""
        profile: np.ndarray = self.h.profile(embedding - self.origin) + self.intercept
        return profile

    def profiles(self, embeddings: np.ndarray) -> np.ndarray:
        """The profiles of embeddings, shape=(n, dimension) to (n, d)."""
        profiles: np.ndarray = self.h.word_profiles(embeddings - self.origin) + self.intercept
        return profiles


def without_intercept(h: QueryModel) -> FoldModel:
    """h as a model of a fold."""
    return FoldModel(h, np.zeros(h.dimension), np.zeros(len(h.space)))


def rank_descriptions(
    h: QueryModel,
    corpus: Corpus,
    profiles: np.ndarray,
    targets: np.ndarray,
    candidates: np.ndarray,
) -> Rank:
    """Where the performance that each text describes stands among the candidates of its piece.

    Parameters
    ----------
    h : QueryModel
        Its constants centre the candidates.
    profiles : np.ndarray, shape=(..., n, d)
        Of the texts, by one model or by many with these constants.
    targets : np.ndarray, shape=(n,), int
        Performances, all among the candidates.
    candidates : np.ndarray, shape=(performances,), bool

    Returns
    -------
    Rank
        Of arrays, shape=(..., n).
    """
    above, tied = np.zeros(profiles.shape[:-1], int), np.ones(profiles.shape[:-1], int)
    pieces = corpus.pieces[targets]
    for piece in np.unique(pieces):
        asked = np.flatnonzero(pieces == piece)
        performances = np.flatnonzero(candidates & (corpus.pieces == piece))
        scores = cosine(profiles[..., asked, :], h.centred(corpus.profiles[performances]))
        rank = rank_of(np.searchsorted(performances, targets[asked]), scores)
        above[..., asked], tied[..., asked] = rank.above, rank.tied
    return Rank(above, tied)
