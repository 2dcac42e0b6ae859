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
from espr.evaluation.folds import inner_folds_by_work
from espr.evaluation.metrics import reciprocal_rank
from espr.evaluation.ridge import Ridge, RidgeSettings
from espr.retrieval.query_model import QueryModel

# about a factor of three apart: the works inside a fold cannot tell finer settings apart
PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0)
TERM_WEIGHTS = (0.0, 3.0, 10.0, 30.0, 100.0)
SETTINGS = tuple(
    RidgeSettings(penalty=penalty, term_weight=weight)
    for penalty, weight in product(PENALTIES, TERM_WEIGHTS)
)
# MRR that the queries cannot tell apart: half of what one standard error is for descriptions
_INDISTINCT = 0.02
AUGMENTATION_WEIGHTS = (0.03, 0.3, 1.0)


# What was fitted, by the performances and the augmentation's works that it was fitted on: two
# folds that hold each other's work out inside share it.
Fitted = dict[tuple[bytes, bytes], list[QueryModel]]


def fit_best(
    corpus: Corpus,
    training: np.ndarray,
    augmentation: AugmentationRows | None = None,
    fitted: Fitted | None = None,
) -> FoldModel:
    """Fit on the performances where ``training``, shape=(performances,), is true.

    Parameters
    ----------
    fitted : dict, optional
        What earlier folds of the same corpus and augmentation fitted; this one adds to it.
    """
    settings = choose_settings(corpus, training, augmentation, fitted)
    rows = augmentation.centred_rows() if augmentation else None
    return without_intercept(Ridge(corpus, training, rows).solve(settings))


def choose_settings(
    corpus: Corpus,
    training: np.ndarray,
    augmentation: AugmentationRows | None = None,
    fitted: Fitted | None = None,
) -> RidgeSettings:
    """The settings chosen by their MRR when each training work is held out in turn.

    Single answers and whole descriptions count alike. Of the settings that cannot be told from the
    best, those with the largest penalty, and of these the best (after the one-standard-error rule,
    Breiman et al., Classification and Regression Trees, 1984, sec. 3.4). With a single training
    work the defaults stay, since nothing can be held out.
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
    fitted = {} if fitted is None else fitted
    described, documents = corpus.documents(training)
    asked = ((documents, described), (corpus.answers, corpus.described))
    # of each kind of query, the reciprocal ranks in every fold, shape=(candidates, queries)
    found: list[list[np.ndarray]] = [[] for _ in asked]
    for fold in inner:
        tested = np.unique(corpus.works[fold.test])
        rows = augmentation.without(tested) if augmentation else None
        key = fold.training.tobytes(), rows.works.tobytes() if rows else b""
        if key not in fitted:
            ridge = Ridge(corpus, fold.training, rows.centred_rows() if rows else None)
            fitted[key] = [ridge.solve(settings) for settings in candidates]
        models = fitted[key]
        matrices = np.stack([model.matrix for model in models])
        for (embeddings, targets), values in zip(asked, found, strict=True):
            chosen = np.flatnonzero(fold.test[targets])
            profiles = embeddings[chosen] @ matrices.transpose(0, 2, 1)
            rank = rank_descriptions(models[0], corpus, profiles, targets[chosen], training)
            values.append(reciprocal_rank(rank))
    quality = np.mean([np.concatenate(values, axis=1).mean(axis=1) for values in found], axis=0)
    near = np.flatnonzero(quality >= quality.max() - _INDISTINCT)
    return candidates[max(near, key=lambda n: (candidates[n].penalty, quality[n]))]
