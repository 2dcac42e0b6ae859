"""Commands as they are typed, in this process and in their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from espr.cli import app

REPOSITORY = Path(__file__).parent.parent
PATIENCE = 120  # s until a test gives up; a bound for a machine that is busy, not a measure
# what the entry point of the package does
MAIN = "from espr.cli.app import main; main()"


class Typed(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


class Espr:
    """Types ``espr`` commands in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str | os.PathLike[str]) -> Typed:
        self._monkeypatch.setattr(sys, "argv", ["espr", *(os.fspath(each) for each in arguments)])
        with pytest.raises(SystemExit) as left:
            app.main()
        captured = self._capsys.readouterr()
        return Typed(int(left.value.code or 0), captured.out, captured.err)


def heed_ctrl_c() -> None:
    """Of a process that is started: a shell lets those behind ``&`` pass over SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(*arguments: str | os.PathLike[str], **options) -> subprocess.Popen:
    """Start a command in a process of its own, its output piped."""
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_ctrl_c,
        **options,
    )
