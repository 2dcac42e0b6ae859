"""Words as they are understood, on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from espr.cli.output.charts import Marks, bar, marks
from espr.cli.output.terminal_safe import clean
from espr.query_language.score_terms import LANGUAGES
from espr.retrieval.explanation import heard_as
from espr.retrieval.in_words import readings, weights

if TYPE_CHECKING:
    from rich.console import Console

    from espr.features import Space
    from espr.retrieval.query_model import QueryModel
    from espr.retrieval.word_meaning import Between, Understanding

SIDE = 8  # cells of a bar on each side of its axis
SIDE_OF_TWO = 6
STRONGEST = 1.0  # a profile has length 1
DIFFERENCES = 6  # features shown of two words
_NAME = 18  # columns of a word in the heading of a table


def print_words(
    console: Console,
    model: QueryModel | None,
    understood: Sequence[Understanding],
    between: Between | None,
    notes: Sequence[str],
) -> None:
    """Print each text's neighbours, emotion and profile, then what was compared, then notes."""
    using = marks(console.encoding)
    space = None if model is None else model.space
    blocks = [*understood, *([between] if between else [])]
    for number, block in enumerate(blocks):
        if number:
            console.print()
        if between is not None and block is between:
            _print_between(console, space, between, using)
        else:
            _print_understanding(console, space, understood[number], using)
    for note in notes:
        console.print()
        console.print(f"Note: {clean(note)}", soft_wrap=True)


def _print_understanding(
    console: Console, space: Space | None, one: Understanding, using: Marks
) -> None:
    from rich.table import Table

    console.print(clean(one.text), style="bold")
    for entry in one.entries:
        languages = ", ".join(LANGUAGES[language] for language in entry.languages)
        console.print(f"  {entry.term} ({languages}): {', '.join(entry.gloss)}")
    for line in _reading(one):
        console.print(f"  {line}")
    lists = {"away from": one.away_from, "nearest": one.nearest, "in scores": one.in_scores}
    for label, words in lists.items():
        if words:
            console.print(_folded(f"{label}: {_listed(words)}", console.width))
    for axis, value in one.emotion.items():
        console.print(f"  {axis:<18}{bar(value, 2.0, SIDE, using)}  {value:+.1f}")
    if space is None or one.profile is None:
        return
    console.print(f"  asks for {', '.join(heard_as(space, one.profile))}")
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    for _ in range(4):
        table.add_column(no_wrap=True)
    for row in np.argsort(-np.abs(one.profile), kind="stable").tolist():
        value = float(one.profile[row])
        table.add_row(
            "  " + space.features[row].name.replace("_", " "),
            bar(value, STRONGEST, SIDE, using),
            f"{value:+.2f}",
            space.features[row].pole(value),
        )
    console.print(table)


def _reading(one: Understanding) -> list[str]:
    """How it was read, where it was not as typed."""
    weighted = weights(one.terms)
    return [*([f"words: {weighted}"] if weighted else []), *readings(one.terms)]


def _print_between(console: Console, space: Space | None, between: Between, using: Marks) -> None:
    from rich.table import Table

    one, other = between.one, between.other
    names = [clean(one.text, _NAME), clean(other.text, _NAME)]
    console.print(f"{names[0]} {using.dash} {names[1]}", style="bold", end="")
    console.print(f": cosine {between.cosine:+.2f}")
    for line in (*_reading(one), *_reading(other)):
        console.print(f"  {line}")
    console.print(_folded(f"between them: {_listed(between.nearest)}", console.width))
    if space is None or one.profile is None or other.profile is None:
        return
    console.print()
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("  they differ in", no_wrap=True)
    for name in names:  # a long name is folded before a number is cut
        table.add_column(name, overflow="fold", min_width=2 * SIDE_OF_TWO + 1)
        table.add_column("", justify="right", no_wrap=True, min_width=len("+0.00"))
    for row in between.differences[:DIFFERENCES]:
        values = (float(one.profile[row]), float(other.profile[row]))
        cells = [
            cell
            for value in values
            for cell in (bar(value, STRONGEST, SIDE_OF_TWO, using), f"{value:+.2f}")
        ]
        table.add_row("  " + space.features[row].name.replace("_", " "), *cells)
    console.print(table)


def _folded(line: str, width: int) -> str:
    return fill(line, width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def _listed(nearest: Sequence[tuple[str, float]]) -> str:
    return clean(", ".join(f"{word} {cosine:.2f}" for word, cosine in nearest)) or "none"
