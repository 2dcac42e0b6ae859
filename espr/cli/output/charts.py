"""Bars, sparklines and curves of text, with ASCII for outputs that cannot print blocks.

A bar shows a signed number about an axis in its middle; half a cell is its finest step,
because only halves exist as blocks that grow to the left.
"""

from __future__ import annotations

import math
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
_DOTS = {
    (0, 0): 1,
    (0, 1): 2,
    (0, 2): 4,
    (1, 0): 8,
    (1, 1): 16,
    (1, 2): 32,
    (0, 3): 64,
    (1, 3): 128,
}
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


def curve(
    values: Sequence[float], reach: float, width: int, height: int, encoding: str | None
) -> list[str]:
    """A curve about an axis in its middle, in ``height`` lines of ``width`` cells.

    -reach is at the bottom, +reach at the top; nan is a gap. A cell has 2 × 4 dots where
    ``encoding`` has Braille, else one asterisk.
    """
    dotted = has_dots(encoding)
    wide, tall = (2, 4) if dotted else (1, 1)
    middle = (height * tall - 1) / 2
    lit = {(column, round(middle)) for column in range(0, width * wide, 4)} if dotted else set()
    for column, value in enumerate(_averaged(values, width * wide)):
        if not math.isnan(value):
            lit.add((column, round(middle * (1.0 - max(-1.0, min(1.0, value / reach))))))
    if not dotted:
        cells = dict.fromkeys(lit, "*")
        axis = {row: "-" if row == round(middle) else " " for row in range(height)}
        return [
            "".join(cells.get((column, row), axis[row]) for column in range(width))
            for row in range(height)
        ]
    return [
        "".join(
            chr(0x2800 + sum(bit for (x, y), bit in _DOTS.items()
                             if (2 * column + x, 4 * row + y) in lit))
            for column in range(width)
        )
        for row in range(height)
    ]  # fmt: skip


def has_dots(encoding: str | None) -> bool:
    """Whether ``encoding`` has Braille."""
    try:
        "\u28ff".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _averaged(values: Sequence[float], count: int) -> list[float]:
    """``count`` means of values, each over its share of the time; nan where none is known."""
    means = []
    for place in range(count if values else 0):
        start, end = (edge * len(values) // count for edge in (place, place + 1))
        known = [value for value in values[start : max(end, start + 1)] if not math.isnan(value)]
        means.append(sum(known) / len(known) if known else math.nan)
    return means
