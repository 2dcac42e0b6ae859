"""Retrieval metrics over queries that have one right answer.

Each takes the *rank* of the right answer among the candidates, of one query or of many. Ties are
not broken: a metric counts with its expected value when tied candidates come in random order, so
that a system which cannot tell performances apart scores exactly what chance would. What is a tie
is what `espr query` takes for one (:mod:`espr.retrieval.ranking`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from espr.retrieval.ranking import round_scores


@dataclass(frozen=True, slots=True)
class Rank:
    """Where the right answer stands: how many are better, how many tied with it (itself too).

    Numbers for one query, arrays of shape (queries,) for many.
    """

    above: int | np.ndarray
    tied: int | np.ndarray


def rank_of(right: int | np.ndarray, scores: np.ndarray) -> Rank:
    """The rank of candidate ``right`` by descending score.

    Parameters
    ----------
    right : int or np.ndarray, shape=(queries,)
    scores : np.ndarray, shape=(candidates,) or (..., queries, candidates)
    """
    rounded = round_scores(scores)
    places = np.broadcast_to(right, rounded.shape[:-1])[..., None]
    own = np.take_along_axis(rounded, places, axis=-1)
    above, tied = (rounded > own).sum(axis=-1), (rounded == own).sum(axis=-1)
    return Rank(above, tied) if np.ndim(right) else Rank(int(above), int(tied))


def top(k: int, rank: Rank) -> np.ndarray:
    """Top-k ratio of a query: P(rank <= k) = clip((k - above) / tied, 0, 1)."""
    ratio: np.ndarray = np.clip((k - np.asarray(rank.above)) / rank.tied, 0.0, 1.0)
    return ratio


def reciprocal_rank(rank: Rank) -> np.ndarray:
    """Reciprocal rank of a query: mean of 1 / r over r = above + 1 … above + tied; eq. (2)."""
    above, tied = np.asarray(rank.above), np.asarray(rank.tied)
    base = int(tied.max(initial=0)) + 1
    pairs, places = np.unique(above * base + tied, return_inverse=True)
    values = [
        np.mean(1.0 / np.arange(a + 1, a + t + 1))
        for a, t in map(divmod, pairs, [base] * len(pairs))
    ]
    found: np.ndarray = np.array(values)[places].reshape(above.shape)
    return found


METRICS: dict[str, Callable[[Rank], np.ndarray]] = {
    "top1": lambda rank: top(1, rank),
    "top2": lambda rank: top(2, rank),
    "mrr": reciprocal_rank,
}


def join_ranks(ranks: Sequence[Rank]) -> Rank:
    """The ranks of single queries as arrays."""
    return Rank(np.array([r.above for r in ranks], int), np.array([r.tied for r in ranks], int))


def mean_metrics(ranks: Sequence[Rank]) -> dict[str, float]:
    """The mean of every metric over the queries."""
    joined = join_ranks(ranks)
    return {name: float(np.mean(metric(joined))) for name, metric in METRICS.items()}
