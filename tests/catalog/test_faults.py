"""What a file system or the machine can do to a library: told clearly, and nothing is torn."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from espr.catalog import connection as opening
from espr.catalog.catalog import Catalog
from espr.catalog.lock import WriterLock, lock_holder
from espr.errors import UNEXPECTED, WRONG_INPUT, EsprError
from espr.indexing import run as indexing
from espr.indexing import workers
from espr.indexing.workers import analyse
from espr.maintenance.backup import backup
from espr.maintenance.check import check
from espr.maintenance.repair import repair
from espr.retrieval import search
from tests.fake_encoder import load
from tests.maintenance.test_check import tamper
from tests.signals import write_phrase
from tests.soak_kills import dump
from tests.synthetic_library import build, identity_model
from tests.unprivileged import open_to_all, without_privileges

TAKES = 24


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    folder = tmp_path_factory.mktemp("music")
    for number in range(TAKES):
        name = f"piece{number // 4}_{('Anna', 'Berta', 'Carla', 'Dora')[number % 4]}.wav"
        write_phrase(folder / name, 1.1, number)
    return folder


@pytest.fixture
def here(monkeypatch):
    """Hear in this process, which is quicker."""

    def analyse_all(tasks, encoder, load, jobs):
        for task in tasks:
            yield task, analyse(load(encoder), task)

    monkeypatch.setattr(indexing, "analyse_all", analyse_all)


@pytest.fixture(scope="module")
def undisturbed(music, tmp_path_factory):
    library = tmp_path_factory.mktemp("undisturbed") / "library.espr"
    indexing.index_folders([music], library, encoder="fake", load=load, jobs=2)
    return dump(library)


def index(music: Path, library: Path, encoder: str = "fake") -> indexing.Summary:
    return indexing.index_folders([music], library, encoder=encoder, load=load, jobs=2)


class Announced(indexing.Listener):
    def __init__(self) -> None:
        self.paths: set[str] = set()

    def happened(self, event) -> None:
        if event.kind == "indexed":
            self.paths.add(event.path)


# -- no room ---------------------------------------------------------------------------------


@contextmanager
def small_disk(kilobytes: int):
    """A tmpfs; the test is skipped where none can be mounted."""
    folder = Path(tempfile.mkdtemp())
    options = f"size={kilobytes}k"
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
            pytest.skip("a small tmpfs can be mounted by root only")
        try:
            yield folder
        finally:
            subprocess.run(["umount", str(folder)], check=True)
    finally:
        folder.rmdir()


def grow(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True)


@contextmanager
def small_files(kilobytes: int):
    """No file may grow beyond this."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def index_until_full(music: Path, library: Path) -> set[str]:
    """What was announced as done before the library could not grow any more."""
    announced = Announced()
    with pytest.raises(EsprError) as raised:
        indexing.index_folders(
            [music], library, encoder="fake", load=load, jobs=1, listener=announced
        )
    assert str(library) in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.exit_code == UNEXPECTED
    return announced.paths


@pytest.mark.parametrize("kilobytes", [8, 40, 120, 200, 300, 400])
def test_a_full_disk_costs_nothing_that_was_finished(music, here, undisturbed, kilobytes):
    with small_disk(kilobytes) as folder:
        library = folder / "library.espr"
        done = index_until_full(music, library)
        grow(folder)
        if library.exists():
            assert check(library).problems == []
            with Catalog.open(library) as catalog:
                assert done <= {one.path for one in catalog.recordings()}
        else:
            assert not done
        index(music, library)
        assert dump(library) == undisturbed


@pytest.mark.parametrize("kilobytes", [4, 60, 180, 300])
def test_a_file_that_cannot_grow_costs_nothing_that_was_finished(
    music, here, undisturbed, tmp_path, kilobytes
):
    library = tmp_path / "library.espr"
    with small_files(kilobytes):
        done = index_until_full(music, library)
    if library.exists():
        assert check(library).problems == []
        with Catalog.open(library) as catalog:
            assert done <= {one.path for one in catalog.recordings()}
            told = "not grouped into pieces yet" if done else "no recordings yet"
            assert told in catalog.why_no_pieces()
    index(music, library)
    assert dump(library) == undisturbed


