"""Pages in Debian's Chromium, driven by Playwright: a fixture for tests, and what it found.

``ESPR_TEST_BROWSER=firefox`` takes Debian's Firefox, over WebDriver BiDi.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.typed import PATIENCE

# Where tests find the page's one player, which is in no document.
KEEP_PLAYER = """
window.Audio = class extends Audio {
  constructor(...given) {
    super(...given);
    window.playerOfTests = this;
  }
};
"""


@dataclass
class Opened:
    """A page in the browser, and what went wrong in it."""

    page: object
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """The browser, once."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    name = os.environ.get("ESPR_TEST_BROWSER", "chromium")
    packages = {"chromium": ("chromium", "chromium-browser"), "firefox": ("firefox-esr", "firefox")}
    path = next(filter(None, map(shutil.which, packages[name])), None)
    if path is None:
        pytest.skip(f"there is no {name}; on Debian: apt-get install {packages[name][0]}")
    with playwright.sync_playwright() as driver:
        patience = 1_000 * PATIENCE
        if name == "firefox":
            browser = driver.firefox.launch(
                executable_path=path, channel="moz-firefox", timeout=patience
            )
        else:  # a container's /dev/shm may hold too little for a page
            arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
            browser = driver.chromium.launch(executable_path=path, args=arguments, timeout=patience)
        try:
            browser.new_context().close()
        except playwright.Error as error:  # each Playwright wants a Firefox of its time
            pytest.skip(f"this Playwright cannot drive this {name}: {error.message}")
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser) -> Iterator[Callable[..., Opened]]:
    """Open a page; whatever it logs or asks of the network is kept."""
    contexts = []

    def open_at(address: str | Path, width: int = 1_000, **options) -> Opened:
        if not options.get("java_script_enabled", True):
            skip_firefox(browser, "turn scripts off")
        # without motion: a colour halfway through its transition is nobody's choice of contrast
        context = browser.new_context(
            viewport={"width": width, "height": 800}, reduced_motion="reduce", **options
        )
        contexts.append(context)
        context.set_default_timeout(1_000 * PATIENCE)
        context.add_init_script(KEEP_PLAYER)
        opened = Opened(context.new_page())
        page = opened.page
        page.on("console", lambda line: opened.problems.append(line.text))
        page.on("pageerror", lambda error: opened.problems.append(str(error)))
        page.on("dialog", lambda dialog: opened.problems.append(dialog.message))
        page.on("request", lambda request: opened.requests.append(request.url))
        page.goto(address.as_uri() if isinstance(address, Path) else address)
        return opened

    yield open_at
    for context in contexts:
        context.close()


def skip_firefox(browser, what: str) -> None:
    """Skip a test that needs what Playwright cannot do in Firefox."""
    if browser.browser_type.name == "firefox":
        pytest.skip(f"Playwright cannot {what} in Firefox")


def slow_down(page) -> None:
    """Let what plays, and what will, hardly move: positions are then what was asked for.

    A sixteenth of the speed is the least that Chromium plays.
    """
    page.evaluate(
        "() => { const player = window.playerOfTests;"
        " player.defaultPlaybackRate = player.playbackRate = 0.0625; }"
    )


def serious_findings(page) -> list[str]:
    """What axe-core finds that keeps a page from people: its rules of the levels above moderate."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not there")
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['html'][:200]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
