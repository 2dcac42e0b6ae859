"""What differs between performances beyond chance, on windows whose differences are known."""

from __future__ import annotations

import numpy as np
import pytest

from espr.features import AUDIO_SPACE
from espr.retrieval.differences import USUAL, Difference, Verdict, differences

SPREAD = np.array([USUAL[name] for name in AUDIO_SPACE.names]) / np.sqrt(2)


def windows(rng, count, offset=0.0):
    """Windows of 15 s, 5 s apart, of independent noise; shape=(count, 12)."""
    cells = rng.normal(size=(count + 2, len(SPREAD)))
    return (cells[:-2] + cells[1:-1] + cells[2:]) / np.sqrt(3) * SPREAD + offset


def compared(performances):
    profiles = np.array([rows.mean(axis=0) for rows in performances])
    return differences(AUDIO_SPACE, profiles, performances)


@pytest.mark.parametrize("count", [1, 2, 10, 60])
@pytest.mark.parametrize("performances", [2, 5])
def test_chance_alone_rarely_makes_a_difference(count, performances):
    rng = np.random.default_rng(20)
    alarms = 0
    for _ in range(200):
        first = compared([windows(rng, count) for _ in range(performances)])[0]
        alarms += any(one.verdict is Verdict.DIFFERS for one in first)
    assert alarms <= 0.08 * 200  # one in twenty, and two standard errors


def test_a_real_difference_is_found_and_has_its_sign():
    rng = np.random.default_rng(21)
    louder = np.where(np.array(AUDIO_SPACE.names) == "loudness", 3.0, 0.0)
    soft, loud = compared([windows(rng, 40), windows(rng, 40, louder)])
    for found, sign in ((soft, -1.0), (loud, 1.0)):
        assert found[0].feature.name == "loudness"  # strongest first
        assert found[0].value == pytest.approx(3.0 * sign, abs=0.5)
        assert found[0].verdict is Verdict.DIFFERS


def test_performances_of_many_windows_can_be_alike():
    rng = np.random.default_rng(22)
    first, _ = compared([windows(rng, 400), windows(rng, 400)])
    assert sum(one.verdict is Verdict.ALIKE for one in first) >= 9


def test_each_is_compared_with_the_mean_of_the_others():
    flat = [np.full((8, 12), value) for value in (0.0, 1.0, 5.0)]
    values = [found[0].value for found in compared(flat)]
    assert values == pytest.approx([-3.0, -1.5, 4.5])


def test_a_copy_is_alike_in_everything():
    rows = windows(np.random.default_rng(23), 400)
    assert {one.verdict for one in compared([rows, rows])[0]} == {Verdict.ALIKE}


@pytest.mark.parametrize(
    ("value", "margin", "verdict"),
    [
        (0.1, 0.4, Verdict.ALIKE),
        (0.4, 0.05, Verdict.ALIKE),  # a difference that nobody would call one
        (-0.6, 0.05, Verdict.DIFFERS),
        (0.1, 0.5, Verdict.UNCLEAR),
        (-2.0, 2.5, Verdict.UNCLEAR),
    ],
)
def test_verdicts(value, margin, verdict):
    assert Difference(AUDIO_SPACE.features[0], value, margin).verdict is verdict
