"""Bars and sparklines of text, with ASCII for outputs that cannot print blocks.

A bar shows a signed number about an axis in its middle; half a cell is its finest step,
because only halves exist as blocks that grow to the left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Marks:
    """The characters that bars are made of."""

    full: str
    half_left: str  # the half cell at the end of a bar that grows to the left
    half_right: str
    axis: str
    heights: str  # of a sparkline, lowest first
    dash: str
    dot: str

    def printable_in(self, encoding: str) -> bool:
        try:
            "".join((self.full, self.half_left, self.axis, self.heights, self.dash)).encode(
                encoding
            )
        except (UnicodeEncodeError, LookupError):
            return False
        return True


BLOCKS = Marks("█", "▐", "▌", "│", "▁▂▃▄▅▆▇█", "–", "·")
ASCII = Marks("#", "", "", "|", "_.-~=*%#", "-", "-")


def marks(encoding: str | None) -> Marks:
    """The marks that ``encoding`` can print."""
    return BLOCKS if BLOCKS.printable_in(encoding or "ascii") else ASCII


def bar(value: float, scale: float, width: int, using: Marks) -> str:
    """A signed bar of ``2 * width + 1`` cells; ``scale`` is the value that fills one side."""
    halves = round(2 * width * min(1.0, abs(value) / scale)) if scale > 0 else 0
    if not using.half_left:
        halves += halves % 2
    cells = using.full * (halves // 2)
    if value < 0:
        left = (using.half_left * (halves % 2) + cells).rjust(width)
        return left + using.axis + " " * width
    return " " * width + using.axis + (cells + using.half_right * (halves % 2)).ljust(width)


def sparkline(values: Sequence[float], reach: float, width: int, using: Marks) -> str:
    """``values`` over time in at most ``width`` cells; -reach is lowest, +reach highest.

    More values than cells are averaged, each over its share of the time.
    """
    count = min(len(values), width)
    edges = [round(cell * len(values) / count) for cell in range(count + 1)] if count else []
    line = ""
    for start, end in pairwise(edges):
        mean = sum(values[start:end]) / (end - start)
        share = (min(reach, max(-reach, mean)) + reach) / (2 * reach)
        line += using.heights[min(len(using.heights) - 1, int(share * len(using.heights)))]
    return line
