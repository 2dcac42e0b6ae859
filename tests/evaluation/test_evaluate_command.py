"""`espr evaluate` as a whole, on a small data set whose recordings have been heard already."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from espr.datasets.benchmark import Benchmark, Description, Performance
from espr.embeddings.encoder import load_text_encoder
from espr.embeddings.word_vectors import load_vectors
from espr.evaluation.word_texts import WordTexts, plain_words
from tests.synthetic_evaluation import SPEED, WORDS

ONE_SYSTEM = (
    *("--model", "paper", "--space", "midlevel"),
    *("--reading", "plain", "--centring", "none"),
)  # the one that is learned fastest


def test_the_words_find_their_performances(run_evaluate):
    document = json.loads(run_evaluate("--space", "midlevel+", "--model", "best", "--json"))
    assert document["chance"]["mrr"] == pytest.approx(11 / 18)
    assert document["systems"][0]["mrr"] > 0.7


def test_two_runs_say_the_same(run_evaluate):
    arguments = ("--json", "--seed", "3", "--space", "midlevel+")
    assert run_evaluate(*arguments) == run_evaluate(*arguments)


def test_table_1_fits_80_columns_and_says_what_is_lacking(run_evaluate):
    output = run_evaluate("--table", "1")
    assert max(len(line) for line in output.splitlines()) <= 80
    assert "…" not in output
    assert "0.38  0.64  0.61" in output
    for figures in (
        "0.18  0.37  0.44",
        "0.20  0.42  0.46",
        "0.22  0.53  0.50",
        "0.22  0.42  0.47",
    ):
        assert figures in output
    assert "ewe: the published emotion-enriched vectors are not here" in output


def test_table_2_has_the_papers_rows_and_every_other_augmentation(run_evaluate, described_music):
    output = run_evaluate(
        "--table", "2", "--augment", str(described_music / "reviews.csv"), "--seed", "2"
    )
    assert max(len(line) for line in output.splitlines()) <= 80
    rows = [line.split("  ")[0].strip() for line in output.splitlines()]
    for name in ("none", "musiccaps", "pitchfork, PCA", "percepiano", "chance"):
        assert name in rows
    for name in ("none", "reviews.csv"):
        assert any(row.startswith(f"{name}, PCA auto") for row in rows)
    # what was chosen in the folds; the cell may be folded
    assert len(re.findall(r"^ ?(?:\S+, PCA auto )?\(\d+(?:–\d+)?\)", output, re.M)) == 2
    assert "0.29  0.49" in output
    assert "musiccaps: no musiccaps-public.csv in" in output
    for figures in (
        "0.22  0.46     –",
        "0.29  0.49     –",
        "0.24  0.44     –",
        "0.40  0.58     –",
        "0.33  0.57     –",
        "0.27  0.53     –",
        "0.38  0.64  0.61",
        "0.36  0.56     –",
    ):
        assert figures in output
    assert "their order here is a guess" in " ".join(output.split())


def test_an_augmentation_stands_in_the_document(run_evaluate, described_music):
    arguments = ("--space", "midlevel+", "--model", "paper", "--json")
    with_reviews, without = (
        json.loads(run_evaluate(*arguments, *more))
        for more in (("--augment", str(described_music / "reviews.csv")), ())
    )
    assert with_reviews["systems"][0]["augmentation"] == [str(described_music / "reviews.csv")]
    assert without["systems"][0]["augmentation"] == []
    # of so few recordings the ranks of `best` may be the same; those of `paper` are not
    changed, plain = with_reviews["systems"][0], without["systems"][0]
    assert changed["model"] == plain["model"] == "paper"
    notes = " ".join(with_reviews["notes"])
    assert "reviews.csv: 30 of 30 recordings used, 30 texts" in notes
    assert changed["ranks"] != plain["ranks"]


def test_every_system_is_compared_with_the_last_best_one(run_evaluate):
    output = run_evaluate()
    compared = output[output.index("MRR minus that of emotion × midlevel (midlevel+), best") :]
    assert compared.count("emotion × midlevel") == 10


def test_of_a_single_system_nothing_is_compared(run_evaluate):
    assert "MRR minus" not in run_evaluate(*ONE_SYSTEM)


def test_what_is_lacking_stands_in_the_document(run_evaluate):
    document = json.loads(run_evaluate("--text", "all", "--model", "paper", "--json"))
    assert {"row": "ewe × midlevel"}.items() <= document["lacking"][-1].items()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--text", "ewe"), "published emotion-enriched vectors are not here"),
        (("--text", "glvoe"), "no text encoder 'glvoe'"),
        (("--pca", "few"), "neither none nor auto"),
        (("--augment", "jamendo"), "no augmentation 'jamendo'; there are musiccaps"),
        (("--augment", "reviews.csv"), "no table at reviews.csv"),
        (("--augment", "musiccaps"), "no musiccaps-public.csv"),
        (("--table", "2", "--text", "all"), "takes one --text"),
        (("--model", "worst"), "'worst' is none of paper, best"),
        (("--without", "foo", "--data-dir", "nowhere"), "no feature 'foo'"),
    ],
)
def test_wrong_names(run_evaluate, arguments, message):
    assert message in run_evaluate(*arguments, fails=True)


def test_what_pca_auto_chose_and_how_fast_is_heard_stand_in_the_document(run_evaluate):
    arguments = ("--space", "midlevel", "--model", "paper", "--centring", "none", "--json")
    document = json.loads(run_evaluate(*arguments, "--pca", "auto", "--pca", "2", "--pca", "none"))
    auto, fixed, plain = (one for one in document["systems"] if one["reading"] == "grammar")
    assert auto["pca"] == "auto"
    assert set(auto["pca_components"]) == {"bach", "liszt", "mozart", "schumann"}
    assert set(auto["pca_components"].values()) <= {1, 2, 3, 5, 8}
    assert set(fixed["pca_components"].values()) == {2}
    assert plain["pca_components"] is None
    assert {one["times_real_time"] for one in document["systems"]} == {SPEED}
    output = run_evaluate(*arguments[:-1], "--pca", "auto")
    assert "midlevel 321" in output


def test_what_a_vectors_file_lost_is_told(run_evaluate, tmp_path, monkeypatch):
    monkeypatch.setenv("ESPR_CACHE", str(tmp_path / "cache"))
    glove = load_vectors("glove")
    said = [word for pole in WORDS for text in pole for word in text.split(", ")]
    kept = dict.fromkeys((*said, *glove.words[:1000]))
    lines = [f"{word} " + " ".join(map(str, glove.vector(word))) for word in kept]
    path = tmp_path / "mine.txt"
    path.write_text("\n".join([*lines, lines[0]]) + "\n", "utf-8")
    arguments = ("--text", str(path), *ONE_SYSTEM)
    note = f"{path}: repeated words, the first of each kept: 1"
    assert json.loads(run_evaluate(*arguments, "--json"))["notes"] == [note]
    assert "repeated words" in " ".join(run_evaluate(*arguments).split())


def test_every_piece_has_its_table(run_evaluate):
    output = run_evaluate("--by-piece", *ONE_SYSTEM)
    whole = json.loads(run_evaluate(*ONE_SYSTEM, "--json"))
    for piece, figures in whole["systems"][0]["pieces"].items():
        table = output[output.index(f"\n{piece}") :]
        row = next(line for line in table.splitlines() if line.startswith(" emotion ×"))
        expected = [f"{figures[name]:.3f}" for name in ("top1", "top2", "mrr")]
        assert row.split()[-3:] == expected


def test_both_readings_of_the_papers_model_are_rows(run_evaluate):
    arguments = ("--model", "paper", "--space", "midlevel", "--centring", "none", "--json")
    readings = [
        [one["reading"] for one in json.loads(run_evaluate(*arguments, *more))["systems"]]
        for more in ((), ("--reading", "plain"), ("--reading", "grammar"), ("--table", "2"))
    ]
    assert readings[:3] == [["plain", "grammar"], ["plain"], ["grammar"]]
    assert set(readings[3]) == {"plain"}


def test_the_plain_reading_does_not_touch_the_grammar(run_evaluate, monkeypatch):
    monkeypatch.setattr("espr.query_language.parser.parse_query", None)  # would fail if called
    arguments = ("--model", "paper", "--space", "midlevel", "--json", "--reading", "plain")
    assert len(json.loads(run_evaluate(*arguments))["systems"]) == 2


def test_plain_words_are_summed_as_published():
    vectors = load_vectors("glove")
    encoder = load_text_encoder("glove")
    described = Description(0, (("Not_soft, xyzzyq", 1.0), ("LOUD-harsh", 2.0)))
    performances = tuple(Performance("p", name, "w", Path(name)) for name in "ab")
    texts = WordTexts(
        encoder, Benchmark("b", performances, (described,)), "plain", centred=False, kept=False
    )
    weights = {"not": 1, "soft": 1, "loud": 2, "harsh": 2}
    expected = sum(
        n * (vectors.vector(w) + vectors.mean) for w, n in weights.items() if w in vectors
    )
    np.testing.assert_allclose(texts.embed(described), expected, rtol=1e-5)
    assert plain_words("Clear_phrasing,  well-shaped\t, ") == [
        "clear",
        "phrasing",
        "well",
        "shaped",
    ]


def test_the_papers_figures_stand_beside_its_own_protocol_only(run_evaluate):
    arguments = ("--model", "paper", "--space", "midlevel")
    assert "0.38  0.64  0.61" in run_evaluate(*arguments)
    assert "0.38  0.64  0.61" not in run_evaluate(*arguments, "--queries", "answers")


def test_controls_stand_beneath_and_above(run_evaluate, monkeypatch):
    arguments = (
        *("--model", "paper", "--reading", "grammar", "--centring", "piece"),
        *("--space", "midlevel+", "--controls"),
    )
    document = json.loads(run_evaluate(*arguments, "--json"))
    (control,) = document["controls"]  # no listener is named in this data set
    assert control["name"] == "random words"
    assert document["chance"]["mrr"] - 0.2 < control["mrr"] < document["systems"][0]["mrr"] + 0.05
    monkeypatch.setattr("espr.evaluation.controls.SEEDS", 1)  # each takes a second
    output = run_evaluate(*arguments)
    assert max(map(len, output.splitlines())) <= 80
    assert "random words:" in output


def test_texts_are_embedded_once(run_evaluate, monkeypatch):
    arguments = ("--model", "paper", "--space", "midlevel", "--reading", "grammar", "--json")
    first = run_evaluate(*arguments)
    monkeypatch.setattr("espr.embeddings.encoder.WordVectorEncoder.embed", None)
    assert run_evaluate(*arguments) == first
