"""Bad files cost one clear line each; the other files are indexed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from espr.errors import NONE_READABLE, SOME_UNREADABLE
from tests.signals import phrase, truncate, write, write_phrase
from tests.typed import PATIENCE, Espr, start

# file name → what its reason says
BAD = {
    "lyrics.mp3": "cannot be decoded",
    "empty.flac": "is empty (0 bytes)",
    "cut.mp3": "is cut short",
    "cut.flac": "is (damaged or )?cut short",
    "cut.wav": "is cut short",
    "cut.ogg": "is cut short",
    "cut.aiff": "is cut short",
    "zero.wav": "holds no audio",
    "nan.wav": "samples that are not numbers",
    "silence.flac": "is silent",
    "blip.wav": "holds only 0.3 s of sound",
    os.fsdecode(b"broken caf\xe9.wav"): "is empty",
}
SIGNAL = ("--encoder", "signal", "--jobs", "1")  # loads fastest
GOOD = {
    "telephone.wav": 3.0,
    "surround.flac": 2.0,
    os.fsdecode(b"caf\xe9_\xff.wav"): 2.0,
    "🎹 Prélude.flac": 2.0,
    "line\nbreak\x1b[31m.wav": 2.0,
}


def make_bad(folder: Path) -> None:
    (folder / "lyrics.mp3").write_text("Röslein, Röslein, Röslein rot\n" * 200)
    (folder / "empty.flac").touch()
    (folder / os.fsdecode(b"broken caf\xe9.wav")).touch()
    for suffix in ("mp3", "flac", "wav", "ogg", "aiff"):
        truncate(write_phrase(folder / f"cut.{suffix}", 4.0), 0.6)
    write(folder / "zero.wav", np.zeros(0))
    samples = phrase()
    samples[1000] = np.nan
    write(folder / "nan.wav", samples, subtype="FLOAT")
    write(folder / "silence.flac", np.zeros(5 * 22_050))
    write(folder / "blip.wav", phrase(0.3))


def make_good(folder: Path) -> None:
    write(folder / "telephone.wav", phrase(3.0, 8_000), 8_000)
    six = np.tile(phrase(2.0, 192_000)[:, None], 6)
    write(folder / "surround.flac", six, 192_000)
    for seed, name in enumerate(name for name in GOOD if name[0] not in "ts"):
        write_phrase(folder / name, 2.0, seed)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("audio")
    make_bad(folder)
    make_good(folder)
    return folder


@pytest.fixture(scope="module")
def first_run(folder, tmp_path_factory):
    """The library, and what was printed when it was made: exit code and JSON Lines."""
    library = tmp_path_factory.mktemp("library") / "library.espr"
    running = start("index", folder, "--library", library, "--json", "--jobs", "1")
    out, _ = running.communicate(timeout=PATIENCE)
    return library, running.returncode, out


@pytest.fixture
def library(first_run):
    return first_run[0]


@pytest.fixture
def espr(monkeypatch, capsys):
    return Espr(monkeypatch, capsys)


def test_each_bad_file_is_named_with_its_reason_and_the_others_are_heard(folder, first_run):
    _, code, out = first_run
    assert code == SOME_UNREADABLE
    events = [json.loads(line) for line in out.splitlines()]
    summary = events.pop()
    assert summary["event"] == "summary"
    assert (summary["indexed"], summary["unreadable"]) == (len(GOOD), len(BAD))
    by_name = {os.path.basename(e["path"]): e for e in events if e["event"] != "grouped"}
    assert by_name.keys() == BAD.keys() | GOOD.keys()
    for name, reason in BAD.items():
        assert by_name[name]["event"] == "unreadable"
        pytest.raises(AssertionError, match=reason).matches(AssertionError(by_name[name]["reason"]))
        assert "\n" not in by_name[name]["reason"]
    for name, seconds in GOOD.items():
        assert by_name[name]["event"] == "indexed"
        assert by_name[name]["seconds"] == pytest.approx(seconds, abs=0.01)
    assert {e["path"] for e in events if e["event"] == "grouped"} == {
        str(folder / name) for name in GOOD
    }


def test_they_are_told_again_in_one_line_each_and_not_heard_again(espr, folder, library):
    done = espr("index", folder, "--library", library)
    assert done.code == SOME_UNREADABLE
    assert done.out == (
        f"indexed 0 · unchanged {len(GOOD)} · moved 0 · removed 0 · unreadable {len(BAD)}\n"
    )
    lines = done.err.splitlines()
    assert len(lines) == len(BAD)
    assert f"{folder}/silence.flac: is silent" in lines
    assert f"{folder}/broken caf\\xe9.wav: is empty (0 bytes)" in lines


def test_names_are_printed_without_what_steers_a_terminal(espr, folder, library):
    done = espr("pieces", "show", "line-break", "--library", library)
    assert done.code == 0
    assert "\x1b" not in done.out
    assert "line break[31m.wav" in done.out


def test_a_folder_of_bad_files_alone(espr, tmp_path):
    folder = tmp_path / "music"
    folder.mkdir()
    (folder / "lyrics.mp3").write_text("Röslein rot")
    done = espr("index", folder, "--library", tmp_path / "library.espr")
    assert done.code == NONE_READABLE
    assert len(done.err.splitlines()) == 2
    assert done.out.endswith("unreadable 1\n")


def test_many_bad_files_are_not_all_listed(espr, tmp_path):
    folder = tmp_path / "music"
    folder.mkdir()
    for number in range(25):
        (folder / f"{number:02}.wav").touch()
    library = tmp_path / "library.espr"
    done = espr("index", folder, "--library", library, "--quiet", *SIGNAL)
    assert done.out == ""
    assert len(done.err.splitlines()) == 21
    assert done.err.splitlines()[-1].startswith("… and 5 more")
    shutil.rmtree(folder)
    assert espr("pieces", "--library", library).out.startswith("no recordings yet")


def test_decoders_do_not_write_on_the_terminal(tmp_path):
    """mpg123 comments on damaged frames; the user reads one reason a file instead."""
    rng = np.random.default_rng(0)
    whole = tmp_path / "music" / "a.mp3"
    whole.parent.mkdir()
    write(whole, rng.uniform(-0.5, 0.5, 5 * 44_100), 44_100)
    damaged = bytearray(whole.read_bytes())
    for position in rng.integers(2_000, len(damaged), 3_000):
        damaged[position] = int(rng.integers(256))
    (tmp_path / "music" / "b.mp3").write_bytes(bytes(damaged))
    done = subprocess.run(
        [sys.executable, "-m", "espr", "index", "--quiet", *SIGNAL, str(whole.parent)],
        env={**os.environ, "ESPR_LIBRARY": str(tmp_path / "library.espr")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 3)
    assert "mpg123" not in done.stderr
    assert "MPEG" not in done.stderr
