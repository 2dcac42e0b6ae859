"""``espr repair``: what is whole is kept, what is not is analysed again."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from espr import whole_files
from espr.alignment.comparison import Comparison
from espr.catalog import corrections
from espr.catalog.catalog import Catalog
from espr.catalog.lock import WriterLock
from espr.catalog.recordings import current_encoder, store_analysis
from espr.catalog.regroup import bring_up_to_date
from espr.catalog.schema import SEALED
from espr.catalog.search import find_pieces, find_recordings
from espr.catalog.sound import notes_of, store_comparisons
from espr.errors import LIBRARY_DAMAGED, LIBRARY_IN_USE, NO_LIBRARY, EsprError
from espr.features import MIDLEVEL
from espr.indexing.run import index_folders
from espr.maintenance.check import check
from espr.maintenance.repair import repair
from espr.maintenance.salvage import salvage
from espr.retrieval.taught_model import taught_model_path
from tests.fake_encoder import load
from tests.maintenance.test_check import heard, tamper
from tests.played_notes import perform, score
from tests.signals import write_phrase
from tests.soak_kills import dump
from tests.typed import Espr

PAGE = 4096
TAKES = 60


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Sixty takes of twelve pieces, with every kind of correction; one has long windows."""
    folder = tmp_path_factory.mktemp("filled")
    path = folder / "library.espr"
    manifest = {str(folder / "x.flac"): corrections.ManifestEntry("Piece", "Somebody")}
    with Catalog.open(path, write=True) as catalog:
        for number in range(TAKES):
            pianist = ("Arrau", "Brendel", "Cortot", "Hess", "Ney")[number % 5]
            take = folder / f"piece{number // 5}_{pianist}.flac"
            source, tags, analysis = heard(take, number)
            analysis = replace(analysis, notes=perform(score(number // 5, 10.0), seed=number))
            store_analysis(catalog, source, tags, analysis, "fake/1")
        store_comparisons(catalog.connection, 1, {2: Comparison(0.05)})
        bring_up_to_date(catalog)
        corrections.store_manifest(catalog, folder / "pieces.csv", manifest)
        corrections.rename(catalog, find_pieces(catalog, "piece1")[0], "Impromptu")
        corrections.merge(
            catalog, find_pieces(catalog, "piece2")[0], find_pieces(catalog, "piece3")[0]
        )
        (take,) = find_recordings(catalog, "piece4_Hess")
        corrections.assign_new(catalog, take, "Encore")
        bring_up_to_date(catalog)
    assert not Path(f"{path}-wal").exists()
    return path


@pytest.fixture
def library(filled, tmp_path):
    return Path(shutil.copy(filled, tmp_path / "library.espr"))


def copies(library: Path) -> list[Path]:
    return sorted(library.parent.glob("library.espr.damaged-*"))


def test_every_row_is_read_from_the_pages_as_sqlite_reads_it(filled):
    by_pages: dict[str, set] = {table: set() for table in (*SEALED, "named")}
    for table, row in salvage(filled):
        assert row not in by_pages[table]
        by_pages[table].add(row)
    connection = sqlite3.connect(filled)
    for table, columns in SEALED.items():
        rows = connection.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
        assert by_pages[table] == set(rows), table
    connection.close()
    assert by_pages["named"] == {(row[0], row[1]) for row in by_pages["recordings"]}
    assert len(by_pages["recordings"]) == TAKES
    assert all(by_pages.values())


def test_rows_longer_than_a_page_and_numbers_of_every_width(tmp_path):
    path = tmp_path / "library.espr"
    with Catalog.open(path, write=True) as catalog:
        for number, mtime in enumerate((0, 1, 200, 70_000, 2**30, 2**45, 2**62)):
            source, tags, hearing = heard(tmp_path / f"{number}.flac", number, mtime=mtime or -5)
            store_analysis(catalog, source, tags, hearing, "fake/" + "1" * 9000)
    rows = [row for table, row in salvage(path) if table == "recordings"]
    assert [row[5] for row in rows] == [-5, 1, 200, 70_000, 2**30, 2**45, 2**62]
    assert sum(table == "windows" for table, _ in salvage(path)) == 7


def test_recordings_whose_rows_are_gone_are_named_all_the_same(library):
    """By the index of their paths, which lies on other pages."""
    with Catalog.open(library) as catalog:
        paths = sorted(one.path for one in catalog.recordings())
        ((root,),) = catalog.rows("SELECT rootpage FROM sqlite_master WHERE name = 'recordings'")
    content = bytearray(library.read_bytes())
    inner = content[(root - 1) * PAGE : root * PAGE]
    assert inner[0] == 5  # a tree of two levels
    leaves = [int.from_bytes(inner[8:12], "big")]
    for place in range(12, 12 + 2 * int.from_bytes(inner[3:5], "big"), 2):
        cell = int.from_bytes(inner[place : place + 2], "big")
        leaves.append(int.from_bytes(inner[cell : cell + 4], "big"))
    for page in leaves:
        content[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
    library.write_bytes(content)
    outcome = repair(library)
    assert (outcome.recordings, outcome.again, outcome.nameless) == (0, paths, 0)


def test_where_nothing_is_wrong_nothing_is_changed(library):
    before = library.read_bytes()
    outcome = repair(library)
    assert (outcome.problems, outcome.done, outcome.copy) == ([], [], None)
    assert library.read_bytes() == before
    assert copies(library) == []


@pytest.mark.parametrize("seed", range(8))
def test_pages_of_garbage_cost_only_what_lay_on_them(library, seed):
    """Inner pages and the schema included: the rows lie on leaves."""
    expected = {row[0]: row for row in dump(library)}
    generator = random.Random(seed)
    pages = library.stat().st_size // PAGE
    hit = generator.sample(range(1 if seed % 2 else 0, pages), 4)
    with library.open("r+b") as file:
        for page in [0] * (seed % 2 == 0) + hit:
            file.seek(page * PAGE)
            file.write(generator.randbytes(PAGE))
    damaged = library.read_bytes()
    assert check(library, files=False).problems if seed % 2 else True
    outcome = repair(library)
    assert check(library, files=False).problems == []
    assert copies(library) == [outcome.copy]
    assert outcome.copy.read_bytes() == damaged
    found = {row[0]: row for row in dump(library)}
    assert len(found) == outcome.recordings
    # a leaf of the recordings holds some fifteen of them
    assert len(found) >= TAKES / 4
    for path, row in found.items():
        assert row[-1] == expected[path][-1]  # its windows
    assert not set(outcome.again) & set(found)
    assert len(found) + len(outcome.again) + outcome.nameless <= TAKES
    repaired = library.read_bytes()
    assert repair(library).done == []
    assert library.read_bytes() == repaired
    beside = {path.name for path in library.parent.iterdir()}
    assert beside - {"library.espr-wal", "library.espr-shm"} == {
        "library.espr",
        "library.espr.lock",
        outcome.copy.name,
    }


def test_corrections_and_names_survive_the_loss_of_everything_that_is_derived(library):
    with Catalog.open(library) as catalog:
        before = sorted((p.slug, p.title, p.count) for p in catalog.pieces())
        said = {table: catalog.read_table(table) for table in ("renamed", "merged", "aliases")}
        identity = catalog.meta()["id"]
    tamper(library, "UPDATE totals SET sum = 0; UPDATE recordings SET piece_id = NULL;")
    assert check(library, files=False).problems
    outcome = repair(library)
    assert (outcome.again, outcome.nameless, outcome.recordings) == ([], 0, TAKES)
    with Catalog.open(library) as catalog:
        assert sorted((p.slug, p.title, p.count) for p in catalog.pieces()) == before
        assert {table: catalog.read_table(table) for table in said} == said
        assert catalog.meta()["id"] == identity


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM windows WHERE recording_id = 7",
        "DROP TRIGGER recordings_changed; UPDATE recordings SET duration = 1 WHERE id = 7",
    ],
)
def test_the_recording_that_was_damaged_is_the_one_to_analyse_again(library, statement):
    with Catalog.open(library) as catalog:
        path = catalog.recordings_by_id([7])[7].path
    tamper(library, statement)
    outcome = repair(library)
    assert (outcome.again, outcome.nameless) == ([path], 0)
    assert outcome.recordings == TAKES - 1
    assert check(library, files=False).problems == []


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER profiles_removed; DELETE FROM profiles",
        "UPDATE profiles SET profile = zeroblob(32)",
    ],
)
def test_lost_profiles_are_made_again_from_the_windows(library, statement):
    expected = dump(library)
    with Catalog.open(library) as catalog:
        profiles = catalog.profiles(None, "fake/1")[1].tolist()
    tamper(library, statement)
    assert repair(library).again == []
    assert dump(library) == expected
    with Catalog.open(library) as catalog:
        assert catalog.profiles(None, "fake/1")[1].tolist() == profiles


