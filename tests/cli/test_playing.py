"""``--play`` in a terminal of its own, with a player on PATH that only notes what it is given.

A real player is tried, too, where one is there: that it plays what was cut for it, to its end.
"""

from __future__ import annotations

import codecs
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from espr.cli.players import PROGRAMS, start_player
from espr.errors import INTERRUPTED, WRONG_INPUT, EsprError
from tests.aria import write_aria
from tests.typed import PATIENCE, REPOSITORY, Espr, heed_ctrl_c

FAKE = """#!/bin/sh
PATH=/usr/bin:/bin
for file; do :; done
echo $(wc -c < "$file") >> "$FAKE_LOG"
[ -n "$FAKE_ERROR" ] && { echo no sound card >&2; exit 2; }
[ -n "$FAKE_SIGNAL" ] && kill -"$FAKE_SIGNAL" $$
sleep ${FAKE_SECONDS:-600}
"""


@pytest.fixture
def music(tmp_path):
    write_aria(tmp_path)
    return tmp_path


class Terminal:
    """A command in a terminal of its own."""

    def __init__(self, *arguments, **environment):
        self._ours, self.theirs = pty.openpty()
        self.before = termios.tcgetattr(self.theirs)
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from espr.cli.app import main; main()", *arguments],
            cwd=REPOSITORY,
            env=os.environ | environment,
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
            start_new_session=True,
            preexec_fn=heed_ctrl_c,
        )
        self.shown = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def wait_for(self, text):
        """Read until ``text`` is shown, after what was waited for before."""
        end = time.monotonic() + PATIENCE
        while text not in self.shown and time.monotonic() < end:
            ended = self.process.poll() is not None  # and all that it wrote is there
            if select.select([self._ours], [], [], 0.2)[0]:
                self.shown += self._decoder.decode(os.read(self._ours, 4096))
            elif ended:
                break
        assert text in self.shown, self.shown
        before, _, self.shown = self.shown.partition(text)
        return before

    def press(self, keys):
        os.write(self._ours, keys.encode())

    def leave(self):
        """Wait until it has ended; its exit code. The terminal must be as it was."""
        code = self.process.wait(PATIENCE)
        assert termios.tcgetattr(self.theirs) == self.before
        return code

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)
        os.close(self.theirs)


@pytest.fixture
def start(music, monkeypatch):
    """Start a command with a player that does nothing, and for longer than any test takes."""
    fakes = music / "bin"
    fakes.mkdir()
    (fakes / "mpv").write_text(FAKE)
    (fakes / "mpv").chmod(0o755)
    monkeypatch.setenv("PATH", str(fakes))
    monkeypatch.setenv("ESPR_LIBRARY", str(music / "library.espr"))
    monkeypatch.setenv("FAKE_LOG", str(music / "log"))
    monkeypatch.setenv("NO_COLOR", "1")
    started = []

    def start(*arguments, **environment):
        started.append(Terminal(*arguments, **environment))
        return started[-1]

    yield start
    for terminal in started:
        terminal.close()


