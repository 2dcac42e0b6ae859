"""Candidates by the signs of note vectors, which follow whatever happens to the library."""

from __future__ import annotations

import numpy as np
import pytest

from espr.alignment.note_vector import note_vector
from espr.catalog.catalog import Catalog
from espr.catalog.locations import note_codes_path
from espr.catalog.note_codes import NoteCodes
from espr.catalog.sound import COMPARED, NEW, note_vectors, pending, set_compared
from tests.catalog.test_sound import hear
from tests.played_notes import perform, score


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
    return codes.nearest(note_vector(perform(score(piece), seed=99)), 1)


def test_the_recording_of_the_same_piece_is_the_nearest(catalog):
    codes = NoteCodes(catalog, [])
    assert [nearest(codes, piece) for piece in (3, 7)] == [[3], [7]]
    assert codes.nearest(np.ones(256, np.float32), 99) == list(range(1, 13))


def test_what_was_kept_is_read_and_no_vector(catalog, monkeypatch):
    monkeypatch.setattr("espr.catalog.note_codes.note_vectors", None)
    assert nearest(NoteCodes(catalog, []), 5) == [5]
    hear(catalog, 13, 13)
    assert nearest(NoteCodes(catalog, [13]), 13) == [13]


@pytest.mark.parametrize("accident", ["deleted", "flipped", "cut"])
def test_a_file_that_is_not_what_was_written_is_made_again(catalog, accident):
    path = note_codes_path(catalog.path)
    body = bytearray(path.read_bytes())
    body[100] ^= 1
    path.write_bytes(body[:-40] if accident == "cut" else body)
    if accident == "deleted":
        path.unlink()
    assert nearest(NoteCodes(catalog, []), 5) == [5]


def test_recordings_that_went_or_changed_are_noticed(catalog):
    catalog.connection.execute("DELETE FROM recordings WHERE id = 5")
    assert NoteCodes(catalog, []).nearest(np.ones(256, np.float32), 99) == [
        *range(1, 5),
        *range(6, 13),
    ]
    hear(catalog, 20, 20)  # as many as before, and not the same
    assert nearest(NoteCodes(catalog, pending(catalog, NEW)), 20) == pending(catalog, NEW)
    assert len(note_vectors(catalog)[0]) == 12
