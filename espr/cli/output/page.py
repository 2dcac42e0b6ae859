"""Pages as commands write them: a bar while clips are cut, a line when the page is there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from espr.cli.output.files import STANDARD_OUTPUT, check_target, write_file
from espr.cli.output.terminal_safe import clean, counted
from espr.pages import PageAudio
from espr.printable import LONGEST_PATH

if TYPE_CHECKING:
    from espr.pages.sounds import Sound
    from espr.retrieval.results import Ranking
    from espr.retrieval.side_by_side import SideBySide

_FEW = 5  # recordings that are done before a bar is seen


def write_ranking(path: Path, ranking: Ranking, audio: PageAudio = PageAudio.CLIPS) -> str:
    """Write a ranking as a page; return a line that says where it is and what it lacks.

    Raises
    ------
    EsprError
        When the page cannot be written.
    """
    from espr.pages.page import PAGE
    from espr.pages.ranking_page import ranking_page
    from espr.pages.sounds import sounds_of

    check_target(path, "page", PAGE)
    with _bar(len(ranking)) as done:
        sounds = sounds_of(ranking.results, audio, _folder_of(path), done)
    return _write(path, ranking_page(ranking, sounds, audio), sounds)


def write_comparison(
    path: Path, compared: SideBySide, bars: Sequence[list[tuple[float, float]]], audio: PageAudio
) -> str:
    """Write a comparison as a page; return a line that says where it is and what it lacks.

    Raises
    ------
    EsprError
        When the page cannot be written.
    """
    from espr.pages.compare_page import compare_page, soundings_of
    from espr.pages.sounds import sounds_of

    soundings = soundings_of(compared)
    with _bar(len(soundings)) as done:
        sounds = sounds_of(soundings, audio, _folder_of(path), done)
    return _write(path, compare_page(compared, bars, sounds, audio), sounds)


def _folder_of(path: Path) -> Path | None:
    """Where the page will lie; None where its reader decides that."""
    return None if path == STANDARD_OUTPUT else path.parent


def _write(path: Path, page: str, sounds: Sequence[Sound]) -> str:
    from espr.pages.page import PAGE

    content = page.encode("utf-8", "replace")
    write_file(path, content, "page", PAGE)
    silent = sum(not sound.source for sound in sounds)
    lacks = f", {counted(silent, 'performance')} without sound" if silent else ""
    where = "the page" if path == STANDARD_OUTPUT else clean(path, LONGEST_PATH)
    return f"{where}: {len(content) / 1e6:.1f} MB{lacks}; open it in a browser"


@contextmanager
def _bar(count: int) -> Iterator[Callable[[], None]]:
    """What is called after each recording, and moves a bar on a terminal."""
    if count <= _FEW or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("clips", total=count)
        yield lambda: progress.advance(task)
