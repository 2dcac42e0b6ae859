"""The progress of a step that takes a while: a bar on a terminal, else a line every half minute."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

EVERY = 30.0  # seconds between two lines
_SHORTEST = 1.0  # seconds that a step takes before a bar is shown


@contextmanager
def steps(label: str, total: int) -> Iterator[Callable[[], None]]:
    """Show how many of ``total`` steps are done; what is yielded is called after each."""
    if sys.stderr.isatty():
        with _bar(label, total) as advance:
            yield advance
        return
    done, last = 0, time.monotonic()

    def advance_in_pipe() -> None:
        nonlocal done, last
        done += 1
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            print(f"{label}: {done} of {total}", file=sys.stderr, flush=True)

    yield advance_in_pipe


def track(rows: Iterable[T], total: int, label: str) -> Iterator[T]:
    """The rows, and how many of them are done."""
    with steps(label, total) as advance:
        for row in rows:
            yield row
            advance()


@contextmanager
def _bar(label: str, total: int) -> Iterator[Callable[[], None]]:
    from rich.console import Console
    from rich.progress import Progress

    progress = Progress(console=Console(stderr=True), transient=True)
    task = progress.add_task(label, total=total)
    since, started = time.monotonic(), False

    def advance() -> None:
        nonlocal started
        progress.advance(task)
        if not started and time.monotonic() - since >= _SHORTEST:
            progress.start()
            started = True

    try:
        yield advance
    finally:
        progress.stop()
