"""``espr index`` as it is typed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from espr.catalog.catalog import Catalog
from espr.errors import (
    INTERRUPTED,
    LIBRARY_DAMAGED,
    LIBRARY_IN_USE,
    NOTHING_MATCHED,
    WRONG_INPUT,
)
from tests.signals import phrase, write, write_phrase
from tests.typed import MAIN, PATIENCE, REPOSITORY, Espr, start


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    folder = tmp_path_factory.mktemp("music")
    for seed, name in enumerate(("aria_Ida.wav", "aria_Jo.flac", "fugue_Ida.ogg", "fugue_Jo.mp3")):
        write_phrase(folder / name, 2.0, seed)
    return folder


@pytest.fixture
def library(tmp_path, monkeypatch):
    path = tmp_path / "library.espr"
    monkeypatch.setenv("ESPR_LIBRARY", str(path))
    return path


@pytest.fixture
def espr(monkeypatch, capsys):
    return Espr(monkeypatch, capsys)


def test_index_twice_in_a_process_of_its_own(music, library):
    """The second run starts no worker and imports nothing that hears."""
    first = start("index", music, "--json")
    out, err = first.communicate(timeout=PATIENCE)
    assert (first.returncode, err) == (0, "")
    events = [json.loads(line) for line in out.splitlines()]
    assert [e["event"] for e in events] == ["indexed"] * 4 + ["grouped"] * 4 + ["summary"]
    assert {(Path(e["path"]).name, e["piece"]) for e in events if e["event"] == "grouped"} == {
        ("aria_Ida.wav", "aria"), ("aria_Jo.flac", "aria"),
        ("fugue_Ida.ogg", "fugue"), ("fugue_Jo.mp3", "fugue"),
    }  # fmt: skip
    assert all(e["seconds"] == pytest.approx(2.0, abs=0.1) for e in events[:4])
    assert events[-1]["indexed"] == 4
    assert events[-1]["seconds"] == pytest.approx(8.0, abs=0.2)

    look = MAIN.replace(
        "; main()",
        "\nimport sys\ntry: main()\nfinally: print(*sorted(sys.modules), file=sys.stderr)",
    )
    again = subprocess.run(
        [sys.executable, "-c", look, "index", music],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    assert again.stdout == "indexed 0 · unchanged 4 · moved 0 · removed 0 · unreadable 0\n"
    imported = set(again.stderr.split())
    assert "espr.indexing.run" in imported
    heavy = {
        "torch",
        "librosa",
        "numba",
        "gensim",
        "faiss",
        "soundfile",
        "tinytag",
        "av",
        "rich.table",
    }
    assert not imported & heavy


def test_ctrl_c_keeps_what_is_finished(tmp_path, library):
    folder = tmp_path / "music"
    folder.mkdir()
    write(folder / "00.wav", np.tile(phrase(12.0), 3))
    for number in range(1, 40):
        shutil.copy(folder / "00.wav", folder / f"{number:02}.wav")
    # As in a terminal, the signal goes to the whole group, workers included.
    signals = ("--encoder", "signal")  # loads fastest
    running = start("index", folder, "--json", "--jobs", "2", *signals, start_new_session=True)
    assert running.stdout is not None
    first = json.loads(running.stdout.readline())
    assert first["event"] == "indexed"
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=PATIENCE)
    assert running.returncode == INTERRUPTED
    assert "Traceback" not in err
    summary = json.loads(out.splitlines()[-1])
    assert summary["interrupted"]
    assert 1 <= summary["indexed"] < 40
    with Catalog.open(library) as catalog:
        assert len(catalog.recordings()) == summary["indexed"]
        assert all(recording.piece_id for recording in catalog.recordings())
    for number in range(4, 40):
        (folder / f"{number:02}.wav").unlink()
    going_on = start("index", folder)
    out, err = going_on.communicate(timeout=PATIENCE)
    assert going_on.returncode == 0
    with Catalog.open(library) as catalog:
        assert len(catalog.recordings()) == 4


@pytest.mark.parametrize("arguments", [["missing"], ["."], ["notes.txt"]])
def test_nothing_to_hear_is_one_line(espr, library, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("no audio")
    done = espr("index", *arguments)
    assert done.code == (WRONG_INPUT if arguments == ["missing"] else NOTHING_MATCHED)
    assert (len(done.err.splitlines()), done.out) == (1, "")
    assert not library.exists()


def test_a_library_that_is_none_is_left_alone(espr, library, music, tmp_path):
    library.write_text("my favourite recordings\n" * 20)
    done = espr("index", music)
    assert (done.code, len(done.err.splitlines())) == (LIBRARY_DAMAGED, 1)
    assert library.read_text() == "my favourite recordings\n" * 20
    newer = tmp_path / "newer.espr"
    Catalog.open(newer, write=True).close()
    connection = sqlite3.connect(newer)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    done = espr("index", music, "--library", newer)
    assert (done.code, len(done.err.splitlines())) == (LIBRARY_DAMAGED, 1)
    assert "newer" in done.err


def test_a_library_in_use(espr, library, music):
    with Catalog.open(library, write=True):
        done = espr("index", music)
    assert (done.code, len(done.err.splitlines())) == (LIBRARY_IN_USE, 1)
    assert f"process {os.getpid()}" in done.err


def test_a_manifest_that_cannot_be_read_changes_nothing(espr, library, music, tmp_path):
    (tmp_path / "pieces.csv").write_text("file;work\n")
    done = espr("index", music, "--pieces", tmp_path / "pieces.csv")
    assert (done.code, len(done.err.splitlines())) == (WRONG_INPUT, 1)
    done = espr("index", music, "--pieces", tmp_path / "missing.csv")
    assert (done.code, len(done.err.splitlines())) == (WRONG_INPUT, 1)


def test_an_unknown_encoder(espr, library, music):
    done = espr("index", music, "--encoder", "ears")
    assert (done.code, len(done.err.splitlines())) == (WRONG_INPUT, 1)
    assert not library.exists()


def test_a_dry_run(espr, library, music):
    done = espr("index", music, "--dry-run")
    assert done.code == 0
    assert f"would be indexed: {music}/aria_Ida.wav" in done.out.splitlines()
    assert done.out.splitlines()[-1].startswith("would be: indexed 4 · unchanged 0")
    assert not library.exists()
    done = espr("index", music, "--dry-run", "--json")
    last = json.loads(done.out.splitlines()[-1])
    assert (last["event"], last["dry_run"], last["indexed"]) == ("summary", True, 4)


def test_what_is_left_out_and_what_matches_nothing_is_said(espr, library, music, tmp_path):
    (music / "cover.jpg").touch()
    (music / "back.JPG").touch()
    (music / "old.cue").write_text('FILE "x.wav" WAVE\n TRACK 01 AUDIO\n INDEX 01 00:00:00\n')
    rows = tmp_path / "pieces.csv"
    rows.write_text(f"path,piece,performer\n{music}/nosuch.wav,X,Y\n")
    said = espr("index", music, "--pieces", rows, "--json")
    summary = json.loads(said.out.splitlines()[-1])
    assert summary["left_out"] == 2
    assert summary["left_out_by_suffix"] == {".jpg": 2}
    assert summary["unmatched"] == [f"{music}/nosuch.wav"]
    assert summary["notes"] == {f"{music}/old.cue": "no file 'x.wav' beside the sheet"}
    said = espr("index", music, "--pieces", rows)
    assert said.code == 0
    for line in (
        "left out, no audio: .jpg 2",
        f"note: {music}/old.cue: no file 'x.wav' beside the sheet",
        f"1 row of the manifest without a recording: {music}/nosuch.wav",
    ):
        assert line in said.err.splitlines()
