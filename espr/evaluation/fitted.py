"""A model of one fold, however it was fitted: how it sees queries and performances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from espr.evaluation.folds import Fold
from espr.training.query_model import Corpus

_GROUPS = 5  # of pieces, when there is one work to learn from


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model of one fold: the query's profile is ``matrix @ (embedding - origin) + intercept``."""

    matrix: np.ndarray  # (d, dimension)
    origin: np.ndarray  # (dimension,)
    intercept: np.ndarray  # (d,)
    seen: np.ndarray  # (performances, d) what enters the cosine
    components: int | None = None  # that embeddings were reduced to

    def profile(self, embedding: np.ndarray) -> np.ndarray:
        """The profile of an embedding, shape=(dimension,) to (d,)."""
        profile: np.ndarray = self.matrix @ (embedding - self.origin) + self.intercept
        return profile


def folds_of_works(corpus: Corpus, training: np.ndarray) -> list[Fold]:
    """Each training work held out in turn; none with a single work."""
    works = np.unique(corpus.works[training])
    if len(works) < 2:
        return []
    return [
        Fold(str(work), training & (corpus.works != work), training & (corpus.works == work))
        for work in works
    ]


def folds_of_pieces(corpus: Corpus, training: np.ndarray) -> list[Fold]:
    """Pieces held out in turn, in at most five groups; none with a single piece."""
    pieces = np.unique(corpus.pieces[training])
    groups = [pieces[start::_GROUPS] for start in range(min(_GROUPS, len(pieces)))]
    if len(groups) < 2:
        return []
    held_out = [training & np.isin(corpus.pieces, group) for group in groups]
    return [Fold(str(n), training & ~held, held) for n, held in enumerate(held_out)]
