"""``--play``: passages one after the other in the terminal, steered by keys.

Whatever ends it, the player is silenced and the terminal is as it was: Ctrl-C, SIGTERM, a terminal
that is closed, a player that crashes.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from espr.audio.clips import encode_clip
from espr.catalog.catalog import Recording
from espr.cli.players import Player, start_player
from espr.errors import EsprError
from espr.printable import clean, clock
from espr.retrieval.passages import Passage

SameBars = Callable[[Recording, Recording, float], float | None]
"""From a recording, another one and seconds in the first to seconds in the other."""

_TURN = 0.1  # s between looks at the player
_SHORTEST = 2.0  # s of a passage that the other one is switched to


class _Terminated(BaseException):
    """A signal asks the process to end."""


def check_play(*, as_text: bool = True) -> None:
    """Raise where nothing can be played, before anything is computed."""
    if not as_text:
        raise EsprError("--play excludes --json and --csv")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise EsprError("--play needs a terminal; query --clips writes the passages as files")
    try:
        import termios  # noqa: F401
    except ImportError as error:
        raise EsprError("--play needs a terminal of Linux or macOS") from error


def play(passages: Sequence[Passage], same_bars: SameBars) -> None:
    """Play passages until they are over, or a key or a signal ends it.

    Raises
    ------
    EsprError
        When there is no player, or it fails.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="espr-play-") as folder, _keys() as read_key:
            _Session(passages, same_bars, Path(folder)).run(read_key)
    except _Terminated as terminated:
        number = terminated.args[0]
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


@contextmanager
def _keys() -> Iterator[Callable[[float], str | None]]:
    """Single keys of the terminal: a function that waits so many seconds for one.

    It gives None where none came, and "q" when the terminal is gone.
    """
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)

    def read_key(seconds: float) -> str | None:
        ready, _, _ = select.select([terminal], [], [], seconds)
        if not ready:
            return None
        try:
            return os.read(terminal, 1).decode("latin-1") or "q"
        except OSError:
            return "q"

    def terminate(number: int, _: object) -> None:
        raise _Terminated(number)

    handlers = {
        number: signal.signal(number, terminate) for number in (signal.SIGTERM, signal.SIGHUP)
    }
    try:
        tty.setcbreak(terminal)
        mode = termios.tcgetattr(terminal)
        mode[6][termios.VSUSP] = b"\0"  # Ctrl-Z would leave the shell with a terminal without echo
        termios.tcsetattr(terminal, termios.TCSANOW, mode)
        yield read_key
    finally:
        with suppress(termios.error):  # it was closed
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        for number, handler in handlers.items():
            signal.signal(number, handler)


class _Session:
    """What is played, and since when."""

    def __init__(self, passages: Sequence[Passage], same_bars: SameBars, folder: Path) -> None:
        self._passages = passages
        self._same_bars = same_bars
        self._file = folder / "passage.wav"
        self._player: Player | None = None
        self._place = 0
        self._now = passages[0]
        self._played = 0.0  # s of the passage, up to the last pause
        self._since: float | None = None  # None: paused

    def run(self, read_key: Callable[[float], str | None]) -> None:
        keys = "n next, p previous, space pause, q quit"
        if len(self._passages) > 1:
            keys += f", a/b the same bars of {self._passages[0].name}/{self._passages[1].name}"
        print(f"\n{clean(keys)}")
        try:
            self._start(self._now)
            while self._turn(read_key(_TURN)):
                pass
        finally:
            self._stop()

    def _turn(self, key: str | None) -> bool:
        """Do what a key asks for; False when it is over."""
        if key in ("q", "\x04"):
            return False
        if key == "n" or (key is None and (self._player is None or self._player.is_done())):
            return self._go(self._place + 1)
        if key == "p":
            return self._go(max(0, self._place - 1))
        if key == " ":
            self._pause_or_resume()
        elif key in ("a", "b") and len(self._passages) > 1:
            self._switch("ab".index(key))
        return True

    def _go(self, place: int) -> bool:
        if place >= len(self._passages):
            return False
        self._place = place
        self._start(self._passages[place])
        return True

    def _start(self, passage: Passage) -> None:
        self._stop()
        self._now, self._played = passage, 0.0
        number = f"{self._place + 1}/{len(self._passages)}"
        try:
            self._file.write_bytes(
                encode_clip(passage.recording.path, passage.start, passage.end, "wav")
            )
        except EsprError as error:  # the others can still be played
            print(f"{number}  {clean(f'{passage.recording.path} {error}')}", flush=True)
            return
        self._player = start_player(self._file)
        self._since = time.monotonic()
        start, end = (seconds - passage.recording.start for seconds in (passage.start, passage.end))
        print(f"{number}  {clean(passage.name)}, {clock(start)}-{clock(end)}", flush=True)

    def _stop(self) -> None:
        if self._player is not None:
            self._player.stop()
        self._player = None

    def _pause_or_resume(self) -> None:
        if self._player is None:
            return
        if self._since is None:
            self._player.resume()
            self._since = time.monotonic()
        else:
            self._player.pause()
            self._played, self._since = self._elapsed(), None
            print("     paused", flush=True)

    def _elapsed(self) -> float:
        return self._played + (0.0 if self._since is None else time.monotonic() - self._since)

    def _switch(self, place: int) -> None:
        """Go on with the same bars of another performance."""
        other, now = self._passages[place], self._now
        if other.recording == now.recording:
            return
        position = min(now.start + self._elapsed(), now.end)
        here, until = (
            self._same_bars(now.recording, other.recording, seconds - now.recording.start)
            for seconds in (position, now.end)
        )
        if here is None:
            print(
                f"     {clean(other.name)} does not play this, as far as the notes show", flush=True
            )
            return
        left = max(_SHORTEST, now.end - position if until is None else until - here)
        start = other.recording.start + here
        self._place = place
        self._start(replace(other, start=start, end=start + left))
