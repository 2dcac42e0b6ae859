"""Pages in a real browser: they load without a complaint, play, obey keys, and stay usable."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.browser import Opened, serious_findings, skip_firefox, slow_down
from tests.sounding_library import EMOJI, HOSTILE, SECONDS
from tests.synthetic_library import vector

PLAYING = ".take.playing"
# Where the first performance is, and was for a moment.
NOTE_POSITIONS = """() => {
  const slider = document.querySelector("#take-1 [role=slider]");
  window.positions = [];
  new MutationObserver(() => window.positions.push(slider.getAttribute("aria-valuenow")))
    .observe(slider, { attributeFilter: ["aria-valuenow"] });
}"""


@pytest.fixture
def ranking(espr, tmp_path, open_page):
    """Write a page and open it."""

    def opened(*arguments, width=1_000, **options) -> Opened:
        path = tmp_path / "page.html"
        code, _, err = espr("query", *arguments, "--html", path)
        assert code == 0, err
        return open_page(path, width, **options)

    return opened


def seconds(page, take):
    return int(page.locator(f"#take-{take} [role=slider]").get_attribute("aria-valuenow"))


def name_of(page, selector):
    return page.locator(f"{selector} .name").inner_text()


def wait_for_position(page, take, beyond):
    page.wait_for_function(
        "([take, beyond]) => Number(document.querySelector(`#take-${take} [role=slider]`)"
        ".getAttribute('aria-valuenow')) > beyond",
        arg=[take, beyond],
    )


@pytest.mark.parametrize("audio", ["clips", "whole", "link"])
def test_a_page_loads_without_complaint_and_asks_nothing_of_the_network(ranking, audio):
    opened = ranking("soft", "--piece", "prelude", "--html-audio", audio)
    opened.page.keyboard.press("1")
    opened.page.wait_for_selector(PLAYING)
    wait_for_position(opened.page, 1, 0)
    assert opened.problems == []
    assert all(url.startswith(("file:", "data:", "blob:")) for url in opened.requests)


@pytest.mark.parametrize("audio", ["clips", "whole", "link"])
def test_players_play_from_the_best_window_and_seek(ranking, hostile, audio):
    opened = ranking("soft", "--piece", "odd", "--html-audio", audio)
    page = opened.page
    assert seconds(page, 2) == 20
    page.get_by_role("button", name=f"Play {EMOJI[0]}").click()
    page.wait_for_selector("#take-2.playing")
    wait_for_position(page, 2, 20)
    slow_down(page)
    # a click: to the moment below the pointer
    box = page.locator("#take-2 [role=slider]").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 32 / SECONDS, box["y"] + box["height"] / 2)
    wait_for_position(page, 2, 31)
    assert seconds(page, 2) < 35
    page.mouse.click(box["x"] + box["width"] * 50 / SECONDS, box["y"] + box["height"] / 2)
    if audio == "clips":
        assert "best window only" in page.get_by_role("status").inner_text()
        assert seconds(page, 2) < 36
    else:
        wait_for_position(page, 2, 49)
    assert opened.problems == []


def test_keys_play_pause_move_and_change_the_performance(ranking):
    page = ranking("soft", "--piece", "prelude", "--html-audio", "whole").page
    page.keyboard.press("2")
    page.wait_for_selector("#take-2.playing")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    wait_for_position(page, 2, 9)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("#take-3.playing")
    page.keyboard.press("ArrowUp")
    page.wait_for_selector("#take-2.playing")
    page.keyboard.press("Space")
    page.wait_for_selector(PLAYING, state="detached")
    page.locator("#keys").uncheck()
    page.keyboard.press("1")
    assert page.locator(PLAYING).count() == 0


def test_a_player_is_reached_and_moved_by_keyboard_alone(ranking):
    page = ranking("soft", "--piece", "prelude", "--html-audio", "whole").page
    slow_down(page)
    for _ in range(3):  # past the two buttons above
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.ariaLabel") == "Play Arrau"
    page.keyboard.press("Enter")
    page.wait_for_selector("#take-1.playing")
    page.keyboard.press("Tab")
    page.evaluate(NOTE_POSITIONS)
    page.keyboard.press("End")  # which ends it, and then it is at its best window again
    page.wait_for_function("(end) => window.positions.includes(end)", arg=str(SECONDS))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Home")
    assert seconds(page, 1) < 3


def test_best_windows_play_one_after_the_other(ranking):
    page = ranking("soft", "--piece", "prelude", "--html-audio", "whole").page
    slow_down(page)
    page.get_by_role("button", name="Play the best windows in order").click()
    for take in range(1, 5):
        page.wait_for_selector(f"#take-{take}.playing")
        assert page.locator(PLAYING).count() == 1
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")  # beyond its 15 s
    page.wait_for_selector(PLAYING, state="detached")


def test_blind_no_name_is_in_the_document_until_one_is_chosen(ranking):
    page = ranking("like Gould, soft", "--piece", "prelude").page
    before = page.locator("main").inner_text()
    page.get_by_role("button", name="Listen blind").click()
    content = page.content()
    script = page.locator("script").inner_html()
    hidden = page.title() + content.replace(script, "")
    for name in ("Arrau", "Gould", "Hess", "Lipatti", "as asked", "against</span>"):
        assert name not in hidden
    page.keyboard.press("3")
    page.wait_for_selector("#take-3.playing")
    page.get_by_role("button", name="Choose take 3").click()
    assert page.locator("main").inner_text().replace("\n", "").startswith(before[:20])
    said = page.get_by_role("status").inner_text()
    chosen = re.fullmatch(r"You chose (\w+), rank (\d)\.", said)
    assert name_of(page, f"#take-{chosen[2]}") == chosen[1]
    ranks = [one.inner_text() for one in page.locator(".rank").all()]
    assert ranks == ["1", "2", "3"]  # the order is that of the ranking again


def test_hostile_names_are_shown_as_text(ranking, hostile):
    opened = ranking("soft", "--piece", "odd")
    names = [one.inner_text() for one in opened.page.locator(".name").all()]
    assert {HOSTILE, '"onload="alert(2)'} < set(names)
    assert any("👩🏽‍🎤" in name for name in names)
    opened.page.get_by_role("button", name="Listen blind").click()
    assert opened.page.locator("script").count() == 1
    assert opened.problems == []


def test_what_the_browser_cannot_play_is_said(ranking, builder, tmp_path):
    (tmp_path / "prelude_Arrau.flac").write_bytes(b"MAC \x96\x0f\0\0")
    page = ranking("soft", "--piece", "prelude", "--html-audio", "link").page
    page.keyboard.press("1")
    page.get_by_text("This browser cannot play this recording.").first.wait_for()


def test_two_hundred_performances_stay_usable(ranking, builder, tmp_path):
    """Browsers refuse a page its 76th player; one player is enough."""
    rng = np.random.default_rng(7)
    for number in range(200):
        builder.add(
            *("many", f"Pianist {number}", vector(loudness=-5 - 0.01 * number)),
            rng.normal(size=(12, 12)),
            name=f"many {number}.wav",
        )
    for path in tmp_path.glob("many *.wav"):
        path.unlink()
        path.hardlink_to(tmp_path / "prelude_Hess.flac")
    opened = ranking("soft", "--piece", "many", "--html-audio", "link")
    page = opened.page
    assert page.locator(".take").count() == 200
    for _ in range(40):
        page.keyboard.press("1")
        page.keyboard.press("ArrowDown")
    page.wait_for_selector("#take-2.playing")
    for take in range(3, 90):
        page.keyboard.press("ArrowDown")
        page.wait_for_selector(f"#take-{take}.playing")
    wait_for_position(page, 89, -1)
    assert opened.problems == []


def test_nothing_is_wider_than_the_screen(ranking, hostile):
    page = ranking("soft", "--piece", "odd", width=320).page
    for width in (320, 360, 800, 1_400):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for target in page.locator("button:visible").all():
            assert target.bounding_box()["height"] >= 44  # a finger's width, WCAG 2.5.5


def test_axe_finds_nothing_serious(ranking, hostile):
    # axe's own script is foreign to the page's policy
    page = ranking("soft", "--piece", "odd", bypass_csp=True).page
    for press in ("1", "Space"):
        page.keyboard.press(press)
    page.get_by_text("All features").first.click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert serious_findings(page) == [], scheme
    page.get_by_role("button", name="Listen blind").click()
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        assert serious_findings(page) == [], scheme


def test_without_script_the_browsers_own_players_are_there(ranking):
    page = ranking("soft", "--piece", "prelude", java_script_enabled=False).page
    assert page.locator("audio[controls]").count() == 4
    assert page.get_by_text("Listen blind").is_hidden()


def test_printed_it_has_the_ranking_without_players(ranking, browser):
    skip_firefox(browser, "print")
    page = ranking("soft", "--piece", "prelude").page
    page.emulate_media(media="print")
    assert page.get_by_text("softer, as asked").first.is_visible()
    assert page.locator(".timeline").first.is_visible()
    assert page.get_by_role("button", name="Listen blind").is_hidden()
    assert page.pdf()[:4] == b"%PDF"
