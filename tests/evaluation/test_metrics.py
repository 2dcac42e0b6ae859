"""Metrics against cases computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from espr.evaluation.metrics import Rank, mean_metrics, rank_of, reciprocal_rank, top


def test_rank_counts_better_and_equal_candidates():
    assert rank_of(2, np.array([0.9, 0.1, 0.5, 0.5, 0.7])) == Rank(above=2, tied=2)


def test_differences_of_rounding_are_ties():
    assert rank_of(0, np.array([0.3, 0.1 + 0.2])) == Rank(above=0, tied=2)


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        (Rank(0, 1), (1.0, 1.0, 1.0)),
        (Rank(1, 1), (0.0, 1.0, 0.5)),
        (Rank(4, 1), (0.0, 0.0, 0.2)),
        # five candidates that cannot be told apart: chance
        (Rank(0, 5), (0.2, 0.4, (1 + 1 / 2 + 1 / 3 + 1 / 4 + 1 / 5) / 5)),
        # second and third place tied
        (Rank(1, 2), (0.0, 0.5, (1 / 2 + 1 / 3) / 2)),
    ],
)
def test_expected_values(rank, expected):
    assert (top(1, rank), top(2, rank), reciprocal_rank(rank)) == pytest.approx(expected)


def test_chance_of_the_full_set_is_what_the_design_says():
    sizes = (7, 6, 5, 4, 5, 4, 4, 5, 5)
    ranks = [Rank(0, size) for size in sizes for _ in range(size)]
    found = mean_metrics(ranks)
    assert found == pytest.approx({"top1": 0.2, "top2": 0.4, "mrr": 0.454}, abs=5e-4)


def test_rankings_without_ties_are_measured_as_by_trec_eval():
    """Through ir_measures, 300 rankings of 2 to 14 candidates."""
    measures = pytest.importorskip("ir_measures", reason="it comes with the extra test")
    rng = np.random.default_rng(0)
    ranks, relevant, run = [], [], []
    for query in range(300):
        scores = rng.permutation(int(rng.integers(2, 15))) / 7 - 1.0
        right = int(rng.integers(len(scores)))
        ranks.append(rank_of(right, scores))
        relevant.append(measures.Qrel(str(query), str(right), 1))
        run += [measures.ScoredDoc(str(query), str(n), float(s)) for n, s in enumerate(scores)]
    theirs = {
        "top1": measures.Success @ 1,
        "top2": measures.Success @ 2,
        "mrr": measures.RR,
    }
    found = measures.calc_aggregate(list(theirs.values()), relevant, run)
    expected = {name: found[measure] for name, measure in theirs.items()}
    assert mean_metrics(ranks) == pytest.approx(expected, abs=1e-9)
