"""The model of Chowdhury & Widmer 2023: linear regression of standardised features on embeddings.

One row of the regression is one performance, with the sum of all that was said of it; an
intercept, and the minimum-norm solution where there are fewer rows than dimensions, as
scikit-learn's LinearRegression gives. Embeddings may be reduced by PCA first, which is fitted on
the rows of the regression and nothing else.

An augmentation adds its own descriptions as rows. Features are then standardised over the
training performances and the augmentation's recordings together; with centring by piece, each
side is taken less the means of its own groups, in the same units.
"""

from __future__ import annotations

import numpy as np

from espr.evaluation.augmentation_rows import Further, less_group_means
from espr.evaluation.fitted import Fitted, folds_of_pieces, folds_of_works
from espr.evaluation.metrics import rank_of, reciprocal_rank
from espr.training.query_model import Corpus, unit

AUTO = "auto"
# about a factor of 1.6 apart: neighbours cannot be told apart by a few works
COMPONENTS = (1, 2, 3, 5, 8, 13, 21, 34, 55)


def fit_paper(
    corpus: Corpus,
    training: np.ndarray,
    centring: str,
    pca: int | str | None,
    further: Further | None = None,
) -> Fitted:
    """Fit on the performances where ``training``, shape=(performances,), is true.

    Parameters
    ----------
    centring : str
        ``none``, the paper's, or ``piece``.
    pca : int, "auto" or None
        Components that embeddings are reduced to; with ``auto`` see :func:`choose_components`.
    further : Further, optional
        An augmentation, free of what is held out.
    """
    if pca == AUTO:
        pca = choose_components(corpus, training, centring, further)
    described, rows = documents(corpus, training)
    reference = corpus.profiles[training]
    if further is not None:
        reference = np.concatenate([reference, further.profiles])
    mean, deviation = reference.mean(axis=0), np.maximum(reference.std(axis=0), 1e-12)
    seen = (corpus.profiles - mean) / deviation
    if centring == "piece":
        seen = less_group_means(seen, corpus.pieces)
    targets = seen[described]
    if further is not None:
        heard = (further.profiles - mean) / deviation
        if centring == "piece":
            heard = less_group_means(heard, further.groups)
        rows = np.concatenate([rows, further.embeddings])
        targets = np.concatenate([targets, heard[further.described]])
    origin, intercept = rows.mean(axis=0), targets.mean(axis=0)
    centred = rows - origin
    lengths, axes = np.linalg.svd(centred, full_matrices=False)[1:]
    # Embeddings are sums of float32: what is left of the axes below their precision is rounding,
    # to which minimum norm would give the largest weights. scikit-learn's bound for float32.
    told = lengths > max(rows.shape) * np.finfo(np.float32).eps * lengths[0]
    kept = axes[told][: None if pca is None else int(pca)]
    matrix = (np.linalg.pinv(centred @ kept.T) @ (targets - intercept)).T @ kept
    return Fitted(matrix, origin, intercept, seen, None if pca is None else len(kept))


def documents(corpus: Corpus, training: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The described training performances, shape=(n,), and the sum of what was said of each."""
    described = np.unique(corpus.described[training[corpus.described]])
    rows = np.array(
        [corpus.answers[corpus.described == one].sum(axis=0, dtype=float) for one in described]
    )
    return described, rows


def choose_components(
    corpus: Corpus, training: np.ndarray, centring: str, further: Further | None = None
) -> int | None:
    """The number of components with the best MRR inside the training performances.

    Each training work is held out in turn; with a single one, its pieces are, in five groups.
    An augmentation takes part less the works that are held out.

    Returns
    -------
    int or None
        None, no reduction, when nothing can be held out.
    """
    inner = folds_of_works(corpus, training) or folds_of_pieces(corpus, training)
    if not inner:
        return None

    def quality(components: int) -> float:
        ranks = []
        for fold in inner:
            allowed = further.without(np.unique(corpus.works[fold.test])) if further else None
            model = fit_paper(corpus, fold.training, centring, components, allowed)
            described, rows = documents(corpus, fold.test)
            for target, embedding in zip(described, rows, strict=True):
                takes = np.flatnonzero(training & (corpus.pieces == corpus.pieces[target]))
                scores = unit(model.seen[takes]) @ unit(model.profile(embedding))
                ranks.append(rank_of(int(np.flatnonzero(takes == target)[0]), scores))
        return float(np.mean([reciprocal_rank(rank) for rank in ranks]))

    # more components than rows add nothing: PCA has no more
    added = len(further.embeddings) if further else 0
    smallest = min(len(documents(corpus, fold.training)[0]) for fold in inner) + added
    limit = min(smallest - 1, corpus.answers.shape[1])
    return max([k for k in COMPONENTS if k <= limit] or [1], key=quality)
