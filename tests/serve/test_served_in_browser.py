"""A served library in a real browser."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from espr.alignment.time_map import TimeMap
from espr.serve import pages
from tests.browser import serious_findings, slow_down
from tests.sounding_library import HOSTILE, RATE
from tests.synthetic_library import vector

MOVED = "/pieces/odd?words=soft&move.attack=0.5"
NAMES = ("Arrau", "Gould", "Hess", "Lipatti")


@pytest.fixture
def visit(served, open_page):
    """Open the printed address, then a page of the library."""

    def go(path="/", **options):
        opened = open_page(served.access.address, **options)
        assert opened.page.url == f"http://127.0.0.1:{served.access.port}/"
        opened.page.goto(f"http://127.0.0.1:{served.access.port}{path}")
        return opened

    return go


def shown(page):
    return [one.inner_text() for one in page.locator(".take .name").all()]


def wait_for_position(page, name, beyond):
    page.wait_for_function(
        "([name, beyond]) => [...document.querySelectorAll('.take')].some((take) =>"
        " take.querySelector('.name').textContent === name && beyond <"
        " Number(take.querySelector('[role=slider]')?.getAttribute('aria-valuenow')))",
        arg=[name, beyond],
    )


def test_from_the_shelf_to_a_performance_without_a_complaint(visit, served):
    opened = visit()
    page = opened.page
    page.get_by_role("link", name="prelude").click()
    page.get_by_label("How it should sound", exact=True).fill("very legato")
    page.get_by_text("asks for legato").wait_for()
    page.get_by_role("button", name="Rank").click()
    page.locator("#ranking .score").first.wait_for()
    assert shown(page)[0] == "Arrau" and "words=very+legato" in page.url
    page.get_by_role("button", name="Play Arrau").click()
    wait_for_position(page, "Arrau", 0)
    slider = page.get_by_role("slider", name="Position in Arrau")
    slider.press("PageUp")
    slider.press("ArrowRight")
    wait_for_position(page, "Arrau", 35)  # a range of the file
    assert opened.problems == []
    own = f"http://127.0.0.1:{served.access.port}/"
    assert all(url.startswith((own, "data:")) for url in opened.requests)


def test_the_ranking_follows_the_sliders_while_the_music_goes_on(visit):
    page = visit("/pieces/prelude?words=legato").page
    page.keyboard.press("1")
    page.wait_for_selector(".take.playing")
    wait_for_position(page, "Arrau", 0)
    page.get_by_text("Sliders", exact=True).click()
    page.get_by_label("loudness").fill("1")
    page.wait_for_function("() => document.querySelector('.take .name')?.textContent === 'Hess'")
    assert page.locator(".take.playing .name").text_content() == "Arrau"
    wait_for_position(page, "Arrau", 1)
    page.get_by_role("button", name="Set all to the middle").click()
    page.wait_for_function("() => document.querySelector('.take .name')?.textContent === 'Arrau'")
    assert page.locator(".take.playing").count() == 1
    page.keyboard.press("Escape")


def test_another_performance_goes_on_at_the_same_bar(visit, monkeypatch):
    anchors = np.arange(0.0, 71.0, 5.0)[:, None] * [1.0, 0.5]
    monkeypatch.setattr(pages, "time_map", lambda catalog, one, other: TimeMap((anchors,)))
    page = visit("/pieces/prelude?words=legato").page
    slow_down(page)
    page.get_by_role("button", name="Stay at the same bars").click()
    page.get_by_role("slider", name="Position in Arrau").press("End")
    page.get_by_role("slider", name="Position in Arrau").press("PageDown")
    page.get_by_role("button", name="Play Arrau").click()
    wait_for_position(page, "Arrau", 39)
    page.keyboard.press("2")
    page.wait_for_selector("#take-2.playing")
    second = shown(page)[1]
    wait_for_position(page, second, 19)
    now = page.locator("#take-2 [role=slider]").get_attribute("aria-valuenow")
    assert int(now) < 26  # half of where the first one was
    monkeypatch.setattr(pages, "time_map", lambda catalog, one, other: TimeMap(()))
    page.keyboard.press("3")
    page.wait_for_selector("#take-3.playing")
    assert "does not play these bars" in page.locator("#status").inner_text()


def test_blind_no_name_is_in_the_document(visit):
    page = visit("/pieces/prelude?words=like+Gould").page
    page.get_by_role("button", name="Listen blind").click()
    content = page.title() + page.content()
    assert not [name for name in NAMES if name in content]
    page.keyboard.press("1")
    page.wait_for_selector(".take.playing")
    page.get_by_role("button", name="Choose take 1").click()
    assert page.locator("#status").inner_text().startswith("You chose ")
    assert page.get_by_role("button", name="Rank").is_visible()


def test_what_a_browser_does_not_play_is_encoded_for_it(visit, served, tmp_path):
    """An AIFF file, of which the second recording is a track."""
    samples = 0.1 * np.sin(np.arange(90 * RATE) / 10)
    soundfile.write(tmp_path / "album.aiff", samples, RATE)
    for start in (0.0, 45.0):
        served.builder.add(
            *("album", f"From {start:.0f}", vector()), name="album.aiff", span=(start, start + 45)
        )
    page = visit("/pieces/album").page
    page.get_by_role("button", name="Play From 45").click()
    page.wait_for_selector(".take.playing")
    wait_for_position(page, "From 45", 0)
    page.keyboard.press("ArrowRight")
    wait_for_position(page, "From 45", 4)
    assert page.locator(".problem").count() == 0
    answer = served.ask(f"/media/{served.key(12)}?encoded", Range="bytes=0-99")
    assert (answer.status, answer.headers["content-type"]) == (206, "audio/mpeg")


def test_a_dot_on_the_map_plays_its_performance(visit):
    opened = visit("/pieces/prelude?words=legato")
    page = opened.page
    page.get_by_text("Map of the performances").click()
    page.get_by_role("link", name="Play Gould").press("Enter")
    page.wait_for_selector(".take.playing")
    assert page.locator(".take.playing .name").text_content() == "Gould"
    assert opened.problems == []


def test_corrections_are_made_in_the_page(visit, served):
    served.builder.close()
    page = visit("/pieces/prelude").page
    page.get_by_text("Correct this piece").click()
    page.get_by_label("Another title").fill("Prélude <1>")
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("heading", name="Prélude <1>").wait_for()
    page.get_by_text("Correct this piece").click()
    page.get_by_role("button", name="Take back").click()
    page.get_by_text("prelude renamed to Prélude <1>").wait_for()


def test_hostile_names_are_shown_as_text(visit):
    opened = visit("/pieces/odd?words=soft")
    assert HOSTILE in shown(opened.page)
    assert opened.problems == []


def test_without_script_the_form_and_players_work(visit):
    page = visit("/pieces/prelude", java_script_enabled=False).page
    page.get_by_label("How it should sound", exact=True).fill("legato")
    page.get_by_role("button", name="Rank").click()
    assert shown(page)[0] == "Arrau"
    assert page.locator("audio[controls]").count() == 4


@pytest.mark.parametrize("path", ["/", MOVED, "/search?words=dense"])
def test_axe_finds_nothing_serious(visit, path):
    page = visit(path, bypass_csp=True).page
    for summary in page.locator("summary").all():
        summary.click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert serious_findings(page) == [], scheme


@pytest.mark.parametrize("path", ["/", MOVED])
def test_nothing_is_wider_than_the_screen(visit, path):
    page = visit(path, width=320).page
    for summary in page.locator("summary").all():
        summary.click()
    for width in (320, 360, 800, 1_400):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
