"""Fits the shipped h of a pair of encoders to all of a benchmark.

Penalty and weight of the expression terms are chosen as inside the folds of `espr evaluate`: every
work held out in turn, by the MRR of single answers and whole descriptions.

What was tried before (31 queries: one standard error of MRR is about 0.06, so none of these
differ for certain): answers against whole documents as rows (answers better in both protocols),
penalties 0.003 to 100, the poles' own words and then the expression terms with weights 0 to 1000,
embeddings centred or not by the mean answer, outliers limited or not, κ of 1, 2, 4: about 110
combinations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from espr.audio.encoder import AudioEncoder
from espr.datasets.benchmark import Benchmark
from espr.embeddings.encoder import TextEncoder
from espr.evaluation.best_model import choose_settings
from espr.evaluation.corpus import make_corpus
from espr.evaluation.ridge import RidgeSettings, fit
from espr.features import spaces_within
from espr.retrieval.query_model import QueryModel
from espr.retrieval.tempo import join_tempo


def fit_query_models(
    benchmark: Benchmark,
    text: TextEncoder,
    audio: AudioEncoder,
    profiles: np.ndarray,
    tempos: Mapping[int, float],
) -> Iterator[tuple[QueryModel, RidgeSettings]]:
    """A query model for each space within the audio encoder's, and its settings.

    Parameters
    ----------
    profiles : np.ndarray, shape=(performances, d)
        Of the benchmark's performances, in the audio encoder's units.
    tempos : mapping
        Place of a performance to its tempo, of :func:`espr.evaluation.piece_tempos.piece_tempos`.
    """
    for space in spaces_within(audio.space):
        found = join_tempo(space, profiles, range(len(profiles)), tempos)
        corpus = make_corpus(benchmark, text, audio.id, space, found)
        settings = choose_settings(corpus, np.ones(len(corpus.pieces), bool))
        yield fit(corpus, settings=settings), settings
