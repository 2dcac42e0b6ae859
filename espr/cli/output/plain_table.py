"""Long tables as lines of text: rich lays out a few hundred rows a second, this tens of thousands.

Columns stand two blanks apart, each as wide as its widest cell; where they do not fit, the widest
give way, and cells are folded at words. The first column names what a user types or copies: it is
never folded, and a name longer than half the line has one of its own, above the rest of its row.
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
    room = console.width - len(_GAP) * (len(widths) - 1)
    if sum(widths) > room:
        most = min(console.width // 2, room - sum(min(width, _NARROWEST) for width in widths[1:]))
        names = [cell_len(name) for name in columns[0]]
        widths[0] = max([name for name in names if name <= most], default=0)
    while sum(widths) > room and max(widths[1:]) > _NARROWEST:
        widest = max(range(1, len(widths)), key=lambda column: widths[column])
        widths[widest] -= 1
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
    if cell_len(row[0]) > widths[0]:
        yield row[0]
        row = ["", *row[1:]]
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
