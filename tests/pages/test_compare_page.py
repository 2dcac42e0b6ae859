"""``espr compare --html``: what the page holds, and that its players stay at the same bars."""

from __future__ import annotations

import re

import numpy as np
import pytest

from espr.errors import WRONG_INPUT
from tests.aria import write_aria
from tests.browser import serious_findings, slow_down
from tests.synthetic_library import understand_poles
from tests.typed import Espr

HOSTILE = '<script>alert(1)</script>"onload="alert(2)'


@pytest.fixture
def espr(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ESPR_LIBRARY", str(write_aria(tmp_path, ("Grimaud", HOSTILE))))
    understand_poles(monkeypatch)
    return Espr(monkeypatch, capsys)


def test_a_page_says_what_differs_and_draws_the_tempo(espr, tmp_path):
    code, _, err = espr("compare", "0.wav", "1.wav", "--html", tmp_path / "a.html")
    assert code == 0 and "open it in a browser" in err
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "2 of 2 performances" in page and "% slower" in page
    assert "alert(1)" in page and "<script>alert" not in page and '"onload="' not in page
    curves = re.findall(r'<path d="(M[^"]+L[^"]+)" stroke', page)
    assert len(curves) == 2 and page.count("<audio") == 2
    heights = [
        np.median([float(point.split()[1]) for point in re.findall(r"[\d.]+ -?[\d.]+", one)])
        for one in curves
    ]
    assert heights[0] > 5 and heights[1] < -5  # downwards, in SVG: the first is slower


def test_without_a_recording_the_page_says_so(espr, tmp_path):
    (tmp_path / "1.wav").unlink()
    _, _, err = espr("compare", "-p", "aria", "--html", tmp_path / "a.html")
    assert "1 performance without sound" in err
    assert "not at hand" in (tmp_path / "a.html").read_text("utf-8")


def test_another_file_is_never_replaced(espr, tmp_path):
    before = (tmp_path / "0.wav").read_bytes()
    code, _, err = espr("compare", "-p", "aria", "--html", tmp_path / "0.wav")
    assert code == WRONG_INPUT and "is no page" in err and err.count("\n") == 1
    assert (tmp_path / "0.wav").read_bytes() == before


@pytest.fixture
def opened(espr, tmp_path, open_page):
    def open_comparison(audio, width=1_000):
        path = tmp_path / "a.html"
        espr("compare", "0.wav", "1.wav", "--html", path, "--html-audio", audio)
        return open_page(path, width)

    return open_comparison


def position(page, take):
    return int(page.locator(f"#take-{take} [role=slider]").get_attribute("aria-valuenow"))


@pytest.mark.parametrize("audio", ["clips", "whole", "link"])
def test_another_performance_goes_on_at_the_same_bar(opened, audio):
    found = opened(audio)
    page = found.page
    slow_down(page)
    page.keyboard.press("1")
    page.wait_for_selector("#take-1.playing")
    page.locator("#take-1 [role=slider]").press("ArrowRight")
    here = position(page, 1)
    page.keyboard.press("2")
    page.wait_for_selector("#take-2.playing")
    there = position(page, 2)
    assert there == pytest.approx(here / 1.25, abs=2.0)  # played 1.25 times as fast
    assert there != pytest.approx(here, abs=1.0) or here < 8
    assert found.problems == []
    assert all(url.startswith(("file:", "data:", "blob:")) for url in found.requests)


@pytest.mark.parametrize("width", [360, 1_400])
def test_the_page_keeps_nobody_out(opened, width):
    found = opened("clips", width)
    assert serious_findings(found.page) == []
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert found.page.evaluate(overflow) <= 0
