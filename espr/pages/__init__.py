"""Pages that show a ranking and play it: plain data, templates that escape it, our own script."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from espr.errors import EsprError


class PageAudio(StrEnum):
    """What a page holds of each recording: its best window, all of it, or the way to its file."""

    CLIPS = "clips"
    WHOLE = "whole"
    LINK = "link"


def audio_of_page(page: Path | None, audio: PageAudio | None) -> PageAudio:
    """What a page plays: what was asked for, else the passages.

    Raises
    ------
    EsprError
        When no page is asked for.
    """
    if audio is not None and page is None:
        raise EsprError("--html-audio says what a page plays: give --html FILE, too")
    return audio or PageAudio.CLIPS
