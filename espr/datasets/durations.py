"""How long recordings are by what their files say, in seconds."""

from __future__ import annotations

from pathlib import Path

from espr.datasets.benchmark import Performance


def seconds_of(path: Path) -> float | None:
    """The length of a recording without decoding it; None when its file does not say."""
    from tinytag import TinyTag, TinyTagException

    try:
        return TinyTag.get(path, tags=False).duration
    except (TinyTagException, OSError, ValueError):
        return None


def seconds_of_performance(performance: Performance) -> float | None:
    """The length of a performance: of its part of a file, or of the file."""
    if performance.end is not None:
        return performance.end - performance.start
    return seconds_of(performance.audio)
