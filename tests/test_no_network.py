"""Nothing asks the network: every command runs where sockets to anywhere are forbidden."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.signals import write_phrase
from tests.typed import MAIN, REPOSITORY

# Python runs it at the start of every process, those of workers too. What is swallowed by an
# `except` still stands in the file.
FORBID = """
import os, sys

def forbid(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], (str, bytes)):
        return  # a socket of this machine's file system
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto",
                 "urllib.Request", "http.client.connect", "ftplib.connect", "smtplib.connect"):
        with open(os.environ["ESPR_TEST_ASKED"], "a") as asked:
            print(event, arguments, sys.argv, file=asked)
        raise RuntimeError(f"network: {event} {arguments}")

sys.addaudithook(forbid)
"""

# Several commands in one process; their exit codes as the last line.
SEVERAL = """
import json, sys
from espr.cli.app import main

codes = []
if __name__ == "__main__":
    for line in json.loads(sys.argv[1]):
        sys.argv = ["espr", *line]
        try:
            main()
        except SystemExit as left:
            codes.append(int(left.code or 0))
    print(json.dumps(codes), file=sys.stderr)
"""


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """Run Python where the network is forbidden; returns output and checks that none was asked."""
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(FORBID)
    asked = tmp_path / "asked.txt"
    asked.touch()
    own = {
        "PYTHONPATH": f"{hook}{os.pathsep}{REPOSITORY}",
        "ESPR_TEST_ASKED": str(asked),
        "ESPR_LIBRARY": str(tmp_path / "library.espr"),
        "ESPR_DATA": str(tmp_path / "data"),
        "HF_HUB_OFFLINE": "",
    }

    def run(script, *arguments):
        done = subprocess.run(
            [sys.executable, "-c", script, *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, **own},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert asked.read_text() == ""
        return done

    return run


def test_the_network_is_forbidden(alone, tmp_path):
    script = "import socket; socket.create_connection(('127.0.0.1', 9))"
    with pytest.raises(AssertionError):
        alone(script)
    assert "socket" in (tmp_path / "asked.txt").read_text()


def test_what_users_do(alone, tmp_path):
    music = tmp_path / "music"
    music.mkdir()
    for number in range(2):
        write_phrase(music / f"prelude_{'AB'[number]}.flac", 3.0, number)
    vectors = tmp_path / "words.txt"
    vectors.write_text("calm 1 0 0\ndark 0 1 0\nfast 0 0 1\n")
    succeed = [
        ("--help",),
        ("index", music, "--jobs", "1"),
        ("index", music),
        ("pieces", "show", "prelude"),
        ("query", "calm, not fast"),
        ("query", "calm", "--piece", "prelude", "--json"),
        ("show", "prelude_A"),
        ("words", "calm"),
        ("models",),
        ("check",),
        ("doctor",),
    ]
    fail = [
        ("evaluate", "--dataset", "con-espressione"),
        ("index", music, "--encoder", "cp-resnet"),
        ("models", "add", vectors),
    ]
    lines = [[str(part) for part in line] for line in (*succeed, *fail)]
    done = alone(SEVERAL, json.dumps(lines))
    assert json.loads(done.stderr.splitlines()[-1]) == [0] * len(succeed) + [2] * len(fail)


def test_evaluating(alone, game):
    done = alone(MAIN, "evaluate", "--data-dir", game, "--dataset", "con-espressione", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["queries"] > 0


def test_sentence_folders_are_not_looked_up(alone, tmp_path):
    """A name that is no folder must not be taken for one on a model hub."""
    script = (
        "import sys, espr\n"
        "try: espr.load_text_encoder(sys.argv[1])\n"
        "except espr.EsprError as error: print('refused')\n"
    )
    for name in ("sentence-transformers/all-MiniLM-L6-v2", "all-MiniLM-L6-v2"):
        assert alone(script, name).stdout == "refused\n"
