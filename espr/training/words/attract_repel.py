"""Draws words that belong together closer and pushes opposites apart, and all words with them.

After attract-repel (Mrkšić et al., TACL 2017) in the plain form of counter-fitting (Mrkšić et
al., NAACL 2016): a pair that should be alike moves together while its cosine is below a margin, a
pair of opposites moves apart while its cosine is above one, and every word is held to where it
was. Full gradient steps over all pairs at once, so there is nothing to draw and no seed.

Words that stand in no pair move as words like them did (post-specialisation, Vulić et al., NAACL
2018, with a linear map): a ridge regression from where the words of the pairs were to where
they went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from espr.training.words.base import units


@dataclass(frozen=True, slots=True)
class Pull:
    """Pairs as positions, shape=(pairs, 2), with their strength and the margin of their cosine.

    ``strength`` is positive for pairs that attract each other, negative for opposites.
    """

    pairs: np.ndarray
    strength: float
    margin: float


def attract_repel(
    rows: np.ndarray, pulls: Sequence[Pull], hold: float = 1.0, steps: int = 20, rate: float = 0.2
) -> np.ndarray:
    """The moved rows, of unit length; ``rows`` have unit length, shape=(words, dimension)."""
    start = rows.astype(np.float32)
    moved = start.copy()
    for _ in range(steps):
        step = hold * (start - moved)
        for pull in pulls:
            step += _step(moved, pull)
        moved = units(moved + rate * step)
    return moved


def _step(rows: np.ndarray, pull: Pull) -> np.ndarray:
    first, second = pull.pairs.T
    cosines = np.einsum("ij,ij->i", rows[first], rows[second])
    active = cosines < pull.margin if pull.strength > 0 else cosines > pull.margin
    one, other = first[active], second[active]
    size = (len(rows), len(rows))
    links = sparse.csr_matrix((np.ones(len(one), np.float32), (one, other)), shape=size)
    links = links + links.T
    # by the root of a word's number of pairs: neither a word of fifty nor of one is lost
    counts = np.asarray(links.sum(axis=1)).ravel()
    scale = pull.strength / np.sqrt(np.maximum(counts, 1.0))
    towards: np.ndarray = scale[:, None] * (links @ rows)
    return towards


def carried_over(
    before: np.ndarray, after: np.ndarray, taught: np.ndarray, share: float, penalty: float = 0.01
) -> np.ndarray:
    """``after``, and the words outside ``taught``, shape=(words,) bool, moved as like words were.

    ``share`` of a linear map's prediction joins every word's own place.
    """
    x, y = before[taught], after[taught] - before[taught]
    gram = x.T @ x
    ridge = penalty * np.trace(gram) / len(gram) * np.eye(len(gram))
    predicted = before @ np.linalg.solve(gram + ridge, x.T @ y)
    moved = np.where(taught[:, None], after, before + share * predicted)
    return units(moved)
