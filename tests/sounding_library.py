"""A small library that can be played, and names that are not to be trusted."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile

from tests.synthetic_library import Builder, build, vector

RATE = 8_000
SECONDS = 70  # of a performance of 12 windows
HOSTILE = "<script>alert(1)</script>"
EMOJI = "👩🏽‍🎤 Márta ‏أم كلثوم"


def write_sound(path: Path, seconds: float = SECONDS) -> None:
    """A quiet tone that rises, so that each moment differs."""
    path.write_bytes(_sound(seconds))


@cache
def _sound(seconds: float) -> bytes:
    time = np.arange(round(seconds * RATE)) / RATE
    file = BytesIO()
    soundfile.write(file, 0.1 * np.sin(2 * np.pi * (200 + 5 * time) * time), RATE, format="WAV")
    return file.getvalue()


def best_at_20_s() -> np.ndarray:
    """Deviations of 12 windows that leave the fifth nothing but its performance's own manner."""
    windows = np.tile([vector(brightness=2.0), vector(brightness=-2.0)], (6, 1))
    windows[4] = 0.0
    return windows


def build_sounding(folder: Path) -> Builder:
    """Two pieces in four performances each that can be played."""
    builder = build(folder / "library.espr")
    for path in folder.glob("*.flac"):
        write_sound(path)
    return builder


def add_hostile(builder: Builder) -> None:
    """A piece whose performers are not to be trusted; its best windows begin at 20 s."""
    for number, name in enumerate((HOSTILE, EMOJI, '"onload="alert(2)')):
        file = f"odd {number} & '<b>.wav"
        builder.add("odd", name, vector(loudness=-float(number)), best_at_20_s(), name=file)
        write_sound(builder.path.parent / file)
