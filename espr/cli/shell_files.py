"""What the shells and ``man`` read, made from the commands themselves.

``python -m espr.cli.shell_files`` writes completions/ and man/ of a checkout; with ``--check``
it only says what is out of date. The files are the same wherever they are made.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import typer

from espr.audio.encoder import AUDIO_ENCODERS
from espr.embeddings.encoder import NAMES as TEXT_ENCODERS
from espr.features import MIDLEVEL_PLUS, SPACES
from espr.published.registry import PUBLISHED

FILE, FOLDER, PIECE = "file", "folder", "piece"
Values = str | tuple[str, ...]  # FILE, FOLDER, PIECE, "" (anything) or the words themselves

# What may follow an option or stand as an argument, where its type does not say.
_VALUES: dict[str, Values] = {
    "--audio": AUDIO_ENCODERS,
    "--encoder": AUDIO_ENCODERS,
    "--data-dir": FOLDER,
    "--keep": FOLDER,
    "--like": FILE,
    "--piece": PIECE,
    "--space": tuple(SPACES),
    "--text": TEXT_ENCODERS,
    "--weight": tuple(f"{name}=" for name in MIDLEVEL_PLUS.names),
    "FOLDER": FILE,
    "INTO": PIECE,
    "NAME": tuple(PUBLISHED),
    "PATH": FILE,
    "PIECE": PIECE,
    "RECORDING": FILE,
}


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a command; ``metavar`` is empty for a switch."""

    names: tuple[str, ...]  # short ones first
    metavar: str
    many: bool  # it may be given more than once
    values: Values
    help: str

    @property
    def long(self) -> str:
        return self.names[-1]


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a command, as it is written in the synopsis."""

    metavar: str
    required: bool
    many: bool
    values: Values
    help: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command as its help tells it; hidden commands and options are left out."""

    path: tuple[str, ...]  # espr, pieces, show
    summary: str
    description: tuple[str, ...]  # paragraphs
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]
    commands: tuple[Command, ...]

    @property
    def name(self) -> str:
        return " ".join(self.path)

    def walk(self) -> Iterator[Command]:
        """This command and all below it."""
        yield self
        for command in self.commands:
            yield from command.walk()


def describe(
    command: click.Command, path: tuple[str, ...] = ("espr",), parent: click.Context | None = None
) -> Command:
    """The command and those below it."""
    context = click.Context(command, parent, info_name=path[-1], **command.context_settings)
    help_option = command.get_help_option(context)
    shown = [p for p in command.params if not getattr(p, "hidden", False)]
    options = [p for p in [*shown, help_option] if isinstance(p, click.Option)]
    below = getattr(command, "commands", {})
    paragraphs = (command.help or "").strip().split("\n\n")
    return Command(
        path=path,
        summary=command.get_short_help_str(limit=1_000),
        description=tuple(" ".join(paragraph.split()) for paragraph in paragraphs),
        options=tuple(_option(option, context) for option in options),
        arguments=tuple(_argument(p) for p in shown if isinstance(p, click.Argument)),
        commands=tuple(
            describe(each, (*path, name), context)
            for name, each in below.items()
            if not each.hidden
        ),
    )


def _option(option: click.Option, context: click.Context) -> Option:
    names = tuple(sorted(option.opts, key=lambda name: (name.startswith("--"), name)))
    if option.is_flag or option.count:
        return Option(names, "", False, "", option.help or "")
    default = option.get_default(context)
    told = f" [default: {default}]" if isinstance(default, str | int | float) else ""
    if option.envvar:
        told += f" [environment: {option.envvar}]"
    metavar = option.metavar or _TYPES.get(option.type.name, option.type.name).upper()
    values = _values(names[-1], option)
    return Option(names, metavar, option.multiple, values, (option.help or "") + told)


def _argument(argument: click.Argument) -> Argument:
    metavar = (argument.metavar or argument.name or "").strip("[].").upper()
    return Argument(
        metavar=metavar,
        required=not (argument.metavar or "").startswith("["),
        many=argument.nargs == -1,
        values=_values(metavar, argument),
        help=getattr(argument, "help", "") or "",
    )


_TYPES = {"integer": "number", "integer range": "number", "path": "file"}


def _values(name: str, parameter: click.Parameter) -> Values:
    if name in _VALUES:
        return _VALUES[name]
    return FILE if isinstance(parameter.type, click.Path) else ""


def shell_files() -> dict[str, str]:
    """Path below a checkout → what the file there must hold."""
    from espr.cli.app import app
    from espr.cli.man_pages import man_pages
    from espr.cli.shell_completions import bash, fish, zsh

    espr = describe(typer.main.get_command(app))
    files = {
        "completions/espr.bash": bash(espr),
        "completions/_espr": zsh(espr),
        "completions/espr.fish": fish(espr),
    }
    return files | {f"man/{name}": text for name, text in man_pages(espr).items()}


def main() -> None:
    """Write the files; with ``--check``, leave with 1 when one is not as it must be."""
    root = Path(__file__).parents[2]
    stale = [name for name, text in shell_files().items() if _read(root / name) != text]
    unknown = [
        str(path.relative_to(root))
        for folder in ("completions", "man")
        for path in sorted((root / folder).glob("*"))
        if str(path.relative_to(root)) not in shell_files()
    ]
    if "--check" in sys.argv[1:]:
        for name in stale + unknown:
            print(f"{name} is not what the commands say; run: make shell-files", file=sys.stderr)
        sys.exit(bool(stale or unknown))
    for name in stale:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(shell_files()[name], encoding="utf-8")
        print(f"wrote {name}")
    for name in unknown:
        (root / name).unlink()
        print(f"removed {name}")


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    main()
