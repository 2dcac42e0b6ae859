"""The map of a piece as the numbers of an inline SVG: performances as dots, features as arrows.

The picture is 440 by 350, its middle at 0; what lies right and up on the map does so here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from espr.pages.ranking_page import key_of
from espr.retrieval.in_words import names_of
from espr.retrieval.piece_map import PieceMap

_WIDE, _HIGH = 150.0, 140.0  # from the middle to the furthest dot
_ARROW = 120.0  # the longest
_SHORT = 0.4  # of the longest: a shorter one points out of the plane
_ARROWS = 7  # the longest; the labels of more would hide each other
_NAMED = 30  # dots; the names of more would hide each other
_LONGEST = 22  # letters of a name


@dataclass(frozen=True, slots=True)
class Dot:
    """A performance."""

    x: float
    y: float
    recording: str
    name: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """A feature: its tip, and its label beyond."""

    x: float
    y: float
    label: str
    label_x: float
    label_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class DrawnMap:
    """What the picture is made of.

    Attributes
    ----------
    is_named : bool
        Whether there is room for names.
    shown : str
        How much of what differs the two axes show.
    """

    dots: list[Dot]
    arrows: list[Arrow]
    is_named: bool
    shown: str


def draw_map(mapped: PieceMap) -> DrawnMap:
    """The picture of a map."""
    reach = np.abs(mapped.positions).max(axis=0)
    scale = min(_WIDE / reach[0], _HIGH / max(float(reach[1]), 1e-9))
    places = np.round(mapped.positions * scale * [1.0, -1.0], 1).tolist()
    names = [
        name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
        for name in names_of(mapped.recordings)
    ]
    return DrawnMap(
        dots=[
            Dot(x, y, key_of(recording), name)
            for (x, y), recording, name in zip(places, mapped.recordings, names, strict=True)
        ],
        arrows=_arrows(mapped),
        is_named=len(names) <= _NAMED,
        shown=f"{sum(mapped.shares):.0%}",
    )


def _arrows(mapped: PieceMap) -> list[Arrow]:
    lengths = np.linalg.norm(mapped.arrows, axis=1)
    tips = mapped.arrows * (_ARROW / lengths.max()) * [1.0, -1.0]
    longest = [
        row for row in np.argsort(-lengths)[:_ARROWS] if lengths[row] >= _SHORT * lengths.max()
    ]
    arrows = []
    for row in sorted(longest):
        feature, tip = mapped.space.features[row], tips[row]
        x, y = tip.round(1).tolist()
        anchor = "middle" if abs(x) < 30 else "start" if x > 0 else "end"
        beyond = tip * (1 + 10 / np.linalg.norm(tip))
        label_x, label_y = beyond.round(1).tolist()
        arrows.append(Arrow(x, y, feature.high, label_x, label_y + 4, anchor))
    return arrows
