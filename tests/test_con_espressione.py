"""Reading the published table, and fitting h without looking at what is held out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from espr.errors import EsprError
from espr.evaluation.con_espressione import TABLE, read_con_espressione
from espr.space import MIDLEVEL
from espr.training.query_model import Corpus, cross_validate, fit

HEADER = (
    "answer_id,participant_id,music_id,answer,original_answer,timestamp,favorite,"
    "translated_to_english,performer,piece_name,performance_name\n"
)


def folder(tmp_path, rows, recordings):
    (tmp_path / "audio").mkdir()
    for name in recordings:
        (tmp_path / "audio" / name).write_bytes(b"")
    table = [f"1,1,1,{answer},,,,,{who},{piece},{name}\n" for answer, who, piece, name in rows]
    (tmp_path / TABLE).write_text(HEADER + "".join(table), encoding="utf-8")
    return tmp_path


def test_answers_are_gathered_by_performance(tmp_path):
    rows = [
        ('"soft, clear_phrasing"', "Gould", "bach", "01_Gould"),
        ("dry", "Gould", "bach", "01_Gould"),
        ('" , "', "Gould", "bach", "01_Gould"),
        ("warm", "Schiff", "arabeske_excerpt2", "02_Schiff"),
    ]
    data = folder(tmp_path, rows, ["bach_Gould.mp3", "02_Schiff.flac"])
    schiff, gould = read_con_espressione(data)
    assert gould.answers == ("soft, clear_phrasing", "dry")
    assert gould.audio.name == "bach_Gould.mp3"
    assert (schiff.work, schiff.audio.name) == ("arabeske", "02_Schiff.flac")


def test_missing_recordings_are_listed(tmp_path):
    rows = [("dry", "Gould", "bach", "x"), ("dry", "Richter", "bach", "y")]
    data = folder(tmp_path, rows, ["bach_Gould.mp3"])
    with pytest.raises(EsprError, match="lacks 1 of 2 recordings: bach_Richter"):
        read_con_espressione(data)


def test_a_missing_table_says_where_it_is_published(tmp_path):
    with pytest.raises(EsprError, match="zenodo record 3968828"):
        read_con_espressione(tmp_path)


def test_a_table_without_its_columns(tmp_path):
    (tmp_path / TABLE).write_text("answer,pianist\n")
    with pytest.raises(EsprError, match="no column performer, piece_name"):
        read_con_espressione(tmp_path)


def test_a_table_that_is_not_text(tmp_path):
    (tmp_path / TABLE).write_bytes(HEADER.encode() + b"\xff\xfe\n")
    with pytest.raises(EsprError, match="not a UTF-8 CSV"):
        read_con_espressione(tmp_path)


@pytest.fixture
def corpus() -> Corpus:
    """Five pieces of four takes; a word's dimension moves one feature, with some noise."""
    rng = np.random.default_rng(0)
    pieces = np.repeat([f"piece{i}" for i in range(5)], 4)
    profiles = rng.normal(size=(20, 8)) + rng.normal(size=(5, 8)).repeat(4, axis=0)
    centred = profiles - np.array([profiles[pieces == p].mean(axis=0) for p in pieces])
    described = np.repeat(np.arange(20), 10)
    answers = centred[described] @ rng.normal(size=(8, 12)) + rng.normal(size=(200, 12))
    return Corpus(
        text="t/1",
        audio="a/1",
        space=MIDLEVEL,
        profiles=profiles,
        pieces=pieces,
        works=pieces,
        answers=answers,
        described=described,
        poles=np.zeros((1, 12)),
        pole_targets=np.zeros((1, 8)),
    )


def test_what_is_held_out_does_not_change_the_model(corpus):
    training = corpus.pieces != "piece2"
    held = np.flatnonzero(~training)
    disturbed = replace(corpus, profiles=corpus.profiles.copy(), answers=corpus.answers.copy())
    disturbed.profiles[held] = 99.0
    disturbed.answers[np.isin(corpus.described, held)] *= -3.0
    first, second = fit(corpus, training), fit(disturbed, training)
    for name in ("matrix", "reference_mean", "reference_std", "within_std"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_a_relation_is_found_and_shuffled_labels_fall_to_chance(corpus):
    found = cross_validate(corpus, corpus.pieces)
    assert found["chance"]["mrr"] == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    assert found["performance"]["mrr"] > 0.8
    rng = np.random.default_rng(1)
    shuffled = [
        cross_validate(replace(corpus, described=rng.permutation(corpus.described)), corpus.pieces)
        for _ in range(5)
    ]
    mean = np.mean([metrics["performance"]["mrr"] for metrics in shuffled])
    assert mean == pytest.approx(found["chance"]["mrr"], abs=0.12)
