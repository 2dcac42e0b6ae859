"""The command line: commands, and the one place where an error becomes a line and a code."""

from __future__ import annotations

import io
import os
import select
import sys
import traceback
from collections.abc import Sequence
from copy import copy
from difflib import get_close_matches
from typing import Annotated

import click
import typer
from click.exceptions import Exit, NoArgsIsHelpError, NoSuchOption, UsageError
from typer.core import TyperGroup

from espr.cli import (
    backup,
    check,
    compare,
    completions,
    demo,
    doctor,
    evaluate,
    export,
    index,
    merge,
    models,
    pieces,
    publish,
    query,
    repair,
    restore,
    serve,
    show,
    train,
    words,
)
from espr.errors import DONE, INTERRUPTED, UNEXPECTED, EsprError

READER_GONE = 141  # what a shell reports of a program that SIGPIPE ended

_DEBUG = "ESPR_DEBUG"


class _Commands(TyperGroup):
    """Commands; a misspelt one is answered with the most similar one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        known_command = self.get_command(ctx, name) is not None
        if not (known_command or name.startswith("-") or ctx.resilient_parsing):
            known = [known for known in self.list_commands(ctx) if not self.commands[known].hidden]
            nearest = get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"did you mean {nearest[0]}?" if nearest else "there is " + ", ".join(known)
            raise UsageError(f"no command {name!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)


# rich_markup_mode None: plain help, the same in a pipe, in 0.08 s; with rich it takes 0.14 s.
# add_completion False: typer's options would write into the shell's own files; see completions.py.
app = typer.Typer(
    name="espr",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(short_help="Analyse new recordings in folders.")(index.index)
app.command(short_help="Rank performances by how well they match your words.")(query.query)
app.command(short_help="Show how a recording sounds.")(show.show)
app.command(short_help="Show what differs between performances of a piece.")(compare.compare)
app.command(short_help="Write recordings for other programs.")(export.export)
app.command(short_help="Browse, ask and hear the library in a browser.")(serve.serve)
app.command(short_help="Show what ESPR takes a word to mean.")(words.words)
app.add_typer(pieces.app, name="pieces", cls=_Commands, short_help="List and correct pieces.")
app.add_typer(
    models.app, name="models", cls=_Commands, short_help="List models; add published ones."
)
app.command(short_help="Check that the library is intact.")(check.check)
app.command(short_help="Fix a damaged library.")(repair.repair)
app.command(short_help="Copy the library.")(backup.backup)
app.command(short_help="Replace the library with a backup.")(restore.restore)
app.command(short_help="Merge libraries that were indexed separately.")(merge.merge)
app.command(short_help="Copy what ranking needs into a store.")(publish.publish)
app.command(short_help="Print the details for a bug report.")(doctor.doctor)
app.command(short_help="Try ESPR on synthesised recordings.")(demo.demo)
app.command(short_help="Measure how well words find performances.")(evaluate.evaluate)
app.add_typer(
    train.app, name="train", cls=_Commands, short_help="Teach your words; rebuild weights."
)
app.command(short_help="Print a completion script for your shell.")(completions.completions)


def _version(wanted: bool) -> None:
    if wanted:
        from espr import __version__

        typer.echo(f"espr {__version__}")
        raise typer.Exit


@app.callback(short_help="Find the performance that sounds the way you say.")
def espr(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Find the performance of a piece of music that sounds the way you say."""


def main() -> None:
    """Run the command line and leave with its exit code; errors take one line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # for letters that the terminal lacks
    try:
        code = _run(sys.argv[1:])
        sys.stdout.flush()
    except EsprError as error:
        _leave(str(error), error.exit_code, error.advice)
    except NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        code = error.exit_code
    except click.ClickException as error:
        _leave(_usage(error, sys.argv[1:]), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _leave("interrupted", INTERRUPTED)
    except SystemExit:
        # rich leaves by itself, with 1, when nobody reads; no command does.
        code = READER_GONE
    except OSError as error:
        if isinstance(error, BrokenPipeError) and _reader_is_gone():
            code = READER_GONE
        else:
            _leave(f"the system refused: {error}", UNEXPECTED)
    except Exception as error:
        hint = "" if os.environ.get(_DEBUG) else f"; {_DEBUG}=1 shows where"
        _leave(f"this is a bug in ESPR: {type(error).__name__}: {error}{hint}", UNEXPECTED)
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    """Run one command; return the code it leaves with.

    Not through click's own ``main``, which would answer a closed pipe and Ctrl-C itself.
    """
    command = _command_line(arguments)
    if completions.answer_shell(command):
        return DONE
    try:
        with command.make_context("espr", arguments) as context:
            command.invoke(context)
    except Exit as left:
        return left.exit_code
    return DONE


def _command_line(arguments: Sequence[str]) -> click.Command:
    """The program with the one command that is asked for: making all takes a fifth of a query."""
    is_shell = completions.VARIABLE in os.environ
    name = arguments[0] if arguments and not is_shell else ""
    asked = copy(app)
    asked.registered_commands = [
        one for one in app.registered_commands if one.callback and one.callback.__name__ == name
    ]
    asked.registered_groups = [one for one in app.registered_groups if one.name == name]
    is_known = bool(asked.registered_commands or asked.registered_groups)
    return typer.main.get_command(asked if is_known else app)


def _usage(error: click.ClickException, arguments: list[str]) -> str:
    """What is wrong with the command as typed, and where to read more."""
    if isinstance(error, NoSuchOption):
        message = f"no option {error.option_name}"
        if error.possibilities:
            message += f"; did you mean {error.possibilities[0]}?"
    else:
        message = error.format_message().rstrip(".")
        message = message[:1].lower() + message[1:]
    joint = " " if message.endswith("?") else "; "
    return f"{message}{joint}try: {_command_of(arguments)} --help"


def _command_of(arguments: list[str]) -> str:
    """The command that was typed; not every error of click knows it."""
    command = typer.main.get_command(app)
    path = ["espr"]
    for argument in arguments:
        below = getattr(command, "commands", {})
        if argument in below:
            command = below[argument]
            path.append(argument)
    return " ".join(path)


def _reader_is_gone() -> bool:
    """Whether nobody reads standard output any more (`espr pieces | head`).

    Another pipe may have broken: that of a worker.
    """
    try:
        output = sys.stdout.fileno()
    except io.UnsupportedOperation:  # it was replaced by something that is no file
        return False
    if not hasattr(select, "poll"):  # Windows
        return True
    poll = select.poll()
    poll.register(output, 0)  # errors and hang-ups are always reported
    if not poll.poll(0):
        return False
    # What is still to be written goes nowhere: Python flushes again when it ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), output)
    return True


def _leave(message: str, code: int, advice: Sequence[str] = ()) -> None:
    from espr.cli.output.terminal_safe import clean

    if os.environ.get(_DEBUG):
        traceback.print_exc()
    print(f"espr: {clean(message, longest=2_000)}", file=sys.stderr)
    for line in advice:
        print(clean(line, longest=2_000), file=sys.stderr)
    sys.exit(code)
