"""``espr backup`` and ``espr restore``: a copy that is whole, put back without losing anything."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from espr.catalog import locations as paths
from espr.catalog.catalog import Catalog
from espr.catalog.recordings import remove, store_analysis
from espr.catalog.regroup import bring_up_to_date
from espr.errors import LIBRARY_DAMAGED, LIBRARY_IN_USE, NO_LIBRARY, WRONG_INPUT, EsprError
from espr.maintenance.backup import backup, restore
from espr.maintenance.check import check
from espr.maintenance.repair import repair
from espr.retrieval import search
from tests.maintenance.test_check import heard, tamper
from tests.maintenance.test_check import library as library  # a fixture
from tests.soak_kills import dump
from tests.synthetic_library import build, identity_model
from tests.typed import Espr


@pytest.fixture
def copy(tmp_path):
    return tmp_path / "backup.espr"


def journal(path: Path) -> str:
    connection = sqlite3.connect(path)
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    connection.close()
    return str(mode)


def beside(path: Path) -> set[str]:
    return {p.name for p in path.parent.glob(f"{path.name}*")} - {f"{path.name}.lock"}


def _lasting(path: Path) -> set[str]:
    return {name for name in beside(path) if not name.endswith(("-wal", "-shm"))}


def test_a_copy_is_one_file_and_says_the_same(library, copy):
    report = backup(copy, library)
    assert report.recordings == 4
    assert dump(copy) == dump(library)
    assert check(copy).problems == []
    assert beside(copy) == {"backup.espr"}


def test_while_a_writer_writes_the_copy_is_of_one_moment(library, copy, tmp_path):
    with Catalog.open(library, write=True) as writer:
        store_analysis(writer, *heard(tmp_path / "bach_Hess.flac", 5), "fake/1")
        with writer.transaction() as connection:
            connection.execute("DELETE FROM recordings")
            backup(copy, library)
            connection.execute("ROLLBACK")
            connection.execute("BEGIN")
    with Catalog.open(copy) as catalog:
        assert len(catalog.recordings()) == 5


def test_nothing_is_replaced_unasked(library, copy):
    copy.write_text("my thesis")
    with pytest.raises(EsprError, match="exists already; --force replaces it"):
        backup(copy, library)
    assert copy.read_text() == "my thesis"
    backup(copy, library, force=True)
    assert check(copy).problems == []
    for target, message in (
        (library, "is the library itself"),
        (library.parent, "is a folder"),
        (library.parent / "none" / "b", "there is no folder"),
    ):
        with pytest.raises(EsprError, match=message):
            backup(target, library, force=True)


def test_of_a_damaged_library_no_copy_is_made(library, copy):
    tamper(library, "UPDATE windows SET features = times")
    copy.write_text("an older one")
    with pytest.raises(EsprError, match="is damaged: 4 rows of windows") as raised:
        backup(copy, library, force=True)
    assert raised.value.exit_code == LIBRARY_DAMAGED
    assert copy.read_text() == "an older one"
    assert beside(copy) == {"backup.espr"}


def test_restored_it_is_as_it_was_and_the_other_is_kept(library, copy):
    expected = dump(library)
    backup(copy, library)
    with Catalog.open(library, write=True) as catalog:
        remove(catalog, [1, 2])
        bring_up_to_date(catalog)
    after = dump(library)
    report, kept = restore(copy, library)
    assert report.path == library
    assert dump(library) == expected
    assert dump(kept) == after
    assert check(library).problems == check(kept).problems == []
    assert copy.exists()
    assert journal(copy) == "delete"
    assert journal(library) == "wal"  # so that readers need not wait


def test_the_log_of_the_replaced_library_is_not_taken_for_the_new_one_s(library, copy, tmp_path):
    """The writer was killed: its log is still there."""
    backup(copy, library)
    expected = dump(library)
    torn = tmp_path / "torn"
    torn.mkdir()
    with Catalog.open(library, write=True) as writer:
        store_analysis(writer, *heard(tmp_path / "bach_Hess.flac", 5), "fake/1")
        for suffix in ("", "-wal"):
            shutil.copy(f"{library}{suffix}", torn)
    library = torn / "library.espr"
    _, kept = restore(copy, library)
    assert dump(library) == expected
    assert len(dump(kept)) == 5


def test_a_search_index_of_before_is_not_used_after(tmp_path, copy):
    library = tmp_path / "library.espr"
    builder = build(library)
    builder.close()
    backup(copy, library)
    with Catalog.open(library, write=True) as catalog:
        remove(catalog, [1])
        search.open_index(catalog, identity_model())
    restore(copy, library)
    with Catalog.open(library, write=True) as catalog:
        remove(catalog, [5])  # as many transactions as before
        assert len(search.open_index(catalog, identity_model())) == 7
        ids = catalog.pieces_of().keys()
    assert 1 in ids
    assert 5 not in ids


@pytest.mark.parametrize("where", ["tags", "pages", "another file"])
def test_a_damaged_backup_changes_nothing(library, copy, where):
    backup(copy, library)
    if where == "tags":
        tamper(copy, "UPDATE recordings SET checksum = 5")
    elif where == "pages":
        os.truncate(copy, copy.stat().st_size // 2)
    else:
        copy.write_bytes(b"music" * 5000)
    before, names = library.read_bytes(), _lasting(library)
    with pytest.raises(EsprError) as raised:
        restore(copy, library)
    assert raised.value.exit_code == LIBRARY_DAMAGED
    assert library.read_bytes() == before
    assert _lasting(library) == names


def test_a_damaged_library_is_replaced(library, copy):
    expected = dump(library)
    backup(copy, library)
    library.write_bytes(b"\0" * 20_000)
    restore(copy, library)
    assert dump(library) == expected


def test_what_cannot_be_restored(library, copy, tmp_path):
    with pytest.raises(EsprError, match="there is no file"):
        restore(copy, library)
    with pytest.raises(EsprError, match="is the library itself"):
        restore(library, library)
    backup(copy, library)
    with Catalog.open(library, write=True), pytest.raises(EsprError) as raised:
        restore(copy, library)
    assert raised.value.exit_code == LIBRARY_IN_USE
    with pytest.raises(EsprError) as raised:
        backup(tmp_path / "b", tmp_path / "none.espr")
    assert raised.value.exit_code == NO_LIBRARY


def test_as_it_is_typed(library, copy, monkeypatch, capsys):
    espr = Espr(monkeypatch, capsys)
    monkeypatch.setenv("ESPR_LIBRARY", os.fspath(library))
    assert espr("backup", copy) == (0, f"4 recordings in {copy}, checked\n", "")
    typed = espr("backup", copy)
    assert (typed.code, typed.out) == (WRONG_INPUT, "")
    assert espr("backup", copy, "--force").code == 0
    new = copy.parent / "new" / "library.espr"
    typed = espr("restore", copy, "--library", new)
    assert typed == (0, f"{new}: 4 recordings, checked\n", "")
    typed = espr("restore", copy)
    assert typed.out.splitlines()[1].startswith(f"the previous library: {library}.before-")


def test_every_library_that_was_replaced_is_kept(library, copy, monkeypatch):
    monkeypatch.setattr(paths.time, "strftime", lambda form: "20261123-120000")
    backup(copy, library)
    with Catalog.open(library, write=True) as catalog:
        remove(catalog, [1])
    before = dump(library)
    _, first = restore(copy, library)
    _, second = restore(copy, library)
    assert first is not None
    assert second is not None
    assert dump(first) == before
    assert dump(second) == dump(copy)


def test_a_library_by_another_name_is_the_same_library(library, copy, tmp_path):
    link = tmp_path / "link" / "music.espr"
    link.parent.mkdir()
    link.symlink_to(library)
    backup(copy, link)
    with Catalog.open(library, write=True) as writer:
        with pytest.raises(EsprError, match="is being written by process") as raised:
            Catalog.open(link, write=True)
        assert raised.value.exit_code == LIBRARY_IN_USE
        remove(writer, [1])
    _, kept = restore(copy, link)
    assert link.is_symlink()
    assert kept is not None
    assert kept.parent == library.parent
    assert dump(library) == dump(copy) != dump(kept)
    assert os.listdir(link.parent) == ["music.espr"]


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_is_neither_waited_for_nor_moved(library, copy, tmp_path, make):
    backup(copy, library)
    other = tmp_path / "other"
    make(other)
    for command in (
        lambda: restore(copy, other),
        lambda: restore(other, library),
        lambda: backup(other, library, force=True),
        lambda: backup(tmp_path / "more.espr", other),
        lambda: Catalog.open(other),
        lambda: Catalog.open(other, write=True),
        lambda: repair(other),
        lambda: check(other),
    ):
        with pytest.raises(EsprError, match=r"is (a folder|no file)"):
            command()
    assert other.is_dir() or other.is_fifo()
    assert beside(other) == {"other"}


def test_a_library_that_was_read_while_it_was_written_is_whole_in_its_file(library, tmp_path):
    reader = Catalog.open(library)
    with reader.snapshot():
        reader.recordings()
    with Catalog.open(library, write=True) as writer:
        store_analysis(writer, *heard(tmp_path / "bach_Hess.flac", 5), "fake/1")
    reader.close()
    expected = dump(library)
    assert len(expected) == 5
    shutil.copy(library, tmp_path / "moved.espr")  # without any log
    assert dump(tmp_path / "moved.espr") == expected
