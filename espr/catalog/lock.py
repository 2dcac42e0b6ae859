"""One writer at a time: a lock beside the library that dies with its process."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from pathlib import Path

from espr.catalog.locations import refuse_no_file
from espr.errors import LIBRARY_IN_USE, EsprError


class WriterLock:
    """The right to write a library, from its making to :meth:`release`.

    The system's lock on ``<library>.lock``, taken through filelock: the system drops it when the
    process ends, however it ends, so a dead writer's lock is no lock. The file's text says who
    holds it. A library has one lock by whatever links it is reached: its path holds none.

    Parameters
    ----------
    library : Path
        As :func:`espr.catalog.locations.real_path` gives it.

    Raises
    ------
    EsprError
        Exit code 11 when another process holds it; 2 when no file or no lock can be made there.
    """

    def __init__(self, library: Path) -> None:
        from filelock import lock_descriptor

        refuse_no_file(library)
        try:
            library.parent.mkdir(parents=True, exist_ok=True)
            self._file: int | None = os.open(_lock_path(library), os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise EsprError(
                f"the library {library} cannot be written: {error.strerror} "
                f"({error.filename}). Give another with --library"
            ) from error
        try:
            locked = lock_descriptor(self._file, blocking=False)
        except OSError as error:  # a file system without locks
            os.close(self._file)
            raise EsprError(
                f"the library {library} cannot be locked: {error.strerror}. "
                "Give another with --library"
            ) from error
        if not locked:
            writer = _text(self._file)
            os.close(self._file)
            raise EsprError(
                f"the library {library} is being written by {writer}; "
                "run the command again when that is done",
                LIBRARY_IN_USE,
            )
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        text = f"process {os.getpid()} on {socket.gethostname()} since {since}\n"
        # on a full disk the lock is held all the same, without a name
        with suppress(OSError):
            os.truncate(self._file, 0)
            os.write(self._file, text.encode("utf-8"))

    def release(self) -> None:
        """Let the next writer in."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def lock_holder(library: Path) -> str | None:
    """The process that writes a library now; None when there is none, or no lock can be tried.

    Nothing is made or changed.
    """
    from filelock import lock_descriptor

    try:
        file = os.open(_lock_path(library), os.O_RDONLY)
    except OSError:
        return None
    try:
        return None if lock_descriptor(file, blocking=False) else _text(file)
    except OSError:  # a file system without locks
        return None
    finally:
        os.close(file)


def _lock_path(library: Path) -> str:
    return f"{library}.lock"


def _text(file: int) -> str:
    """What the lock file says of its holder, as far as it can be read."""
    with suppress(OSError):  # Windows lets nobody read what is locked
        if text := os.read(file, 500).decode("utf-8", "replace").strip():
            return text
    return "another process"
