"""The command line; the package's entry point.

Ctrl-C is answered from here on: nothing is imported before it but what Python brings.
"""

from __future__ import annotations

import os
import signal

_INTERRUPTED = 130  # as errors.INTERRUPTED


def _leave(number: int, frame: object) -> None:
    os.write(2, b"espr: interrupted\n")
    os._exit(_INTERRUPTED)


def main() -> None:
    """Run the command line; Ctrl-C while its modules are still being imported takes one line."""
    # where a shell lets SIGINT pass over what it runs behind "&", that stays
    is_default = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_default:
        signal.signal(signal.SIGINT, _leave)
    from espr.cli.app import main as run

    if is_default:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()
