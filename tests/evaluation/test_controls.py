"""The listeners' ceiling on descriptions whose answer is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from espr.datasets.benchmark import Description, Performance, assemble_benchmark
from espr.evaluation.controls import listeners

WORDS = ("soft", "loud", "fast")


def described(agree: bool):
    """Two pieces of three performances; four listeners who say the same, or not."""
    performances, terms, names = [], [], []
    for piece in ("a", "b"):
        for number in range(3):
            performances.append(Performance(piece, str(number), piece, Path(f"{piece}{number}")))
            words = [WORDS[number if agree else (number + who) % 3] for who in range(4)]
            terms.append([((word, 1.0),) for word in words])
            names.append([f"listener {who}" for who in range(4)])
    return assemble_benchmark("x", performances, terms, [], names)


@pytest.mark.parametrize("mode", ["answers", "performance"])
def test_listeners_who_agree_find_every_performance(mode):
    data = described(agree=True)
    control = listeners("glove", data, data.queries(mode), mode)
    assert control.figures == {"top1": 1.0, "top2": 1.0, "mrr": 1.0}


def test_listeners_who_do_not_agree_find_little():
    data = described(agree=False)
    control = listeners("glove", data, data.queries("answers"), "answers")
    assert control.figures["mrr"] < 0.7


def test_without_listeners_there_is_no_ceiling():
    data = described(agree=True)
    unnamed = [Description(one.performance, one.terms) for one in data.descriptions]
    benchmark = type(data)(data.name, data.performances, tuple(unnamed))
    assert listeners("glove", benchmark, benchmark.queries("answers"), "answers") is None
