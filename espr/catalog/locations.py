"""Where a library lies, and what lies beside it.

``--library``, else ``ESPR_LIBRARY``, else the user's data directory.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from contextlib import suppress
from pathlib import Path

from espr.errors import LIBRARY_DAMAGED, EsprError

VARIABLE = "ESPR_LIBRARY"
FILE_NAME = "library.espr"


def library_path(option: str | os.PathLike[str] | None = None) -> Path:
    """The absolute path of the library; ``option`` wins over the environment.

    Links are followed: its logs and its lock lie beside the file itself, whatever it is called by.
    """
    chosen = os.fspath(option) if option else os.environ.get(VARIABLE, "")
    if not chosen:
        from platformdirs import user_data_dir

        chosen = os.path.join(user_data_dir("espr", appauthor=False), FILE_NAME)
    return real_path(chosen)


def real_path(path: str | os.PathLike[str]) -> Path:
    """The absolute path of a file, without links and ``~``."""
    return Path(os.path.realpath(os.path.expanduser(path)))


def index_path(library: Path, *, relative: bool = False) -> Path:
    """The path of a library's search index; ``relative``: of that of deviations."""
    return Path(f"{library}.relative.faiss" if relative else f"{library}.faiss")


def ties_path(library: Path) -> Path:
    """The path of what :mod:`espr.catalog.affected_recordings` keeps of a library."""
    return Path(f"{library}.ties")


def note_codes_path(library: Path) -> Path:
    """The path of what :mod:`espr.catalog.note_codes` keeps of a library."""
    return Path(f"{library}.notes")


def write_derived(path: Path, content: bytes) -> None:
    """Write what is made from a library beside it, for who has the library open for writing.

    A folder that cannot be written costs time at the next run, nothing else.
    """
    unfinished = Path(f"{path}.new")
    with suppress(OSError):
        try:
            unfinished.write_bytes(content)
            os.replace(unfinished, path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise


def refuse_no_file(path: Path) -> None:
    """Raise where something is that is no file: a folder would be moved, a pipe waited for."""
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:  # a folder that cannot be entered, links that go in circles
        raise EsprError(f"the library {path} cannot be used: {error.strerror}") from error
    if not stat.S_ISREG(kind):
        what = "a folder" if stat.S_ISDIR(kind) else "no file"
        raise EsprError(f"{path} is {what}, not an ESPR library", LIBRARY_DAMAGED)
    if not permitted(path, os.R_OK):
        raise EsprError(f"the library {path} cannot be read: {os.strerror(errno.EACCES)}")


def unused_name(path: Path, word: str) -> Path:
    """``<path>.<word>-<time>``, or with a number more: what was kept before stays."""
    name = f"{path}.{word}-{time.strftime('%Y%m%d-%H%M%S')}"
    number = 1
    while os.path.lexists(unused := name if number == 1 else f"{name}-{number}"):
        number += 1
    return Path(unused)


def permitted(path: Path, mode: int) -> bool:
    """Whether this process may read or write, as ``os.R_OK`` or ``os.W_OK`` asks."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)
