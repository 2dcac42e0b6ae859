"""A library of format 1 becomes one of this format: once, whole, its copy kept."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import numpy as np
import pytest

from espr.catalog.catalog import Catalog
from espr.catalog.lock import WriterLock
from espr.catalog.regroup import bring_up_to_date
from espr.catalog.schema import FORMAT, checksum
from espr.errors import LIBRARY_DAMAGED, LIBRARY_IN_USE, EsprError
from espr.maintenance import migration
from espr.maintenance.backup import restore
from espr.maintenance.check import check
from tests.unprivileged import without_privileges

# As espr/catalog/schema.py had it before the checksums of format 2.
FORMAT_1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE pieces (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, slug TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL, composer TEXT NOT NULL, rule TEXT NOT NULL
);
CREATE TABLE recordings (
    id INTEGER PRIMARY KEY, path BLOB NOT NULL, start REAL NOT NULL, "end" REAL,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('heard', 'unreadable')), reason TEXT NOT NULL,
    encoder TEXT NOT NULL, espr TEXT NOT NULL, audio_hash TEXT NOT NULL, duration REAL NOT NULL,
    tags TEXT NOT NULL, checksum INTEGER NOT NULL, piece_id INTEGER REFERENCES pieces (id),
    rule TEXT NOT NULL DEFAULT '', title TEXT NOT NULL DEFAULT '',
    performer TEXT NOT NULL DEFAULT '',
    duplicate_of INTEGER REFERENCES recordings (id) ON DELETE SET NULL, UNIQUE (path, start)
);
CREATE INDEX recordings_of_piece ON recordings (piece_id);
CREATE INDEX recordings_of_audio ON recordings (audio_hash);
CREATE INDEX recordings_duplicated ON recordings (duplicate_of) WHERE duplicate_of IS NOT NULL;
CREATE TABLE profiles (
    recording_id INTEGER NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    encoder TEXT NOT NULL, space TEXT NOT NULL, profile BLOB NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (recording_id, encoder)
) WITHOUT ROWID;
CREATE TABLE windows (
    recording_id INTEGER NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    encoder TEXT NOT NULL, times BLOB NOT NULL, features BLOB NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (recording_id, encoder)
);
CREATE TABLE manifest (
    path BLOB PRIMARY KEY, piece TEXT NOT NULL, performer TEXT NOT NULL, source BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE renamed (key TEXT PRIMARY KEY, title TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE merged (key TEXT PRIMARY KEY, into_key TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE assigned (audio_hash TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE aliases (slug TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
"""
PIANISTS = ("Arrau", "Brendel", "Cortot")
TIMES = np.array([[0.0, 15.0], [5.0, 20.0]])


def features(number: int) -> np.ndarray:
    return np.random.default_rng(number).normal(size=(2, 8)).astype("<f4")


@pytest.fixture
def old(tmp_path):
    """A library of format 1 with one piece, renamed, and a file that could not be read."""
    path = tmp_path / "old.espr"
    connection = sqlite3.connect(path)
    connection.executescript(FORMAT_1)
    connection.execute(f"PRAGMA application_id = {0x45535052}")
    connection.execute("PRAGMA user_version = 1")
    connection.execute("PRAGMA journal_mode = WAL")
    meta = {"espr": "0.1.0", "id": "0" * 32, "generation": "7", "grouped": "7 0.1.0"}
    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    connection.execute("INSERT INTO pieces VALUES (3, 'name:bach', 'bwv', 'BWV 846', '', 'folder')")
    connection.execute("INSERT INTO renamed VALUES ('name:bach', 'BWV 846')")
    connection.execute("INSERT INTO aliases VALUES ('bach', 'name:bach')")
    for number, pianist in enumerate(PIANISTS):
        row = (f"/m/bach_{pianist}.flac".encode(), 0.0, None, 9, 1, "heard", "", "fake/1", "0.1.0")
        row += (f"{number:032x}", 20.0, "{}")
        connection.execute(
            f"INSERT INTO recordings VALUES ({', '.join('?' * 19)})",
            [number + 1, *row, checksum(*row), 3, "file-name", "BWV 846", pianist, None],
        )
        profile = features(number).mean(axis=0, dtype=float).astype("<f4")
        for table, columns in (
            ("profiles", ("midlevel", profile.tobytes())),
            ("windows", (TIMES.tobytes(), features(number).tobytes())),
        ):
            key = (number + 1, "fake/1", *columns)
            connection.execute(
                f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", [*key, checksum(*key)]
            )
    row = (b"/m/torn.flac", 0.0, None, 9, 1, "unreadable", "is cut", "fake/1", "0.1.0", "", 0.0)
    row += ("{}",)
    connection.execute(
        f"INSERT INTO recordings VALUES ({', '.join('?' * 19)})",
        [9, *row, checksum(*row), None, "", "", "", None],
    )
    connection.commit()
    connection.close()
    return path


