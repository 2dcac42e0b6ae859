"""Files that commands write: whole or not at all, and in place of their own kind only."""

from __future__ import annotations

import os
from pathlib import Path

from espr.errors import EsprError


def write_file(path: Path, content: bytes, kind: str, begins: bytes) -> None:
    """Write a file.

    Parameters
    ----------
    kind : str
        What it is, for messages: ``playlist``.
    begins : bytes
        How every file of the kind begins: what begins otherwise is not replaced.

    Raises
    ------
    EsprError
        When it cannot be written, or something else is in its place.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.exists():
            with path.open("rb") as file:
                if file.read(len(begins)) != begins:
                    raise EsprError(f"{path} exists and is no {kind}; give it another name")
        draft.write_bytes(content)
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise EsprError(f"cannot write the {kind} {path}: {error.strerror}") from error
