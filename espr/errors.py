"""The one error type that a user sees.

Every function of ESPR raises :class:`EsprError` (or returns); only the command line
prints. A message names what is wrong and what to do about it, in one line.
"""

from __future__ import annotations

from collections.abc import Sequence

# Exit codes, as the README and the man pages list them.
DONE = 0
NOTHING_MATCHED = 1
WRONG_INPUT = 2
SOME_UNREADABLE = 3
NONE_READABLE = 4
NO_LIBRARY = 10
LIBRARY_IN_USE = 11
LIBRARY_DAMAGED = 12
UNEXPECTED = 70  # EX_SOFTWARE of sysexits.h: a defect of ESPR's own, or of the system
INTERRUPTED = 130


class EsprError(Exception):
    """An error of the user's input or files, in one line.

    Parameters
    ----------
    message : str
        What is wrong and how to fix it.
    exit_code : int
        The exit code of the process when nothing catches the error.
    advice : sequence of str
        Further lines: what the user has to get, and where to put it.
    """

    def __init__(
        self, message: str, exit_code: int = WRONG_INPUT, advice: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.advice = tuple(advice)
