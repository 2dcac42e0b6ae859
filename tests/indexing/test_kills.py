"""A few kills of a running index; ``make soak`` does two hundred."""

from __future__ import annotations

from tests.soak_kills import soak


def test_a_killed_index_loses_nothing_and_the_next_run_goes_on(tmp_path):
    counts = soak(3, 12, tmp_path)
    assert counts["kills"] == 3
    assert counts["completed"] >= 1
    assert counts["libraries checked"] >= 2
