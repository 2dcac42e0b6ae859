"""The manual pages: click-man writes what the commands say of themselves, the rest stands here.

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

DATE = "2026-11-29"  # of the version

# As README.md lists them.
EXIT_CODES = (
    (0, "Done."),
    (1, "Nothing matched: no such piece, no result, no audio files."),
    (2, "Wrong usage or input; the message says what to change."),
    (3, "Done, but some files could not be read."),
    (4, "None of the files could be read."),
    (10, "There is no library yet."),
    (11, "The library is in use by another writer."),
    (12, "The library is damaged or of a newer format; nothing was changed."),
    (70, "An error in ESPR itself, or one of the system such as a full disk."),
    (130, "Interrupted. What was finished is kept."),
    (141, "The reader of the output has gone, as after 'espr pieces | head'."),
)

VARIABLES = (
    ("ESPR_LIBRARY", "The library's file, where --library is not given."),
    ("ESPR_DATA", "The folder of the data sets that espr evaluate and espr train read."),
    ("ESPR_DEBUG", "When set, an error also shows where in the code it arose."),
    ("NO_COLOR", "When set, tables are printed without colours."),
    ("COLUMNS", "The width of tables in a pipe."),
)

FILES = (
    (
        "~/.local/share/espr/library.espr",
        "The library on Linux; on macOS it lies in ~/Library/Application Support/espr. It holds "
        "everything that ESPR knows; recordings are only read. Beside it lies a search index "
        "that may be deleted at any time.",
    ),
)

EXAMPLES = {
    "espr": (
        ("espr index ~/Music", "Analyse a folder."),
        ("espr pieces", "See which pieces were found."),
        ('espr query "shy, delicate" --piece bach-c-prelude', "Rank the performances of one."),
    ),
    "espr index": (
        ("espr index ~/Music --dry-run", "See what would be done."),
        ("espr index ~/Music --pieces pieces.csv", "Say which file is of which piece."),
    ),
    "espr query": (
        ('espr query "very calm, not mechanical" --piece bach', "Degrees and exclusions."),
        ("espr query dreamy --weight articulation=2 --top 5", "The whole library."),
        ("espr query passionate --piece bach --m3u evening.m3u8", "A playlist."),
    ),
    "espr show": (("espr show grimaud bach", "By performer and piece."),),
    "espr pieces rename": (
        ('espr pieces rename bach-c-prelude "Prelude in C, BWV 846"', "Another title."),
    ),
    "espr pieces merge": (
        ("espr pieces merge prelude-1 bach-c-prelude", "They are the same piece."),
    ),
    "espr pieces assign": (
        ("espr pieces assign take7.flac bach-c-prelude", "A recording in the wrong piece."),
    ),
    "espr check": (("espr check && espr backup ~/espr.backup", "A copy, if all is well."),),
    "espr backup": (("espr backup /media/disk/library.espr", "To another disk."),),
    "espr merge": (("espr merge laptop.espr studio.espr", "What two machines analysed."),),
    "espr demo": (("espr demo --keep demo", "Keep the recordings, to listen and ask more."),),
    "espr completions": (
        ('eval "$(espr completions bash)"', "In ~/.bashrc; bash 4.4 or newer."),
        ('eval "$(espr completions zsh)"', "In ~/.zshrc, after compinit."),
        ("espr completions fish | source", "In ~/.config/fish/config.fish."),
    ),
}


def shell_files() -> dict[str, str]:
    """Path below a checkout → what the file there must hold."""
    from espr.cli.app import app

    files = {
        "completions/espr.bash": script(Shell.BASH),
        "completions/_espr": script(Shell.ZSH),
        "completions/espr.fish": script(Shell.FISH),
    }
    espr = click.Context(typer.main.get_command(app), info_name="espr")
    pages = list(_contexts(espr))
    names = [context.command_path for context in pages]
    return files | {f"man/{_file(c.command_path)}": _page(c, names) for c in pages}


def _contexts(context: click.Context) -> Iterator[click.Context]:
    """The context of a command and of all below it, hidden ones left out."""
    yield context
    for name, command in getattr(context.command, "commands", {}).items():
        if not command.hidden:
            yield from _contexts(click.Context(command, context, info_name=name))


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
