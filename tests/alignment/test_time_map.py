"""The same moment in another performance, and how fast each plays there."""

from __future__ import annotations

import numpy as np
import pytest

from espr.alignment.recording_comparison import compare, compare_in_any_tuning
from espr.alignment.tempo_curves import tempo_curves
from espr.alignment.time_map import TimeMap, map_time
from tests.played_notes import perform, score

NOTES = score(1)
LATER = NOTES + np.array([4.0, 0.0])


def swayed(times: np.ndarray, tempo: float, seed: int, begin: float) -> np.ndarray:
    """When `perform` plays what the score has at these times, shape=(n,)."""
    grid = np.stack([np.arange(0.0, 60.0, 0.01), np.full(6000, 60.0)], axis=1)
    rng = np.random.default_rng(seed)
    phase = rng.uniform(0.0, 2.0 * np.pi)
    played = grid[:, 0] / tempo
    played = played + 0.4 * (np.sin(played / 3.0 + phase) - np.sin(phase)) + begin
    return np.interp(times, grid[:, 0], played)


def mapped(notes: np.ndarray, others: np.ndarray) -> TimeMap:
    (comparison,) = compare(notes, [others])
    return map_time(notes, others, comparison)


@pytest.fixture(scope="module")
def slower() -> tuple[np.ndarray, np.ndarray]:
    return perform(NOTES, 1.2, seed=1), perform(NOTES, 0.8, seed=2, begin=7.0)


def test_a_moment_is_found_in_the_other_performance_and_back(slower):
    there = mapped(*slower)
    places = np.arange(1.0, 59.0, 3.0)
    ours, theirs = swayed(places, 1.2, 1, 0.5), swayed(places, 0.8, 2, 7.0)
    assert there.at_all(ours) == pytest.approx(theirs, abs=0.1)
    assert there.reversed().at_all(theirs) == pytest.approx(ours, abs=0.1)
    assert there.at(float(ours[4])) == pytest.approx(theirs[4], abs=0.1)


def test_time_does_not_go_back_and_ends_where_the_music_does(slower):
    there = mapped(*slower)
    moments = there.at_all(np.arange(0.0, 51.0, 0.05))
    assert (np.diff(moments[~np.isnan(moments)]) >= 0.0).all()
    assert there.at(0.1) == pytest.approx(6.6, abs=0.5)
    assert there.at(80.0) is None


def test_what_is_cut_out_is_nowhere(slower):
    whole, other = slower
    cut = other[(other[:, 0] < 30.0) | (other[:, 0] > 55.0)]
    cut[cut[:, 0] > 55.0] -= [25.0, 0.0]
    there = mapped(whole, cut)
    places = np.array([10.0, 28.0, 50.0])  # of the score; the second is cut out
    moments = there.at_all(swayed(places, 1.2, 1, 0.5))
    expected = swayed(places, 0.8, 2, 7.0) - [0.0, 0.0, 25.0]
    assert moments[[0, 2]] == pytest.approx(expected[[0, 2]], abs=0.2)
    assert np.isnan(moments[1])


def test_a_repeat_leads_to_the_same_bars():
    half = NOTES[NOTES[:, 0] < 30.0]
    repeated = np.concatenate([half, NOTES + np.array([30.0, 0.0])])
    there = mapped(perform(repeated, seed=1), perform(NOTES, seed=2))
    first, again = there.at_all(np.array([15.0, 45.0]))
    assert first == pytest.approx(again, abs=1.5)
    assert there.at(75.0) == pytest.approx(45.0, abs=1.5)


def test_other_music_has_no_map_and_another_tuning_has_one():
    lower = perform(NOTES, seed=1) - [0.0, 1.0]
    others = [perform(NOTES, seed=2), perform(score(2), seed=3)]
    same, other = compare_in_any_tuning(lower, others)
    assert map_time(lower, others[0], same).at(20.0) == pytest.approx(20.0, abs=1.0)
    empty = map_time(lower, others[1], other)
    assert not empty and empty.at(20.0) is None and not empty.reversed()


def test_curves_show_who_is_faster_and_where():
    # the first is twice as fast in the second half
    warped = np.stack([np.where(NOTES[:, 0] < 30.0, NOTES[:, 0], 15.0 + NOTES[:, 0] / 2.0),
                       NOTES[:, 1]], axis=1)  # fmt: skip
    maps = {2: mapped(NOTES, warped), 3: mapped(NOTES, LATER)}
    curves = tempo_curves(1, 60.0, maps)
    first, last = slice(5, 26), slice(35, 55)
    assert curves.tempos[2][first] == pytest.approx(1.0, rel=0.03)
    assert curves.tempos[2][last] == pytest.approx(2.0 ** (2 / 3), rel=0.05)
    assert curves.tempos[1][last] == pytest.approx(curves.tempos[3][last], rel=0.05)
    product = np.prod([curves.tempos[one][first] for one in (1, 2, 3)], axis=0)
    assert product == pytest.approx(1.0)


def test_a_performance_that_drops_out_does_not_move_the_mean():
    slow = NOTES * [1.5, 1.0]
    maps = {2: mapped(NOTES, slow[slow[:, 0] < 45.0]), 3: mapped(NOTES, LATER)}
    curves = tempo_curves(1, 60.0, maps)
    assert np.isnan(curves.tempos[2][45])
    assert curves.tempos[3][45] == pytest.approx(curves.tempos[3][15], rel=0.02)


def test_what_no_other_performance_plays_has_no_tempo():
    maps = {2: mapped(NOTES, NOTES[NOTES[:, 0] < 30.0])}
    curves = tempo_curves(1, 60.0, maps)
    assert np.isnan([curves.tempos[one][45] for one in (1, 2)]).all()
    assert curves.tempos[1][15] == pytest.approx(1.0, rel=0.02)
