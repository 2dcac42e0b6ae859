"""The catalog: what is written is read, and nothing else is taken for a library."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from espr.audio.encoder import Analysis, Windows
from espr.catalog.catalog import Catalog
from espr.catalog.locations import library_path
from espr.catalog.models import ScannedFile
from espr.catalog.recordings import remove, store_analysis, store_unreadable
from espr.catalog.regroup import bring_up_to_date, regroup
from espr.catalog.schema import FORMAT
from espr.catalog.search import find_pieces, find_recordings
from espr.errors import LIBRARY_DAMAGED, LIBRARY_IN_USE, NO_LIBRARY, WRONG_INPUT, EsprError
from espr.features import MIDLEVEL
from espr.works.tags import Tags
from tests.unprivileged import without_privileges

REPOSITORY = Path(__file__).parents[2]


def hearing(seed: int = 0, duration: float = 20.0, shift: float = 0.0) -> Analysis:
    features = np.random.default_rng(seed).normal(size=(3, 8)).astype(np.float32)
    times = np.array([[0.0, 15.0], [5.0, 20.0], [10.0, 25.0]])
    windows = Windows(times, features * np.float32(1 + shift), MIDLEVEL)
    return Analysis(windows, duration, f"{seed:032x}", {})


def source(path: str | Path, start: float = 0.0) -> ScannedFile:
    return ScannedFile(os.fspath(path), start, None, 1000, 1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "music.espr"


@pytest.fixture
def filled(path):
    """Two pieces, named by their files."""
    with Catalog.open(path, write=True) as catalog:
        for seed, name in enumerate(
            ("bach_Gould", "bach_Grimaud", "händel_Gould", "händel_Richter")
        ):
            tags = Tags(artist=name.partition("_")[2])
            store_analysis(catalog, source(f"/music/{name}.flac"), tags, hearing(seed), "fake/1")
        regroup(catalog)
    return path


def exit_code(path: str | Path, *, write: bool = False) -> int:
    with pytest.raises(EsprError) as raised:
        Catalog.open(path, write=write).close()
    assert "\n" not in str(raised.value)
    return raised.value.exit_code


# -- what is no library --------------------------------------------------------------------


def test_no_library_is_told_with_the_command_that_makes_one(path):
    with pytest.raises(EsprError, match="espr index FOLDER") as raised:
        Catalog.open(path)
    assert raised.value.exit_code == NO_LIBRARY
    assert not path.exists()


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize(
    "content", [b"my favourite recordings\n" * 100, b"", b"SQLite format 3\0" + b"\xff" * 2000]
)
def test_a_file_of_another_kind_is_refused_and_left_alone(path, content, write):
    path.write_bytes(content)
    assert exit_code(path, write=write) == LIBRARY_DAMAGED
    assert path.read_bytes() == content


@pytest.mark.parametrize("write", [False, True])
def test_another_program_s_database_is_refused(path, write):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = path.read_bytes()
    assert exit_code(path, write=write) == LIBRARY_DAMAGED
    assert path.read_bytes() == before


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize(("change", "advice"), [(-2, "espr index FOLDER"), (1, "upgrade")])
def test_another_format_is_refused_with_what_to_do(filled, write, change, advice):
    connection = sqlite3.connect(filled)
    connection.execute(f"PRAGMA user_version = {FORMAT + change}")
    connection.close()
    before = filled.read_bytes()
    with pytest.raises(EsprError, match=advice):
        Catalog.open(filled, write=write)
    assert exit_code(filled, write=write) == LIBRARY_DAMAGED
    assert filled.read_bytes() == before


def test_a_folder_is_no_library(tmp_path):
    assert exit_code(tmp_path) == LIBRARY_DAMAGED


def test_a_cut_library_is_told_as_damaged(filled):
    os.truncate(filled, 3 * 4096)
    with pytest.raises(EsprError) as raised, Catalog.open(filled) as catalog:
        catalog.recordings()
    assert raised.value.exit_code == LIBRARY_DAMAGED


@pytest.mark.parametrize(
    ("statement", "read"),
    [
        ("UPDATE profiles SET profile = zeroblob(32)", lambda c: c.profiles(None, "fake/1")),
        ("UPDATE profiles SET encoder = 'fake/2'", lambda c: c.profiles(None, "fake/2")),
        ("UPDATE windows SET times = features", lambda c: c.windows(1)),
        ("UPDATE recordings SET duration = 1e9", lambda c: c.recordings()),
        ("UPDATE recordings SET tags = '{'", lambda c: c.recordings()),
        ("DELETE FROM meta", lambda c: c.generation()),
        ("DROP TABLE windows", lambda c: c.windows(1)),
    ],
)
def test_rows_that_are_not_what_was_written_are_not_served(filled, statement, read):
    with sqlite3.connect(filled) as connection:
        connection.create_function("crc", -1, lambda *row: 0)  # the triggers', which lies
        connection.execute(statement)
    connection.close()
    with Catalog.open(filled) as catalog, pytest.raises(EsprError, match="damaged") as raised:
        read(catalog)
    assert raised.value.exit_code == LIBRARY_DAMAGED


# -- writing and reading ---------------------------------------------------------------------


def test_the_folder_of_the_library_is_made_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "a" / "b" / "music.espr"
    Catalog.open(path, write=True).close()
    assert {file.name for file in path.parent.iterdir()} == {"music.espr", "music.espr.lock"}
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA application_id").fetchone() == (0x45535052,)
    assert connection.execute("PRAGMA user_version").fetchone() == (FORMAT,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
    connection.close()
    assert meta["espr"]
    assert len(meta["id"]) == 32


def test_windows_and_profiles_come_back_as_they_were(filled):
    with Catalog.open(filled) as catalog:
        ids, profiles = catalog.profiles(None, "fake/1")
        assert ids.tolist() == [1, 2, 3, 4]
        for identity, profile in zip(ids, profiles, strict=True):
            expected = hearing(int(identity) - 1).windows
            windows = catalog.windows(int(identity))
            np.testing.assert_array_equal(windows.features, expected.features)
            np.testing.assert_array_equal(windows.times, expected.times)
            assert windows.space == MIDLEVEL
            np.testing.assert_allclose(profile, expected.profile, rtol=1e-6)
        some, _ = catalog.profiles([4, 2], "fake/1")
        assert some.tolist() == [2, 4]
        assert catalog.profiles(None, "other/1")[0].size == 0
        with pytest.raises(EsprError, match="not heard by other/1"):
            catalog.windows(1, "other/1")


def test_more_recordings_than_one_statement_can_name(filled):
    with Catalog.open(filled) as catalog:
        ids, _ = catalog.profiles(list(range(5000)), "fake/1")
    assert ids.tolist() == [1, 2, 3, 4]


def test_names_that_are_not_utf8_and_emoji(path):
    names = [os.fsdecode(b"/music/caf\xe9_\xff.flac"), "/music/🎹_prélude\n.flac"]
    with Catalog.open(path, write=True) as catalog:
        for seed, name in enumerate(names):
            store_analysis(catalog, source(name), Tags(title=name), hearing(seed), "fake/1")
        regroup(catalog)
        assert sorted(r.path for r in catalog.recordings()) == sorted(names)
        for name in names:
            assert [r.path for r in find_recordings(catalog, name)] == [name]


def test_hearing_again_replaces_and_another_encoder_stands_beside(path):
    take = source("/music/a.flac")
    with Catalog.open(path, write=True) as catalog:
        identity = store_analysis(catalog, take, Tags(), hearing(1), "signal/1")
        assert store_analysis(catalog, take, Tags(), hearing(1), "midlevel/1") == identity
        assert len(catalog.profiles(None, "signal/1")[0]) == 1
        store_analysis(catalog, take, Tags(), hearing(1), "signal/2")
        assert len(catalog.profiles(None, "signal/1")[0]) == 0
        assert len(catalog.profiles(None, "midlevel/1")[0]) == 1
        # other audio: what another encoder heard of the old one is of no use
        store_analysis(catalog, take, Tags(), hearing(2), "signal/2")
        assert len(catalog.profiles(None, "midlevel/1")[0]) == 0
        assert len(catalog.profiles(None, "signal/2")[0]) == 1
        store_unreadable(catalog, take, "signal/2", "is cut short", retry=False)
        assert catalog.recordings() == []
        assert len(catalog.profiles(None, "signal/2")[0]) == 0


def test_removing_a_recording_leaves_no_orphans(filled):
    with Catalog.open(filled, write=True) as catalog:
        remove(catalog, [1, 2])
        regroup(catalog)
        assert [piece.slug for piece in catalog.pieces()] == ["handel"]
        for table in ("windows", "profiles"):
            assert len(catalog.rows(f"SELECT * FROM {table}")) == 2
        assert catalog.rows("PRAGMA foreign_key_check") == []


def test_the_generation_counts_what_was_written(filled):
    with Catalog.open(filled, write=True) as catalog:
        before = catalog.generation()
        assert bring_up_to_date(catalog) == []
        assert catalog.generation() == before
        store_analysis(catalog, source("/music/new.flac"), Tags(), hearing(9), "fake/1")
        assert catalog.generation() == before + 1
        assert bring_up_to_date(catalog) == [5]


def test_a_transaction_that_fails_leaves_nothing(filled):
    with Catalog.open(filled, write=True) as catalog:
        before = catalog.generation()
        with pytest.raises(KeyboardInterrupt), catalog.transaction():
            remove(catalog, [1])
            raise KeyboardInterrupt
        assert len(catalog.recordings()) == 4
        assert catalog.generation() == before


# -- pieces and finding -----------------------------------------------------------------------


def test_pieces_are_found_by_slug_beginning_and_words(filled):
    with Catalog.open(filled) as catalog:
        assert [(p.slug, p.count) for p in catalog.pieces()] == [("bach", 2), ("handel", 2)]
        for words in ("bach", "BACH ", "ba", "Bach"):
            assert [p.slug for p in find_pieces(catalog, words)] == ["bach"]
        assert [p.slug for p in find_pieces(catalog, "Händel")] == ["handel"]
        assert find_pieces(catalog, "chopin") == []
        assert find_pieces(catalog, " ") == []


def test_recordings_are_found_by_path_name_and_words(filled):
    with Catalog.open(filled) as catalog:
        for text in ("/music/bach_Gould.flac", "bach_gould.flac", "bach_gould", "gould bach"):
            assert [r.path for r in find_recordings(catalog, text)] == ["/music/bach_Gould.flac"]
        assert len(find_recordings(catalog, "Gould")) == 2
        assert find_recordings(catalog, "Argerich") == []


def test_reissues_count_once(path):
    with Catalog.open(path, write=True) as catalog:
        store = [
            ("b_Gould_1982", hearing(1)),
            ("b_Gould_copy", hearing(1)),  # the same audio
            ("b_Gould_remastered", Analysis(hearing(1, shift=1e-3).windows, 20.05, "other", {})),
            ("b_Gould_live", Analysis(hearing(1, shift=0.05).windows, 20.0, "live", {})),
            ("b_Gould_slower", Analysis(hearing(1).windows, 21.0, "slower", {})),
        ]
        for name, heard in store:
            store_analysis(
                catalog, source(f"/music/b/{name}.flac"), Tags(title="B"), heard, "fake/1"
            )
        regroup(catalog)
        (piece,) = catalog.pieces()
        assert piece.count == 3
        original, copy, remastered, live, slower = sorted(
            catalog.recordings(piece.id), key=lambda r: r.id
        )
        assert (copy.duplicate_of, remastered.duplicate_of) == (original.id, original.id)
        assert (live.duplicate_of, slower.duplicate_of) == (None, None)
        remove(catalog, [original.id])
        regroup(catalog)
        assert catalog.pieces()[0].count == 3


# -- locks and places -------------------------------------------------------------------------


def test_a_second_writer_is_told_who_writes_and_a_reader_does_not_wait(filled):
    with Catalog.open(filled, write=True) as writer, writer.transaction() as connection:
        connection.execute("DELETE FROM recordings")
        with pytest.raises(EsprError, match=f"process {os.getpid()} on .* since 20") as raised:
            Catalog.open(filled, write=True)
        assert raised.value.exit_code == LIBRARY_IN_USE
        with Catalog.open(filled) as reader:
            assert len(reader.recordings()) == 4
        connection.execute("ROLLBACK")
        connection.execute("BEGIN")
    Catalog.open(filled, write=True).close()


def test_the_lock_of_a_killed_process_is_no_lock(filled):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_LIBRARY, filled], cwd=REPOSITORY, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"open\n"
    assert exit_code(filled, write=True) == LIBRARY_IN_USE
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with Catalog.open(filled, write=True) as catalog:
        assert len(catalog.recordings()) == 4  # what was not committed is not there
        assert catalog.rows("PRAGMA integrity_check") == [("ok",)]


HOLD_LIBRARY = """
import sys, time
from espr.catalog.catalog import Catalog
catalog = Catalog.open(sys.argv[1], write=True)
with catalog.transaction() as connection:
    connection.execute("DELETE FROM recordings")
    print("open", flush=True)
    time.sleep(600)
