"""Queries for works that an audio encoder was trained on are left out, and said to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from espr.datasets.benchmark import Benchmark, Description, Performance
from espr.errors import EsprError
from espr.evaluation import encoders
from espr.evaluation.encoders import leave_out_trained_works, trained_on

BENCHMARK = Benchmark(
    "toy",
    tuple(Performance(f"{work}-1", player, work, Path("x")) for work in "ab" for player in "12"),
    tuple(Description(number, (("soft", 1.0),)) for number in range(4)),
)


def test_a_trained_work_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "trained_on", lambda audio: ("a",) if audio == "net" else ())
    kept, notes = leave_out_trained_works(
        BENCHMARK, BENCHMARK.queries("answers"), ["net", "signal"]
    )
    assert [query.performance for query in kept] == [2, 3]
    assert notes == ["2 queries for a left out: net was trained on it"]


def test_nothing_is_left_out_for_what_learned_nothing() -> None:
    kept, notes = leave_out_trained_works(BENCHMARK, BENCHMARK.queries("answers"), ["signal"])
    assert (len(kept), notes) == (4, [])
    assert trained_on("signal") == ()
    assert trained_on("clap:somewhere") == ()


def test_the_card_names_what_the_network_heard() -> None:
    assert trained_on("midlevel") == ("Schubert_D960",)


def test_nothing_left_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "trained_on", lambda audio: ("a", "b"))
    with pytest.raises(EsprError, match="nothing is left to ask"):
        leave_out_trained_works(BENCHMARK, BENCHMARK.queries("answers"), ["net"])
