"""`espr evaluate` ranks as `espr query` does: the same scores to the last digit."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from espr.datasets.benchmark import Benchmark, Description, Performance
from espr.embeddings.encoder import load_text_encoder
from espr.evaluation.folds import make_folds
from espr.evaluation.metrics import rank_of
from espr.evaluation.system import System, evaluate, fit_system
from espr.evaluation.word_texts import WordTexts
from espr.retrieval import ranking, scoring
from espr.retrieval.amounts import between_opposites, query_amounts
from espr.retrieval.performances import PieceProfiles
from espr.retrieval.query_model import load_query_model
from espr.retrieval.query_profile import query_parts
from tests.evaluation.test_evaluation import benchmark, corpus


@pytest.mark.parametrize(
    ("model", "centring"), [("best", "piece"), ("paper", "none"), ("paper", "piece")]
)
def test_the_same_performances_and_query_get_the_same_scores(model, centring):
    data = corpus()
    folds = make_folds(benchmark(data), "work")
    system = System("t", "a", "midlevel", model, centring)
    outcomes = evaluate(system, data, data.answers, np.arange(18), folds)
    assert len(outcomes) == 18
    for outcome in outcomes:
        fold = next(fold for fold in folds if fold.name == outcome.fold)
        h = fit_system(system, data, fold.training).h
        recordings = tuple(
            SimpleNamespace(performer=f"{number:02}", path="") for number in outcome.candidates
        )
        performances = PieceProfiles(None, recordings, data.profiles[outcome.candidates], h, True)
        scored = {
            one.recording.performer: one
            for one in scoring.score(outcome.profile, performances, None)
        }
        for number, score, centred in zip(
            outcome.candidates, outcome.scores, outcome.centred, strict=True
        ):
            found = scored[f"{number:02}"]
            assert found.score == score
            np.testing.assert_array_equal(found.deviations, centred)


@pytest.mark.parametrize(
    "typed", ["slightly slow, tender", "extremely loud", "neither fast nor slow"]
)
def test_amounts_are_read_and_scored_as_a_query_is(typed):
    """What "slightly" or "very" ask for enters evaluation as it enters espr query."""
    encoder, h = load_text_encoder("glove"), load_query_model("glove", "signal")
    performances = tuple(Performance("p", str(n), "w", Path(str(n))) for n in range(5))
    description = Description(0, tuple((term, 1.0) for term in typed.split(", ")))
    texts = WordTexts(encoder, Benchmark("b", performances, (description,)), kept=False)
    profile, amounts = texts.read(description, h)
    terms = encoder.parse(typed)
    terms, parts = between_opposites(terms, query_parts(h, encoder, terms))
    np.testing.assert_array_equal(profile, parts.sum(axis=0))
    raw = h.reference_mean + np.random.default_rng(0).normal(size=(5, 13)) * h.reference_std
    recordings = tuple(SimpleNamespace(performer=str(n), path="") for n in range(5))
    scored = scoring.score(
        profile, PieceProfiles(None, recordings, raw, h, True), None, query_amounts(terms, parts)
    )
    scores = amounts.scores(profile, h.centred(raw))
    assert {int(one.recording.performer): one.score for one in scored} == dict(enumerate(scores))


def test_many_queries_at_once_get_the_scores_of_each():
    rng = np.random.default_rng(0)
    queries, profiles = rng.normal(size=(50, 12)), rng.normal(size=(7, 12))
    together = ranking.cosine(queries, profiles)
    for query, scores in zip(queries, together, strict=True):
        np.testing.assert_array_equal(ranking.cosine(query, profiles), scores)


def test_what_is_a_tie_for_a_query_is_one_for_a_metric():
    rng = np.random.default_rng(1)
    for _ in range(300):
        scores = rng.integers(0, 4, size=6) / 3 + rng.choice((0.0, 1e-13), size=6)
        best_first = ranking.order(scores, [""] * 6)
        places = ranking.ranks([float(scores[row]) for row in best_first])
        for row, place in zip(best_first, places, strict=True):
            rank = rank_of(row, scores)
            assert rank.above == place - 1
            assert rank.tied == places.count(place)