def test_a_database_that_is_full_says_so_and_what_is_kept(music, here, tmp_path, monkeypatch):
    library = tmp_path / "library.espr"
    prepare = opening.prepare

    def small(connection: sqlite3.Connection) -> None:
        prepare(connection)
        connection.execute("PRAGMA max_page_count = 36")

    monkeypatch.setattr(opening, "prepare", small)
    with pytest.raises(EsprError, match=r"cannot grow: .* full\. What was finished is kept; make"):
        index(music, library)
    with Catalog.open(library) as catalog:
        assert len(catalog.recordings()) > 2


def test_no_half_copy_is_left_where_there_is_no_room(music, here, tmp_path):
    library = tmp_path / "library.espr"
    index(music, library)
    before = library.read_bytes()
    with small_files(60):
        with pytest.raises(EsprError):
            backup(tmp_path / "copy.espr", library)
        tamper_later = tmp_path / "damaged.espr"
    assert not list(tmp_path.glob("copy.espr*"))
    shutil.copy(library, tamper_later)
    tamper(tamper_later, "UPDATE windows SET features = times WHERE recording_id = 1")
    damaged = tamper_later.read_bytes()
    with small_files(60), pytest.raises((EsprError, OSError)) as raised:
        repair(tamper_later)
    assert not list(tmp_path.glob("damaged.espr.damaged-*"))
    assert not isinstance(raised.value, OSError) or raised.value.errno == errno.EFBIG
    assert tamper_later.read_bytes() == damaged
    assert library.read_bytes() == before
    assert repair(tamper_later).recordings == TAKES - 1


# -- places that cannot be written, or not as others ---------------------------------------------


def test_a_library_that_is_read_only_is_asked_and_not_written(music, here, tmp_path):
    open_to_all(tmp_path)
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    library = folder / "library.espr"
    index(music, library)
    open_to_all(music)
    library.chmod(0o444)
    Path(f"{library}.lock").unlink()
    before = library.read_bytes()
    more = tmp_path / "more"
    more.mkdir()
    write_phrase(more / "piece0_Ernst.wav", 1.1, 99)
    with without_privileges():
        assert index(music, library).counts["unchanged"] == TAKES
        with pytest.raises(EsprError, match=r"read-?only") as raised:
            index(more, library)
        with Catalog.open(library) as catalog:
            assert len(catalog.recordings()) == TAKES
    assert raised.value.exit_code == WRONG_INPUT
    assert library.read_bytes() == before


@pytest.fixture
def no_shared_memory(monkeypatch):
    """A file system where SQLite has no shared memory, hence no WAL."""
    connect = opening.connect
    monkeypatch.setattr(
        opening, "connect", lambda path, options: connect(path, f"{options}&vfs=unix-none")
    )


def mode(library: Path) -> str:
    connection = sqlite3.connect(library)
    found = connection.execute("PRAGMA journal_mode").fetchone()[0]
    connection.close()
    return str(found)


def test_without_wal_a_rollback_journal_does(music, here, undisturbed, tmp_path, no_shared_memory):
    library = tmp_path / "library.espr"
    index(music, library)
    assert mode(library) == "delete"
    assert dump(library) == undisturbed
    assert check(library).problems == []
    assert index(music, library).counts["unchanged"] == TAKES


def test_a_library_in_wal_moved_to_where_there_is_none(
    music, here, undisturbed, tmp_path, no_shared_memory, monkeypatch
):
    library = tmp_path / "library.espr"
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(opening, "connect", _CONNECT)
        index(music, library)
    assert mode(library) == "wal"
    assert dump(library) == undisturbed  # read as it is
    assert index(music, library).counts["unchanged"] == TAKES
    assert dump(library) == undisturbed
    assert check(library).problems == []


_CONNECT = opening.connect


