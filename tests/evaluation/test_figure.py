"""Figures of queries beside performances."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from espr.evaluation.figure import draw
from espr.features import MIDLEVEL
from tests.evaluation import test_evaluation

pytest.importorskip("matplotlib", reason="matplotlib is the extra figures")
evaluation = test_evaluation.evaluation  # the fixture


def test_every_piece_has_its_figure_twice(run_evaluate, tmp_path):
    run_evaluate("--figure", str(tmp_path / "figures"), "--model", "best")
    found = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert len(found) == 10
    assert found[:2] == ["bach.png", "bach.svg"]
    assert (tmp_path / "figures" / "bach.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_evaluation_draws_the_same_bytes(run_evaluate, tmp_path):
    for folder in ("a", "b"):
        run_evaluate("--figure", str(tmp_path / folder), "--model", "paper", "--space", "midlevel")
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_a_figure_names_the_true_and_the_retrieved_take(evaluation):
    perfect = evaluation.outcomes[1][0]
    runner_up = int(perfect.candidates[np.argsort(-perfect.scores)[1]])
    asked = replace(perfect, performance=runner_up)
    figure = draw(evaluation, asked, MIDLEVEL)
    query, first, second, third = figure.axes
    assert query.get_title() == "query"
    assert first.get_title().endswith("\nfound")
    assert second.get_title().endswith("\nasked for")
    assert third.get_title().endswith("\n")
    assert evaluation.queries[asked.query].text in figure.get_suptitle()
    # the bars are what the score adds up from
    heights = [[bar.get_width() for bar in panel.patches] for panel in (query, second)]
    score = sum(a * b for a, b in zip(*heights, strict=True))
    assert score == pytest.approx(float(second.get_title().split("\n")[1]), abs=0.005)


def test_without_matplotlib_one_line_says_how_to_get_it(run_evaluate, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    message = run_evaluate("--figure", str(tmp_path), fails=True)
    assert "pip install 'espr[figures]'" in message
