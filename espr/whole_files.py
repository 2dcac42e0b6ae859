"""Files that are there whole or not at all, whoever else writes them at the same moment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from glob import escape
from pathlib import Path

_DRAFT = 12  # letters that set a draft apart from those of other writers


def replace_file(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of a file; links are followed, and permissions stay.

    Raises
    ------
    OSError
        When it cannot be written; what was there is there still.
    """
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".{target.name[:50]}.{os.urandom(_DRAFT // 2).hex()}.new")
    try:
        with open(draft, "xb") as file:
            file.write(content)
        with suppress(FileNotFoundError):
            os.chmod(draft, target.stat().st_mode & 0o777)
        os.replace(draft, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise


def drafts_of(path: Path) -> Iterator[Path]:
    """What :func:`replace_file` left of a file where it was killed."""
    target = Path(os.path.realpath(path))
    yield from target.parent.glob(f".{escape(target.name[:50])}.{'?' * _DRAFT}.new")
