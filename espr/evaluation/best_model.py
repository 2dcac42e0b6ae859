"""ESPR's h inside a fold: its settings chosen by cross-validation within the training works.

An augmentation joins as rows whose profiles are centred within their own pieces, or within their
source when it has none, in their source's own spread; the constants of h stay those of the
training performances.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from espr.evaluation.augmentation_rows import Further
from espr.evaluation.fitted import Fitted, folds_of_works
from espr.evaluation.metrics import rank_of, reciprocal_rank
from espr.evaluation.paper_model import documents
from espr.training.query_model import Corpus, Settings, fit, unit

# Small on purpose: three or four works inside a fold cannot tell finer settings apart.
SETTINGS = tuple(
    Settings(penalty=penalty, term_weight=weight)
    for penalty, weight in product((0.01, 0.1, 1.0), (0.0, 10.0, 30.0))
)
FURTHER_WEIGHTS = (0.03, 0.3, 1.0)


def fit_best(corpus: Corpus, training: np.ndarray, further: Further | None = None) -> Fitted:
    """Fit on the performances where ``training``, shape=(performances,), is true."""
    rows = further.centred_rows() if further else None
    model = fit(corpus, training, choose_settings(corpus, training, further), rows)
    seen = np.zeros_like(corpus.profiles)
    for piece in np.unique(corpus.pieces):
        takes = corpus.pieces == piece
        seen[takes] = model.centred(corpus.profiles[takes])
    zeros = np.zeros(len(corpus.space))
    return Fitted(model.matrix, np.zeros(model.dimension), zeros, seen)


def choose_settings(
    corpus: Corpus, training: np.ndarray, further: Further | None = None
) -> Settings:
    """The settings with the best MRR when each training work is held out in turn.

    Single answers and whole descriptions count alike. With a single training work the defaults
    stay, since nothing can be held out.
    """
    inner = folds_of_works(corpus, training)
    if not inner:
        return Settings()
    allowed = [
        further.without(np.unique(corpus.works[fold.test])).centred_rows() if further else None
        for fold in inner
    ]
    described, whole = documents(corpus, np.ones_like(training))

    def quality(settings: Settings) -> float:
        total = []
        for embeddings, targets in ((whole, described), (corpus.answers, corpus.described)):
            ranks = []
            for fold, rows in zip(inner, allowed, strict=True):
                model = fit(corpus, fold.training, settings, rows)
                for piece in np.unique(corpus.pieces[fold.test]):
                    takes = np.flatnonzero(training & (corpus.pieces == piece))
                    seen = unit(model.centred(corpus.profiles[takes]))
                    for query in np.flatnonzero(np.isin(targets, takes)):
                        right = int(np.flatnonzero(takes == targets[query])[0])
                        ranks.append(rank_of(right, seen @ model.profile(embeddings[query])))
            total.append(float(np.mean([reciprocal_rank(rank) for rank in ranks])))
        return float(np.mean(total))

    candidates = SETTINGS
    if further is not None:
        candidates = tuple(
            replace(one, further_weight=weight) for one in SETTINGS for weight in FURTHER_WEIGHTS
        )
    return max(candidates, key=quality)
