"""Tables of plain lines: the same columns as rich's, every letter kept where they are narrow."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from espr.cli.output.plain_table import print_table

HEADINGS = ("piece", "composer", "title", "takes")
ROWS = [
    ("bach-prelude-bwv-846", "J. S. Bach", "Prelude in C", "7"),
    ("夜想曲第二番変ホ長調作品九の二", "Frédéric Chopin", "夜想曲第2番", "12"),
    ("nocturne-" * 9, "", "Nocturne No. 2 in E flat major, Op. 9 No. 2", "1,024"),
]


@pytest.mark.parametrize("width", [200, 150])
def test_lines_are_those_of_rich_where_they_fit(capsys, width):
    output = io.StringIO()
    table = Table(*HEADINGS, box=None, pad_edge=False)
    table.columns[-1].justify = "right"
    table.padding = (0, 2, 0, 0)
    for row in ROWS:
        table.add_row(*row)
    Console(file=output, width=width).print(table)
    print_table(Console(width=width), HEADINGS, ROWS, numbers=1)
    expected = [line.rstrip() for line in output.getvalue().splitlines()]
    assert capsys.readouterr().out.splitlines() == expected


@pytest.mark.parametrize("width", [40, 64, 80])
def test_narrow_columns_fold_and_lose_no_letter(capsys, width):
    print_table(Console(width=width), HEADINGS, ROWS, numbers=1)
    printed = capsys.readouterr().out
    assert max(map(cell_len, printed.splitlines())) <= width
    everything = "".join("".join(row) for row in [HEADINGS, *ROWS])
    assert sorted(printed.replace(" ", "").replace("\n", "")) == sorted(everything.replace(" ", ""))
