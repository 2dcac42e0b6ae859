"""From the performances of pieces to ranked results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from espr.catalog.catalog import Catalog, Recording
from espr.retrieval.amounts import Amounts
from espr.retrieval.performances import PieceProfiles
from espr.retrieval.ranking import best_window, contributions, cosine, order, ranks
from espr.retrieval.results import BestWindow, Query, Result
from espr.retrieval.separation import separations


@dataclass(frozen=True, slots=True)
class Scored:
    """One performance, not ranked yet: its score and what it is made of."""

    score: float
    take: int  # the row in takes
    takes: PieceProfiles
    profile: np.ndarray  # shape=(d,), as it entered the cosine
    contributions: np.ndarray  # shape=(d,)

    @property
    def source(self) -> Recording:
        return self.takes.recordings[self.take]


def score(
    query: np.ndarray,
    takes: PieceProfiles,
    leave_out: Recording | None,
    amounts: Amounts | None = None,
) -> list[Scored]:
    """The performances of a piece, best first; ``leave_out`` and what is away are left out.

    They are left out of the ranking only: the mean of the piece is over all its performances.
    Scores are cosines, eq. (1), or as ``amounts`` change them.
    """
    profiles = takes.deviations(takes.profiles)
    if amounts is None or amounts.is_plain:
        scores = cosine(query, profiles)
        parts = contributions(query, profiles)
    else:
        parts = amounts.contributions(query, profiles)
        scores = parts.sum(axis=1).clip(-1.0, 1.0)
    itself = takes.row(leave_out) if leave_out is not None else None
    return in_order(
        [
            Scored(float(scores[take]), take, takes, profiles[take], parts[take])
            for take in range(len(scores))
            if take != itself and take not in takes.away
        ]
    )


def in_order(scored: Sequence[Scored]) -> list[Scored]:
    """Best first; equal scores by performer, then path."""
    scores = np.array([one.score for one in scored])
    names = [f"{one.source.performer}\0{one.source.path}" for one in scored]
    return [scored[row] for row in order(scores, names)]


def results(
    catalog: Catalog, asked: Query, scored: Sequence[Scored], *, compared: bool
) -> list[Result]:
    """Performances in order as results; ``compared``: with how far each is behind the first."""
    query = asked.profile
    heard = [catalog.windows(one.source.id, one.takes.model.audio) for one in scored]
    windows = [one.takes.deviations(w.features) for one, w in zip(scored, heard, strict=True)]
    windows = [asked.amounts.aimed(query, features) for features in windows]
    scores = [one.score for one in scored]
    apart = separations(query, windows, scores) if compared else [None] * len(scored)
    found = []
    for rank, one, times, features, separation in zip(
        ranks(scores), scored, (w.times for w in heard), windows, apart, strict=True
    ):
        row, fit = best_window(query, features, times)
        start, end = (float(time) for time in times[row])
        found.append(
            Result(
                rank=rank,
                score=one.score,
                source=one.source,
                piece=one.takes.piece,
                profile=one.profile,
                contributions=one.contributions,
                best_window=BestWindow(start, end, fit),
                separation=separation,
            )
        )
    return found
