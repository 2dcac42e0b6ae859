"""Described recordings from elsewhere, as numbers: what augments a regression.

A recording belongs to a *group*: its piece, or all of its source when the source names no pieces
(clips of unrelated music). Profiles are taken minus their group's mean, since what people say of a
recording within a group cannot come from what the group has in common.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class AugmentationRows:
    """Described recordings as numbers.

    Attributes
    ----------
    profiles : np.ndarray, shape=(recordings, d)
    sources, groups, works : np.ndarray, shape=(recordings,), str
        A work is empty when it is not known.
    embeddings : np.ndarray, shape=(rows, dimension)
    described : np.ndarray, shape=(rows,), int
        The recording that each row describes.
    """

    profiles: np.ndarray
    sources: np.ndarray
    groups: np.ndarray
    works: np.ndarray
    embeddings: np.ndarray
    described: np.ndarray

    def without(self, works: Iterable[str]) -> AugmentationRows:
        """Without the recordings of some works: those that a fold tests."""
        kept = ~np.isin(self.works, [work for work in works if work])
        rows = kept[self.described]
        places = np.cumsum(kept) - 1
        return AugmentationRows(
            self.profiles[kept],
            self.sources[kept],
            self.groups[kept],
            self.works[kept],
            self.embeddings[rows],
            places[self.described[rows]],
        )

    def centred_rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Embeddings, and profiles minus their group's mean in their own source's deviations.

        A rendering of MIDI or a clip of pop music differs from the benchmark's recordings in more
        than expression: neither's mean nor spread holds for the other.
        """
        deviations = subtract_group_means(self.profiles, self.groups)
        for source in np.unique(self.sources):
            own = self.sources == source
            spread = np.sqrt((deviations[own] ** 2).mean(axis=0))
            deviations[own] /= np.maximum(spread, 1e-12)
        return self.embeddings, deviations[self.described]


def subtract_group_means(rows: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Rows minus the mean of their group, shape=(n, d)."""
    _, members = np.unique(groups, return_inverse=True)
    sums = np.zeros((members.max(initial=-1) + 1, rows.shape[1]))
    np.add.at(sums, members, rows)
    counts = np.bincount(members, minlength=len(sums))
    deviations: np.ndarray = rows - (sums / counts[:, None])[members]
    return deviations


def join_rows(parts: Iterable[AugmentationRows]) -> AugmentationRows:
    """Several sources as one."""
    every = list(parts)
    starts = np.cumsum([0, *(len(part.profiles) for part in every)])
    described = [part.described + start for part, start in zip(every, starts, strict=False)]
    return AugmentationRows(
        profiles=np.concatenate([part.profiles for part in every]),
        sources=np.concatenate([part.sources for part in every]),
        groups=np.concatenate([part.groups for part in every]),
        works=np.concatenate([part.works for part in every]),
        embeddings=np.concatenate([part.embeddings for part in every]),
        described=np.concatenate(described),
    )
