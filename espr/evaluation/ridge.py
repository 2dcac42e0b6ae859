"""h by ridge regression: listeners' answers and expression terms against profiles.

One row of the regression is one answer: its normalised, word-centred embedding against the
profile of the performance that it describes, centred within the piece. Besides them stand the
expression terms with their cues (:mod:`espr.evaluation.expression_terms`). No intercept.

The normal equations of a training set are made once and solved for as many settings as wanted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from espr.evaluation.corpus import Corpus
from espr.retrieval.query_model import QueryModel
from espr.retrieval.ranking import unit

KAPPA = 1.0  # performances that the reference mean counts as in a piece's mean


@dataclass(frozen=True, slots=True)
class RidgeSettings:
    """What the fit leaves open: chosen by :func:`espr.evaluation.best_model.choose_settings`.

    The defaults are for data that nothing can be held out of.
    """

    penalty: float = 0.01  # of the ridge, in units of the mean eigenvalue of the rows
    term_weight: float = 30.0  # answers that one expression term counts as
    augmentation_weight: float = 1.0  # answers that one row of an augmentation counts as


class Ridge:
    """The normal equations of a training set.

    Parameters
    ----------
    corpus : Corpus
    training : np.ndarray, shape=(performances,), bool
    augmentation : tuple of np.ndarray, optional
        Rows from elsewhere: embeddings, shape=(rows, dimension), and centred profiles,
        shape=(rows, d). They join the regression and leave the constants as they are.
    """

    def __init__(
        self,
        corpus: Corpus,
        training: np.ndarray,
        augmentation: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> None:
        self._constants = _constants(corpus, training)
        centred = centred_by_piece(self._constants, corpus, training)
        used = training[corpus.described]
        answers = unit(corpus.answers[used])
        terms = unit(corpus.terms)
        self._answers = answers.T @ answers, answers.T @ centred[corpus.described[used]]
        self._terms = terms.T @ terms, terms.T @ corpus.term_targets
        self._added = None
        if augmentation is not None:
            rows = unit(augmentation[0])
            self._added = rows.T @ rows, rows.T @ augmentation[1]

    def solve(self, settings: RidgeSettings) -> QueryModel:
        """h with these settings."""
        gram = self._answers[0] + settings.term_weight * self._terms[0]
        product = self._answers[1] + settings.term_weight * self._terms[1]
        if self._added is not None:
            gram = gram + settings.augmentation_weight * self._added[0]
            product = product + settings.augmentation_weight * self._added[1]
        gram.flat[:: len(gram) + 1] += settings.penalty * np.trace(gram) / len(gram)
        return replace(self._constants, matrix=np.linalg.solve(gram, product).T)


def fit(
    corpus: Corpus,
    training: np.ndarray | None = None,
    settings: RidgeSettings = RidgeSettings(),
    augmentation: tuple[np.ndarray, np.ndarray] | None = None,
) -> QueryModel:
    """Fit h on the performances where ``training``, shape=(performances,), is true; on all else."""
    if training is None:
        training = np.ones(len(corpus.pieces), bool)
    return Ridge(corpus, training, augmentation).solve(settings)


def centred_by_piece(model: QueryModel, corpus: Corpus, chosen: np.ndarray) -> np.ndarray:
    """The profiles of chosen performances as they enter the cosine; zeros for the others.

    Parameters
    ----------
    chosen : np.ndarray, shape=(performances,), bool

    Returns
    -------
    np.ndarray, shape=(performances, d)
    """
    centred = np.zeros(corpus.profiles.shape)
    for piece in np.unique(corpus.pieces[chosen]):
        performances = chosen & (corpus.pieces == piece)
        centred[performances] = model.centred(corpus.profiles[performances])
    return centred


def _constants(corpus: Corpus, training: np.ndarray) -> QueryModel:
    """Reference mean, reference and within-piece standard deviations; a matrix of zeros."""
    profiles, pieces = corpus.profiles[training], corpus.pieces[training]
    residuals = np.concatenate(
        [profiles[pieces == p] - profiles[pieces == p].mean(axis=0) for p in np.unique(pieces)]
    )
    return QueryModel(
        text=corpus.text,
        audio=corpus.audio,
        space=corpus.space,
        centring="piece",
        matrix=np.zeros((len(corpus.space), corpus.answers.shape[1])),
        reference_mean=profiles.mean(axis=0),
        reference_std=profiles.std(axis=0),
        within_std=np.sqrt((residuals**2).mean(axis=0)),
        kappa=KAPPA,
    )