def test_the_encoder_of_the_library_is_known_again(library):
    tamper(library, "UPDATE meta SET checksum = 0 WHERE key = 'encoder'")
    assert repair(library).problems
    with Catalog.open(library) as catalog:
        assert current_encoder(catalog) == "fake/1"


def test_what_another_encoder_analysed_is_kept(library):
    with Catalog.open(library) as catalog:
        path = Path(catalog.recordings_by_id([7])[7].path)
        mtime = catalog.rows("SELECT mtime_ns FROM recordings WHERE id = 7")[0][0]
    with Catalog.open(library, write=True) as catalog:
        store_analysis(catalog, *heard(path, 6, mtime=mtime), "other/1")
    tamper(library, "DELETE FROM windows WHERE recording_id = 7 AND encoder = 'other/1'")
    outcome = repair(library)
    assert outcome.again == []
    with Catalog.open(library) as catalog:
        assert catalog.recordings_by_id([7])[7].encoder == "fake/1"
        assert catalog.profiles([7], "other/1")[0].size == 0


def test_the_next_index_analyses_what_was_lost_and_all_is_as_before(tmp_path):
    music, library = tmp_path / "music", tmp_path / "library.espr"
    music.mkdir()
    for number in range(4):
        write_phrase(music / f"bach_{'ABCD'[number]}nna.wav", 1.2, number)
    index_folders([music], library, encoder="fake", load=load, jobs=1)
    expected = dump(library)
    tamper(library, "UPDATE windows SET features = times WHERE recording_id = 2")
    outcome = repair(library)
    assert len(outcome.again) == 1
    with Catalog.open(library) as catalog:
        assert catalog.meta()["encoder"] == "fake/1"
    summary = index_folders([music], library, encoder="fake", load=load, jobs=1)
    assert (summary.counts["indexed"], summary.counts["unchanged"]) == (1, 3)
    assert dump(library) == expected


