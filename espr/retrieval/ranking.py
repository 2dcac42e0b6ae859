"""Ranking performances by a query: cosine in a space, and what it is made of.

Queries and performances are vectors of one space: the query's profile h(words), shape
``(d,)``, and the performances' centred or standardised profiles, shape ``(n, d)``. `espr query`
and `espr evaluate` both rank with what is here. Source: Chowdhury & Widmer, FIRE 2023, eq. (1). A
vector of length zero says nothing, so its cosine with anything is 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# Scores closer than this are the same score: the order in which BLAS adds a row moves
# the last few of a double's 16 digits, and must not decide who comes first.
TIE = 1e-9


def cosine(query: np.ndarray, profiles: np.ndarray) -> np.ndarray:
    """Cosine, in [-1, 1], of queries with profiles.

    Parameters
    ----------
    query : np.ndarray, shape=(d,) or (queries, d)
    profiles : np.ndarray, shape=(n, d)

    Returns
    -------
    np.ndarray, shape=(n,) or (queries, n)
    """
    scores: np.ndarray = contributions(query, profiles).sum(axis=-1).clip(-1.0, 1.0)
    return scores


def contributions(query: np.ndarray, profiles: np.ndarray) -> np.ndarray:
    """What each feature adds to the cosine: q_i x_i / (|q| |x|), shape=(…, n, d), signed.

    Their sums over the features are :func:`cosine`; eq. (1), term by term.
    """
    parts: np.ndarray = unit(profiles) * unit(query)[..., None, :]
    return parts


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors, shape=(..., d), at length 1; those of length 0 stay 0."""
    vectors = np.asarray(vectors, dtype=np.float64)
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: np.ndarray = np.divide(
        vectors, lengths, out=np.zeros_like(vectors), where=lengths > np.finfo(np.float64).tiny
    )
    return scaled


def round_scores(scores: np.ndarray) -> np.ndarray:
    """Scores as whole numbers of :data:`TIE`: equal ones are ties."""
    rounded: np.ndarray = np.round(np.asarray(scores) / TIE)
    return rounded


def order(scores: np.ndarray, names: Sequence[str]) -> list[int]:
    """Row numbers from the best score to the worst; equal scores in the order of their names."""
    rounded = round_scores(scores)
    return sorted(range(len(scores)), key=lambda row: (-rounded[row], names[row].casefold(), row))


def ranks(scores: Sequence[float]) -> list[int]:
    """The rank of each of ``scores``, best first: equal scores share one (1, 2, 2, 4)."""
    rounded = round_scores(np.array(scores))
    places: list[int] = []
    for place in range(len(rounded)):
        tied = place > 0 and rounded[place] == rounded[place - 1]
        places.append(places[-1] if tied else place + 1)
    return places


def best_window(fits: np.ndarray, times: np.ndarray) -> int:
    """The row of the window that fits the query best; the first of equals.

    The partial window at the end of a recording is noisier than whole ones, and is passed
    over where there are any.

    Parameters
    ----------
    fits : np.ndarray, shape=(n,)
        Cosines of the windows of one recording with the query.
    times : np.ndarray, shape=(n, 2)
        Start and end of each window in seconds.
    """
    lengths = times[:, 1] - times[:, 0]
    whole = np.flatnonzero(lengths > 0.99 * lengths.max())
    return int(whole[np.argmax(round_scores(fits[whole]))])
