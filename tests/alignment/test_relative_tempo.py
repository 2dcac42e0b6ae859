"""Tempos of performances from those of pairs."""

from __future__ import annotations

import pytest

from espr.alignment.relative_tempo import relative_tempos


def test_tempos_of_pairs_give_those_of_performances():
    tempo = {1: 0.8, 2: 1.0, 3: 1.25}
    pairs = [(one, other, tempo[one] / tempo[other]) for one, other in ((1, 2), (2, 3), (3, 1))]
    assert relative_tempos(pairs) == pytest.approx(tempo)


def test_pairs_that_disagree_are_balanced():
    found = relative_tempos([(1, 2, 1.2), (1, 2, 1.1)])
    assert found[1] / found[2] == pytest.approx((1.2 * 1.1) ** 0.5)


def test_only_what_hangs_together_is_comparable():
    assert set(relative_tempos([(1, 2, 1.1), (8, 9, 1.1), (2, 3, 1.1)])) == {1, 2, 3}
    assert relative_tempos([]) == {}


def test_a_pair_that_contradicts_the_others_is_left_out():
    tempo = {1: 0.8, 2: 1.0, 3: 1.25}
    pairs = [(one, other, tempo[one] / tempo[other]) for one, other in ((1, 2), (2, 3), (3, 1))]
    assert relative_tempos([*pairs, (1, 3, 1.1)]) == pytest.approx(tempo)


def test_what_only_a_contradiction_joins_is_not_guessed():
    """Of three pairs that cannot all be true, the two that are left may be the wrong ones."""
    found = relative_tempos([(1, 2, 1.0), (2, 3, 1.0), (1, 3, 2.0), (1, 4, 1.0), (4, 3, 1.0)])
    assert found == pytest.approx({1: 1.0, 2: 1.0, 3: 1.0, 4: 1.0})
