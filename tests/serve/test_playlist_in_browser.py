"""The playlist of a served library, and a server that is gone, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import serious_findings, skip_firefox
from tests.serve.conftest import serving
from tests.sounding_library import build_sounding


@pytest.fixture
def visit(served, open_page):
    def go(path="/", **options):
        opened = open_page(served.access.address, **options)
        opened.page.goto(f"http://127.0.0.1:{served.access.port}{path}")
        return opened

    return go


def shown(page):
    return [one.inner_text() for one in page.locator(".take .name").all()]


def wait_for_names(page, *names):
    page.wait_for_function(
        "(names) => names === [...document.querySelectorAll('.take .name')]"
        ".map((one) => one.textContent).join()",
        arg=",".join(names),
    )


def wait_for_position(page, name, beyond):
    page.wait_for_function(
        "([name, beyond]) => beyond < Number(document.querySelector("
        "`[role=slider][aria-label='Position in ${name}']`)?.getAttribute('aria-valuenow'))",
        arg=[name, beyond],
    )


def choose(page, *names):
    for name in names:
        page.get_by_role("button", name=f"Add to the playlist: {name}").click()


def test_performances_are_chosen_ordered_removed_and_kept(visit):
    opened = visit("/pieces/prelude?words=legato")
    page = opened.page
    choose(page, "Gould", "Arrau", "Hess")
    assert "Hess is number 3 of 3" in page.locator("#status").inner_text()
    page.get_by_role("link", name="Playlist (3)").click()
    wait_for_names(page, "Gould", "Arrau", "Hess")
    assert "3 performances, 3:30" in page.locator("main").inner_text()
    page.get_by_role("button", name="Move up: Hess").press("Enter")
    wait_for_names(page, "Gould", "Hess", "Arrau")
    page.get_by_role("button", name="Move down: Gould").press("Enter")
    wait_for_names(page, "Hess", "Gould", "Arrau")
    focused = "document.activeElement.getAttribute('aria-label')"
    page.wait_for_function(f"() => {focused} === 'Move down: Gould'")
    page.get_by_role("button", name="Remove: Arrau").click()
    wait_for_names(page, "Hess", "Gould")
    page.reload()
    wait_for_names(page, "Hess", "Gould")
    page.get_by_role("link", name="prelude").first.click()  # from there on, elsewhere
    page.get_by_role("button", name="Remove from the playlist: Gould").click()
    page.get_by_role("link", name="Playlist (1)").click()
    wait_for_names(page, "Hess")
    page.go_back()
    page.go_forward()
    wait_for_names(page, "Hess")
    page.get_by_role("button", name="Empty it").click()
    page.get_by_text("Nothing yet").wait_for()
    assert opened.problems == []


def test_it_plays_through_while_it_is_changed(visit):
    page = visit("/pieces/prelude").page
    choose(page, "Gould", "Arrau", "Hess")
    page.get_by_role("link", name="Playlist (3)").click()
    wait_for_names(page, "Gould", "Arrau", "Hess")
    page.get_by_role("button", name="Play all in order").click()
    page.wait_for_selector("#take-1.playing")
    page.get_by_role("button", name="Move up: Hess").click()
    wait_for_names(page, "Gould", "Hess", "Arrau")
    assert page.locator(".take.playing .name").text_content() == "Gould"
    slider = page.get_by_role("slider", name="Position in Gould")
    slider.press("End")
    page.wait_for_function("() => document.querySelector('.playing .name')?.textContent === 'Hess'")
    page.get_by_role("button", name="Remove: Hess").click()
    page.wait_for_selector(".take.playing", state="detached")


def test_it_is_a_file_for_other_players(visit, browser):
    skip_firefox(browser, "keep what is downloaded")
    page = visit("/pieces/prelude").page
    choose(page, "Hess", "Arrau")
    page.get_by_role("link", name="Playlist (2)").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="Download it as M3U").click()
    lines = Path(started.value.path()).read_text("utf-8").splitlines()
    assert [line.rpartition("_")[2] for line in lines[2::2]] == ["Hess.flac", "Arrau.flac"]
    assert started.value.suggested_filename == "playlist.m3u8"


def test_two_pages_of_a_browser_share_it_and_another_library_has_its_own(visit, tmp_path):
    page = visit("/pieces/prelude").page
    second = page.context.new_page()
    second.goto(page.url)
    choose(page, "Gould")
    second.get_by_role("link", name="Playlist (1)").click()
    wait_for_names(second, "Gould")
    choose(page, "Hess")
    wait_for_names(second, "Gould", "Hess")
    (tmp_path / "other").mkdir()
    builder = build_sounding(tmp_path / "other")
    with builder.library() as library, serving(library) as access:
        page.goto(access.address)
        page.wait_for_selector("#playlist-link:not([hidden])")
        assert page.locator("#playlist-link").inner_text() == "Playlist"
    builder.close()


def test_a_browser_that_keeps_nothing_has_it_in_the_address(visit):
    page = visit().page
    page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw 1; }})")
    page.goto(page.url + "pieces/prelude")
    choose(page, "Gould", "Hess")
    page.get_by_role("link", name="Playlist (2)").click()
    wait_for_names(page, "Gould", "Hess")
    page.get_by_role("button", name="Move up: Hess").click()
    wait_for_names(page, "Hess", "Gould")
    page.reload()
    wait_for_names(page, "Hess", "Gould")


def test_blind_its_buttons_tell_no_name(visit):
    page = visit("/pieces/prelude?words=soft").page
    choose(page, "Gould")
    page.get_by_role("button", name="Listen blind").click()
    assert not [name for name in ("Arrau", "Gould", "Hess") if name in page.content()]
    page.get_by_role("button", name="Choose take 1").click()
    page.get_by_role("button", name="Remove from the playlist: Gould").wait_for()


@pytest.mark.parametrize("width", [320, 1_400])
def test_it_keeps_nobody_out(visit, width):
    page = visit("/pieces/odd", width=width, bypass_csp=True).page
    for button in page.locator(".collect button").all():
        button.click()
    page.get_by_role("link", name="Playlist (3)").click()
    page.get_by_role("button", name="Remove: ").first.wait_for()
    assert serious_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.fixture
def library(tmp_path):
    builder = build_sounding(tmp_path)
    with builder.library() as library:
        yield library
    builder.close()


def test_when_the_server_is_gone_the_page_says_so_and_goes_on_when_it_is_back(library, open_page):
    with serving(library) as access:
        page = open_page(access.address).page
        page.goto(f"http://127.0.0.1:{access.port}/pieces/prelude?words=legato")
        choose(page, "Gould")
    page.keyboard.press("1")
    page.get_by_text("ESPR does not answer").wait_for()
    page.get_by_label("How it should sound", exact=True).fill("loud")
    page.get_by_role("button", name="Rank").click()
    choose(page, "Hess")
    assert page.locator(".take.playing").count() == 0
    with serving(library, access.port) as again:  # its secret is another
        page.get_by_text("open the address that it printed").wait_for()
        page.context.new_page().goto(again.address)
        page.wait_for_function(
            "() => document.querySelector('.take .name')?.textContent === 'Hess'"
        )
        wait_for_position(page, "Arrau", 0)
        assert page.locator(".take.playing .name").text_content() == "Arrau"
        assert page.locator("#gone").inner_text() == ""
        page.get_by_role("link", name="Playlist (2)").click()
        wait_for_names(page, "Gould", "Hess")


def test_a_file_that_is_gone_is_not_called_unplayable(visit, served, tmp_path):
    page = visit("/pieces/prelude").page
    (tmp_path / "prelude_Arrau.flac").rename(tmp_path / "away")
    page.get_by_role("button", name="Play Arrau").click()
    page.get_by_text("The recording is not there now.").first.wait_for()
    (tmp_path / "away").rename(tmp_path / "prelude_Arrau.flac")
    page.get_by_role("button", name="Play Arrau").click()
    wait_for_position(page, "Arrau", 0)
    assert page.locator(".failed").count() == 0
