"""``espr models``: the audio and text models, and how to add published ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from espr.cli.completions import NAMED_FILE, PUBLISHED_MODEL
from espr.cli.options import Json
from espr.errors import EsprError

if TYPE_CHECKING:
    from espr.published.listing import Listed

app = typer.Typer(invoke_without_command=True)


@app.callback()
def models(
    context: typer.Context,
    as_json: Json = False,
) -> None:
    """List the audio and text models; add or remove published ones.

    What ESPR may not include can be added from where it is published.
    """
    if context.invoked_subcommand is not None:
        return
    from espr.published.listing import (
        ADDED_STATE,
        AVAILABLE_STATE,
        INCLUDED_STATE,
        SCHEMA,
        listed_models,
    )

    found = listed_models()
    if as_json:
        import sys

        from espr.cli.output.json_csv import json_text

        document = {"schema": SCHEMA, "models": [model.document() for model in found]}
        print(json_text(document, sys.stdout))
        return
    _print_table([model for model in found if model.state in (INCLUDED_STATE, ADDED_STATE)])
    for model in found:
        if model.figures:
            figures = ", ".join(f"{name} {value}" for name, value in model.figures.items())
            print(f"\n{model.name}: {figures}")
        if model.problem:
            print(f"\n{model.name} is damaged: {model.problem}")
    for model in found:
        if model.state == AVAILABLE_STATE:
            print(f"\n{_how_to_add(model)}")


@app.command(short_help="Add a published model.")
def add(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            click_type=PUBLISHED_MODEL,
            help="The model's name; found out when left out.",
        ),
    ] = None,
    path: Annotated[
        str | None,
        typer.Argument(
            metavar="PATH", click_type=NAMED_FILE, help="The file or folder as it was published."
        ),
    ] = None,
) -> None:
    """Add a published model: its weights are checked, converted and kept.

    The file is not trusted: what it holds besides numbers is refused and never run.
    """
    from espr.cli.output.steps import steps
    from espr.cli.output.terminal_safe import clean
    from espr.published.registry import PUBLISHED
    from espr.published.store import ADDING_STEPS, add_model

    if name is None:
        raise EsprError("give the file or folder as it was published: espr models add PATH")
    if path is None and name in PUBLISHED and not Path(name).exists():
        file = PUBLISHED[name].file
        raise EsprError(f"give the file, too: espr models add {name} PATH (PATH: {file})")
    wanted, place = (None, name) if path is None else (name, path)
    with steps("adding", ADDING_STEPS) as advance:
        installed = add_model(wanted, Path(place).expanduser(), advance)
    model = PUBLISHED[installed.name]
    print(f"added {model.name} ({_size(installed.size)}) in {clean(str(installed.folder))}")
    print(f"licence: {model.licence}. Please cite: {model.citation}")
    print(f"next: {model.used_by}")


@app.command(short_help="Remove a model that was added.")
def remove(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", click_type=PUBLISHED_MODEL, help="The model's name."),
    ],
) -> None:
    """Remove a model that was added; what it analysed stays in your libraries."""
    from espr.published.store import remove_model

    remove_model(name)
    print(f"removed {name}")


def _print_table(models: list[Listed]) -> None:
    from rich.table import Table

    from espr.cli.output.console import console

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("model", "for", "what it is", "numbers", "size", "licence"):
        table.add_column(column, justify="right" if column in ("numbers", "size") else "left")
    for model in models:
        default = " (default)" if model.default else ""
        table.add_row(
            model.name + default,
            " and ".join(model.kinds),
            model.what,
            str(model.dimension),
            _size(model.size) if model.size else "",
            model.licence,
        )
    console().print(table)


def _how_to_add(model: Listed) -> str:
    return (
        f"{model.name}, {model.what}, can be added; it is published {model.published}\n"
        f"  licence: {model.licence}\n"
        f"  espr models add {model.name} PATH   (PATH: {model.file})"
    )


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1e3:.0f} kB"
