"""Systems: a text encoder, an audio encoder, and a map between them, asked on held-out pieces.

`paper` is the protocol of Chowdhury & Widmer 2023: one summed, uncentred embedding a
performance, linear regression with intercept onto standardised features (with fewer
descriptions than dimensions the minimum-norm solution, as scikit-learn's LinearRegression
gives), with or without PCA of the embeddings. `best` is ESPR's h, its settings chosen by
cross-validation inside the training folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from espr.errors import EsprError
from espr.evaluation.folds import Fold
from espr.evaluation.metrics import METRICS, Rank, rank_of, reciprocal_rank
from espr.training.query_model import Corpus, Settings, fit, unit

MODELS = ("paper", "best")
CENTRINGS = ("none", "piece")
# Small on purpose: three or four works inside a fold cannot tell finer settings apart.
SETTINGS = tuple(
    Settings(penalty=penalty, term_weight=weight)
    for penalty, weight in product((0.01, 0.1, 1.0), (0.0, 10.0, 30.0))
)


@dataclass(frozen=True, slots=True)
class System:
    """One row of the tables."""

    text: str
    audio: str
    space: str
    model: str
    centring: str
    pca: int | None = None

    @property
    def label(self) -> str:
        reduced = f" PCA {self.pca}" if self.pca else ""
        return f"{self.text} × {self.audio} ({self.space}), {self.model}{reduced}, {self.centring}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and how its performance came out."""

    query: int
    performance: int
    rank: Rank
    candidates: np.ndarray  # (k,) performances of the piece
    scores: np.ndarray  # (k,)
    profile: np.ndarray  # (d,) of the query


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model of one fold: how it sees queries and performances.

    The query's profile is ``matrix @ (embedding - origin) + intercept``.
    """

    matrix: np.ndarray  # (d, dimension)
    origin: np.ndarray  # (dimension,)
    intercept: np.ndarray  # (d,)
    seen: np.ndarray  # (performances, d) what enters the cosine

    def profile(self, embedding: np.ndarray) -> np.ndarray:
        profile: np.ndarray = self.matrix @ (embedding - self.origin) + self.intercept
        return profile


def evaluate(
    system: System,
    corpus: Corpus,
    queries: np.ndarray,
    targets: np.ndarray,
    folds: Sequence[Fold],
) -> list[Asked]:
    """Ask every query in the fold that tests its performance.

    Parameters
    ----------
    corpus : Corpus
        With embeddings as the system's model takes them: centred for ``best``, plain for ``paper``.
    queries : np.ndarray, shape=(queries, dimension)
        A row of zeros is a query of which no word is known: it is answered by chance.
    targets : np.ndarray, shape=(queries,), int
        The performance that each query asks for.
    """
    asked = []
    for fold in folds:
        model = _fitted(system, corpus, fold.training)
        for query in np.flatnonzero(fold.test[targets]):
            candidates = np.flatnonzero(corpus.pieces == corpus.pieces[targets[query]])
            profile = np.zeros(len(corpus.space))
            if queries[query].any():
                profile = model.profile(queries[query])
            # cosine similarity, eq. (1)
            scores = unit(model.seen[candidates]) @ unit(profile)
            right = int(np.flatnonzero(candidates == targets[query])[0])
            rank = rank_of(right, scores)
            asked.append(Asked(int(query), int(targets[query]), rank, candidates, scores, profile))
    return asked


def _fitted(system: System, corpus: Corpus, training: np.ndarray) -> Fitted:
    if system.model == "paper":
        return _fit_paper(corpus, training, system.centring, system.pca)
    if system.model != "best":
        raise EsprError(f"no model {system.model!r}; there are " + ", ".join(MODELS))
    if system.centring != "piece":
        raise EsprError("the model 'best' centres by piece; use --centring piece")
    model = fit(corpus, training, choose_settings(corpus, training))
    seen = np.zeros_like(corpus.profiles)
    for piece in np.unique(corpus.pieces):
        takes = corpus.pieces == piece
        seen[takes] = model.centred(corpus.profiles[takes])
    zeros = np.zeros(len(corpus.space))
    return Fitted(model.matrix, np.zeros(model.dimension), zeros, seen)


def choose_settings(corpus: Corpus, training: np.ndarray) -> Settings:
    """The settings with the best MRR when each training work is held out in turn.

    Single answers and whole descriptions count alike. With a single training work the defaults
    stay, since nothing can be held out.
    """
    works = np.unique(corpus.works[training])
    if len(works) < 2:
        return Settings()
    inner = [
        Fold(str(work), training & (corpus.works != work), training & (corpus.works == work))
        for work in works
    ]
    described = np.unique(corpus.described)
    whole = np.array([corpus.answers[corpus.described == one].sum(axis=0) for one in described])

    def quality(settings: Settings) -> float:
        total = []
        for embeddings, targets in ((whole, described), (corpus.answers, corpus.described)):
            ranks = []
            for fold in inner:
                model = fit(corpus, fold.training, settings)
                for piece in np.unique(corpus.pieces[fold.test]):
                    takes = np.flatnonzero(training & (corpus.pieces == piece))
                    seen = unit(model.centred(corpus.profiles[takes]))
                    for query in np.flatnonzero(np.isin(targets, takes)):
                        right = int(np.flatnonzero(takes == targets[query])[0])
                        ranks.append(rank_of(right, seen @ model.profile(embeddings[query])))
            total.append(float(np.mean([reciprocal_rank(rank) for rank in ranks])))
        return float(np.mean(total))

    return max(SETTINGS, key=quality)


def _fit_paper(corpus: Corpus, training: np.ndarray, centring: str, pca: int | None) -> Fitted:
    described = np.unique(corpus.described[training[corpus.described]])
    rows = np.array([corpus.answers[corpus.described == one].sum(axis=0) for one in described])
    mean, deviation = corpus.profiles[training].mean(axis=0), corpus.profiles[training].std(axis=0)
    seen = (corpus.profiles - mean) / np.maximum(deviation, 1e-12)
    if centring == "piece":
        for piece in np.unique(corpus.pieces):
            takes = corpus.pieces == piece
            seen[takes] -= seen[takes].mean(axis=0)
    origin, intercept = rows.mean(axis=0), seen[described].mean(axis=0)
    centred = rows - origin
    if pca is not None:
        _, _, axes = np.linalg.svd(centred, full_matrices=False)
        matrix = (np.linalg.pinv(centred @ axes[:pca].T) @ (seen[described] - intercept)).T
        return Fitted(matrix @ axes[:pca], origin, intercept, seen)
    matrix = (np.linalg.pinv(centred) @ (seen[described] - intercept)).T
    return Fitted(matrix, origin, intercept, seen)


def metric_values(asked: Sequence[Asked]) -> dict[str, np.ndarray]:
    """Every metric of every query, each shape=(queries,), in the order of the queries."""
    ordered = sorted(asked, key=lambda one: one.query)
    return {
        name: np.array([metric(one.rank) for one in ordered]) for name, metric in METRICS.items()
    }
