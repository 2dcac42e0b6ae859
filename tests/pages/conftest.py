"""A library that sounds, and a browser to open pages in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.synthetic_library import Builder, build, understand_poles, vector
from tests.typed import Espr

RATE = 8_000
SECONDS = 70  # of a performance of 12 windows
HOSTILE = "<script>alert(1)</script>"
EMOJI = "👩🏽‍🎤 Márta ‏أم كلثوم"


def write_sound(path: Path, seconds: float = SECONDS) -> None:
    """A quiet tone that rises, so that each moment differs."""
    time = np.arange(round(seconds * RATE)) / RATE
    soundfile.write(path, 0.1 * np.sin(2 * np.pi * (200 + 5 * time) * time), RATE, format="WAV")


def best_at_20_s() -> np.ndarray:
    """Deviations of 12 windows that leave the fifth nothing but its performance's own manner."""
    windows = np.tile([vector(brightness=2.0), vector(brightness=-2.0)], (6, 1))
    windows[4] = 0.0
    return windows


@pytest.fixture
def builder(tmp_path: Path) -> Iterator[Builder]:
    """Two pieces in four performances each that can be played."""
    builder = build(tmp_path / "library.espr")
    for path in tmp_path.glob("*.flac"):
        write_sound(path)
    yield builder
    builder.close()


@pytest.fixture
def espr(builder: Builder, monkeypatch: pytest.MonkeyPatch, capsys) -> Espr:
    monkeypatch.setenv("ESPR_LIBRARY", str(builder.path))
    monkeypatch.setenv("COLUMNS", "80")
    understand_poles(monkeypatch)
    return Espr(monkeypatch, capsys)


@pytest.fixture
def hostile(builder: Builder, tmp_path: Path) -> Builder:
    """A piece whose performers are not to be trusted; its best windows begin at 20 s."""
    for number, name in enumerate((HOSTILE, EMOJI, '"onload="alert(2)')):
        builder.add(
            *("odd", name, vector(loudness=-float(number))),
            best_at_20_s(),
            name=f"odd {number} & '<b>.wav",
        )
        write_sound(tmp_path / f"odd {number} & '<b>.wav")
    return builder


@dataclass
class Opened:
    """A page in the browser, and what went wrong in it."""

    page: object
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """Debian's Chromium, driven by Playwright."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("there is no Chromium; on Debian: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium) -> Iterator[Callable[..., Opened]]:
    """Open a page; whatever it logs or asks of the network is kept."""
    contexts = []

    def open_at(address: str | Path, width: int = 1_000, **options) -> Opened:
        context = chromium.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        opened = Opened(context.new_page())
        opened.page.set_default_timeout(10_000)
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
