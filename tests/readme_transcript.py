"""Rewrites what README and tutorial show of a session: ``python -m tests.readme_transcript``.

The commands in their ``console`` blocks are run again, on the library of ``espr demo --keep``.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from espr.catalog.locations import VARIABLE
from espr.cli.demo import LIBRARY

ROOT = Path(__file__).parents[1]
SHOWN = (ROOT / "README.md", ROOT / "espr" / "docs" / "tutorial.md")
_BLOCK = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.MULTILINE | re.DOTALL)


def main() -> None:
    """Make the demo, run the commands, write the pages."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            VARIABLE: str(Path(folder) / LIBRARY),
            "COLUMNS": "80",
            "PYTHONIOENCODING": "utf-8",
        }
        _printed_by(f"espr demo --keep {shlex.quote(folder)}", environment)

        def with_output(block: re.Match[str]) -> str:
            commands = [line[2:] for line in block[1].splitlines() if line.startswith("$ ")]
            return "".join(f"$ {line}\n{_printed_by(line, environment)}" for line in commands)

        for page in SHOWN:
            page.write_text(_BLOCK.sub(with_output, page.read_text("utf-8")), "utf-8")


def _printed_by(line: str, environment: dict[str, str]) -> str:
    """What a command prints, without blanks at the ends of lines."""
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(line)],
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=environment,
    )
    return "".join(f"{printed.rstrip()}\n" for printed in done.stdout.splitlines())


if __name__ == "__main__":
    main()
