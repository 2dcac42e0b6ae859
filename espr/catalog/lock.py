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

    A ``flock`` on ``<library>.lock``: the kernel lets go of it when the process ends, however
    it ends, so a dead writer's lock is no lock. The file's text says who holds it.
    """

    def __init__(self, library: Path) -> None:
        import fcntl

        refuse_no_file(library)
        try:
            library.parent.mkdir(parents=True, exist_ok=True)
            self._file: int | None = os.open(_beside(library), os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise EsprError(
                f"the library {library} cannot be written: {error.strerror} "
                f"({error.filename}). Give another with --library"
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            who = _text(self._file)
            os.close(self._file)
            raise EsprError(
                f"the library {library} is being written by {who or 'another process'}; "
                "run the command again when that is done",
                LIBRARY_IN_USE,
            ) from error
        except OSError as error:  # a file system without locks
            os.close(self._file)
            raise EsprError(
                f"the library {library} cannot be locked: {error.strerror}. "
                "Give another with --library"
            ) from error
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        me = f"process {os.getpid()} on {socket.gethostname()} since {since}\n"
        os.truncate(self._file, 0)
        # on a full disk the lock is held all the same, without a name
        with suppress(OSError):
            os.write(self._file, me.encode("utf-8"))

    def release(self) -> None:
        """Let the next writer in."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def holder(library: Path) -> str | None:
    """Who writes a library now; None when nobody does. PieceProfiles and makes nothing."""
    import fcntl

    try:
        file = os.open(_beside(library), os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _text(file) or "another process"
    finally:
        os.close(file)
    return None


def _beside(library: Path) -> str:
    return f"{library}.lock"


def _text(file: int) -> str:
    return os.read(file, 500).decode("utf-8", "replace").strip()
