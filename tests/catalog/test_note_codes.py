"""Candidates by the signs of note vectors, which follow whatever happens to the library."""

from __future__ import annotations

import numpy as np
import pytest

from espr.alignment.note_vector import note_vector
from espr.catalog.catalog import Catalog
from espr.catalog.locations import note_codes_path
from espr.catalog.note_codes import NoteCodes, _ones
from espr.catalog.sound import COMPARED, NEW, pending, set_compared
from tests.catalog.test_sound import hear
from tests.played_notes import all_note_vectors, perform, score

HEAD, ROW = 1024, 40  # bytes of the file


@pytest.fixture
def catalog(tmp_path):
    """Twelve recordings of twelve pieces, kept."""
    with Catalog.open(tmp_path / "library.espr", write=True) as opened:
        for number in range(1, 13):
            hear(opened, number, number)
        keep(opened)
        yield opened


def keep(catalog: Catalog) -> NoteCodes:
    new = pending(catalog, NEW)
    codes = NoteCodes(catalog, new)
    codes.store()
    set_compared(catalog.connection, new, COMPARED)
    return codes


def nearest(codes: NoteCodes, piece: int) -> list[int]:
    return list(codes.nearest([note_vector(perform(score(piece), seed=99))], 1))


def every(codes: NoteCodes) -> list[int]:
    return list(codes.nearest([np.ones(256, np.float32)], 99))


def test_the_recording_of_the_same_piece_is_the_nearest(catalog):
    codes = NoteCodes(catalog, [])
    assert [nearest(codes, piece) for piece in (3, 7)] == [[3], [7]]
    assert every(codes) == list(range(1, 13))
    assert list(codes.nearest([note_vector(score(piece)) for piece in (3, 7)], 1)) == [3, 7]


def test_signs_are_counted_as_by_hand_and_of_equal_ones_the_smallest_ids_come(catalog):
    codes = NoteCodes(catalog, [])
    ids, vectors = all_note_vectors(catalog)
    wanted = note_vector(perform(score(4), seed=3))
    mean = vectors.mean(axis=0)
    differ = ((vectors > mean) != (wanted > mean)).sum(axis=1)
    order = sorted(range(len(ids)), key=lambda place: (differ[place], ids[place]))
    for count in (1, 4, 11, 12):
        assert list(codes.nearest([wanted], count)) == sorted(ids[place] for place in order[:count])


def test_what_was_kept_is_read_and_no_vector(catalog, monkeypatch):
    monkeypatch.setattr("espr.catalog.note_codes.note_vectors", None)
    assert nearest(NoteCodes(catalog, []), 5) == [5]
    hear(catalog, 13, 13)
    assert nearest(NoteCodes(catalog, [13]), 13) == [13]


def test_a_new_recording_is_added_behind_the_others(catalog, monkeypatch):
    path = note_codes_path(catalog.path)
    before, number = path.read_bytes(), path.stat().st_ino
    hear(catalog, 13, 13)
    monkeypatch.setattr("espr.catalog.note_codes.note_vectors", None)
    keep(catalog)
    assert path.read_bytes()[: len(before)] == before
    assert (path.stat().st_size, path.stat().st_ino) == (len(before) + ROW, number)
    assert nearest(NoteCodes(catalog, []), 13) == [13]


@pytest.mark.parametrize("accident", ["deleted", "flipped", "cut", "empty", "other", "mean"])
def test_a_file_that_is_not_what_was_written_is_made_again(catalog, accident):
    path = note_codes_path(catalog.path)
    body = bytearray(path.read_bytes())
    body[100 if accident == "mean" else HEAD + 100] ^= 1
    path.write_bytes({"cut": body[:-ROW], "empty": b"", "other": b"IBxF" * 99}.get(accident, body))
    if accident == "deleted":
        path.unlink()
    assert nearest(NoteCodes(catalog, []), 5) == [5]
    assert every(keep(catalog)) == list(range(1, 13))
    assert len(path.read_bytes()) == HEAD + 12 * ROW


@pytest.mark.parametrize(
    "said", ["1234567", "", "12 x 12 1", "99999 0 12 12", "0 0 0 0", "-1 0 0 9"]
)
def test_what_another_version_says_of_the_file_is_not_believed(catalog, said):
    catalog.connection.execute("UPDATE meta SET value = ? WHERE key = 'note codes'", [said])
    assert nearest(NoteCodes(catalog, []), 5) == [5]


