"""Pages that show a ranking and play it: plain data, templates that escape it, our own script."""

from __future__ import annotations

from enum import StrEnum


class PageAudio(StrEnum):
    """What a page holds of each recording: its best window, all of it, or the way to its file."""

    CLIPS = "clips"
    WHOLE = "whole"
    LINK = "link"
