"""The player that is there: mpv, ffplay or afplay, else the library sounddevice.

Each plays a WAV file that was cut for it, so that all know every format and time, and no name of a
recording is an argument of theirs.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from espr.errors import EsprError

PROGRAMS = {
    "mpv": ("--no-config", "--no-video", "--no-terminal", "--"),
    "ffplay": ("-nodisp", "-autoexit", "-loglevel", "error", "-i"),
    "afplay": (),
}


class Player(Protocol):
    """Plays one file."""

    name: str

    def pause(self) -> None:
        """Halt, until :meth:`resume`."""

    def resume(self) -> None: ...

    def is_done(self) -> bool:
        """Whether the file is over; raises EsprError when it could not be played."""

    def stop(self) -> None:
        """Fall silent at once."""


def start_player(file: Path) -> Player:
    """Play a WAV file with what there is.

    Raises
    ------
    EsprError
        When there is nothing.
    """
    for name in PROGRAMS:
        if program := shutil.which(name):
            return _Program(name, program, file)
    if importlib.util.find_spec("sounddevice"):
        return _SoundDevice(file)
    raise EsprError(
        "no player is there; install mpv or FFmpeg's ffplay, or run: pip install 'espr[play]'"
    )


class _Program:
    """A program in a session of its own, so that it neither reads keys nor is stopped by them."""

    def __init__(self, name: str, program: str, file: Path) -> None:
        self.name = name
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  closed by stop()
        self._process = subprocess.Popen(
            [program, *PROGRAMS[name], os.fspath(file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            start_new_session=True,
        )

    def pause(self) -> None:
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, number: int) -> None:
        """To the program and its children: it may be a script that starts the player."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):  # it ends at this moment
                os.killpg(self._process.pid, number)

    def is_done(self) -> bool:
        code = self._process.poll()
        if code:
            self._said.seek(0)
            lines = self._said.read().decode(errors="replace").split("\n")
            why = next(
                (line.strip() for line in reversed(lines) if line.strip()), "no sound device?"
            )
            raise EsprError(f"{self.name} could not play ({why})")
        return code is not None

    def stop(self) -> None:
        self._send(signal.SIGKILL)  # one that is paused hears nothing else
        self._process.wait()
        self._said.close()


class _SoundDevice:
    """PortAudio, through the library sounddevice."""

    name = "sounddevice"

    def __init__(self, file: Path) -> None:
        import soundfile

        self._sound, rate = soundfile.read(file, dtype="float32", always_2d=True)
        self._position = 0
        try:
            import sounddevice
        except OSError as error:
            raise EsprError(f"sounddevice could not play ({error})") from error
        try:
            self._stream = sounddevice.OutputStream(
                rate, channels=self._sound.shape[1], callback=self._fill
            )
            self._stream.start()
        except sounddevice.PortAudioError as error:
            raise EsprError(f"sounddevice could not play ({error})") from error

    def _fill(self, out: Any, frames: int, *_: object) -> None:
        part = self._sound[self._position : self._position + frames]
        out[: len(part)], out[len(part) :] = part, 0.0
        self._position += len(part)

    def pause(self) -> None:
        self._stream.stop()

    def resume(self) -> None:
        self._stream.start()

    def is_done(self) -> bool:
        return self._position >= len(self._sound)

    def stop(self) -> None:
        self._stream.close()
