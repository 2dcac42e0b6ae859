"""Retrieval metrics over queries that have one right answer.

Each takes the *rank* of the right answer among the candidates. Ties are not broken: a metric
counts with its expected value when tied candidates come in random order, so that a system
which cannot tell takes apart scores exactly what chance would.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Rank:
    """Where the right answer stands: how many are better, how many tied with it (itself too)."""

    above: int
    tied: int


def rank_of(right: int, scores: np.ndarray) -> Rank:
    """The rank of candidate ``right`` by descending score, shape=(candidates,)."""
    # contributions are sums of a dozen products: differences below 1e-9 are rounding
    difference = scores - scores[right]
    return Rank(above=int((difference > 1e-9).sum()), tied=int((np.abs(difference) <= 1e-9).sum()))


def top(k: int, rank: Rank) -> float:
    """Top-k ratio of one query: P(rank <= k) = clip((k - above) / tied, 0, 1)."""
    return min(max((k - rank.above) / rank.tied, 0.0), 1.0)


def reciprocal_rank(rank: Rank) -> float:
    """Reciprocal rank of one query: mean of 1 / r over r = above + 1 … above + tied; eq. (2)."""
    return float(np.mean(1.0 / np.arange(rank.above + 1, rank.above + rank.tied + 1)))


METRICS: dict[str, Callable[[Rank], float]] = {
    "top1": lambda rank: top(1, rank),
    "top2": lambda rank: top(2, rank),
    "mrr": reciprocal_rank,
}


def mean_metrics(ranks: list[Rank]) -> dict[str, float]:
    """The mean of every metric over the queries."""
    return {name: float(np.mean([metric(r) for r in ranks])) for name, metric in METRICS.items()}