def test_a_log_that_was_not_merged_is_kept(library, tmp_path):
    """The writer was killed, then the file was damaged."""
    with Catalog.open(library, write=True) as catalog:
        store_analysis(catalog, *heard(tmp_path / "late_Ney.flac", 99), "fake/1")
        torn = tmp_path / "torn"
        torn.mkdir()
        for suffix in ("", "-wal"):
            shutil.copy(f"{library}{suffix}", torn)
    library = torn / "library.espr"
    with library.open("r+b") as file:
        file.seek(5 * PAGE)
        file.write(b"\xff" * PAGE)
    outcome = repair(library)
    with Catalog.open(library) as catalog:
        assert find_recordings(catalog, "late_Ney")
    assert outcome.copy is not None


def test_stale_caches_are_deleted_and_nothing_else(library):
    cache = Path(f"{library}.faiss")
    cache.write_bytes(b"of another time")
    before = library.read_bytes()
    (done,) = repair(library).done
    assert done.startswith(f"deleted {cache}")
    assert not cache.exists()
    assert library.read_bytes() == before


def test_a_search_index_that_was_left_half_written_is_deleted(library, monkeypatch):
    def die(*_) -> None:
        raise OSError("killed")

    with monkeypatch.context() as killed, pytest.raises(OSError):
        for last_step in ("replace", "unlink"):
            killed.setattr(whole_files.os, last_step, die)
        whole_files.replace_file(Path(f"{library}.faiss"), b"half")
    (notice,) = check(library, files=False).notices
    (draft,) = notice.paths
    assert "half written" in notice.what and Path(draft).read_bytes() == b"half"
    repair(library)
    assert not Path(draft).exists()


