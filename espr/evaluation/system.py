"""Systems: a text encoder, an audio encoder, and a map between them, asked on held-out pieces.

`paper` is the protocol of Chowdhury & Widmer 2023 (:mod:`espr.evaluation.paper_model`), `best`
is ESPR's h (:mod:`espr.evaluation.best_model`). A model that embeds texts and audio in the same
space needs none: `zero-shot` compares the two as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from espr.errors import EsprError
from espr.evaluation.augmentation_rows import AugmentationRows
from espr.evaluation.best_model import Fitted, fit_best
from espr.evaluation.corpus import Corpus
from espr.evaluation.embedded_texts import is_embedded
from espr.evaluation.fold_model import FoldModel, without_intercept
from espr.evaluation.folds import Fold
from espr.evaluation.metrics import METRICS, Rank, join_ranks, rank_of
from espr.evaluation.paper_model import fit_paper
from espr.published.joint_encoder import is_tower
from espr.retrieval.amounts import Amounts
from espr.retrieval.query_model import QueryModel
from espr.retrieval.ranking import cosine

MODELS = ("paper", "best")
ZERO_SHOT = "zero-shot"
UNNAMED = "embedding"  # the space of audio embeddings, made elsewhere or by another's model
CENTRINGS = ("none", "piece")


Read = Callable[[QueryModel, int], tuple[np.ndarray, Amounts] | None]


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
    reading: str = ""  # of words, "plain" or "grammar"; empty where a model reads texts itself
    without: tuple[str, ...] = ()  # features that are left out of the space

    @property
    def pair(self) -> str:
        return f"{short_name(self.text)} × {short_name(self.audio)}"

    @property
    def features(self) -> str:
        """The space, and what of it is left out."""
        left_out = f" without {', '.join(self.without)}" if self.without else ""
        return f"{self.space}{left_out}"

    @property
    def label(self) -> str:
        reduced = f" PCA {self.pca}" if self.pca else ""
        reduced += " plain" if self.reading == "plain" else ""
        added = "".join(f" + {Path(name).name}" for name in self.augmentation)
        return f"{self.pair} ({self.features}){added}, {self.model}{reduced}, {self.centring}"


def short_name(encoder: str) -> str:
    """The name of an encoder without the folders of a path: ``clap:models/music`` is clap:music."""
    kind, colon, path = encoder.partition(":")
    return f"{kind}{colon}{Path(path).name}" if is_tower(encoder) else Path(encoder).name


@dataclass(frozen=True, slots=True)
class Outcome:
    """A query and where its performance stands.

    Attributes
    ----------
    query, performance : int
    rank : Rank
    candidates : np.ndarray, shape=(k,), int
        The performances of the piece.
    scores : np.ndarray, shape=(k,)
    profile : np.ndarray, shape=(d,)
        Of the query.
    centred : np.ndarray, shape=(k, d)
        The candidates' profiles as they entered the cosine.
    fold : str
    components : int or None
        What embeddings were reduced to in this fold.
    """

    query: int
    performance: int
    rank: Rank
    candidates: np.ndarray
    scores: np.ndarray
    profile: np.ndarray
    centred: np.ndarray
    fold: str = ""
    components: int | None = None


def evaluate(
    system: System,
    corpus: Corpus,
    queries: np.ndarray,
    targets: np.ndarray,
    folds: Sequence[Fold],
    augmentation: AugmentationRows | None = None,
    read: Read = lambda _h, _query: None,
    advance: Callable[[], None] = lambda: None,
) -> list[Outcome]:
    """Ask every query in the fold that tests its performance.

    Parameters
    ----------
    corpus : Corpus
        With embeddings as the system's model takes them: centred for ``best``, plain for ``paper``.
    queries : np.ndarray, shape=(queries, dimension)
        A row of zeros is a query of which no word is known: it is answered by chance.
    targets : np.ndarray, shape=(queries,), int
        The performance that each query asks for.
    augmentation : AugmentationRows, optional
        A fold learns from it minus the works that the fold tests.
    read : callable
        The profile of a query and its amounts for a model, as `espr query` reads it; None where
        the query's embedding is all there is.
    advance : callable
        Called after each fold.
    """
    outcomes: list[Outcome] = []
    fitted: Fitted = {}
    for fold in folds:
        allowed = augmentation.without(np.unique(corpus.works[fold.test])) if augmentation else None
        model = fit_system(system, corpus, fold.training, allowed, fitted)
        asked = np.flatnonzero(fold.test[targets])
        profiles = model.profiles(queries[asked])
        profiles[~queries[asked].any(axis=1)] = 0.0
        amounts: dict[int, Amounts] = {}
        for row, query in enumerate(asked.tolist() if system.model == "best" else ()):
            if found := read(model.h, query):
                profiles[row], amounts[query] = found
        answered = _rank(model, corpus, fold.name, asked, targets[asked], profiles, amounts)
        outcomes += sorted(answered, key=lambda one: one.query)
        advance()
    return outcomes


def _rank(
    model: FoldModel,
    corpus: Corpus,
    fold: str,
    queries: np.ndarray,
    targets: np.ndarray,
    profiles: np.ndarray,
    amounts: Mapping[int, Amounts],
) -> Iterator[Outcome]:
    """Rank the performances for queries, shape=(n,), with profiles, shape=(n, d), by piece."""
    pieces = corpus.pieces[targets]
    for piece in np.unique(pieces):
        rows = np.flatnonzero(pieces == piece)
        candidates = np.flatnonzero(corpus.pieces == piece)
        centred = model.h.centred(corpus.profiles[candidates])
        scores = cosine(profiles[rows], centred)
        for own, row in zip(scores, rows, strict=True):
            if asked := amounts.get(int(queries[row])):
                own[:] = asked.scores(profiles[row], centred)
        ranks = rank_of(np.searchsorted(candidates, targets[rows]), scores)
        above, tied = np.asarray(ranks.above), np.asarray(ranks.tied)
        for at, row in enumerate(rows):
            yield Outcome(
                query=int(queries[row]),
                performance=int(targets[row]),
                rank=Rank(int(above[at]), int(tied[at])),
                candidates=candidates,
                scores=scores[at],
                profile=profiles[row],
                centred=centred,
                fold=fold,
                components=model.components,
            )


def fit_system(
    system: System,
    corpus: Corpus,
    training: np.ndarray,
    augmentation: AugmentationRows | None = None,
    fitted: Fitted | None = None,
) -> FoldModel:
    """The system's model, fitted where ``training``, shape=(performances,), is true.

    Parameters
    ----------
    fitted : dict, optional
        What other folds fitted, see :func:`espr.evaluation.best_model.fit_best`.

    Raises
    ------
    EsprError
        When there is no such model, or it cannot be had of these encoders.
    """
    if system.model == "paper":
        return fit_paper(corpus, training, system.centring, system.pca, augmentation)
    if system.model == ZERO_SHOT:
        return _as_they_are(corpus)
    if system.model != "best":
        raise EsprError(f"no model {system.model!r}; there are " + ", ".join(MODELS))
    if system.centring != "piece":
        raise EsprError("the model 'best' centres by piece; use --centring piece")
    if not is_embedded(system.text):
        return fit_best(corpus, training, augmentation, fitted)
    # words come minus the mean word; of other embeddings the mean is that of the training texts
    origin = corpus.answers[training[corpus.described]].mean(axis=0)
    rows = None
    if augmentation is not None:
        rows = replace(augmentation, embeddings=augmentation.embeddings - origin)
    model = fit_best(replace(corpus, answers=corpus.answers - origin), training, rows)
    return replace(model, origin=origin)


def _as_they_are(corpus: Corpus) -> FoldModel:
    dimension, d = corpus.answers.shape[1], corpus.profiles.shape[1]
    if dimension != d:
        raise EsprError(
            f"--zero-shot compares embeddings of one space; those of texts have {dimension} "
            f"dimensions, those of audio {d}"
        )
    plain = QueryModel(
        text=corpus.text,
        audio=corpus.audio,
        space=corpus.space,
        centring="none",
        matrix=np.eye(d),
        reference_mean=np.zeros(d),
        reference_std=np.ones(d),
        within_std=np.ones(d),
        kappa=0.0,
    )
    return without_intercept(plain)


def metric_values(outcomes: Sequence[Outcome]) -> dict[str, np.ndarray]:
    """Every metric of every query, each shape=(queries,), in the order of the queries."""
    ordered = sorted(outcomes, key=lambda one: one.query)
    ranks = join_ranks([one.rank for one in ordered])
    return {name: metric(ranks) for name, metric in METRICS.items()}
