"""The model of Chowdhury & Widmer 2023: linear regression of standardised features on embeddings.

One row of the regression is one performance, with the sum of its descriptions; an intercept, and
the minimum-norm solution where there are fewer rows than dimensions, as scikit-learn's
LinearRegression gives. Embeddings may be reduced by PCA first, which is fitted on the rows of the
regression and nothing else.

An augmentation adds its own descriptions as rows. Features are then standardised over the
training performances and the augmentation's recordings together; with centring by piece, each
side is taken minus the means of its own groups, in the same units.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from espr.evaluation.augmentation_rows import AugmentationRows, subtract_group_means
from espr.evaluation.corpus import Corpus
from espr.evaluation.fold_model import FoldModel, rank_descriptions
from espr.evaluation.folds import inner_folds_by_piece, inner_folds_by_work
from espr.evaluation.metrics import reciprocal_rank
from espr.evaluation.ridge import centred_by_piece
from espr.retrieval.query_model import QueryModel

AUTO = "auto"
# about a factor of 1.6 apart: neighbours cannot be told apart by a few works
COMPONENTS = (1, 2, 3, 5, 8, 13, 21, 34, 55)


def fit_paper(
    corpus: Corpus,
    training: np.ndarray,
    centring: str,
    pca: int | str | None,
    augmentation: AugmentationRows | None = None,
) -> FoldModel:
    """Fit on the performances where ``training``, shape=(performances,), is true.

    Parameters
    ----------
    centring : str
        ``none``, the paper's, or ``piece``.
    pca : int, "auto" or None
        Components that embeddings are reduced to; with ``auto`` see :func:`choose_components`.
    augmentation : AugmentationRows, optional
        Free of what is held out.
    """
    if pca == AUTO:
        pca = choose_components(corpus, training, centring, augmentation)
    described, rows = corpus.documents(training)
    constants = _constants(corpus, training, centring, augmentation)
    targets = centred_by_piece(constants, corpus, training)[described]
    if augmentation is not None:
        profiles = constants.standardised(augmentation.profiles)
        if centring == "piece":
            profiles = subtract_group_means(profiles, augmentation.groups)
        rows = np.concatenate([rows, augmentation.embeddings])
        targets = np.concatenate([targets, profiles[augmentation.described]])
    origin, intercept = rows.mean(axis=0), targets.mean(axis=0)
    deviations = rows - origin
    lengths, axes = np.linalg.svd(deviations, full_matrices=False)[1:]
    # Embeddings are sums of float32: what is left of the axes below their precision is rounding,
    # to which minimum norm would give the largest weights. scikit-learn's bound for float32.
    distinct = lengths > max(rows.shape) * np.finfo(np.float32).eps * lengths[0]
    kept = axes[distinct][: None if pca is None else int(pca)]
    matrix = (np.linalg.pinv(deviations @ kept.T) @ (targets - intercept)).T @ kept
    h = replace(constants, matrix=matrix)
    return FoldModel(h, origin, intercept, None if pca is None else len(kept))


def _constants(
    corpus: Corpus,
    training: np.ndarray,
    centring: str,
    augmentation: AugmentationRows | None,
) -> QueryModel:
    """The paper's standardising as a query model's: within a piece by the same deviations."""
    reference = corpus.profiles[training]
    if augmentation is not None:
        reference = np.concatenate([reference, augmentation.profiles])
    deviation = np.maximum(reference.std(axis=0), 1e-12)
    return QueryModel(
        text=corpus.text,
        audio=corpus.audio,
        space=corpus.space,
        centring=centring,
        matrix=np.zeros((len(corpus.space), corpus.answers.shape[1])),
        reference_mean=reference.mean(axis=0),
        reference_std=deviation,
        within_std=deviation,
        kappa=0.0,
    )


def choose_components(
    corpus: Corpus,
    training: np.ndarray,
    centring: str,
    augmentation: AugmentationRows | None = None,
) -> int | None:
    """The number of components with the best MRR inside the training performances.

    Each training work is held out in turn; with a single one, its pieces are, in five groups.
    An augmentation takes part minus the works that are held out.

    Returns
    -------
    int or None
        None, no reduction, when nothing can be held out.
    """
    inner = inner_folds_by_work(corpus.works, training) or inner_folds_by_piece(
        corpus.pieces, training
    )
    if not inner:
        return None

    def quality(components: int) -> float:
        found = []
        for fold in inner:
            allowed = (
                augmentation.without(np.unique(corpus.works[fold.test])) if augmentation else None
            )
            model = fit_paper(corpus, fold.training, centring, components, allowed)
            described, rows = corpus.documents(fold.test)
            profiles = model.profiles(rows)
            rank = rank_descriptions(model.h, corpus, profiles, described, training)
            found.append(reciprocal_rank(rank))
        return float(np.mean(np.concatenate(found)))

    # more components than rows add nothing: PCA has no more
    added = len(augmentation.embeddings) if augmentation else 0
    smallest = min(len(corpus.documents(fold.training)[0]) for fold in inner) + added
    limit = min(smallest - 1, corpus.answers.shape[1])
    return max([k for k in COMPONENTS if k <= limit] or [1], key=quality)
