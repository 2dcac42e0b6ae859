"""Files that commands write: whole or not at all, and in place of their own kind only.

``-`` is standard output, in the place of what the command prints there; a file of that name is
written ``./-``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from espr.errors import EsprError
from espr.whole_files import replace_file

STANDARD_OUTPUT = Path("-")


def takes_standard_output(
    files: Mapping[str, Path | None], others: Mapping[str, bool] | None = None
) -> bool:
    """Whether one of some options writes its file to standard output.

    Parameters
    ----------
    files : mapping
        Option to the file that it names.
    others : mapping
        Option to whether it is given, of those that print something themselves.

    Raises
    ------
    EsprError
        When standard output would hold two things.
    """
    taken = [option for option, file in files.items() if file == STANDARD_OUTPUT]
    if not taken:
        return False
    more = [*taken[1:], *(option for option, is_given in (others or {}).items() if is_given)]
    if more:
        raise EsprError(
            f"{taken[0]} - and {more[0]} both want standard output; give {taken[0]} a file's name"
        )
    return True


def check_target(path: Path, kind: str, begins: bytes, *, is_text: bool = True) -> None:
    """Check that a file may be written there, before the work that it takes to make it.

    Parameters
    ----------
    kind : str
        What it is, for messages: ``playlist``.
    begins : bytes
        How every file of the kind begins, in capitals or not: no other file is replaced, but an
        empty one.
    is_text : bool
        Whether a terminal can show it.

    Raises
    ------
    EsprError
        When its folder is not there or cannot be written, or something else is in its place.
    """
    if path == STANDARD_OUTPUT:
        if not is_text and sys.stdout.isatty():
            raise EsprError(f"a {kind} is no text for a terminal; name a file, or use a pipe")
        return
    try:
        if path.is_dir() or not path.parent.is_dir():
            reason = "it is a folder" if path.is_dir() else f"there is no folder {path.parent}"
            raise EsprError(f"cannot write the {kind} {path}: {reason}")
        if path.exists() and not path.is_file():  # a pipe, a terminal
            return
        if not os.access(path.parent, os.W_OK):
            raise EsprError(f"cannot write the {kind} {path}: its folder cannot be written")
        if not path.exists():
            return
        with open(path, "rb") as file:
            head = file.read(len(begins))
    except OSError as error:
        raise _cannot_write(path, kind, error) from error
    if head and head.lower() != begins.lower():
        raise EsprError(f"{path} exists and is no {kind}; give it another name")


def write_file(
    path: Path, content: bytes, kind: str, begins: bytes, *, is_text: bool = True
) -> None:
    """Write a file, with what :func:`check_target` says; links are followed.

    Raises
    ------
    EsprError
        When it cannot be written.
    """
    check_target(path, kind, begins, is_text=is_text)
    if path == STANDARD_OUTPUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        return
    try:
        if path.exists() and not path.is_file():  # a pipe, a terminal
            path.write_bytes(content)
        else:
            replace_file(path, content)
    except OSError as error:
        raise _cannot_write(path, kind, error) from error


def _cannot_write(path: Path, kind: str, error: OSError) -> EsprError:
    return EsprError(f"cannot write the {kind} {path}: {error.strerror}")
