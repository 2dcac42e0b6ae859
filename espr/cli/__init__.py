"""The command line; the package's entry point."""

from __future__ import annotations

import sys

from espr.errors import INTERRUPTED


def main() -> None:
    """Run the command line; Ctrl-C while its modules are still being imported is quiet, too."""
    try:
        from espr.cli.app import main as run
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    run()
