"""How a query was read: what each of its words adds to each feature.

h is linear, so the words' columns add up to the query's, which is shown in units of its own
length: the numbers that the bars of the ranking are made of.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from espr.cli.output.terminal_safe import clean
from espr.retrieval.in_words import as_weighted

if TYPE_CHECKING:
    from rich.console import Console

    from espr.retrieval.results import Ranking

_FEATURE, _COLUMN, _POLE = 17, 11, 12  # columns that a name, a number and a pole take


def print_explanation(console: Console, ranking: Ranking) -> None:
    """Print a row a feature, a column a word; the weakest words are one where many do not fit."""
    from rich.table import Table

    query, space = ranking.query, ranking.space
    length = float(np.linalg.norm(query.profile))
    names = [clean(as_weighted(term), _COLUMN) for term in query.terms]
    if query.like:
        names.append(clean(f"like {PurePath(query.like).stem}", _COLUMN))
    columns = list(zip(names, query.parts / length, strict=True))
    columns = [(name, part) for name, part in columns if part.any()]
    most = max(2, (console.width - _FEATURE - _COLUMN - _POLE) // _COLUMN)
    if len(columns) > most:
        columns.sort(key=lambda column: -float(np.linalg.norm(column[1])))
        rest = np.sum([part for _, part in columns[most - 1 :]], axis=0)
        columns = [*columns[: most - 1], (f"{len(columns) - most + 1} others", rest)]

    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("what the words add", no_wrap=True)
    for name, _ in columns:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("together", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    whole = query.profile / length
    for row in np.argsort(-np.abs(whole)):
        feature = space.features[row]
        table.add_row(
            feature.name.replace("_", " "),
            *(f"{part[row]:+.2f}" for _, part in columns),
            f"{whole[row]:+.2f}",
            feature.pole(float(whole[row])),
        )
    console.print()
    console.print(table)
