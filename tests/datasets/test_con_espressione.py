"""Reading the published table, and fitting h without looking at what is held out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from espr.datasets.con_espressione import TABLE, read_con_espressione
from espr.errors import EsprError
from espr.evaluation.corpus import Corpus
from espr.evaluation.folds import Fold
from espr.evaluation.ridge import fit
from espr.evaluation.system import System, evaluate, metric_values
from espr.features import MIDLEVEL

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
        ("cold", "Richter", "bach", "01_Richter"),
        ("warm", "Schiff", "arabeske_excerpt2", "02_Schiff"),
        ("dark", "Vogt", "arabeske_excerpt2", "02_Vogt"),
    ]
    names = ["bach_Gould.mp3", "bach_Richter.mp3", "02_Schiff.flac", "02_Vogt.flac"]
    data = folder(tmp_path, rows, names)
    benchmark = read_con_espressione(data)
    schiff, _, gould, _ = benchmark.performances
    said = [d.terms for d in benchmark.descriptions if d.performance == 2]
    assert said == [(("soft", 1.0), ("clear_phrasing", 1.0)), (("dry", 1.0),)]
    assert (schiff.work, schiff.audio.name) == ("arabeske", "02_Schiff.flac")
    assert gould.audio.name == "bach_Gould.mp3"
    assert len(benchmark.queries("performance")) == 4
    assert len(benchmark.queries("answers")) == 5
    assert len(benchmark.queries("terms")) == 6


def test_missing_recordings_are_listed(tmp_path):
    rows = [(w, p, piece, p + piece) for w in ("dry",) for p in "ab" for piece in ("x", "y", "z")]
    names = ["x_a.mp3", "x_b.mp3", "y_a.mp3", "y_b.mp3", "z_a.mp3"]
    benchmark = read_con_espressione(folder(tmp_path, rows, names))
    assert [one.piece for one in benchmark.skipped] == ["z", "z"]
    assert "no recording z_b" in benchmark.skipped[0].reason
    assert "at least 2 are needed" in benchmark.skipped[1].reason
    assert len(benchmark.performances) == 4


def test_too_few_recordings_are_an_error(tmp_path):
    rows = [("dry", "Gould", "bach", "x"), ("dry", "Richter", "bach", "y")]
    with pytest.raises(EsprError, match=r"2 pieces with 2 recordings.*no recording bach_Richter"):
        read_con_espressione(folder(tmp_path, rows, ["bach_Gould.mp3"]))


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
        terms=np.zeros((1, 12)),
        term_targets=np.zeros((1, 8)),
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


def systems_mrr(corpus, model):
    described = np.unique(corpus.described)
    queries = np.array([corpus.answers[corpus.described == one].sum(axis=0) for one in described])
    folds = [Fold(p, corpus.pieces != p, corpus.pieces == p) for p in np.unique(corpus.pieces)]
    system = System("t", "a", "midlevel", model, "piece")
    return metric_values(evaluate(system, corpus, queries, described, folds))["mrr"].mean()


@pytest.mark.parametrize("model", ["paper", "best"])
def test_a_relation_is_found_and_shuffled_labels_fall_to_chance(corpus, model):
    chance = (1 + 1 / 2 + 1 / 3 + 1 / 4) / 4
    assert systems_mrr(corpus, model) > 0.7
    rng = np.random.default_rng(1)
    shuffled = [
        systems_mrr(replace(corpus, described=rng.permutation(corpus.described)), model)
        for _ in range(5)
    ]
    assert np.mean(shuffled) == pytest.approx(chance, abs=0.12)
