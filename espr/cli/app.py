"""The command line: commands, and the one place where an error becomes a line and a code."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from espr.errors import INTERRUPTED, EsprError

app = typer.Typer(
    name="espr",
    help="Find the performance of a piece of music that sounds the way you say.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from espr import __version__

        typer.echo(f"espr {__version__}")
        raise typer.Exit


@app.callback()
def espr(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Find the performance of a piece of music that sounds the way you say."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        app()
    except EsprError as error:
        _leave(str(error), error.exit_code)
    except KeyboardInterrupt:
        _leave("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # The reader has gone (`espr pieces | head`): nothing to say, nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _leave(message: str, code: int) -> None:
    from espr.cli.text import clean

    print(f"espr: {clean(message, longest=2_000)}", file=sys.stderr)
    sys.exit(code)
