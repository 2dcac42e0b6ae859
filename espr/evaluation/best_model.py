"""ESPR's h inside a fold: its settings chosen by cross-validation within the training works.

An augmentation joins as rows whose profiles are centred within their own pieces, or within their
source when it has none, in their source's own spread; the constants of h stay those of the
training performances.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from espr.evaluation.augmentation_rows import AugmentationRows
from espr.evaluation.corpus import Corpus
from espr.evaluation.fold_model import FoldModel, rank_descriptions, without_intercept
from espr.evaluation.folds import Fold, inner_folds_by_work
from espr.evaluation.metrics import reciprocal_rank
from espr.evaluation.ridge import Ridge, RidgeSettings

# about a factor of three apart: the works inside a fold cannot tell finer settings apart
PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0)
TERM_WEIGHTS = (0.0, 3.0, 10.0, 30.0, 100.0)
SETTINGS = tuple(
    RidgeSettings(penalty=penalty, term_weight=weight)
    for penalty, weight in product(PENALTIES, TERM_WEIGHTS)
)
AUGMENTATION_WEIGHTS = (0.03, 0.3, 1.0)


def fit_best(
    corpus: Corpus, training: np.ndarray, augmentation: AugmentationRows | None = None
) -> FoldModel:
    """Fit on the performances where ``training``, shape=(performances,), is true."""
    settings = choose_settings(corpus, training, augmentation)
    rows = augmentation.centred_rows() if augmentation else None
    return without_intercept(Ridge(corpus, training, rows).solve(settings))


def choose_settings(
    corpus: Corpus, training: np.ndarray, augmentation: AugmentationRows | None = None
) -> RidgeSettings:
    """The settings with the best MRR when each training work is held out in turn.

    Single answers and whole descriptions count alike. With a single training work the defaults
    stay, since nothing can be held out.
    """
    inner = inner_folds_by_work(corpus.works, training)
    if not inner:
        return RidgeSettings()
    candidates = list(SETTINGS)
    if augmentation is not None:
        candidates = [
            replace(one, augmentation_weight=weight)
            for one in SETTINGS
            for weight in AUGMENTATION_WEIGHTS
        ]
    described, documents = corpus.documents(training)
    asked = ((documents, described), (corpus.answers, corpus.described))
    # of each candidate and kind of query, the reciprocal ranks of every fold
    found: list[list[list[np.ndarray]]] = [[[] for _ in asked] for _ in candidates]
    for fold in inner:
        ridge = _ridge(corpus, fold, augmentation)
        chosen = [np.flatnonzero(fold.test[targets]) for _, targets in asked]
        for settings, of_settings in zip(candidates, found, strict=True):
            model = without_intercept(ridge.solve(settings))
            for (embeddings, targets), rows, values in zip(asked, chosen, of_settings, strict=True):
                rank = rank_descriptions(model, corpus, embeddings[rows], targets[rows], training)
                values.append(reciprocal_rank(rank))
    quality = [
        np.mean([np.mean(np.concatenate(values)) for values in of_settings])
        for of_settings in found
    ]
    return candidates[int(np.argmax(quality))]


def _ridge(corpus: Corpus, fold: Fold, augmentation: AugmentationRows | None) -> Ridge:
    if augmentation is None:
        return Ridge(corpus, fold.training)
    tested = np.unique(corpus.works[fold.test])
    return Ridge(corpus, fold.training, augmentation.without(tested).centred_rows())
