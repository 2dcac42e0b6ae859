"""How many performances of a piece are still found among a million other recordings.

Of a library whose pieces are right (``sound_grouping`` says so), each recording is searched by its
note vector among the others and made-up ones, whose vectors are drawn from a normal distribution
with the mean and the covariance of the library's. A performance of its piece is found when fewer
than 256 recordings have signs as near, and fewer than ten a cosine as high: so many are candidates,
and compared.

Run: python -m tests.benchmarks.sound_candidates LIBRARY [MADE_UP ...]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np

from espr.catalog.catalog import Catalog
from espr.catalog.note_codes import differences, sign_rows
from espr.indexing.sound_grouping import CANDIDATES, NEIGHBOURS
from tests.played_notes import all_note_vectors

_CHUNK = 20_000
_SHRINKAGE = 0.1  # of the covariance, towards that of which all directions are alike


def made_up(vectors: np.ndarray, count: int) -> Iterator[np.ndarray]:
    """Chunks of vectors like these, shape=(n, 256), of length 1; together ``count``."""
    rng = np.random.default_rng(count)
    covariance = np.cov(vectors.T)
    alike = np.eye(len(covariance)) * np.trace(covariance) / len(covariance)
    root = np.linalg.cholesky((1.0 - _SHRINKAGE) * covariance + _SHRINKAGE * alike)
    for first in range(0, count, _CHUNK):
        drawn = rng.normal(size=(min(_CHUNK, count - first), len(root))) @ root.T
        drawn += vectors.mean(axis=0)
        yield (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


def true_pairs(catalog: Catalog, ids: list[int]) -> np.ndarray:
    """Places among ``ids`` of recordings of one piece, both ways, shape=(n, 2)."""
    piece_of = catalog.pieces_of()
    pieces = np.array([piece_of[identity] for identity in ids])
    together = pieces[:, None] == pieces[None, :]
    return np.argwhere(together & ~np.eye(len(ids), dtype=bool))


def main(library: str, counts: list[int]) -> None:
    """Print the shares of true pairs that are found."""
    with Catalog.open(library) as catalog:
        ids, vectors = all_note_vectors(catalog)
        pairs = true_pairs(catalog, ids)
    one, other = pairs.T
    mean = vectors.mean(axis=0)
    signs = sign_rows(ids, vectors, mean)
    cosines = vectors @ vectors.T
    differ = np.stack([differences(signs, row) for row in signs["signs"]])
    nearest_cosine, nearest_signs = cosines[one, other], differ[one, other]
    print(f"{len(ids)} recordings, {len(pairs)} ways from one to another of its piece")
    for count in counts:
        # itself and the other are among those that are as near
        ahead = (cosines[one] >= nearest_cosine[:, None]).sum(axis=1) - 2
        ahead_by_signs = (differ[one] <= nearest_signs[:, None]).sum(axis=1) - 2
        for chunk in made_up(vectors, count):
            rows = sign_rows(range(len(chunk)), chunk, mean)
            near = vectors @ chunk.T
            far = np.stack([differences(rows, row) for row in signs["signs"]])
            ahead += (near[one] >= nearest_cosine[:, None]).sum(axis=1)
            ahead_by_signs += (far[one] <= nearest_signs[:, None]).sum(axis=1)
        candidate, near_enough = ahead_by_signs < CANDIDATES, ahead < NEIGHBOURS
        print(
            f"among {count:,} made up: {candidate.mean():.4f} are candidates by signs, "
            f"{near_enough.mean():.4f} among the nearest {NEIGHBOURS} by cosine, "
            f"{(candidate & near_enough).mean():.4f} both; "
            f"at most {ahead_by_signs.max()} ahead by signs, {ahead.max()} by cosine"
        )


if __name__ == "__main__":
    main(sys.argv[1], [int(number) for number in sys.argv[2:]] or [10_000, 100_000, 1_000_000])
