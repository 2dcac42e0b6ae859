"""All performances of a piece on a plane, with the features as arrows.

A biplot (Gabriel, Biometrika 58(3), 1971): principal components of the performances' deviations
from their mean, in standard deviations within a piece. A performance lies where it lies furthest
from the others; in the direction of an arrow a feature grows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from espr.catalog.catalog import Catalog, Piece, Recording
from espr.errors import NOTHING_MATCHED, EsprError
from espr.features import Space
from espr.retrieval.performances import piece_profiles, with_tempos
from espr.retrieval.query_model import QueryModel

FEWEST = 3


@dataclass(frozen=True, slots=True)
class PieceMap:
    """Performances on a plane.

    Attributes
    ----------
    positions : np.ndarray, shape=(n, 2)
        In standard deviations within a piece.
    arrows : np.ndarray, shape=(d, 2)
        How far one standard deviation of a feature leads; at most 1 long.
    shares : tuple of two floats
        Share of the variance that each axis shows.
    """

    piece: Piece
    space: Space
    recordings: Sequence[Recording]
    positions: np.ndarray
    arrows: np.ndarray
    shares: tuple[float, float]


def map_piece(catalog: Catalog, piece: Piece, model: QueryModel) -> PieceMap:
    """The map of a piece.

    Raises
    ------
    EsprError
        Exit code 1 when it has fewer than three performances, or all are the same.
    """
    profiles = with_tempos(catalog, piece_profiles(catalog, piece, model))
    count = len(profiles.recordings)
    if count < FEWEST:
        raise EsprError(
            f"piece '{piece.slug}' has {count} of the {FEWEST} performances that a map needs",
            NOTHING_MATCHED,
        )
    deviations = profiles.deviations(profiles.profiles)
    left, sizes, right = np.linalg.svd(deviations - deviations.mean(axis=0), full_matrices=False)
    if sizes[0] < 1e-6:
        raise EsprError(f"the performances of '{piece.slug}' are all the same", NOTHING_MATCHED)
    arrows = right[:2].T
    signs = np.sign(arrows[np.abs(arrows).argmax(axis=0), [0, 1]])  # the same map every time
    share = np.square(sizes) / np.square(sizes).sum()
    return PieceMap(
        piece=piece,
        space=model.space,
        recordings=profiles.recordings,
        positions=left[:, :2] * sizes[:2] * signs,
        arrows=arrows * signs,
        shares=(float(share[0]), float(share[1])),
    )
