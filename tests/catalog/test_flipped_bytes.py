"""A byte of a library's file flips, on the disk or on the way to it: it is found, never served.

``ESPR_FLIPS`` sets how many; ``make soak`` flips more than ``make test``.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
from pathlib import Path

import pytest

from espr.catalog import corrections
from espr.catalog.catalog import Catalog
from espr.catalog.regroup import regroup
from espr.catalog.search import find_pieces, find_recordings
from espr.errors import LIBRARY_DAMAGED, EsprError
from espr.library import Library
from espr.maintenance.check import check
from espr.maintenance.repair import repair
from tests.soak_kills import dump
from tests.synthetic_library import build, identity_model, pole_words, vector

FLIPS = int(os.environ.get("ESPR_FLIPS", "75"))


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    """Four pieces with copies and corrections, in one file without a log."""
    path = tmp_path_factory.mktemp("library") / "music.espr"
    builder = build(path)
    for number, pianist in enumerate(("Brendel", "Cortot", "Fischer", "Haskil", "Kempff", "Ney")):
        profile = vector(loudness=number - 2.5, attack=(-1.0) ** number)
        builder.add("fugue", pianist, profile, title="Fugue")
    builder.close()
    with Catalog.open(path, write=True) as catalog:
        regroup(catalog)
        corrections.rename(catalog, find_pieces(catalog, "prelude")[0], "Prelude in C")
        (take,) = find_recordings(catalog, "fugue_Ney")
        corrections.assign_new(catalog, take, "Another fugue")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("VACUUM")
    connection.close()
    return path


def answers(path: Path) -> str:
    """What is printed of a library: pieces, their recordings, rankings, portraits."""
    with Library(Catalog.open(path), pole_words(), identity_model()) as library:
        catalog = library.catalog
        pieces = catalog.pieces()
        found: list[object] = [[str(piece) for piece in pieces]]
        for name in ("prelude", "prelude-in-c", "toccata", "fugue", "another-fugue"):
            (piece,) = find_pieces(catalog, name)
            found.append([str(recording) for recording in catalog.recordings(piece.id)])
            found.append(library.query("legato, loud", name).document())
        found.append(library.query("dense, bright").document())
        found.append(library.query("dense, bright", relative=True).document())
        found.append(library.query("", "toccata", like="toccata_Hess").document())
        for name in ("prelude_Gould", "fugue_Haskil"):
            found.append(library.show(name).document())
    for leftover in path.parent.glob("*.faiss"):
        leftover.unlink()
    return json.dumps(found)


def test_no_flipped_byte_is_served(library, tmp_path):
    whole = library.read_bytes()
    expected = answers(library)
    generator = random.Random(FLIPS)
    copy = tmp_path / "copy.espr"
    told = 0
    for _ in range(FLIPS):
        place = generator.randrange(len(whole))
        damaged = bytearray(whole)
        damaged[place] ^= generator.randrange(1, 256)
        copy.write_bytes(damaged)
        try:
            assert answers(copy) == expected, place
        except EsprError as error:
            assert error.exit_code == LIBRARY_DAMAGED, (place, str(error))
            told += 1
    assert told > FLIPS / 8  # much of a small file is free space


@pytest.mark.parametrize("seed", range(max(5, FLIPS // 300)))
def test_three_hundred_flipped_bytes_are_found_and_mended(library, tmp_path, seed):
    """What is kept says what it said; all else is named, and nothing of it is lost unsaid."""
    content = bytearray(library.read_bytes())
    generator = random.Random(seed)
    for _ in range(300):
        content[generator.randrange(len(content))] ^= 1 << generator.randrange(8)
    copy = tmp_path / "copy.espr"
    copy.write_bytes(content)
    with pytest.raises(EsprError) as raised:
        answers(copy)
    assert raised.value.exit_code == LIBRARY_DAMAGED
    outcome = repair(copy)
    assert outcome.problems
    assert check(copy, files=False).problems == []
    expected, found = ({row[0]: row for row in dump(path)} for path in (library, copy))
    for path, row in found.items():
        assert (row[:4], row[-1]) == (expected[path][:4], expected[path][-1])
    assert not set(outcome.again) & set(found)
    assert len(found) + len(outcome.again) + outcome.nameless >= len(expected) - 1