"""


def test_a_library_in_a_folder_that_cannot_be_written_is_read(filled):
    folder = Path(tempfile.mkdtemp())
    try:
        library = Path(shutil.copy(filled, folder / "music.espr"))
        library.chmod(0o444)
        folder.chmod(0o555)
        with without_privileges():
            with pytest.raises(EsprError, match="cannot be written: Permission denied") as raised:
                Catalog.open(library, write=True)
            with Catalog.open(library) as catalog:
                assert len(catalog.recordings()) == 4
                assert len(catalog.profiles(None, "fake/1")[0]) == 4
        assert raised.value.exit_code == WRONG_INPUT
        assert [file.name for file in folder.iterdir()] == ["music.espr"]
        library.chmod(0)
        with without_privileges():
            assert exit_code(library) == WRONG_INPUT
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_a_log_that_waits_to_be_read_is_not_passed_over(filled):
    """A library that was not closed, copied to where nothing can be written."""
    folder = Path(tempfile.mkdtemp())
    try:
        with Catalog.open(filled, write=True) as writer:
            store_analysis(writer, source("/music/new.flac"), Tags(), hearing(9), "fake/1")
            for suffix in ("", "-wal"):
                shutil.copy(f"{filled}{suffix}", folder)
        library = folder / filled.name
        folder.chmod(0o555)
        with without_privileges(), pytest.raises(EsprError, match="copy it and"):
            Catalog.open(library)
        folder.chmod(0o755)
        with Catalog.open(library) as catalog:
            assert len(catalog.recordings()) == 5
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_where_the_library_lies(monkeypatch, tmp_path):
    monkeypatch.setenv("ESPR_LIBRARY", str(tmp_path / "mine.espr"))
    assert library_path() == tmp_path / "mine.espr"
    assert library_path("/other.espr") == Path("/other.espr")
    monkeypatch.delenv("ESPR_LIBRARY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert library_path() == tmp_path / "espr" / "library.espr"
    monkeypatch.setenv("HOME", "/home/ada")
    assert library_path("~/music.espr") == Path("/home/ada/music.espr")
