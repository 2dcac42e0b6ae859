"""Search over the whole library, and the index that is derived from it."""

from __future__ import annotations

import dataclasses
import json
import os

import numpy as np
import pytest

from espr import whole_files
from espr.catalog.locations import index_path
from espr.errors import EsprError
from espr.retrieval import search
from espr.retrieval.ranking import cosine
from tests.synthetic_library import MANNERS, build, identity_model, vector

QUERY = vector(onset_density=1.0, brightness=0.5)


@pytest.fixture
def builder(tmp_path):
    builder = build(tmp_path / "library.espr")
    yield builder
    builder.close()


@pytest.fixture
def library(builder):
    with builder.library() as opened:
        yield opened


@pytest.fixture
def cache(builder):
    return builder.path.with_name("library.espr.faiss")


def test_the_best_pieces_come_first_with_their_best_performances(library):
    ranking = library.query("dense, bright")
    assert ranking.piece is None
    assert ranking.centring == "none"
    assert [result.piece.slug for result in ranking.results[:3]] == ["toccata"] * 3
    assert [result.rank for result in ranking.results] == sorted(r.rank for r in ranking.results)
    scores = [result.score for result in ranking.results]
    assert scores == sorted(scores, reverse=True)
    assert ranking.results[0].score == pytest.approx(
        max(
            cosine(
                vector(onset_density=1, brightness=1),
                np.array([*MANNERS.values()]) + vector(onset_density=3, brightness=2),
            )
        )
    )


def test_top_counts_pieces(library):
    assert {result.piece.slug for result in library.query("dense", top=1).results} == {"toccata"}


def test_relative_search_ranks_by_deviation_from_each_piece(library):
    ranking = library.query("staccato", relative=True)
    assert ranking.centring == "piece"
    assert {result.performer for result in ranking.results[:2]} == {"Gould"}
    assert {result.piece.slug for result in ranking.results[:2]} == {"prelude", "toccata"}


@pytest.mark.parametrize("relative", [False, True])
def test_the_index_finds_the_same_pieces_as_scoring_every_recording(builder, relative):
    rng = np.random.default_rng(7)
    for piece in range(30):
        for take in range(4):
            builder.add(f"piece-{piece}", f"take-{take}", rng.normal(size=12))
    with builder.library() as library:
        index = search.open_index(library.catalog, library.model, relative=relative)
        seen = library.model.centred if relative else library.model.standardised
        best = {}
        for piece in library.catalog.pieces():
            ids = [recording.id for recording in library.catalog.recordings(piece.id)]
            _, profiles = library.catalog.profiles(ids, library.model.audio)
            best[piece.id] = cosine(QUERY, seen(profiles)).max()
        expected = sorted(best, key=lambda piece: -best[piece])
        for count in (1, 5, 32):
            assert index.nearest_pieces(QUERY, count) == expected[:count]
        assert index.nearest_pieces(QUERY, 1000) == expected


@pytest.mark.parametrize(
    ("text", "relative"),
    [("a little dense", False), ("a little dense", True), ("very dense", True)],
)
def test_amounts_are_sought_over_the_whole_library(builder, text, relative):
    rng = np.random.default_rng(8)
    for piece in range(40):
        for take in range(3):
            builder.add(f"piece-{piece}", f"take-{take}", 2 * rng.normal(size=12))
    with builder.library() as library:
        every = library.query(text, relative=relative, top=1000).results
        best = {}
        for result in every:
            best.setdefault(result.piece.slug, result.score)
        expected = list(best)[:5]
        five = library.query(text, relative=relative).results
        assert list(dict.fromkeys(result.piece.slug for result in five)) == expected


def test_a_duration_is_sought_over_the_whole_library(builder):
    for piece in range(10):  # the least dense last for longest
        dense = vector(onset_density=9.0 - piece / 10)
        builder.add(f"piece-{piece}", "one", dense, np.zeros((20 + 4 * piece, 12)))
    with builder.library() as library:
        ranking = library.query("dense, longer than 4 minutes")
        assert [result.piece.slug for result in ranking] == ["piece-7", "piece-8", "piece-9"]
        with pytest.raises(EsprError, match="no recording as long as asked"):
            library.query("dense, over 20 minutes")


def test_one_piece_with_many_takes_does_not_hide_the_next(builder):
    for take in range(40):
        builder.add("crowd", f"take-{take}", vector(onset_density=5.0 + take, brightness=2.5))
    with builder.library() as library:
        index = search.open_index(library.catalog, library.model)
        assert len(index.nearest_pieces(QUERY, 3)) == 3
        ranking = library.query("dense", top=2)
    assert len(ranking.results) == 6


@pytest.mark.parametrize("relative", [False, True])
def test_the_index_is_kept_and_read_again(library, monkeypatch, relative):
    first = library.query("dense", relative=relative)
    assert index_path(library.catalog.path, relative=relative).exists()
    monkeypatch.setattr(search, "_build", None)  # what is read is not built
    assert [r.recording for r in library.query("dense", relative=relative).results] == [
        r.recording for r in first.results
    ]


def test_the_index_is_made_anew_when_the_library_has_changed(builder, cache):
    with builder.library() as library:
        library.query("dense")
    builder.add("new", "Pires", vector(onset_density=9.0))
    with builder.library() as library:
        assert library.query("dense", top=1).results[0].piece.slug == "new"


@pytest.mark.parametrize(
    "change",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content[:-20] + b"\x00" * 20,
        lambda content: b"not JSON\n" + content,
        lambda content: b"[]\n" + content,
        lambda content: content.replace(b'"sha256"', b'"sha257"'),
        lambda content: content.replace(b'"signal/2"', b'"signal/1"'),
    ],
)
def test_a_damaged_or_foreign_index_is_made_anew(library, cache, change):
    expected = [result.recording for result in library.query("dense").results]
    whole = cache.read_bytes()
    cache.write_bytes(change(whole))
    assert [result.recording for result in library.query("dense").results] == expected
    assert cache.read_bytes() == whole


def test_another_space_or_other_constants_do_not_read_this_index(library):
    made = search._made_from(library.catalog, library.model)
    moved = dataclasses.replace(library.model, reference_mean=vector(loudness=0.1))
    assert search._made_from(library.catalog, moved) != made
    assert json.dumps(made)  # it stands in the file as JSON


def test_a_folder_that_cannot_be_written_keeps_the_index_in_memory(library, cache, monkeypatch):
    def refuse(*_):
        raise PermissionError("read-only")

    monkeypatch.setattr(whole_files, "open", refuse, raising=False)
    assert library.query("dense").results
    assert not cache.exists()


def test_nothing_is_left_behind_when_the_index_cannot_take_its_place(library, cache, monkeypatch):
    def refuse(*_):
        raise OSError("no space left")

    monkeypatch.setattr(whole_files.os, "replace", refuse)
    assert library.query("dense").results
    assert not [name for name in os.listdir(cache.parent) if cache.name in name]


def test_an_empty_library_says_so(tmp_path):
    from espr.errors import NOTHING_MATCHED, EsprError
    from tests.synthetic_library import Builder

    builder = Builder(tmp_path / "empty.espr")
    builder.close()
    for relative in (False, True):
        with builder.library(identity_model()) as library, pytest.raises(EsprError) as caught:
            library.query("dense", relative=relative)
        assert caught.value.exit_code == NOTHING_MATCHED
