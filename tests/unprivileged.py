"""Permissions that hold for root, too, who may read and write anything: it turns nobody."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


def open_to_all(folder: Path) -> None:
    """Let everybody into pytest's folders, which are private to begin with."""
    for each in (folder, *folder.parents):
        if any(part.startswith("pytest-of-") for part in each.parts):
            each.chmod(0o755)


@contextmanager
def without_privileges() -> Iterator[None]:
    """Lose root's privileges for a while; what is imported here must be imported before."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
