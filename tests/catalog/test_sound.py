"""What the catalog keeps of notes and comparisons, and a library from before it kept any."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

from espr.alignment.comparison import Comparison
from espr.audio.encoder import Analysis, Windows
from espr.catalog.catalog import Catalog
from espr.catalog.connection import connect, format_of, prepare, schema_is_whole
from espr.catalog.models import ScannedFile
from espr.catalog.recordings import known_recordings, store_analysis
from espr.catalog.schema import APPLICATION_ID, FORMAT, OLDEST_FORMAT, OLDEST_STATEMENTS
from espr.catalog.sound import (
    COMPARED,
    NEW,
    alignments_of,
    notes_of,
    pending,
    store_comparisons,
    tuning_of,
)
from espr.errors import EsprError
from espr.features import MIDLEVEL
from espr.maintenance.check import check
from espr.maintenance.merge import merge
from espr.works.tags import Tags
from tests.played_notes import all_note_vectors, perform, score

ALIKE = Comparison(0.5, ((0.0, 60.0, 1.0, 66.0),), (1.0, 0.9), 200, 20, 0.8, 1.1, 0.3)


def hear(
    catalog: Catalog, number: int, audio: int, *, notes: bool = True, tuning: float | None = None
) -> int:
    windows = Windows(np.array([[0.0, 15.0]]), np.full((1, 8), number, np.float32), MIDLEVEL)
    played = perform(score(number), seed=audio) if notes else None
    hearing = Analysis(windows, 60.0, f"{audio:032x}", {}, played, tuning)
    source = ScannedFile(f"/music/{number}.flac", 0.0, None, 1, 1)
    return store_analysis(catalog, source, Tags(), hearing, "noting/1")


@pytest.fixture
def catalog(tmp_path):
    with Catalog.open(tmp_path / "library.espr", write=True) as opened:
        yield opened


def test_notes_and_their_vectors_are_kept(catalog):
    ids = [hear(catalog, number, number) for number in (1, 2)]
    known, vectors = all_note_vectors(catalog)
    assert (known, vectors.shape) == (ids, (2, 256))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0, 1.0], abs=1e-3)
    assert notes_of(catalog, ids)[1] == pytest.approx(perform(score(1), seed=1), abs=1e-3)
    assert pending(catalog, NEW) == ids
    assert check(catalog.path, files=False).problems == []


def test_a_comparison_is_seen_from_either_side(catalog):
    one, other = (hear(catalog, number, number) for number in (1, 2))
    store_comparisons(catalog.connection, other, {one: ALIKE})
    (found,) = alignments_of(catalog, [other])
    assert (found.one, found.other) == (one, other)
    assert found.seen_from(other) == ALIKE
    assert found.seen_from(one) == ALIKE.reversed()
    assert alignments_of(catalog, [one]) == [found]


def test_a_tuning_that_an_older_version_did_not_store_changes_no_comparison(catalog):
    one, other = (hear(catalog, number, number) for number in (1, 2))
    store_comparisons(catalog.connection, one, {other: ALIKE})
    assert tuning_of(catalog, one) is None
    assert hear(catalog, 1, 1, tuning=-12.4) == one
    assert (tuning_of(catalog, one), tuning_of(catalog, other)) == (-12, None)
    assert len(alignments_of(catalog, [one])) == 1
    assert notes_of(catalog, [one])[one] == pytest.approx(perform(score(1), seed=1), abs=1e-3)
    assert hear(catalog, 1, 1, tuning=-12.4) == one
    assert len(alignments_of(catalog, [one])) == 1
    assert check(catalog.path, files=False).problems == []


def test_other_audio_forgets_the_notes_and_what_was_compared_with_them(catalog):
    one, other = (hear(catalog, number, number) for number in (1, 2))
    store_comparisons(catalog.connection, one, {other: ALIKE})
    hear(catalog, 1, 3)
    assert alignments_of(catalog, [one, other]) == []
    hear(catalog, 1, 4, notes=False)
    assert list(notes_of(catalog, [one, other])) == [other]
    assert check(catalog.path, files=False).problems == []


@pytest.mark.parametrize(
    ("statement", "reading"),
    [
        ("UPDATE notes SET notes = x'000000'", lambda c: notes_of(c, [1])),
        ("UPDATE note_vectors SET vector = x'00'", all_note_vectors),
        ("DELETE FROM note_vectors", all_note_vectors),
        ("UPDATE alignments SET kind = 'other'", lambda c: alignments_of(c, [1])),
    ],
)
def test_what_is_not_what_was_written_is_said(catalog, statement, reading):
    one, other = (hear(catalog, number, number) for number in (1, 2))
    store_comparisons(catalog.connection, one, {other: ALIKE})
    for (trigger,) in catalog.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        catalog.connection.execute(f"DROP TRIGGER {trigger}")
    catalog.connection.execute(statement)
    with pytest.raises(EsprError, match="damaged"):
        reading(catalog)


def test_merging_takes_notes_along_and_compares_them(catalog, tmp_path):
    one = hear(catalog, 1, 1)
    merge([catalog.path], tmp_path / "other.espr")
    with Catalog.open(tmp_path / "other.espr") as other:
        assert notes_of(other, [1])[1] == pytest.approx(notes_of(catalog, [one])[one])
        assert pending(other, NEW) == pending(other, COMPARED) == []


@pytest.fixture
def older(tmp_path):
    """A library of the format before notes were kept, with one recording."""
    path = tmp_path / "older.espr"
    with Catalog.open(path, write=True) as made:
        hear(made, 1, 1, notes=False)
        rows = {
            table: made.rows(f"SELECT * FROM {table}")
            for table in ("meta", "recordings", "profiles", "windows")
        }
    path.unlink()
    connection = connect(path, "mode=rwc")
    prepare(connection)
    for statement in OLDEST_STATEMENTS:
        connection.execute(statement)
    for table, of_table in rows.items():
        for row in of_table:
            if table == "recordings":  # the sum of its profiles is counted when they come
                columns = [c[1] for c in connection.execute("PRAGMA table_info(recordings)")]
                row = [0 if c == "profile_sum" else v for c, v in zip(columns, row, strict=True)]
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {OLDEST_FORMAT}")
    connection.close()
    return path


def test_an_older_library_is_read_as_it_is_and_not_written(older):
    before = older.read_bytes()
    with Catalog.open(older) as opened:
        assert len(opened.recordings()) == 1
        assert all_note_vectors(opened)[0] == []
        assert known_recordings(opened, "noting/1")["/music/1.flac", 0.0].analysed
    report = check(older, files=False)
    assert (report.problems, report.format) == ([], OLDEST_FORMAT)
    assert older.read_bytes() == before


def test_an_older_library_is_brought_up_to_date_when_it_is_written(older):
    with Catalog.open(older, write=True) as opened:
        assert schema_is_whole(opened.connection)
        assert format_of(opened.connection) == FORMAT
        known = known_recordings(opened, "noting/1", with_notes=True)["/music/1.flac", 0.0]
        assert known.analysed and known.lacks_notes
        hear(opened, 1, 1)
        known = known_recordings(opened, "noting/1", with_notes=True)["/music/1.flac", 0.0]
        assert not known.lacks_notes
    assert check(older, files=False).problems == []


def test_triggers_of_an_older_version_are_made_again(older):
    connection = sqlite3.connect(older)
    connection.execute("DROP TRIGGER pieces_added")
    connection.execute("CREATE TRIGGER old AFTER DELETE ON pieces BEGIN SELECT 1; END")
    connection.close()
    with Catalog.open(older, write=True) as opened:
        assert schema_is_whole(opened.connection)


def test_an_older_library_that_is_damaged_is_left_as_it_is(older):
    connection = sqlite3.connect(older)
    connection.execute("DROP INDEX recordings_of_audio")
    connection.close()
    with pytest.raises(EsprError, match="espr repair"):
        Catalog.open(older, write=True)
    with sqlite3.connect(older) as connection:
        assert format_of(connection) == OLDEST_FORMAT
    connection.close()
