"""How sure a figure is: bootstrap intervals and a paired permutation test.

Queries of one piece share its music, so an interval over queries alone is too narrow: the
clustered bootstrap draws whole pieces (Field & Welsh, JRSS B 2007). Two systems are compared
on the same queries by exchanging their results query by query (Smucker, Allan & Carterette,
CIKM 2007).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

DRAWS = 10_000
_CACHED = 100_000  # numbers at once: more would leave the processor's cache


def bootstrap_interval(
    values: np.ndarray, clusters: np.ndarray | None = None, seed: int = 0, draws: int = DRAWS
) -> tuple[float, float]:
    """95 % percentile interval of the mean.

    Parameters
    ----------
    values : np.ndarray, shape=(queries,)
        A metric of every query.
    clusters : np.ndarray, shape=(queries,), optional
        What is drawn together, the piece of each query; each query alone when left out.
    """
    if len(values) == 0:
        return float("nan"), float("nan")
    if clusters is None:
        clusters = np.arange(len(values))
    _, members = np.unique(clusters, return_inverse=True)
    sums, counts = np.bincount(members, values), np.bincount(members)
    drawn, totals = _drawn(tuple(counts.tolist()), seed, draws)
    means = _sums_of(sums, drawn) / totals
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def permutation_p(differences: np.ndarray, seed: int = 0, draws: int = DRAWS) -> np.ndarray:
    """Two-sided p of mean differences under random exchange of the two systems.

    Parameters
    ----------
    differences : np.ndarray, shape=(..., queries)
        A metric of one system minus that of another, query by query.

    Returns
    -------
    np.ndarray, shape=(...)
        (1 + exchanges at least as extreme) / (1 + draws); never 0.
    """
    queries = differences.shape[-1]
    observed = np.abs(differences.mean(axis=-1))
    extreme = np.zeros(observed.shape, int)
    signs = _exchanges(queries, seed, draws)
    # 1000 exchanges at a time: 10,000 times 1,000 queries would take 80 MB
    for at in range(0, draws, 1_000):
        means = differences @ signs[at : at + 1_000].astype(float).T / queries
        extreme += (np.abs(means) >= observed[..., None] - 1e-12).sum(axis=-1)
    p: np.ndarray = (1 + extreme) / (1 + draws)
    return p


@lru_cache(maxsize=2)
def _drawn(counts: tuple[int, ...], seed: int, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Which clusters are drawn, shape=(draws, clusters), and how many queries, shape=(draws,).

    The same for every metric and system.
    """
    drawn = np.random.default_rng(seed).integers(0, len(counts), (draws, len(counts)))
    return drawn, _sums_of(np.array(counts), drawn)


def _sums_of(values: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """The sum of the values that each draw takes, shape=(draws,)."""
    at_once = max(1, _CACHED // drawn.shape[1])
    parts = [values[drawn[at : at + at_once]].sum(axis=1) for at in range(0, len(drawn), at_once)]
    return np.concatenate(parts)


@lru_cache(maxsize=2)
def _exchanges(queries: int, seed: int, draws: int) -> np.ndarray:
    """Which results are exchanged, shape=(draws, queries), -1 or 1: the same for every pair."""
    rng = np.random.default_rng(seed)
    parts = [
        rng.choice((-1.0, 1.0), (min(1_000, draws), queries)).astype(np.int8)
        for _ in range(0, draws, 1_000)
    ]
    return np.concatenate(parts)
