"""``espr doctor``: what a bug report needs, whatever is broken, and quickly."""

from __future__ import annotations

import json
import os
import sqlite3
from importlib import metadata

import pytest

from espr.catalog.catalog import Catalog
from espr.catalog.schema import FORMAT
from espr.maintenance import diagnosis
from tests.synthetic_library import build
from tests.typed import Espr
from tests.unprivileged import open_to_all, without_privileges


@pytest.fixture
def espr(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("ESPR_LIBRARY", os.fspath(tmp_path / "library.espr"))
    monkeypatch.setenv("ESPR_DATA", os.fspath(tmp_path / "data"))
    return Espr(monkeypatch, capsys)


def document(espr) -> dict:
    typed = espr("doctor", "--json")
    assert (typed.code, typed.err) == (0, "")
    return json.loads(typed.out)


def test_versions_paths_and_parts(espr, tmp_path):
    found = document(espr)
    assert found["schema"] == "espr.doctor/1"
    assert found["packages"]["numpy"] == metadata.version("numpy")
    assert found["sqlite"] == sqlite3.sqlite_version
    assert found["libsndfile"].count(".") == 2
    assert set(found["optional"]) == {"transformers", "matplotlib"}
    assert found["assets"]["glove.npy"] == "ok"
    assert {"signal", "glove"} <= {model["name"] for model in found["models"]}
    assert os.fspath(tmp_path / "data") in found["paths"]["data"]
    assert found["cores"] >= 1
    assert found["library"]["exists"] is False
    assert found["library"]["free_bytes"] > 0
    assert not (tmp_path / "library.espr").exists()
    typed = espr("doctor")
    assert typed.code == 0
    assert "not there yet" in typed.out
    assert all(line == line.rstrip() for line in typed.out.splitlines())


def test_the_state_of_the_library_and_who_writes_it(espr, tmp_path):
    library = tmp_path / "library.espr"
    build(library).close()
    found = document(espr)["library"]
    assert (found["format"], found["recordings"], found["journal"]) == (FORMAT, 8, "wal")
    assert found["analysed_by"] == {"signal/2": 8}
    assert (found["problem"], found["writer"]) == (None, None)
    with Catalog.open(library, write=True):
        assert f"process {os.getpid()} on" in document(espr)["library"]["writer"]
        assert "being written by process" in espr("doctor").out


def test_folders_that_cannot_be_entered_are_told_not_died_of(espr, tmp_path, monkeypatch):
    open_to_all(tmp_path)
    closed = tmp_path / "closed"
    library = closed / "below" / "library.espr"
    library.parent.mkdir(parents=True)
    (tmp_path / "data").symlink_to(closed)
    build(library).close()
    monkeypatch.setenv("ESPR_LIBRARY", os.fspath(library))
    document(espr)  # which imports what nobody could
    closed.chmod(0)
    try:
        with without_privileges():
            found = document(espr)
            assert "Permission denied" in espr("doctor").out
    finally:
        closed.chmod(0o755)
    assert "Permission denied" in found["library"]["problem"]
    assert found["library"]["free_bytes"] > 0
    assert {"signal", "glove"} <= {model["name"] for model in found["models"]}


def test_what_is_no_file_is_told(espr, tmp_path):
    os.mkfifo(tmp_path / "library.espr")
    assert "is no file" in document(espr)["library"]["problem"]


@pytest.mark.parametrize("content", [b"", b"notes" * 5000, b"SQLite format 3\0" + bytes(9000)])
def test_a_library_that_cannot_be_read_is_told_not_died_of(espr, tmp_path, content):
    library = tmp_path / "library.espr"
    library.write_bytes(content)
    found = document(espr)["library"]
    assert found["exists"]
    assert str(library) in found["problem"]
    assert found["problem"] in espr("doctor").out
    assert library.read_bytes() == content


def test_an_older_library_is_reported(espr, tmp_path):
    library = tmp_path / "library.espr"
    build(library).close()
    connection = sqlite3.connect(library)
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    assert "older ESPR (format 1" in document(espr)["library"]["problem"]


def test_shipped_files_that_are_damaged_or_missing_are_named(espr, tmp_path, monkeypatch):
    (tmp_path / "words.toml").write_text('[sha256]\n"a" = "00"\n"b" = "00"\n')
    (tmp_path / "torn.toml").write_text("[sha")
    (tmp_path / "a").write_text("a")
    monkeypatch.setattr(diagnosis, "ASSETS", tmp_path)
    states = {"a": "damaged", "b": "missing", "torn.toml": "damaged"}
    assert document(espr)["assets"] == states
    assert "file         a: damaged" in espr("doctor").out.splitlines()


def test_what_is_not_installed_is_named_with_what_it_is_for(espr, monkeypatch):
    version = metadata.version

    def without_two(name: str) -> str:
        if name in ("transformers", "torch"):
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(diagnosis.metadata, "version", without_two)
    lines = espr("doctor").out.splitlines()
    transformers = (
        'transformers not installed; for sentence encoders: pip install "espr[sentences]"'
    )
    assert transformers in lines
    assert "torch        missing" in lines
