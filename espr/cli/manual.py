"""The manual pages: click-man writes what the commands say of themselves, we add our sections.

``python -m espr.cli.manual`` writes man/ and completions/ of a checkout; they are the same
wherever they are made. click-man is needed for that only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import typer

from espr import __version__
from espr.cli.completions import Shell, script
from espr.cli.manual_texts import EXAMPLES, EXIT_CODES, FILES, SECTIONS, VARIABLES

DATE = "2026-11-29"  # of the version


def shell_files() -> dict[str, str]:
    """Path below a checkout → what the file there must hold."""
    from espr.cli.app import app

    files = {
        "completions/espr.bash": script(Shell.BASH),
        "completions/_espr": script(Shell.ZSH),
        "completions/espr.fish": script(Shell.FISH),
    }
    espr = click.Context(typer.main.get_command(app), info_name="espr")
    pages = list(command_contexts(espr))
    names = [context.command_path for context in pages]
    return files | {f"man/{_file(c.command_path)}": _page(c, names) for c in pages}


def command_contexts(context: click.Context) -> Iterator[click.Context]:
    """The context of a command and of all below it, hidden ones left out."""
    yield context
    for name, command in getattr(context.command, "commands", {}).items():
        if not command.hidden:
            yield from command_contexts(click.Context(command, context, info_name=name))


def _file(command: str) -> str:
    return command.replace(" ", "-") + ".1"


def _page(context: click.Context, pages: list[str]) -> str:
    """click-man's page with our sections."""
    from click_man.core import generate_man_page

    command = context.command_path
    page = generate_man_page(context, version=f"espr {__version__}", date=DATE)
    title, _, page = page.partition("\n")
    page, _, _ = page.rstrip().partition("\n.SH COMMANDS")  # it indents them with blanks
    page = re.sub(r"(?<!\\)-", r"\-", page)  # a hyphen that can be copied
    page = re.sub(r"\\fB(\S+),\\fP (\S+)", r"\\fB\1\\fP, \\fB\2\\fP", page)  # -p, --piece
    before, options, after = page.partition("\n.SH OPTIONS")
    sections = [
        title.replace(command.upper(), command.upper().replace(" ", "-"), 1),
        "\n" + before,
        _arguments(context) + options + after,
        _section("COMMANDS", _commands(context)),
        *(_section(title, rows) for title, rows in SECTIONS.get(command, ())),
        _section("EXIT STATUS", EXIT_CODES),
        _section("ENVIRONMENT", VARIABLES if command == "espr" else ()),
        _section("FILES", FILES if command == "espr" else ()),
        _section("EXAMPLES", EXAMPLES.get(command, ())),
        "\n.SH SEE ALSO\n",
        ",\n".join(f".BR {_roff(_file(name)[:-2])} (1)" for name in _related(command, pages)),
    ]
    return "".join(sections) + "\n"


def _commands(context: click.Context) -> list[tuple[str, str]]:
    return [
        (f"{context.command_path} {name}", command.get_short_help_str(limit=200))
        for name, command in getattr(context.command, "commands", {}).items()
        if not command.hidden
    ]


def _related(command: str, pages: list[str]) -> list[str]:
    """The commands above and below this one; beside it, where there are none below."""
    parent = command.rpartition(" ")[0]
    return [
        page
        for page in pages
        if page == parent or page.rpartition(" ")[0] in (command, parent)
        if page != command
    ]


def _arguments(context: click.Context) -> str:
    rows = [
        record
        for parameter in context.command.params
        if isinstance(parameter, click.Argument) and (record := parameter.get_help_record(context))
    ]
    return _section("ARGUMENTS", rows)


def _section(title: str, rows: Iterable[tuple[object, str]]) -> str:
    lines = [f".TP\n.B {_roff(str(name))}\n{_roff(meaning)}" for name, meaning in rows]
    return "\n".join(["", f".SH {title}", *lines]) if lines else ""


def _roff(text: str) -> str:
    """Text as roff reads it: no control line by chance, quotes and hyphens that can be copied."""
    for letter, escape in (
        *(("\\", "\\e"), ("-", "\\-"), ("~", "\\(ti"), ("^", "\\(ha")),
        *(("'", "\\(aq"), ('"', "\\(dq")),
    ):
        text = text.replace(letter, escape)
    return f"\\&{text}" if text.startswith(".") else text


def main() -> None:
    """Write the files, and remove those that no command has any more."""
    root = Path(__file__).parents[2]
    files = shell_files()
    for folder in ("completions", "man"):
        for path in (root / folder).glob("*"):
            if f"{folder}/{path.name}" not in files:
                path.unlink()
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