def played(music, count):
    """Seconds of each passage that the player was given, once there are so many."""
    end = time.monotonic() + PATIENCE
    sizes = []
    while len(sizes) < count and time.monotonic() < end:
        time.sleep(0.05)
        sizes = (music / "log").read_text().split() if (music / "log").exists() else []
    assert len(sizes) == count
    return [int(size) // 16_000 for size in sizes]


def no_player_is_left(music):
    """Whether the player's process has ended."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        lines = subprocess.run(["/bin/ps", "-eo", "args"], capture_output=True, text=True).stdout
        if not any(str(music / "bin") in line for line in lines.splitlines()):
            return True
        time.sleep(0.2)
    return False


def test_passages_follow_each_other(start, music):
    terminal = start("query", "loud", "-p", "aria", "--play", FAKE_SECONDS="0.3")
    terminal.wait_for("1/2  P1, ")
    terminal.wait_for("2/2  P0, ")
    assert terminal.leave() == 0
    assert played(music, 2) == [15, 15]


def test_keys_go_on_back_and_leave(start, music):
    terminal = start("query", "loud", "-p", "aria", "--play")
    terminal.wait_for("q quit, a/b the same bars of P1/P0")
    terminal.wait_for("1/2  P1, ")
    assert played(music, 1)
    terminal.press("n")
    terminal.wait_for("2/2  P0, ")
    assert played(music, 2)
    terminal.press("p")
    terminal.wait_for("1/2  P1, ")
    assert played(music, 3)
    terminal.press(" ")
    terminal.wait_for("paused")
    terminal.press(" xq")
    assert terminal.leave() == 0
    assert no_player_is_left(music)


def test_the_last_passage_is_the_end(start):
    terminal = start("query", "loud", "-p", "aria", "--play")
    terminal.wait_for("1/2")
    terminal.press("nn")
    assert terminal.leave() == 0


def test_the_same_bars_of_the_other_performance(start, music):
    terminal = start("compare", "0.wav", "1.wav", "--play")
    terminal.wait_for("1/2  P0, ")
    since = time.monotonic()
    first = terminal.wait_for("\r\n").strip()
    assert played(music, 1)
    terminal.press("b")
    terminal.wait_for("2/2  P1, ")
    second = terminal.wait_for("\r\n").strip()
    assert second != first
    gone = time.monotonic() - since  # of the first passage, at most
    lengths = played(music, 2)
    terminal.press("a")
    terminal.wait_for("1/2  P0, ")
    terminal.press("q")
    assert terminal.leave() == 0
    assert lengths[0] == 15 and (15 - gone) / 1.25 - 2 <= lengths[1] <= 13  # 1.25 times as fast


def test_show_plays_what_is_typical(start, music):
    terminal = start("show", "0.wav", "--play", FAKE_SECONDS="0.1")
    terminal.wait_for("1/3  P0, ")
    assert terminal.leave() == 0
    assert played(music, 3) == [15, 15, 15]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("paused", [True, False])
def test_a_signal_silences_the_player_and_restores_the_terminal(start, music, sent, paused):
    terminal = start("query", "loud", "-p", "aria", "--play")
    terminal.wait_for("1/2")
    if paused:
        terminal.press(" ")
        terminal.wait_for("paused")
    terminal.process.send_signal(sent)
    assert terminal.leave() == -sent
    assert no_player_is_left(music)


def test_ctrl_c_is_an_interrupt(start, music):
    terminal = start("query", "loud", "-p", "aria", "--play")
    terminal.wait_for("1/2")
    terminal.process.send_signal(signal.SIGINT)
    terminal.wait_for("espr: interrupted")
    assert terminal.leave() == INTERRUPTED
    assert no_player_is_left(music)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"FAKE_ERROR": "1"}, "mpv could not play (no sound card)"),
        ({"FAKE_SIGNAL": "11"}, "mpv could not play (no sound device?)"),
    ],
)
def test_a_player_that_crashes_is_one_line(start, environment, said):
    terminal = start("query", "loud", "-p", "aria", "--play", **environment)
    terminal.wait_for(f"espr: {said}")
    assert terminal.leave() == WRONG_INPUT


def test_a_terminal_that_is_closed_ends_it(start, music):
    terminal = start("query", "loud", "-p", "aria", "--play")
    terminal.wait_for("1/2")
    terminal.press("\x04")
    assert terminal.leave() == 0
    assert no_player_is_left(music)


def test_without_a_player_there_is_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EsprError, match="no player is there; install mpv"):
        start_player(tmp_path / "passage.wav")


def test_a_recording_that_is_gone_is_passed_over(start, music):
    (music / "1.wav").unlink()
    terminal = start("query", "loud", "-p", "aria", "--play", FAKE_SECONDS="0.1")
    terminal.wait_for("1.wav cannot be opened")
    terminal.wait_for("2/2  P0, ")
    assert terminal.leave() == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["query", "loud", "-p", "aria", "--play"], "--play needs a terminal"),
        (["show", "0.wav", "--play"], "--play needs a terminal"),
        (["compare", "-p", "aria", "--play"], "--play needs a terminal"),
        (["compare", "-p", "aria", "--play", "--json"], "--play excludes"),
        (["query", "loud", "--play", "--csv"], "--play excludes"),
        (["query", "--queries", "-", "--play"], "--play out"),
    ],
)
def test_without_a_terminal_nothing_is_played(music, monkeypatch, capsys, arguments, said):
    monkeypatch.setenv("ESPR_LIBRARY", str(music / "library.espr"))
    code, out, err = Espr(monkeypatch, capsys)(*arguments)
    assert (code, out) == (WRONG_INPUT, "")
    assert said in err and err.count("\n") == 1


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_real_player_takes_its_arguments(name, tmp_path):
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"{name} is not installed")
    file = tmp_path / "passage.wav"
    soundfile.write(file, np.zeros(4000), 8000)
    silent = {"SDL_AUDIODRIVER": "dummy"}
    extra = ["--ao=null"] if name == "mpv" else []
    done = subprocess.run(
        [program, *extra, *PROGRAMS[name], str(file)],
        env=os.environ | silent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_sounddevice_plays_where_no_program_is(music, start, tmp_path):
    """Here with a module of the same interface, which takes all of the sound at once."""
    (music / "bin" / "mpv").unlink()
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "sounddevice.py").write_text(
        "import threading, numpy as np\n"
        "class PortAudioError(Exception): pass\n"
        "class OutputStream:\n"
        "    def __init__(self, rate, channels, callback):\n"
        "        self.channels, self.callback = channels, callback\n"
        "    def start(self):\n"
        "        out = np.ones((8000, self.channels), np.float32)\n"
        "        for _ in range(20): self.callback(out, 8000, None, None)\n"
        "        assert not out.any()\n"
        "    def stop(self): pass\n"
        "    def close(self): pass\n"
    )
    path = os.pathsep.join([str(modules), str(Path(REPOSITORY))])
    terminal = start("query", "loud", "-p", "aria", "--play", PYTHONPATH=path)
    terminal.wait_for("1/2")
    terminal.wait_for("2/2")
    assert terminal.leave() == 0
