"""``espr check``: damage is found, what mends itself is told apart from it."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from espr.audio.encoder import Analysis, Windows
from espr.catalog.catalog import Catalog
from espr.catalog.models import ScannedFile
from espr.catalog.name_words import SQL_FUNCTIONS
from espr.catalog.recordings import store_analysis, store_unreadable
from espr.catalog.regroup import bring_up_to_date
from espr.catalog.schema import STATEMENTS, checksum
from espr.catalog.search import find_recordings
from espr.errors import LIBRARY_DAMAGED, NO_LIBRARY, EsprError
from espr.features import MIDLEVEL
from espr.maintenance.check import check, wrong_vectors
from espr.retrieval import search
from espr.retrieval.taught_model import taught_model_path
from espr.works.tags import Tags
from tests.catalog.test_flipped_bytes import FLIPS, answers
from tests.catalog.test_flipped_bytes import library as whole  # noqa: F401, a fixture
from tests.synthetic_library import build, identity_model
from tests.typed import Espr

PIANISTS = ("Arrau", "Brendel", "Cortot", "Fischer")


def heard(
    path: Path, number: int, *, mtime: int | None = None
) -> tuple[ScannedFile, Tags, Analysis]:
    """A recording of noise; the file is one byte."""
    path.write_bytes(b"x")
    status = path.stat()
    features = np.random.default_rng(number).normal(size=(3, 8)).astype(np.float32)
    times = np.array([[0.0, 15.0], [5.0, 20.0], [10.0, 25.0]])
    source = ScannedFile(os.fspath(path), 0.0, None, 1, mtime or status.st_mtime_ns)
    return source, Tags(), Analysis(Windows(times, features, MIDLEVEL), 25.0, f"{number:032x}", {})


@pytest.fixture
def library(tmp_path):
    """Four takes of a piece, whose files are there, and a file that could not be read."""
    music = tmp_path / "music"
    music.mkdir()
    path = tmp_path / "library.espr"
    with Catalog.open(path, write=True) as catalog:
        for number, pianist in enumerate(PIANISTS):
            store_analysis(catalog, *heard(music / f"bach_{pianist}.flac", number), "fake/1")
        torn, _, _ = heard(music / "torn.flac", 9)
        store_unreadable(catalog, torn, "fake/1", "is cut short", retry=False)
        bring_up_to_date(catalog)
    return path


@pytest.fixture
def espr(monkeypatch, capsys, library):
    monkeypatch.setenv("ESPR_LIBRARY", os.fspath(library))
    return Espr(monkeypatch, capsys)


def tamper(library: Path, statement: str) -> None:
    """Change the library behind its back, its triggers deceived."""
    connection = sqlite3.connect(library)
    for name, function in {"crc": checksum, **SQL_FUNCTIONS}.items():
        connection.create_function(name, -1, function)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.executescript(statement)
    connection.close()


def test_a_library_that_is_whole(library, espr):
    report = check(library)
    assert (report.problems, report.notices) == ([], [])
    assert (report.recordings, report.pieces, report.unreadable) == (4, 1, 1)
    typed = espr("check")
    assert typed.code == 0
    assert typed.out.splitlines() == [
        f"{library}: 4 recordings, 1 piece, 1 unreadable file",
        "no damage found",
    ]
    document = json.loads(espr("check", "--json").out)
    assert (document["schema"], document["sound"]) == ("espr.check/1", True)
    assert document["problems"] == document["notices"] == []


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE profiles SET profile = zeroblob(32) WHERE recording_id = 1", "1 row of profiles"),
        ("UPDATE windows SET times = zeroblob(48)", "4 rows of windows are not what was written"),
        ("UPDATE pieces SET checksum = 0", "1 row of pieces"),
        ("UPDATE recordings SET checksum = 1", "5 rows of recordings"),
        ("UPDATE totals SET sum = sum + 1 WHERE name = 'meta'", "of the meta, some are missing"),
        ("DROP TRIGGER profiles_removed; DELETE FROM profiles WHERE recording_id = 2", "missing"),
        ("DELETE FROM windows WHERE recording_id = 3", "the windows of recording 3 as fake/1"),
        ("DELETE FROM recordings WHERE id = 4", "row None of profiles refers to a row of record"),
        ("UPDATE recordings SET piece_id = 77", "refers to a row of pieces that is not there"),
        ("DROP INDEX recordings_of_audio", "the tables are not as they were made"),
        ("DELETE FROM words_of_recordings WHERE word = 'bach'", "the names of its recordings are"),
        (
            "DROP TRIGGER words_of_pieces_removed; DELETE FROM words_of_pieces",
            "names of its pieces",
        ),
        ("UPDATE recordings SET reason = 'so' WHERE id = 1", "analysed and has a reason why not"),
        ("UPDATE recordings SET reason = '' WHERE id = 5", "could not be read and has no reason"),
        ("UPDATE recordings SET audio_hash = '' WHERE id = 1", "analysed and has no audio hash"),
        ("UPDATE recordings SET encoder = 'x/1' WHERE id = 1", "no profile by its encoder"),
        ("UPDATE recordings SET duplicate_of = 1 WHERE id = 1", "is a copy of itself"),
        ("UPDATE recordings SET piece_id = 1 WHERE id = 5", "could not be read and is of a piece"),
    ],
)
def test_damage_is_told_by_what_it_is(library, espr, statement, told):
    tamper(library, statement)
    report = check(library)
    assert any(told in problem for problem in report.problems), report.problems
    typed = espr("check")
    assert typed.code == LIBRARY_DAMAGED
    assert "run: espr repair" in typed.out
    assert all(len(line) < 300 for line in typed.out.splitlines())


def test_text_that_is_no_text_is_damage(library, espr):
    names = ("recordings_changed", "recordings_renamed")
    triggers = [sql for sql in STATEMENTS if any(f"TRIGGER {name}" in sql for name in names)]
    tamper(
        library,
        "DROP TRIGGER recordings_changed; DROP TRIGGER recordings_renamed;"
        f"UPDATE recordings SET title = CAST(x'ff' AS TEXT) WHERE id = 1; {'; '.join(triggers)}",
    )
    for command in (["check"], ["pieces", "show", "bach"]):
        typed = espr(*command)
        assert typed.code == LIBRARY_DAMAGED, (command, typed)
    with Catalog.open(library) as catalog, pytest.raises(EsprError) as raised:
        find_recordings(catalog, "bach_Arrau")
    assert raised.value.exit_code == LIBRARY_DAMAGED


def test_vectors_that_cannot_be():
    times = np.array([[0.0, 15.0], [5.0, 20.0]])
    rows = np.arange(16, dtype="<f4").reshape(2, 8)
    mean = rows.mean(axis=0).astype("<f4")

    sound = ("midlevel", mean.tobytes(), times.tobytes(), rows.tobytes())

    def wrong(space="midlevel", profile=mean, times=times, rows=rows):
        row = (space, profile.tobytes(), times.tobytes(), rows.tobytes())
        before, what, after = wrong_vectors([sound, row, sound])
        assert before == after == ""
        return what

    assert wrong() == ""
    assert "no space" in wrong(space="loud")
    assert "8 features" in wrong(profile=mean[:7])
    assert "12 features" in wrong(space="midlevel+")
    assert "one row each" in wrong(rows=rows[:1])
    assert "one row each" in wrong(times=times[:0])
    assert "not finite" in wrong(profile=np.full_like(mean, np.nan))
    assert "not finite" in wrong(times=np.full_like(times, np.inf))
    assert "before it begins" in wrong(times=times[:, ::-1].copy())
    assert "not the mean" in wrong(profile=mean + np.float32(0.1))


def test_files_that_are_gone_or_have_changed_are_no_damage(library, espr):
    music = library.parent / "music"
    (music / "bach_Arrau.flac").unlink()
    (music / "bach_Cortot.flac").write_bytes(b"xy")
    typed = espr("check")
    assert typed.code == 0
    assert typed.out.splitlines()[1:] == [
        "no damage found",
        "1 file is missing",
        f"   {music / 'bach_Arrau.flac'}",
        "1 file has changed since it was analysed",
        f"   {music / 'bach_Cortot.flac'}",
    ]


def test_a_folder_that_cannot_be_listed_is_no_traceback(library, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", path)

    (library.parent / "music" / "bach_Cortot.flac").write_bytes(b"xy")
    monkeypatch.setattr(os, "listdir", refuse)
    assert check(library).problems == []


def test_of_a_file_with_a_cue_sheet_size_and_time_are_not_compared(library):
    music = library.parent / "music"
    (music / "bach_Cortot.flac").write_bytes(b"xy")
    (music / "album.CUE").write_text("")
    assert check(library).notices == []


def test_a_file_from_the_future_is_as_good_as_any(library):
    path = library.parent / "music" / "bach_Arrau.flac"
    later = path.stat().st_mtime_ns + 10**18
    os.utime(path, ns=(later, later))
    with Catalog.open(library, write=True) as catalog:
        store_analysis(catalog, *heard(path, 0, mtime=later), "fake/1")
        bring_up_to_date(catalog)
    os.utime(path, ns=(later, later))
    assert check(library).notices == []


def test_grouping_that_is_due_is_told(library):
    with Catalog.open(library, write=True) as catalog:
        path = library.parent / "music" / "new_Hess.flac"
        store_analysis(catalog, *heard(path, 11), "fake/1")
    assert [notice.kind for notice in check(library).notices] == ["grouping"]


def test_caches_are_current_stale_foreign_or_broken(tmp_path):
    library = tmp_path / "library.espr"
    builder = build(library)
    builder.close()
    cache = Path(f"{library}.faiss")

    def kinds() -> list[str]:
        return [n.what for n in check(library, files=False).notices if n.kind == "cache"]

    with Catalog.open(library) as catalog:
        search.open_index(catalog, identity_model())
    assert kinds() == []
    content = cache.read_bytes()
    cache.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert "is not what was written" in kinds()[0]
    cache.write_bytes(b"no index")
    assert "cannot be read" in kinds()[0]
    cache.write_bytes(content)
    with Catalog.open(library, write=True) as catalog:
        bring_up_to_date(catalog)
    assert "is out of date" in kinds()[0]
    other = tmp_path / "other.espr"
    build(other).close()
    shutil.copy(cache, f"{other}.faiss")
    library = other
    assert "another library's" in kinds()[0]


def test_a_copy_that_went_its_own_way_is_not_searched_with_the_other_s_index(tmp_path):
    """Both have the same id and count the same transactions; their caches must not be confused."""
    library, copy = tmp_path / "library.espr", tmp_path / "copy.espr"
    builder = build(library)
    builder.close()
    shutil.copy(library, copy)
    states = []
    for path in (library, copy):
        with Catalog.open(path, write=True) as catalog:
            bring_up_to_date(catalog)
            states.append((catalog.generation(), catalog.state()))
            search.open_index(catalog, identity_model())
    assert states[0][0] == states[1][0]
    assert states[0][1] != states[1][1]
    shutil.move(f"{copy}.faiss", f"{library}.faiss")
    assert [notice.kind for notice in check(library, files=False).notices] == ["cache"]
    with Catalog.open(library) as catalog:
        made_from = search._made_from(catalog, identity_model())
        assert search._read(Path(f"{library}.faiss"), made_from) is None


def test_a_taught_model_that_cannot_be_read_is_damage(library):
    taught_model_path(library, MIDLEVEL).write_text("{}")
    (problem,) = check(library).problems
    assert "is not a query model" in problem


def test_no_library_and_another_file(tmp_path):
    with pytest.raises(EsprError) as raised:
        check(tmp_path / "none.espr")
    assert raised.value.exit_code == NO_LIBRARY
    (tmp_path / "notes.espr").write_text("my notes" * 1000)
    with pytest.raises(EsprError, match="is not an ESPR library") as raised:
        check(tmp_path / "notes.espr")
    assert raised.value.exit_code == LIBRARY_DAMAGED


def test_checking_changes_nothing(library):
    before = library.read_bytes()
    check(library)
    assert library.read_bytes() == before


def test_a_flipped_byte_is_found_or_changes_no_answer(whole, tmp_path):  # noqa: F811
    content = whole.read_bytes()
    expected = answers(whole)
    generator = random.Random(2 * FLIPS)
    copy = tmp_path / "copy.espr"
    found = 0
    for _ in range(FLIPS // 3):
        place = generator.randrange(len(content))
        damaged = bytearray(content)
        damaged[place] ^= generator.randrange(1, 256)
        copy.write_bytes(damaged)
        try:
            problems = check(copy, files=False).problems
        except EsprError as error:
            problems = [str(error)]
        found += bool(problems)
        assert problems or answers(copy) == expected
    assert found > FLIPS / 24
