"""Reissues are found as by comparing every pair, without comparing every pair."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from espr.works.reissues import Performance, duplicates
from tests.cpu_time import cpu_seconds


def performance(identity: int, duration: float, features: list[float]) -> Performance:
    profile = np.array(features, "<f4").tobytes()
    return Performance(identity, 1, f"{identity:032x}", duration, "fake/1", profile)


def agree(one: Performance, other: Performance) -> bool:
    a, b = (np.frombuffer(each.profile, "<f4").astype(float) for each in (one, other))
    near = np.abs(a - b) <= 0.002 * np.maximum(np.abs(a), np.abs(b))
    return bool(abs(one.duration - other.duration) <= 0.1 and near.all())


@given(
    takes=st.lists(
        st.tuples(
            st.sampled_from([10.0, 10.0625, 10.125, 10.25]),
            st.sampled_from([0.0, 3.0, -3.0, 1e-9, 1e9]),
            st.sampled_from([1.0, 1.0005, 1.0015, 1.0019, 1.0025, 0.999]),
        ),
        max_size=12,
    )
)
def test_a_take_is_a_reissue_of_one_that_agrees_and_of_no_reissue(takes):
    performances = [
        performance(number, duration, [size * factor, 2.0])
        for number, (duration, size, factor) in enumerate(takes)
    ]
    found = duplicates(performances)
    originals: list[Performance] = []
    for take in performances:
        alike = [original.id for original in originals if agree(take, original)]
        assert (take.id in found) == bool(alike)
        if alike:
            assert found[take.id] in alike
        else:
            originals.append(take)


def test_a_profile_that_is_no_number_is_nobodys_reissue():
    takes = [performance(k, 10.0, [bad, bad]) for k, bad in enumerate((float("nan"), 1.0))]
    assert duplicates(takes) == {}


def test_ten_thousand_performances_of_one_length_are_not_compared_pair_by_pair():
    profiles = np.random.default_rng(0).normal(size=(10_000, 12))
    takes = [performance(k, 30.0, list(profile)) for k, profile in enumerate(profiles)]

    def compare() -> None:
        assert duplicates([*takes, performance(10_000, 30.05, list(profiles[7]))]) == {10_000: 7}

    def name_a_tenth_of_the_pairs() -> None:
        assert sum(1 for _ in combinations(range(3_163), 2)) > 5_000_000

    assert cpu_seconds(compare, times=1) < 10 * cpu_seconds(name_a_tenth_of_the_pairs, times=1)


def test_a_take_whose_notes_lie_alike_is_a_reissue_where_its_features_are_close():
    first = performance(1, 10.0, [0.0, 1.0])
    coded = performance(2, 10.7, [0.1, 0.9])
    other_piano = performance(3, 10.0, [0.5, 1.5])
    takes = [first, coded, other_piano]
    assert duplicates(takes) == {}
    assert duplicates(takes, [(1, 2), (1, 3)]) == {2: 1}
    assert duplicates(takes[::-1], [(1, 2), (1, 3)]) == {1: 2}
