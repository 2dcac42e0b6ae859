"""Printed parts add up, and each says the pole it speaks of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from espr.features import MIDLEVEL, MIDLEVEL_PLUS
from espr.retrieval import explanation
from espr.retrieval.ranking import contributions
from tests.synthetic_library import identity_model

FEATURES = len(MIDLEVEL_PLUS)

parts_of_a_score = st.lists(st.floats(-1, 1, allow_nan=False), min_size=1, max_size=12)


@given(parts_of_a_score, st.sampled_from([2, 4]))
@settings(deadline=None)
def test_rounded_parts_add_up_to_the_rounded_sum(parts, digits):
    values = explanation.rounded(parts, digits)
    # half a step of either side, and a hair for the sum of doubles itself
    assert abs(round(sum(values), digits) - sum(parts)) <= 0.5 * 10**-digits + 1e-9
    steps = [value * 10**digits for value in values]
    assert steps == pytest.approx([round(step) for step in steps], abs=1e-6)
    assert all(abs(a - b) < 10**-digits + 1e-9 for a, b in zip(values, parts, strict=True))


def test_the_parts_that_lost_most_are_rounded_up():
    assert explanation.rounded([0.334, 0.333, 0.333], 2) == [0.34, 0.33, 0.33]


def test_no_negative_zero_is_printed():
    assert [str(value) for value in explanation.rounded([-0.001, 0.001], 2)] == ["0.0", "0.0"]


@given(
    st.lists(st.floats(-3, 3, allow_nan=False), min_size=2 * FEATURES, max_size=2 * FEATURES),
    st.integers(min_value=0, max_value=FEATURES),
)
@settings(deadline=None)
def test_reasons_and_their_remainder_add_up_to_the_printed_score(numbers, most):
    query, profile = np.array(numbers[:FEATURES]), np.array(numbers[FEATURES:])
    parts = contributions(query, profile[None])[0]
    told = explanation.reasons(MIDLEVEL_PLUS, profile, parts, most)
    printed = sum(explanation.rounded(parts, 2))
    assert sum(reason.value for reason in told) == pytest.approx(printed, abs=1e-9)
    assert len(told) <= most + 1


def test_a_reason_names_the_pole_of_the_performance_and_whether_it_was_asked_for():
    query = np.zeros(8)
    query[MIDLEVEL.index("articulation")] = -1.0  # legato
    query[MIDLEVEL.index("onset_density")] = 1.0  # dense
    profile = np.zeros(8)
    profile[MIDLEVEL.index("articulation")] = -2.0  # more legato than the others
    profile[MIDLEVEL.index("onset_density")] = -1.0  # but sparser, too
    told = explanation.reasons(MIDLEVEL, profile, contributions(query, profile[None])[0], 3)
    assert [(reason.value, reason.text) for reason in told] == [
        (0.63, "more legato, as asked"),
        (-0.31, "sparser, against"),
    ]


def test_what_is_not_told_is_one_remainder():
    parts = np.array([0.3, 0.2, 0.1, 0.1, 0.05, 0.0, 0.0, 0.0])
    told = explanation.reasons(MIDLEVEL, np.ones(8), parts, 2)
    assert told[-1] == explanation.Reason(0.25, "the other 6 features")


def test_a_performance_like_the_mean_has_no_reasons():
    assert explanation.reasons(MIDLEVEL, np.zeros(8), np.zeros(8), 3) == []


def test_the_query_is_told_by_its_strongest_poles():
    query = np.array([0.1, -2.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.5])
    assert explanation.heard_as(MIDLEVEL, query) == ["legato", "sparse"]
    assert explanation.heard_as(MIDLEVEL, np.zeros(8)) == []
    assert len(explanation.heard_as(MIDLEVEL, np.ones(8))) == explanation.HEARD_MOST


def test_music_unlike_the_reference_set_is_noticed():
    near, far = np.full(12, 1.9), np.full(12, -3.5)  # what is not measured takes no part
    found = explanation.unlike_reference(identity_model(), np.array([near, far]))
    assert found.tolist() == [False, True]
