"""Tables of plain lines: the same columns as rich's, every letter kept where they are narrow."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from espr.cli.output.console import list_console
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


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_narrow_columns_fold_and_lose_no_letter(capsys, width):
    print_table(Console(width=width), HEADINGS, ROWS, numbers=1)
    printed = capsys.readouterr().out
    names = {name for name, *_ in ROWS}
    folded = [line for line in printed.splitlines() if line not in names]
    assert max(map(cell_len, folded)) <= width
    everything = "".join("".join(row) for row in [HEADINGS, *ROWS])
    assert sorted(printed.replace(" ", "").replace("\n", "")) == sorted(everything.replace(" ", ""))


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
def test_what_a_user_types_is_never_broken(capsys, width):
    print_table(Console(width=width), HEADINGS, ROWS, numbers=1)
    lines = capsys.readouterr().out.splitlines()
    for name, *_ in ROWS:
        assert [line for line in lines if line == name or line.startswith(f"{name}  ")]


def test_in_a_pipe_each_row_is_one_line(capsys, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    print_table(list_console(), HEADINGS, ROWS, numbers=1)
    assert len(capsys.readouterr().out.splitlines()) == 1 + len(ROWS)
    monkeypatch.setenv("COLUMNS", "60")
    print_table(list_console(), HEADINGS, ROWS, numbers=1)
    assert len(capsys.readouterr().out.splitlines()) > 1 + len(ROWS)