def test_half_a_transaction_of_a_killed_writer_without_wal_is_undone(
    music, here, undisturbed, tmp_path, no_shared_memory
):
    library = tmp_path / "library.espr"
    index(music, library)
    writer = os.fork()
    if not writer:
        connection = sqlite3.connect(f"file:{library}?vfs=unix-none", uri=True)
        connection.execute("PRAGMA cache_size = 1")  # pages are written before the end
        connection.execute("DELETE FROM windows")
        connection.execute("UPDATE profiles SET profile = zeroblob(60)")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(writer, 0)
    assert Path(f"{library}-journal").stat().st_size
    torn = library.read_bytes()
    with Catalog.open(library) as catalog:
        assert len(catalog.recordings()) == TAKES
    assert library.read_bytes() != torn
    assert dump(library) == undisturbed
    assert check(library).problems == []


def test_a_library_that_is_moved_takes_its_search_index_along(tmp_path):
    library = tmp_path / "library.espr"
    builder = build(library)
    builder.close()
    with Catalog.open(library) as catalog:
        search.open_index(catalog, identity_model())
    moved = tmp_path / "elsewhere" / "music.espr"
    moved.parent.mkdir()
    shutil.move(library, moved)
    shutil.move(f"{library}.faiss", f"{moved}.faiss")
    with Catalog.open(moved) as catalog:
        made_from = search._made_from(catalog, identity_model())
        assert search._read(Path(f"{moved}.faiss"), made_from) is not None
    assert "cache" not in {notice.kind for notice in check(moved, files=False).notices}


# -- time -----------------------------------------------------------------------------------------


def test_a_clock_that_goes_backwards_changes_nothing(
    music, here, undisturbed, tmp_path, monkeypatch
):
    library = tmp_path / "library.espr"
    clock = iter(range(2**31, 0, -86_400))
    monkeypatch.setattr(time, "time", lambda: float(next(clock)))
    monkeypatch.setattr(time, "strftime", lambda form: "1970-01-01 00:00:00")
    index(music, library)
    assert index(music, library).counts["unchanged"] == TAKES
    assert dump(library) == undisturbed
    assert check(library).notices == []


@pytest.mark.parametrize("year", [1935, 1970, 2038, 2200])
def test_files_of_any_time_are_heard_once(here, tmp_path, year):
    music, library = tmp_path / "music", tmp_path / "library.espr"
    music.mkdir()
    take = write_phrase(music / "bach_Anna.wav", 1.1)
    seconds = (year - 1970) * 31_556_952
    os.utime(take, (seconds, seconds))
    assert index(music, library).counts["indexed"] == 1
    assert index(music, library).counts["unchanged"] == 1
    assert check(library).notices == []


# -- other processes ---------------------------------------------------------------------------


def test_who_writes_is_known_and_a_dead_writer_is_forgotten(tmp_path):
    library = tmp_path / "library.espr"
    assert lock_holder(library) is None
    lock = WriterLock(library)
    assert f"process {os.getpid()} on " in str(lock_holder(library))
    lock.release()
    assert Path(f"{library}.lock").read_text()  # it still says who it was
    assert lock_holder(library) is None
    WriterLock(library).release()


def test_a_worker_that_is_killed_costs_one_recording_until_the_next_run(music, tmp_path):
    folder, library = tmp_path / "music", tmp_path / "library.espr"
    folder.mkdir()
    for name in ("a_Anna", "a_Berta", "a_Carla"):
        shutil.copy(music / "piece0_Anna.wav", folder / f"{name}.wav")
    shutil.copy(music / "piece0_Berta.wav", folder / "a_killed.wav")
    summary = index(folder, library)
    assert (summary.counts["indexed"], summary.counts["unreadable"]) == (3, 1)
    with Catalog.open(library) as catalog:
        ((reason,),) = catalog.rows("SELECT reason FROM recordings WHERE state = 'unreadable'")
    assert reason == "the process that analysed it was killed (SIGKILL: out of memory?)"
    assert check(library).problems == []
    (folder / "a_killed.wav").rename(folder / "a_Dora.wav")
    assert index(folder, library).counts["indexed"] == 1
    (folder / "a_Dora.wav").rename(folder / "a_killed.wav")
    assert index(folder, library).counts["moved"] == 1


def test_workers_that_die_as_they_start_are_replaced(music, tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_LIVES", os.fspath(tmp_path))
    library = tmp_path / "library.espr"
    assert index(music, library, "shaky").counts["indexed"] == TAKES
    assert {"first", "second"} <= set(os.listdir(tmp_path))
    assert workers._STILLBORN >= 2
