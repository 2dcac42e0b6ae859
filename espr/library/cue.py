"""CUE sheets: where the tracks of a one-file album begin and end, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass

from espr.errors import EsprError
from espr.library.tags import Tags


@dataclass(frozen=True, slots=True)
class CueTrack:
    """One track: `start` and `end` in seconds within `path`; `end` None is the file's end."""

    path: str
    start: float
    end: float | None
    tags: Tags


def read_cue(path: str) -> list[CueTrack]:
    """Read a CUE sheet; raise EsprError when it is malformed."""
    raise EsprError(f"{path}: CUE sheets are not read yet")
