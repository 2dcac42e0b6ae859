"""How long recordings are, by what their files say, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from espr.datasets.corpus import Performance
from espr.published.joint_encoder import MTR, MTR_SECONDS


def seconds_of(path: Path) -> float | None:
    """The length of a recording without decoding it; None when its file does not tell."""
    from tinytag import TinyTag, TinyTagException

    try:
        return TinyTag.get(path, tags=False).duration
    except (TinyTagException, OSError, ValueError):
        return None


def notes_on_length(audios: Iterable[str], performances: Iterable[Performance]) -> tuple[str, ...]:
    """What is to be said of the lengths of recordings, a sentence each."""
    if MTR not in audios:
        return ()
    lengths = [_length(one) for one in performances]
    short = sum(length is not None and length < MTR_SECONDS for length in lengths)
    if not short:
        return ()
    return (
        f"mtr: {short} of {len(lengths)} recordings are shorter than {MTR_SECONDS} s and were "
        "padded with silence; the published code refuses them",
    )


def _length(performance: Performance) -> float | None:
    if performance.end is not None:
        return performance.end - performance.start
    return seconds_of(performance.audio)
