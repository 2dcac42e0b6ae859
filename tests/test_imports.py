"""What a command imports is what it costs to start: gates on ``sys.modules``, not on a clock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import wave

import numpy as np
import pytest

import espr
from espr.catalog.locations import VARIABLE
from tests.synthetic_library import build
from tests.typed import PATIENCE

HEAVY = {
    "torch",
    "librosa",
    "gensim",
    "scipy",
    "sklearn",
    "numba",
    "matplotlib",
    "transformers",
    "jinja2",
}
SOUND = {"soundfile", "soxr", "av"}
NUMPY = {"numpy"}

# Runs what it is given and writes down what was imported for it.
_WITNESS = """
import json, sys
sys.argv[0], target = "espr", sys.argv.pop(1)
try:
    exec(sys.argv.pop(1))
finally:
    with open(target, "w") as file:
        json.dump(sorted({name.partition(".")[0] for name in sys.modules}), file)
"""
_COMMAND = "from espr.cli.app import main; main()"


@pytest.fixture
def imported(tmp_path, monkeypatch):
    """Run code, or a command, in a fresh Python; get the packages that it imported."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "library.espr"))

    def run(code, *arguments):
        target = tmp_path / "imported.json"
        done = subprocess.run(
            [sys.executable, "-c", _WITNESS, str(target), code, *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env=os.environ,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return set(json.loads(target.read_text()))

    return run


@pytest.fixture
def library(tmp_path):
    build(tmp_path / "library.espr").close()


def test_the_package_alone_needs_no_numpy(imported):
    names = imported("import espr; espr.__version__; dir(espr)")
    assert not names & (NUMPY | HEAVY | SOUND | {"typer", "rich"})


def test_every_public_name_is_there_and_no_other():
    assert dir(espr) == sorted(espr.__all__)
    assert all(getattr(espr, name) is not None for name in espr.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Libary'"):
        espr.Libary  # noqa: B018


@pytest.mark.parametrize(
    "arguments",
    [
        "--help",
        "--version",
        "query --help",
        "index --help",
        "pieces rename --help",
        "train --help",
        "models add --help",
        "evaluate --help",
    ],
)
def test_help_needs_no_numpy_and_no_rich(imported, arguments):
    names = imported(_COMMAND, *arguments.split())
    assert not names & (NUMPY | HEAVY | SOUND | {"rich", "sqlite3", "multiprocessing"})


@pytest.mark.parametrize("typed", ["espr que", "espr query --piece ", "espr show arr"])
def test_completion_needs_no_numpy(imported, library, monkeypatch, typed):
    monkeypatch.setenv("_ESPR_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", typed.replace(" ", "\n"))
    monkeypatch.setenv("COMP_CWORD", str(typed.count(" ")))
    assert not imported(_COMMAND) & (NUMPY | HEAVY | SOUND | {"rich"})


def test_a_query_within_a_piece_needs_numpy_only(imported, library):
    names = imported(_COMMAND, "query", "soft, legato", "--piece", "prelude")
    assert names >= NUMPY
    assert not names & (HEAVY | SOUND | {"faiss", "tinytag"})


def test_a_query_over_the_library_needs_no_more_than_faiss(imported, library):
    assert not imported(_COMMAND, "query", "soft, legato") & (HEAVY | SOUND)


def test_what_looks_after_a_library_needs_nothing_heavy(imported, library, tmp_path):
    assert not imported(_COMMAND, "doctor") & (HEAVY | {"faiss"})
    for arguments in (["check"], ["repair"], ["backup", str(tmp_path / "copy")]):
        assert not imported(_COMMAND, *arguments) & (HEAVY | SOUND | {"faiss"})


def test_words_are_explained_with_numpy_only(imported):
    names = imported(_COMMAND, "words", "soft", "--between", "fast", "slow")
    assert names >= NUMPY
    assert not names & (HEAVY | SOUND | {"faiss", "tinytag"})


def test_models_are_listed_without_torch(imported, tmp_path, monkeypatch):
    monkeypatch.setenv("ESPR_DATA", str(tmp_path))
    for arguments in (["models"], ["models", "--json"]):
        assert not imported(_COMMAND, *arguments) & (HEAVY | SOUND | {"safetensors", "sqlite3"})


@pytest.mark.parametrize("arguments", ["pieces", "pieces show prelude", "show arrau prelude"])
def test_looking_things_up_needs_nothing_that_hears(imported, library, arguments):
    assert not imported(_COMMAND, *arguments.split()) & (HEAVY | SOUND | {"faiss"})


def test_the_process_that_indexes_does_not_hear_by_itself(imported, tmp_path):
    music = tmp_path / "music"
    music.mkdir()
    times = np.arange(8 * 22_050) / 22_050
    notes = np.sin(2 * np.pi * 330 * times) * np.exp(-4 * (times % 0.5)) * 20_000
    with wave.open(str(music / "a_b.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(22_050)
        file.writeframes(notes.astype("<i2").tobytes())
    names = imported(_COMMAND, "index", str(music), "--quiet", "--jobs", "1")
    # the encoder is loaded here for its id only
    assert not names & (HEAVY | {"faiss"})
