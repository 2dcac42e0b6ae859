"""Cosine, order, ties, best window, and whether two performances can be told apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from espr.retrieval import ranking
from espr.retrieval.separation import separations

values = st.floats(-10, 10, allow_nan=False, width=32)
vectors = st.lists(values, min_size=4, max_size=4)


def test_the_cosine_of_known_vectors():
    profiles = np.array([[2.0, 0.0], [0.0, 3.0], [-1.0, 0.0], [1.0, 1.0]])
    assert ranking.cosine(np.array([5.0, 0.0]), profiles) == pytest.approx(
        [1.0, 0.0, -1.0, 0.5**0.5]
    )


def test_a_vector_without_length_scores_zero_on_either_side():
    zero = np.zeros(3)
    assert ranking.cosine(zero, np.eye(3)).tolist() == [0, 0, 0]
    assert ranking.cosine(np.ones(3), zero[None]).tolist() == [0]


@given(vectors, st.lists(vectors, min_size=1, max_size=5))
@settings(deadline=None)
def test_contributions_sum_to_the_score_and_the_score_is_a_cosine(query, profiles):
    query, profiles = np.array(query), np.array(profiles)
    scores = ranking.cosine(query, profiles)
    assert np.all(np.abs(scores) <= 1)
    assert ranking.contributions(query, profiles).sum(axis=1) == pytest.approx(scores, abs=1e-9)


@given(vectors, st.lists(vectors, min_size=2, max_size=5), st.floats(0.01, 100))
@settings(deadline=None)
def test_neither_the_length_of_the_query_nor_of_a_profile_moves_the_order(query, profiles, factor):
    query, profiles = np.array(query), np.array(profiles)
    names = [str(row) for row in range(len(profiles))]
    expected = ranking.order(ranking.cosine(query, profiles), names)
    assert ranking.order(ranking.cosine(query * factor, profiles), names) == expected
    assert ranking.order(ranking.cosine(query, profiles * factor), names) == expected


def test_equal_scores_are_ordered_by_performer_and_share_a_rank():
    scores = np.array([0.5, 0.9, 0.5 + 1e-13, 0.1])
    order = ranking.order(scores, ["Zimerman", "Gould", "arrau", "Hess"])
    assert order == [1, 2, 0, 3]
    assert ranking.ranks([float(scores[row]) for row in order]) == [1, 2, 2, 4]


def test_the_best_window_is_the_one_with_the_highest_cosine_not_the_longest_vector():
    windows = np.array([[5.0, 5.0], [0.1, 0.0], [9.0, 3.0], [0.2, 0.0]])
    times = np.array([[5.0 * k, 5.0 * k + 15.0] for k in range(4)])
    fits = ranking.cosine(np.array([1.0, 0.0]), windows)
    row = ranking.best_window(fits, times)
    assert row == 1  # the first of two equals
    assert fits[row] == pytest.approx(1.0)


def test_a_partial_window_is_not_the_best_unless_there_is_no_other():
    fits = np.array([0.7, 1.0])
    partial = np.array([[0.0, 15.0], [5.0, 10.0]])
    assert ranking.best_window(fits, partial) == 0
    assert ranking.best_window(fits[1:], partial[1:]) == 0


def steady(mean, count, spread=0.0, seed=0):
    noise = np.random.default_rng(seed).normal(0, spread, (count, 2)) if spread else 0.0
    return np.asarray(mean) + np.zeros((count, 2)) + noise


def compared(first, second):
    query = np.array([1.0, 0.0])
    scores = ranking.cosine(query, np.array([first.mean(axis=0), second.mean(axis=0)]))
    return separations(query, [first, second], [float(score) for score in scores])[1]


def test_performances_that_differ_throughout_are_told_apart():
    near = compared(steady([1, 0.2], 24, 0.05), steady([1, 1.5], 24, 0.05, seed=1))
    assert near.told_apart is True


def test_performances_that_differ_by_less_than_their_windows_are_not():
    close = compared(steady([1, 0.20], 24, 0.5), steady([1, 0.21], 24, 0.5, seed=1))
    assert close.told_apart is False
    assert close.standard_error > 0


def test_what_the_music_does_to_both_performances_does_not_hide_their_difference():
    music = np.outer(np.sin(np.linspace(0, 6, 24)), [0.0, 1.0])
    first, second = steady([1, 0.1], 24) + music, steady([1, 0.6], 24) + music
    apart = compared(first, second)
    backwards = compared(first, second[::-1])
    assert apart.standard_error < 0.7 * backwards.standard_error


def test_equal_performances_are_not_told_apart():
    assert compared(steady([1, 0.2], 24), steady([1, 0.2], 24)).told_apart is False


def test_single_windows_say_nothing_about_the_spread():
    assert compared(steady([1, 0.2], 1), steady([1, 1.5], 1)).told_apart is None


def test_short_performances_borrow_the_spread_of_the_longer_ones():
    query = np.array([1.0, 0.0])
    windows = [
        steady([1, 0.1], 20, 0.05),
        steady([1, 0.5], 20, 0.05, 1),
        steady([1, 2.0], 1),
    ]
    scores = ranking.cosine(query, np.array([rows.mean(axis=0) for rows in windows]))
    first, second, short = separations(query, windows, [float(score) for score in scores])
    assert first is None
    assert short.standard_error > second.standard_error > 0


def overlapping(seed, count):
    """Windows that are each the mean of three steps of 5 s, as 15 s windows every 5 s are."""
    steps = np.random.default_rng(seed).normal([1, 0.5], 0.5, (count + 2, 2))
    return (steps[:-2] + steps[1:-1] + steps[2:]) / 3


@pytest.mark.parametrize(("count", "most"), [(60, 20), (12, 30)])
def test_chance_alone_seldom_tells_performances_apart(count, most):
    """Of 200 pairs that differ by the noise of overlapping windows only, one in twenty or so.

    Of short ones a few more: a spread that few windows show is itself uncertain.
    """
    told = 0
    query = np.array([1.0, 0.0])
    for seed in range(200):
        first, second = overlapping(seed, count), overlapping(1000 + seed, count)
        pair = sorted(
            (first, second), key=lambda rows: -ranking.cosine(query, rows.mean(axis=0)[None])[0]
        )
        told += bool(compared(*pair).told_apart)
    assert 4 <= told <= most


def test_pooled_over_many_short_performances_chance_seldom_tells_them_apart():
    told = 0
    query = np.array([1.0, 0.0])
    for seed in range(40):
        windows = [overlapping(100 * seed + take, 3) for take in range(7)]
        windows.sort(key=lambda rows: -ranking.cosine(query, rows.mean(axis=0)[None])[0])
        means = np.array([rows.mean(axis=0) for rows in windows])
        scores = [float(score) for score in ranking.cosine(query, means)]
        told += bool(separations(query, windows, scores)[1].told_apart)
    assert told <= 2  # of 40: the first and the second of seven equal ones
