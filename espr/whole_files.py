"""Files that are there whole or not at all, whoever else writes them at the same moment."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of a file; links are followed, and permissions stay.

    Raises
    ------
    OSError
        When it cannot be written; what was there is there still.
    """
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".{target.name[:50]}.{os.urandom(6).hex()}")
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
