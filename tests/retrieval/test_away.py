"""Recordings that are not there: on a drive that is away, or deleted since they were indexed."""

from __future__ import annotations

import os

import pytest

from espr.catalog.away import store_folders
from espr.catalog.catalog import Catalog
from espr.errors import NOTHING_MATCHED, EsprError
from tests.synthetic_library import build


@pytest.fixture
def builder(tmp_path):
    builder = build(tmp_path / "library.espr")
    yield builder
    builder.close()


def test_a_file_that_was_deleted_since_is_marked(builder, tmp_path):
    (tmp_path / "prelude_Hess.flac").unlink()
    with builder.library() as library:
        ranking = library.query("loud", piece="prelude")
    missing = [result for result in ranking.document()["results"] if result.get("missing")]
    assert [result["performer"] for result in missing] == ["Hess"]
    assert "The file of Hess is not there now. Run again: espr index FOLDER" in ranking.notes


def test_what_is_away_counts_for_the_mean_and_is_not_ranked_until_it_is_back(builder, tmp_path):
    away = tmp_path / "prelude_Hess.flac"
    with builder.library() as library:
        before = library.query("loud", piece="prelude")
    builder.close()
    with Catalog.open(tmp_path / "library.espr", write=True) as catalog:
        store_folders(catalog, {}, {str(tmp_path): 9})
    away.rename(tmp_path / "elsewhere")
    with builder.library() as library:
        without = library.query("loud", piece="prelude")
        whole = library.query("loud")
    scores = {result.performer: result.score for result in before.results}
    assert {result.performer: result.score for result in without.results} == {
        performer: score for performer, score in scores.items() if performer != "Hess"
    }
    assert any("1 recording on a drive that was away" in note for note in without.notes)
    assert "Hess" not in [r.performer for r in whole.results if r.piece.slug == "prelude"]
    os.rename(tmp_path / "elsewhere", away)
    with builder.library() as library:
        assert library.query("loud", piece="prelude").notes == before.notes


def test_a_piece_that_is_away_altogether_says_so(builder, tmp_path):
    builder.close()
    with Catalog.open(tmp_path / "library.espr", write=True) as catalog:
        store_folders(catalog, {}, {str(tmp_path): 9})
    for path in tmp_path.glob("prelude_*"):
        path.unlink()
    with builder.library() as library, pytest.raises(EsprError, match="away") as raised:
        library.query("loud", piece="prelude")
    assert raised.value.exit_code == NOTHING_MATCHED
