"""Figures of queries beside performances."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from espr.evaluation.figure import DPI, draw
from espr.features import MIDLEVEL
from tests.synthetic_evaluation import PIECES, write_data_set

pytest.importorskip("matplotlib", reason="matplotlib is the extra figures")


@pytest.fixture
def run_on_two_pieces(run_evaluate, tmp_path):
    """Run `espr evaluate` where two pieces are to be drawn: a figure takes half a second."""
    few = write_data_set(tmp_path / "few", PIECES[:2])

    def run(*arguments):
        return run_evaluate(*arguments, "--data-dir", str(few))

    return run


def test_the_papers_two_queries_are_drawn_beside_every_piece(run_on_two_pieces, tmp_path):
    figures = ("--figure", str(tmp_path / "figures"))
    run_on_two_pieces(*figures, "--model", "paper", "--space", "midlevel")
    found = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert len(found) == 2 * 2 * 2
    assert found[:2] == ["bach-1.png", "bach-1.svg"]
    assert (tmp_path / "figures" / "bach-1.png").read_bytes().startswith(b"\x89PNG")
    assert "shy, magical, deep, delicate" in (tmp_path / "figures" / "bach-1.svg").read_text()


def test_a_query_of_ones_own_and_the_same_bytes_again(run_evaluate, run_on_two_pieces, tmp_path):
    arguments = ("--model", "paper", "--space", "midlevel", "--query", "fast and loud")
    for folder in ("a", "b"):
        run_on_two_pieces("--figure", str(tmp_path / folder), *arguments)
    assert len(list((tmp_path / "a").iterdir())) == 2 * 2
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    message = run_evaluate("--figure", str(tmp_path / "c"), "--query", "xyzzyq", fails=True)
    assert "no word of the query is known: 'xyzzyq'" in message
    assert "give --figure FOLDER" in run_evaluate("--query", "fast", fails=True)


def test_a_figure_shows_the_best_first_and_leaves_no_third_empty():
    rng = np.random.default_rng(0)
    query, centred = rng.normal(size=8), rng.normal(size=(4, 8))
    figure = draw("Bach: fast $x$", query, ["A", "B", "C", "D"], centred, MIDLEVEL)
    panels = figure.axes
    assert panels[0].get_title() == "query"
    assert figure.get_suptitle() == "Bach: fast $x$"
    shown = [float(panel.get_title().split("\n")[1]) for panel in panels[1:]]
    assert shown == sorted(shown, reverse=True)
    # the bars are what the score adds up from
    widths = [[bar.get_width() for bar in panel.patches] for panel in (panels[0], panels[1])]
    score = sum(a * b for a, b in zip(*widths, strict=True))
    assert score == pytest.approx(shown[0], abs=0.005)
    figure.set_dpi(DPI)
    figure.draw_without_rendering()
    boxes = [panel.get_tightbbox().transformed(figure.transFigure.inverted()) for panel in panels]
    assert max(box.y1 for box in boxes) - min(box.y0 for box in boxes) > 0.8
    assert max(box.x1 for box in boxes) - min(box.x0 for box in boxes) > 0.9


def test_without_matplotlib_one_line_says_how_to_get_it(run_evaluate, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    few = ("--model", "paper", "--space", "midlevel")
    message = run_evaluate("--figure", str(tmp_path), *few, fails=True)
    assert "pip install 'espr[figures]'" in message
