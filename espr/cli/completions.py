"""``espr completions SHELL`` prints a script; with it the shell asks ESPR what TAB may put in.

The scripts and the protocol are click's. A *kind of value* is a click type that knows what
completes it: FILE, FOLDER, PIECE, RECORDING and the lists of names. Nothing here imports numpy,
and a library is read only when one of its names is wanted.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import click
import typer
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
)

from espr.errors import EsprError
from espr.folding import fold

VARIABLE = "_ESPR_COMPLETE"  # set by the scripts to SHELL_complete

Names = Iterable[tuple[str, str]]  # what may be put in, and what it is ("" if that is plain)


class Shell(StrEnum):
    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completions(
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> None:
    """Print the script that completes commands, options, pieces and performers in your shell.

    It also lets man find the manual pages of an installation that lies where man does not look.

    bash 4.4 or newer, in ~/.bashrc: eval "$(espr completions bash)"

    zsh, in ~/.zshrc after compinit: eval "$(espr completions zsh)"

    fish, in ~/.config/fish/config.fish: espr completions fish | source
    """
    if shell is Shell.BASH:
        BashComplete._check_version()
    print(script(shell) + _manual_path(shell), end="")


def _manual_path(shell: Shell) -> str:
    """The lines by which man finds the pages of this installation; none in a bare checkout.

    uv, and a virtual environment that is not active, keep them apart. An empty entry of MANPATH
    stands for what man knows by itself.
    """
    folder = os.path.join(sys.prefix, "share", "man")
    if not os.path.isfile(os.path.join(folder, "man1", "espr.1")):
        return ""
    if shell is Shell.FISH:
        quoted = "'" + folder.replace("\\", "\\\\").replace("'", "\\'") + "'"
        return (
            "set -q MANPATH; or set -gx MANPATH ''\n"
            f"contains -- {quoted} $MANPATH; or set -gxa MANPATH {quoted}\n"
        )
    quoted = shlex.quote(folder)
    return (
        f'case ":${{MANPATH-}}:" in *:{quoted}:*) ;; '
        f'*) export MANPATH="${{MANPATH-}}":{quoted} ;; esac\n'
    )


def script(shell: Shell) -> str:
    """The script of a shell, the same wherever it is made."""
    return ShellComplete.source(_completer(shell, click.Command("espr")))


def answer_shell(command: click.Command) -> bool:
    """Print what the script asks for through the environment; False when no script asks."""
    shell, _, asked = os.environ.get(VARIABLE, "").partition("_")
    if asked != "complete" or shell not in _COMPLETERS:
        return False
    click.echo(_completer(shell, command).complete().encode())
    return True


def _completer(shell: str, command: click.Command) -> ShellComplete:
    return _COMPLETERS[shell](command, {}, "espr", VARIABLE)


class Kind(click.ParamType):
    """A text that is completed by the names that ``offer`` knows, and perhaps by files.

    Parameters
    ----------
    offer : callable
        Of the path of the library that the command line names so far, or None.
    files : bool
        Complete files where no name fits.
    """

    name = "text"

    def __init__(self, offer: Callable[[Path | None], Names], *, files: bool = False) -> None:
        self._offer = offer
        self._files = files

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        try:
            names = list(self._offer(_library_of(ctx)))
        except EsprError:  # TAB has no place for an error: the command itself reports it
            names = []
        items = matching(names, incomplete)
        if self._files and not items:
            return [CompletionItem(incomplete, type="file")]
        return items


class _Path(click.Path):
    """A path; ``-`` is standard input or output, where that can be, and ``./-`` a file's name.

    Path would take the two for one.
    """

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        path = os.fspath(value)
        if path == "-" and not self.allow_dash:
            self.fail(
                "- is standard input or output, which will not do here; ./- is a file", param, ctx
            )
        if path != "-" and os.path.normpath(path) == "-":
            path = os.path.abspath(path)
        return super().convert(path, param, ctx)


class _Folder(_Path):
    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        return [CompletionItem(incomplete, type="dir")]


def matching(names: Names, incomplete: str) -> list[CompletionItem[str]]:
    """The names that begin with what was typed, or else the only one with a word that does.

    Case and accents do not matter. Several that begin otherwise would not do: a shell replaces
    what was typed with the letters that they share.
    """
    begun = _plain(incomplete)
    known = [CompletionItem(name, help=what or None) for name, what in names]
    if items := [item for item in known if _plain(item.value).startswith(begun)]:
        return items
    items = [item for item in known if f" {begun}" in f" {_plain(item.value)} {_plain(item.help)}"]
    return items if len(items) == 1 else []


def _plain(text: str | None) -> str:
    return fold(text or "").lower()


def _library_of(ctx: click.Context) -> Path | None:
    """The library named before or after a subcommand, as the shell would have expanded it."""
    while True:
        if path := ctx.params.get("library"):
            return Path(os.path.expandvars(path)).expanduser()
        if ctx.parent is None:
            return None
        ctx = ctx.parent


def _pieces(library: Path | None) -> Names:
    from espr.catalog.catalog import Catalog
    from espr.cli.output.terminal_safe import clean

    with Catalog.open(library) as catalog:
        return [(piece.slug, clean(piece.title)) for piece in catalog.pieces()]


def _recordings(library: Path | None) -> Names:
    from espr.catalog.catalog import Catalog
    from espr.cli.output.terminal_safe import clean

    with Catalog.open(library) as catalog:
        performers = [(clean(name), "") for name in catalog.performers()]
    return [*performers, *_pieces(library)]


def _audio_encoders(_: Path | None) -> Names:
    from espr.audio.encoder import AUDIO_ENCODERS

    return [(name, "") for name in AUDIO_ENCODERS]


def _text_encoders(_: Path | None) -> Names:
    from espr.embeddings.encoder import NAMES

    return [(name, "") for name in NAMES]


def _spaces(_: Path | None) -> Names:
    from espr.features import SPACES

    return [(name, "") for name in SPACES]


def _weights(_: Path | None) -> Names:
    from espr.features import MIDLEVEL_PLUS

    return [(f"{f.name}=2", f"{f.low} … {f.high}") for f in MIDLEVEL_PLUS.features]


def _published_models(_: Path | None) -> Names:
    from espr.published.registry import PUBLISHED

    return [(model.name, model.what) for model in PUBLISHED.values()]


FILE = _Path(path_type=Path, allow_dash=True)
NAMED_FILE = _Path(path_type=Path)
PLACE = click.Path(readable=False)  # a file or a folder, checked by who reads it
FOLDER = _Folder(path_type=Path)
PIECE = Kind(_pieces)
RECORDING = Kind(_recordings, files=True)
SPACE = Kind(_spaces)
WEIGHT = Kind(_weights)
AUDIO_ENCODER = Kind(_audio_encoders)
TEXT_ENCODER = Kind(_text_encoders, files=True)
PUBLISHED_MODEL = Kind(_published_models, files=True)


class _Bash(BashComplete):
    """click's script, for values with spaces, ``--option=value`` and ``name=value``.

    bash takes words apart at = and : and puts in what it is given as it is, unquoted.
    """

    _before = ""  # what stands before the part of the word that bash replaces
    _quoted = False

    def get_completion_args(self) -> tuple[list[str], str]:
        args, current = super().get_completion_args()
        typed = os.environ["COMP_WORDS"].split("\n")[int(os.environ["COMP_CWORD"]) :]
        self._quoted = bool(typed) and typed[0][:1] in ("'", '"')
        words = [""]
        for word in [*args, current]:
            if word[:1] in ("=", ":") or words[-1][-1:] in ("=", ":"):
                words[-1] += word
            else:
                words.append(word)
        incomplete = words[-1]
        kept = "" if current in ("=", ":") else current
        before = incomplete.removesuffix(kept) if kept else incomplete
        self._before = before.partition("=")[2] if before.startswith("-") else before
        if not current:  # nothing was begun: no part of a word is replaced
            self._before = ""
        return words[1:-1], incomplete

    def format_completion(self, item: CompletionItem[Any]) -> str:
        if item.type != "plain":
            return super().format_completion(item)
        value = item.value.removeprefix(self._before)
        if not self._quoted:
            value = re.sub(r"([^\w@%+=:,./-])", r"\\\1", value)
        return f"plain,{value}".replace("\\", "\\\\")  # the script reads without -r


class _WholeWord(ShellComplete):
    """``--option=value`` is one word, which is replaced as a whole."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        items = super().get_completions(args, incomplete)
        option, equals, _ = incomplete.partition("=")
        if equals and option.startswith("-"):
            for item in items:
                item.value = f"{option}={item.value}"
        return items


class _Zsh(_WholeWord, ZshComplete):
    pass


class _Fish(_WholeWord, FishComplete):
    # as it is, the script cuts values off at a comma: "Argerich, Martha"
    source_template = FishComplete.source_template.replace('split ","', 'split --max 1 ","')


_COMPLETERS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}
