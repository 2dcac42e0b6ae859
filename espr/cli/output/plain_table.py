"""Long tables as lines of text: rich lays out a few hundred rows a second, this tens of thousands.

Columns stand two blanks apart, each as wide as its widest cell; where they do not fit, the widest
give way, and cells are folded at words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

_GAP = "  "
_NARROWEST = 8  # cells of a column


def print_table(
    console: Console, headings: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: int = 0
) -> None:
    """Print rows below their headings, which are bold.

    Parameters
    ----------
    numbers : int
        How many columns, from the last, are numbers and end at the right.
    """
    every = [headings, *rows]
    columns = list(zip(*every, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    while sum(widths) + len(_GAP) * (len(widths) - 1) > console.width and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    texts = len(widths) - numbers
    for number, row in enumerate(every):
        for line in _lines(console, row, widths, texts):
            if number:
                print(line)
            else:
                console.print(Text(line, style="bold"), soft_wrap=True)


def _lines(
    console: Console, row: Sequence[str], widths: Sequence[int], texts: int
) -> Iterator[str]:
    folded = [_folded(console, cell, width) for cell, width in zip(row, widths, strict=True)]
    for cells in zip_longest(*folded, fillvalue=""):
        blanks = [" " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True)]
        padded = [f"{cell}{blank}" for cell, blank in zip(cells[:texts], blanks, strict=False)]
        padded += [
            f"{blank}{cell}" for cell, blank in zip(cells[texts:], blanks[texts:], strict=True)
        ]
        yield _GAP.join(padded).rstrip()


def _folded(console: Console, cell: str, width: int) -> list[str]:
    if cell_len(cell) <= width:
        return [cell]
    return [line.plain.rstrip() for line in Text(cell).wrap(console, width, overflow="fold")]
