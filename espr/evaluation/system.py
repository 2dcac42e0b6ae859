"""Systems: a text encoder, an audio encoder, and a map between them, asked on held-out pieces.

`paper` is the protocol of Chowdhury & Widmer 2023 (:mod:`espr.evaluation.paper_model`), `best`
is ESPR's h (:mod:`espr.evaluation.best_model`). A model that embeds texts and audio in the same
space needs none: `zero-shot` compares the two as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from espr.errors import EsprError
from espr.evaluation.augmentation_rows import Further
from espr.evaluation.best_model import fit_best
from espr.evaluation.embedded_texts import is_embedded
from espr.evaluation.fitted import Fitted
from espr.evaluation.folds import Fold
from espr.evaluation.metrics import METRICS, Rank, rank_of
from espr.evaluation.paper_model import fit_paper
from espr.published.joint_encoder import is_tower
from espr.training.query_model import Corpus, unit

MODELS = ("paper", "best")
ZERO_SHOT = "zero-shot"
UNNAMED = "embedding"  # the space of audio embeddings, made elsewhere or by another's model
CENTRINGS = ("none", "piece")


@dataclass(frozen=True, slots=True)
class System:
    """One row of the tables."""

    text: str
    audio: str
    space: str
    model: str
    centring: str
    pca: int | str | None = None  # components, or "auto"
    augmentation: tuple[str, ...] = ()

    @property
    def pair(self) -> str:
        return f"{short_name(self.text)} × {short_name(self.audio)}"

    @property
    def label(self) -> str:
        reduced = f" PCA {self.pca}" if self.pca else ""
        added = "".join(f" + {Path(name).name}" for name in self.augmentation)
        return f"{self.pair} ({self.space}){added}, {self.model}{reduced}, {self.centring}"


def short_name(encoder: str) -> str:
    """The name of an encoder without the folders of a path: ``clap:models/music`` is clap:music."""
    kind, colon, path = encoder.partition(":")
    return f"{kind}{colon}{Path(path).name}" if is_tower(encoder) else Path(encoder).name


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and how its performance came out."""

    query: int
    performance: int
    rank: Rank
    candidates: np.ndarray  # (k,) performances of the piece
    scores: np.ndarray  # (k,)
    profile: np.ndarray  # (d,) of the query
    seen: np.ndarray  # (performances, d) what entered the cosine, of all performances
    fold: str = ""
    components: int | None = None  # that embeddings were reduced to in this fold


def evaluate(
    system: System,
    corpus: Corpus,
    queries: np.ndarray,
    targets: np.ndarray,
    folds: Sequence[Fold],
    further: Further | None = None,
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
    further : Further, optional
        The system's augmentation; a fold learns from it less the works that the fold tests.
    """
    asked = []
    for fold in folds:
        allowed = further.without(np.unique(corpus.works[fold.test])) if further else None
        model = _fitted(system, corpus, fold.training, allowed)
        for query in np.flatnonzero(fold.test[targets]):
            candidates = np.flatnonzero(corpus.pieces == corpus.pieces[targets[query]])
            profile = np.zeros(len(corpus.space))
            if queries[query].any():
                profile = model.profile(queries[query])
            # cosine similarity, eq. (1)
            scores = unit(model.seen[candidates]) @ unit(profile)
            right = int(np.flatnonzero(candidates == targets[query])[0])
            rank = rank_of(right, scores)
            target = int(targets[query])
            asked.append(
                Asked(
                    int(query),
                    target,
                    rank,
                    candidates,
                    scores,
                    profile,
                    model.seen,
                    fold.name,
                    model.components,
                )
            )
    return asked


def _fitted(
    system: System, corpus: Corpus, training: np.ndarray, further: Further | None
) -> Fitted:
    if system.model == "paper":
        return fit_paper(corpus, training, system.centring, system.pca, further)
    if system.model == ZERO_SHOT:
        return _as_they_are(corpus)
    if system.model != "best":
        raise EsprError(f"no model {system.model!r}; there are " + ", ".join(MODELS))
    if system.centring != "piece":
        raise EsprError("the model 'best' centres by piece; use --centring piece")
    if not is_embedded(system.text):
        return fit_best(corpus, training, further)
    # words come less the mean word; of other embeddings the mean is that of the training texts
    origin = corpus.answers[training[corpus.described]].mean(axis=0)
    rows = replace(further, embeddings=further.embeddings - origin) if further else None
    fitted = fit_best(replace(corpus, answers=corpus.answers - origin), training, rows)
    return replace(fitted, origin=origin)


def _as_they_are(corpus: Corpus) -> Fitted:
    dimension = corpus.answers.shape[1]
    if dimension != corpus.profiles.shape[1]:
        raise EsprError(
            f"--zero-shot compares embeddings of one space; those of texts have {dimension} "
            f"dimensions, those of audio {corpus.profiles.shape[1]}"
        )
    zeros = np.zeros(dimension)
    return Fitted(np.eye(dimension), zeros, zeros, corpus.profiles)


def metric_values(asked: Sequence[Asked]) -> dict[str, np.ndarray]:
    """Every metric of every query, each shape=(queries,), in the order of the queries."""
    ordered = sorted(asked, key=lambda one: one.query)
    return {
        name: np.array([metric(one.rank) for one in ordered]) for name, metric in METRICS.items()
    }