def test_what_a_killed_run_left_behind_is_written_over(catalog, monkeypatch):
    path = note_codes_path(catalog.path)
    with path.open("ab") as file:
        file.write(b"\x01" * 70)  # a row and a part of one that nothing speaks of
    monkeypatch.setattr("espr.catalog.note_codes.note_vectors", None)
    assert every(NoteCodes(catalog, [])) == list(range(1, 13))
    hear(catalog, 13, 13)
    keep(catalog)
    assert path.stat().st_size == HEAD + 13 * ROW
    assert every(NoteCodes(catalog, [])) == list(range(1, 14))


def test_a_library_restored_beside_a_later_file_believes_what_it_knows_of_it(catalog, monkeypatch):
    said = catalog.meta()["note codes"]
    hear(catalog, 13, 13)
    keep(catalog)
    catalog.connection.execute("DELETE FROM recordings WHERE id = 13")
    catalog.connection.execute("UPDATE meta SET value = ? WHERE key = 'note codes'", [said])
    hear(catalog, 14, 14)  # which gets the id of the one that is gone
    monkeypatch.setattr("espr.catalog.note_codes.note_vectors", None)
    keep(catalog)
    assert nearest(NoteCodes(catalog, []), 14) == [13]


def test_a_file_that_cannot_be_written_is_made_again_later(catalog, monkeypatch):
    path = note_codes_path(catalog.path)
    body = path.read_bytes()
    hear(catalog, 13, 13)
    keep(catalog)
    path.write_bytes(body)  # as if there had been no room
    catalog.connection.execute("DELETE FROM recordings WHERE id = 2")
    assert every(NoteCodes(catalog, [])) == [1, *range(3, 14)]


def test_recordings_that_went_or_changed_are_noticed(catalog):
    catalog.connection.execute("DELETE FROM recordings WHERE id = 5")
    assert every(NoteCodes(catalog, [])) == [*range(1, 5), *range(6, 13)]
    hear(catalog, 20, 20)  # as many as before, and not the same
    assert nearest(NoteCodes(catalog, pending(catalog, NEW)), 20) == pending(catalog, NEW)
    assert len(all_note_vectors(catalog)[0]) == 12


def test_a_recording_that_plays_something_else_is_found_by_that(catalog):
    hear(catalog, 5, 50)
    codes = keep(catalog)
    assert set(every(codes)) == set(range(1, 13))
    vectors = all_note_vectors(catalog)[1]
    found = NoteCodes(catalog, []).nearest([vectors[4]], 1)
    assert list(found) == [5] and np.array_equal(found[5], vectors[4])


def test_each_that_is_left_is_found_after_every_removal(catalog):
    """What others' indexes get wrong: ids that no longer fit what is stored beside them."""
    for gone in (1, 2, 12, 6):
        catalog.connection.execute("DELETE FROM recordings WHERE id = ?", [gone])
        codes = keep(catalog)
        ids, vectors = all_note_vectors(catalog)
        for place, one in enumerate(ids):
            assert next(iter(codes.nearest([vectors[place]], 1))) == one
    assert ids == [3, 4, 5, 7, 8, 9, 10, 11]


def test_rows_of_the_past_do_not_outgrow_the_library(catalog, monkeypatch):
    monkeypatch.setattr("espr.catalog.note_codes._FEW", 0)
    for audio in range(100, 104):
        for number in range(1, 13):
            hear(catalog, number, audio * number)
        keep(catalog)
        assert note_codes_path(catalog.path).stat().st_size <= HEAD + 2 * 12 * ROW
        assert every(NoteCodes(catalog, [])) == list(range(1, 13))


def test_the_mean_is_taken_again_when_a_library_has_grown(catalog, monkeypatch):
    path = note_codes_path(catalog.path)
    before = path.read_bytes()[:HEAD]
    for number in range(13, 25):
        hear(catalog, number, number)
        keep(catalog)
        assert (path.read_bytes()[:HEAD] == before) == (number < 24)
    assert np.allclose(np.fromfile(path, "<f4", 256), all_note_vectors(catalog)[1].mean(axis=0))
    monkeypatch.setattr("espr.catalog.note_codes._MANY", 24)
    monkeypatch.setattr("espr.catalog.note_codes.note_vectors", None)
    for number in range(25, 50):
        hear(catalog, number, number)
    assert nearest(keep(catalog), 49) == [49]


def test_without_numpy_2_ones_are_counted_alike(monkeypatch):
    words = np.random.default_rng(1).integers(0, 1 << 63, (50, 3), np.uint64)[:, 1]
    expected = [int(word).bit_count() for word in words]
    assert _ones(words).tolist() == expected
    monkeypatch.delattr("numpy.bitwise_count", raising=False)
    assert _ones(words).tolist() == expected