@pytest.mark.parametrize("write", [False, True])
def test_it_is_migrated_by_whoever_opens_it_first(old, write):
    before = old.read_bytes()
    with Catalog.open(old, write=write) as catalog:
        assert [one.performer for one in catalog.recordings()] == list(PIANISTS)
        assert [(p.slug, p.count) for p in catalog.find_pieces("bach")] == [("bwv", 3)]
        assert catalog.meta()["id"] == "0" * 32
        for number in range(3):
            np.testing.assert_array_equal(catalog.windows(number + 1).features, features(number))
        assert catalog.rows("SELECT reason FROM recordings WHERE id = 9") == [("is cut",)]
        if write:
            bring_up_to_date(catalog)
            assert [(p.slug, p.title, p.count) for p in catalog.pieces()] == [("bwv", "BWV 846", 3)]
    assert check(old, files=False).problems == []
    kept = Path(f"{old}.format-1")
    connection = sqlite3.connect(kept)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert connection.execute("SELECT count(*) FROM recordings").fetchone() == (4,)
    connection.close()
    assert kept.stat().st_size == len(before)
    kept.unlink()
    Catalog.open(old, write=write).close()
    assert not kept.exists()  # once


def test_rows_that_are_not_what_was_written_are_heard_again(old):
    connection = sqlite3.connect(old)
    connection.execute("UPDATE recordings SET duration = 21 WHERE id = 1")
    connection.execute("UPDATE windows SET features = zeroblob(64) WHERE recording_id = 2")
    connection.commit()
    connection.close()
    with Catalog.open(old) as catalog:
        assert [one.performer for one in catalog.recordings()] == ["Cortot"]
    assert check(old, files=False).problems == []


def test_a_migration_that_is_cut_short_has_changed_nothing(old, monkeypatch):
    def stop(connection):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(migration, "drop_the_unheard", stop)
        Catalog.open(old)
    connection = sqlite3.connect(old)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert not any(name.startswith("old_") for name in tables)
    with Catalog.open(old) as catalog:
        assert len(catalog.recordings()) == 3


def test_a_backup_of_an_older_format_is_put_back_and_stays_as_it_is(old, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    backup = Path(shutil.move(old, folder / "old.espr"))
    before = backup.read_bytes()
    report, _ = restore(backup, tmp_path / "library.espr")
    assert (report.recordings, report.unreadable, report.problems) == (3, 1, [])
    assert backup.read_bytes() == before
    assert not list(folder.glob("*format*")) + list(tmp_path.glob("*format*"))


def test_a_backup_whose_migration_is_cut_short_leaves_no_copy(old, tmp_path, monkeypatch):
    def stop(connection):
        raise KeyboardInterrupt

    folder = tmp_path / "new"
    folder.mkdir()
    monkeypatch.setattr(migration, "drop_the_unheard", stop)
    with pytest.raises(KeyboardInterrupt):
        restore(old, folder / "library.espr")
    assert not list(folder.glob("*.new*"))


def test_every_library_that_was_migrated_is_kept(old, tmp_path):
    other = Path(shutil.copy(old, tmp_path / "other.espr"))
    connection = sqlite3.connect(other)
    connection.execute("UPDATE meta SET value = '8' WHERE key = 'generation'")
    connection.commit()
    connection.close()
    Catalog.open(shutil.copy(old, tmp_path / "library.espr")).close()
    for again in (old, other):
        shutil.copy(again, tmp_path / "library.espr")
        Catalog.open(tmp_path / "library.espr").close()
    kept = sorted(tmp_path.glob("library.espr.format-1*"))
    assert len(kept) == 2
    values = [
        sqlite3.connect(path).execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
        for path in kept
    ]
    assert sorted(values) == [("7",), ("8",)]


def test_one_migrates_at_a_time(old):
    lock = WriterLock(old)
    with pytest.raises(EsprError) as raised:
        Catalog.open(old)
    assert raised.value.exit_code == LIBRARY_IN_USE
    lock.release()
    Catalog.open(old).close()


def test_one_that_cannot_be_written_says_so(old):
    folder = Path(tempfile.mkdtemp())
    try:
        library = Path(shutil.copy(old, folder))
        folder.chmod(0o555)
        with without_privileges(), pytest.raises(EsprError, match="cannot be written"):
            Catalog.open(library)
        assert os.listdir(folder) == ["old.espr"]
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_damage_and_a_lie_about_the_format_are_told(old, tmp_path):
    damaged = tmp_path / "damaged.espr"
    content = bytearray(old.read_bytes())
    content[4096 * 2 : 4096 * 3] = bytes(4096)
    damaged.write_bytes(content)
    lying = tmp_path / "lying.espr"
    Catalog.open(lying, write=True).close()
    connection = sqlite3.connect(lying)
    connection.execute(f"PRAGMA user_version = {FORMAT - 1}")
    connection.close()
    for path in (damaged, lying):
        with pytest.raises(EsprError, match="damaged") as raised:
            Catalog.open(path)
        assert raised.value.exit_code == LIBRARY_DAMAGED
        assert not Path(f"{path}.format-1").exists()
