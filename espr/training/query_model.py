"""Fits h, the query model, to listeners' descriptions of recordings.

One row of the regression is one answer: its normalised, word-centred embedding against the
profile of the performance that it describes, centred within the piece. Besides them stand
some 230 expression terms with the cues by which musicians convey them
(``expression_terms.csv``): 31 recordings cannot teach what "slow" or "choppy" means. Ridge
regression without intercept.

Sources of the terms: the dictionary meaning of score terms and of words for tempo, level,
articulation and timing; Juslin, "Cue utilization in communication of emotion in music
performance", JEP:HPP 2000, with Juslin & Laukka, Psychological Bulletin 2003, for anger,
happiness, sadness, tenderness and fear; Hevner's eight adjective groups (American Journal of
Psychology 1936) with her weights of tempo, mode, rhythm, pitch and harmony (1937), a weight of
10 counting as 1.

What was tried, leaving out one work or one piece at a time (31 queries: one standard error of
MRR is about 0.06, so none of these differ for certain): answers against whole documents as
rows (answers better in both protocols), penalties 0.003 to 10, the poles' own words and then
the expression terms with weights 0 to 1000, embeddings centred or not by the mean answer,
outliers limited or not, κ of 1, 2, 4: about 110 combinations. `espr evaluate` chooses penalty
and weight of the terms again inside every training fold.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from espr.datasets.corpus import Benchmark, Description
from espr.embeddings.encoder import TextEncoder
from espr.errors import EsprError
from espr.features import MIDLEVEL_PLUS, Space
from espr.retrieval.query_model import QueryModel

TERM_LENGTH = 1.5  # of a term's target, in standard deviations within a piece

_TERMS = Path(__file__).with_name("expression_terms.csv")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the fit leaves open; the defaults are what ships."""

    penalty: float = 0.01  # of the ridge, in units of the mean eigenvalue of the rows
    term_weight: float = 30.0  # answers that one expression term counts as
    kappa: float = 1.0  # takes that the reference mean counts as in a piece's mean
    further_weight: float = 1.0  # answers that one row from elsewhere counts as


def expression_terms(space: Space) -> list[tuple[str, np.ndarray]]:
    """Each expression term with its cues as a profile, shape=(d,), of length 1.5."""
    terms = []
    with _TERMS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cues = np.zeros(len(space))
            for cue in row["cues"].split():
                feature, _, size = cue.partition("=")
                cues[space.index(feature)] = float(size)
            target = TERM_LENGTH * cues / np.linalg.norm(cues)
            terms += [(term, target) for term in row["terms"].split(", ")]
    return terms


@dataclass(frozen=True, slots=True)
class Corpus:
    """Described performances as numbers.

    Attributes
    ----------
    profiles : np.ndarray, shape=(performances, d)
    pieces, works : np.ndarray, shape=(performances,), str
    answers : np.ndarray, shape=(answers, dimension)
        Embeddings of the answers that have a known word.
    described : np.ndarray, shape=(answers,), int
        The performance that each answer describes.
    terms : np.ndarray, shape=(terms, dimension)
        Embeddings of the expression terms.
    term_targets : np.ndarray, shape=(terms, d)
    """

    text: str
    audio: str
    space: Space
    profiles: np.ndarray
    pieces: np.ndarray
    works: np.ndarray
    answers: np.ndarray
    described: np.ndarray
    terms: np.ndarray
    term_targets: np.ndarray


def make_corpus(
    benchmark: Benchmark,
    text: TextEncoder,
    audio: str,
    space: Space,
    profiles: np.ndarray,
) -> Corpus:
    """The performances and descriptions of a benchmark as numbers.

    Parameters
    ----------
    audio : str
        Id of the audio encoder.
    profiles : np.ndarray, shape=(performances, >= d)
        In the encoder's own space, which ``space`` begins.
    """
    answers, described = [], []
    for description in benchmark.descriptions:
        embedding = embedded(text, description)
        if embedding is not None:
            answers.append(embedding)
            described.append(description.performance)
    known = [
        (text.embed(term), target)
        for term, target in expression_terms(MIDLEVEL_PLUS)
        if term in text.vocabulary
    ]
    targets = np.array([target for _, target in known])[:, : len(space)]
    spoken = np.abs(targets).sum(axis=1) > 0
    return Corpus(
        text=text.id,
        audio=audio,
        space=space,
        profiles=profiles[:, : len(space)],
        pieces=np.array([performance.piece for performance in benchmark.performances]),
        works=np.array([performance.work for performance in benchmark.performances]),
        answers=np.array(answers),
        described=np.array(described),
        terms=np.array([embedding for embedding, _ in known])[spoken],
        term_targets=targets[spoken],
    )


def embedded(text: TextEncoder, description: Description) -> np.ndarray | None:
    """The summed embedding of a description, None when none of its words is known."""
    rows = []
    for term, weight in description.terms:
        try:
            rows.append(weight * text.embed(term))
        except EsprError:
            continue
    if not rows:
        return None
    summed: np.ndarray = np.sum(rows, axis=0)
    return summed if summed.any() else None


def fit(
    corpus: Corpus,
    training: np.ndarray | None = None,
    settings: Settings = Settings(),
    further: tuple[np.ndarray, np.ndarray] | None = None,
) -> QueryModel:
    """Fit h on the performances where ``training``, shape=(performances,), is true.

    Parameters
    ----------
    further : tuple of np.ndarray, optional
        Rows from elsewhere: embeddings, shape=(rows, dimension), and centred profiles,
        shape=(rows, d). They join the regression and leave the constants as they are.
    """
    if training is None:
        training = np.ones(len(corpus.pieces), bool)
    profiles, pieces = corpus.profiles[training], corpus.pieces[training]
    residuals = np.concatenate(
        [profiles[pieces == p] - profiles[pieces == p].mean(axis=0) for p in np.unique(pieces)]
    )
    constants = QueryModel(
        text=corpus.text,
        audio=corpus.audio,
        space=corpus.space,
        centring="piece",
        matrix=np.zeros((len(corpus.space), corpus.answers.shape[1])),
        reference_mean=profiles.mean(axis=0),
        reference_std=profiles.std(axis=0),
        within_std=np.sqrt((residuals**2).mean(axis=0)),
        kappa=settings.kappa,
    )
    centred = np.zeros_like(corpus.profiles)
    for piece in np.unique(pieces):
        takes = training & (corpus.pieces == piece)
        centred[takes] = constants.centred(corpus.profiles[takes])
    used = training[corpus.described]
    emphasis = np.sqrt(settings.term_weight)
    rows = [unit(corpus.answers[used]), emphasis * unit(corpus.terms)]
    targets = [centred[corpus.described[used]], emphasis * corpus.term_targets]
    if further is not None:
        weight = np.sqrt(settings.further_weight)
        rows.append(weight * unit(further[0]))
        targets.append(weight * further[1])
    x, y = np.concatenate(rows), np.concatenate(targets)
    gram = x.T @ x
    penalty = settings.penalty * np.trace(gram) / len(gram) * np.eye(len(gram))
    return replace(constants, matrix=np.linalg.solve(gram + penalty, x.T @ y).T)


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows of unit length; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: np.ndarray = rows / np.maximum(lengths, 1e-12)
    return scaled
