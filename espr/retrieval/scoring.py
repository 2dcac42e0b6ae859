"""From the performances of pieces to ranked results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from espr.catalog.catalog import Catalog, Recording
from espr.errors import NOTHING_MATCHED, EsprError
from espr.retrieval.amounts import Amounts
from espr.retrieval.performances import PieceProfiles
from espr.retrieval.ranking import best_window, contributions, cosine, order, ranks
from espr.retrieval.results import PERFORMANCES_A_PIECE, BestWindow, Query, Result
from espr.retrieval.separation import separations


@dataclass(frozen=True, slots=True)
class Scored:
    """One performance, not ranked yet: its score and what it is made of."""

    score: float
    row: int  # in the profiles of its piece
    profiles: PieceProfiles
    deviations: np.ndarray  # shape=(d,), as they entered the cosine
    contributions: np.ndarray  # shape=(d,)

    @property
    def recording(self) -> Recording:
        return self.profiles.recordings[self.row]


def score(
    query: np.ndarray,
    profiles: PieceProfiles,
    leave_out: Recording | None,
    amounts: Amounts | None = None,
) -> list[Scored]:
    """The performances of a piece, best first; ``leave_out`` and what is away are left out.

    They are left out of the ranking only: the mean of the piece is over all its performances.
    Scores are cosines, eq. (1), or as ``amounts`` change them.
    """
    deviations = profiles.deviations(profiles.profiles)
    if amounts is None or amounts.is_plain:
        scores = cosine(query, deviations)
        parts = contributions(query, deviations)
    else:
        deviations = amounts.deviations(deviations)
        parts = amounts.contributions(query, deviations)
        scores = parts.sum(axis=1).clip(-1.0, 1.0)
    left_out = profiles.row(leave_out) if leave_out is not None else None
    return in_order(
        [
            Scored(float(scores[row]), row, profiles, deviations[row], parts[row])
            for row in range(len(scores))
            if row != left_out and row not in profiles.away
        ]
    )


def score_piece(
    query: Query, profiles: PieceProfiles, liked: Recording | None
) -> tuple[Query, list[Scored]]:
    """The performances of a piece that are as long as asked, best first, without the one that is
    ``liked``; and the query, whose amounts are set among them.

    Raises
    ------
    EsprError
        Exit code 1 when there is none.
    """
    compared = profiles.deviations(profiles.profiles)
    query = replace(query, amounts=query.amounts.among(query.profile, compared))
    scored = score(query.profile, profiles, liked, query.amounts)
    if not scored:
        raise EsprError(_why_none(profiles), NOTHING_MATCHED)
    scored = [one for one in scored if query.mentions.fit(one.recording.duration)]
    if not scored:
        raise EsprError("no performance of the piece is as long as asked", NOTHING_MATCHED)
    return query, scored


def score_pieces(
    query: Query, pieces: Iterable[PieceProfiles], liked: Recording | None, amounts: Amounts
) -> list[Scored]:
    """The few best performances of each of some pieces that are as long as asked, best first."""
    scored: list[Scored] = []
    for profiles in pieces:
        performances = score(query.profile, profiles, liked, amounts)
        fitting = [one for one in performances if query.mentions.fit(one.recording.duration)]
        scored += fitting[:PERFORMANCES_A_PIECE]
    scored = in_order(scored)
    # What lies on the other side is no answer; the nearest is shown all the same.
    return [performance for performance in scored if performance.score > 0] or scored[:1]


def _why_none(profiles: PieceProfiles) -> str:
    """Why no performance of a piece is left to rank."""
    if len(profiles.away) == len(profiles.recordings):
        return (
            "the performances of the piece are on a drive that was away when the library was last "
            "indexed; when it is back, run: espr index FOLDER"
        )
    return "the piece has no performance but the one to sound like"


def in_order(scored: Sequence[Scored]) -> list[Scored]:
    """Best first; equal scores by performer, then path."""
    scores = np.array([performance.score for performance in scored])
    names = [f"{one.recording.performer}\0{one.recording.path}" for one in scored]
    return [scored[row] for row in order(scores, names)]


def results(
    catalog: Catalog, query: Query, scored: Sequence[Scored], *, compared: bool
) -> list[Result]:
    """Performances in order as results; ``compared``: of one piece, with how far each is behind
    the first, and its tempo."""
    amounts = query.amounts
    windows = [catalog.windows(one.recording.id, one.profiles.model.audio) for one in scored]
    deviations = [
        amounts.aimed(
            query.profile,
            amounts.deviations(one.profiles.deviations_of(one.recording, its.features)),
        )
        for one, its in zip(scored, windows, strict=True)
    ]
    scores = [performance.score for performance in scored]
    apart = separations(query.profile, deviations, scores) if compared else [None] * len(scored)
    ranked = []
    for rank, one, its, rows, separation in zip(
        ranks(scores), scored, windows, deviations, apart, strict=True
    ):
        fits = cosine(query.profile, rows)
        row = best_window(fits, its.times)
        start, end = (float(time) for time in its.times[row])
        ranked.append(
            Result(
                rank=rank,
                score=one.score,
                source=one.recording,
                piece=one.profiles.piece,
                profile=one.deviations,
                contributions=one.contributions,
                best_window=BestWindow(start, end, float(fits[row])),
                times=its.times,
                fits=fits,
                separation=separation,
                tempo=one.profiles.tempos.get(one.recording.id),
            )
        )
    return ranked
