"""Bars and timelines as the numbers of inline SVG: a few letters each, no library, no style.

A timeline is ``duration`` seconds wide and 2 high: its axis lies at 1, a fit of 1 reaches 0, one
of -1 reaches 2. A window of 15 s stands every 5 s; each is drawn where no other is nearer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from espr.retrieval.results import Result

_HALF = 50.0  # the length of a full bar on each side of its axis


@dataclass(frozen=True, slots=True)
class Bar:
    """A signed bar about an axis at 0, in units of -50 … 50."""

    start: float
    length: float
    is_against: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """How well each moment fits, as two SVG paths: above the axis as asked, below it against."""

    duration: float
    asked: str
    against: str


def draw_bar(value: float, scale: float) -> Bar:
    """The bar of a value; ``scale``: the value that fills one side."""
    length = round(_HALF * min(1.0, abs(value) / scale), 1) if scale > 0 else 0.0
    return Bar(-length if value < 0 else 0.0, length, value < 0)


def draw_timeline(result: Result) -> Timeline:
    """The timeline of a performance."""
    duration = round(result.source.duration, 2)
    middles = result.times.mean(axis=1)
    between = (middles[1:] + middles[:-1]) / 2
    edges = np.concatenate([result.times[:1, 0], between, result.times[-1:, 1]])
    edges = edges.clip(0.0, duration)
    return Timeline(
        duration,
        _steps(edges, result.fits.clip(0.0, 1.0)),
        _steps(edges, result.fits.clip(-1.0, 0.0)),
    )


def _steps(edges: np.ndarray, heights: np.ndarray) -> str:
    """A closed path of steps above or below the axis at 1."""
    steps = [
        f"V{1 - height:.3g}H{end:.4g}"
        for height, end in zip(heights.tolist(), edges[1:].tolist(), strict=True)
    ]
    return f"M{edges[0]:.4g} 1{''.join(steps)}V1Z"