def test_a_taught_model_that_cannot_be_read_is_moved_aside(library):
    model = taught_model_path(library, MIDLEVEL)
    model.write_text("{}")
    outcome = repair(library)
    assert outcome.problems
    assert Path(f"{model}.damaged").read_text() == "{}"
    assert outcome.copy is None
    assert check(library, files=False).problems == []


@pytest.mark.parametrize("content", [b"notes\n" * 3000, b"", bytes(PAGE * 4)])
def test_a_file_of_another_kind_is_left_alone(tmp_path, content):
    path = tmp_path / "library.espr"
    path.write_bytes(content)
    with pytest.raises(EsprError, match="nothing was changed") as raised:
        repair(path)
    assert raised.value.exit_code == LIBRARY_DAMAGED
    assert path.read_bytes() == content
    assert copies(path) == []


def test_no_library_one_in_use_and_ones_of_other_formats(library, tmp_path):
    with pytest.raises(EsprError) as raised:
        repair(tmp_path / "none.espr")
    assert raised.value.exit_code == NO_LIBRARY
    lock = WriterLock(library)
    with pytest.raises(EsprError) as raised:
        repair(library)
    assert raised.value.exit_code == LIBRARY_IN_USE
    lock.release()
    before = library.read_bytes()
    for version, message in ((9, "newer ESPR"), (1, "older ESPR")):
        connection = sqlite3.connect(library)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.close()
        with pytest.raises(EsprError, match=message):
            repair(library)
    assert len(library.read_bytes()) == len(before)


def test_as_it_is_typed(library, monkeypatch, capsys):
    espr = Espr(monkeypatch, capsys)
    monkeypatch.setenv("ESPR_LIBRARY", os.fspath(library))
    typed = espr("repair")
    assert typed.out == f"no damage found in {library}; nothing was changed\n"
    tamper(library, "UPDATE windows SET times = features WHERE recording_id IN (3, 4)")
    typed = espr("repair")
    assert (typed.code, typed.err) == (0, "")
    lines = typed.out.splitlines()
    assert lines[0] == "damaged: 2 rows of windows are not what was written: 3, 4"
    assert lines[1] == "rebuilt the library from 58 undamaged recordings"
    assert lines[2] == f"the library as it was: {copies(library)[0]}"
    assert lines[3] == "2 recordings must be analysed again; run: espr index"
    assert [Path(line.strip()).name for line in lines[4:]] == [
        "piece0_Cortot.flac",
        "piece0_Hess.flac",
    ]
    document = json.loads(espr("repair", "--json").out)
    assert (document["schema"], document["done"], document["copy"]) == ("espr.repair/1", [], None)


def test_notes_that_are_whole_are_kept(library):
    with Catalog.open(library) as catalog:
        before = notes_of(catalog, range(1, TAKES + 1))
    tamper(library, "UPDATE notes SET checksum = checksum + 1 WHERE id = 7")
    assert repair(library).again == []
    with Catalog.open(library) as catalog:
        after = notes_of(catalog, range(1, TAKES + 1))
    assert set(before) - set(after) == {7}
    assert all((after[one] == before[one]).all() for one in after)
