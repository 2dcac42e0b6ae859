"""``espr serve`` as it is typed: an address, and an end."""

from __future__ import annotations

import builtins
import os
import re
import signal
import socket
import sys
import urllib.error
import urllib.request

import pytest

from espr.errors import NO_LIBRARY, WRONG_INPUT
from tests.synthetic_library import build
from tests.typed import PATIENCE, Espr, start

pytest.importorskip("uvicorn", reason="the extra serve is not installed")


@pytest.fixture
def library(tmp_path):
    builder = build(tmp_path / "library.espr")
    builder.close()
    return builder.path


@pytest.fixture
def espr(library, monkeypatch, capsys):
    monkeypatch.setenv("ESPR_LIBRARY", str(library))
    return Espr(monkeypatch, capsys)


def test_it_serves_until_ctrl_c(library):
    process = start(
        *("serve", "--no-open", "--port", "0"), env={**os.environ, "ESPR_LIBRARY": str(library)}
    )
    address = re.fullmatch(
        r"Open (http://127\.0\.0\.1:\d+/)\?token=\S+\n", process.stdout.readline()
    )
    assert process.stdout.readline() == "Ctrl-C ends it.\n"
    with pytest.raises(urllib.error.HTTPError) as answer:  # it listens before it says so
        urllib.request.urlopen(address[1], timeout=PATIENCE)
    with answer.value:
        assert answer.value.code == 403  # it asks for the secret
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")


def test_a_port_in_use_is_one_line(espr):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, err = espr("serve", "--no-open", "--port", str(port))
    assert code == WRONG_INPUT
    assert re.fullmatch(rf"espr: port {port} cannot be used: .*; give another: --port 0\n", err)


def test_without_a_library_nothing_is_served(espr, tmp_path):
    assert espr("serve", "--no-open", "--library", tmp_path / "no.espr").code == NO_LIBRARY


def test_without_the_extra_the_line_says_how_to_get_it(espr, monkeypatch):
    found = builtins.__import__

    def missing(name, *rest, **more):
        if name.partition(".")[0] in ("uvicorn", "starlette", "espr.serve"):
            raise ModuleNotFoundError(f"No module named {name!r}", name="uvicorn")
        return found(name, *rest, **more)

    for name in [one for one in sys.modules if one.startswith("espr.serve")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", missing)
    code, _, err = espr("serve", "--no-open")
    assert code == WRONG_INPUT
    assert err == "espr: espr serve needs uvicorn; run: pip install 'espr[serve]'\n"
