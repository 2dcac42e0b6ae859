"""Files that commands write: whole or not at all, and in place of their own kind only."""

from __future__ import annotations

import os
from pathlib import Path

from espr.errors import EsprError
from espr.whole_files import replace_file


def check_target(path: Path, kind: str, begins: bytes) -> None:
    """Check that a file may be written there, before the work that it takes to make it.

    Parameters
    ----------
    kind : str
        What it is, for messages: ``playlist``.
    begins : bytes
        How every file of the kind begins, in capitals or not: no other file is replaced, but an
        empty one.

    Raises
    ------
    EsprError
        When its folder is not there or cannot be written, or something else is in its place.
    """
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


def write_file(path: Path, content: bytes, kind: str, begins: bytes) -> None:
    """Write a file, with what :func:`check_target` says; links are followed.

    Raises
    ------
    EsprError
        When it cannot be written.
    """
    check_target(path, kind, begins)
    try:
        if path.exists() and not path.is_file():  # a pipe, a terminal
            path.write_bytes(content)
        else:
            replace_file(path, content)
    except OSError as error:
        raise _cannot_write(path, kind, error) from error


def _cannot_write(path: Path, kind: str, error: OSError) -> EsprError:
    return EsprError(f"cannot write the {kind} {path}: {error.strerror}")
