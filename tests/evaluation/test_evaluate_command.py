"""`espr evaluate` as a whole, on a small data set whose recordings have been heard already."""

from __future__ import annotations

import json
import re

import pytest

from espr.embeddings.word_vectors import load_vectors
from tests.synthetic_evaluation import SPEED


def test_the_words_find_their_performances(run_evaluate):
    document = json.loads(run_evaluate("--space", "midlevel+", "--model", "best", "--json"))
    assert document["chance"]["mrr"] == pytest.approx(11 / 18)
    assert document["systems"][0]["mrr"] > 0.7


def test_two_runs_say_the_same(run_evaluate):
    assert run_evaluate("--json", "--seed", "3") == run_evaluate("--json", "--seed", "3")


def test_table_1_fits_80_columns_and_says_what_is_lacking(run_evaluate):
    output = run_evaluate("--table", "1")
    assert max(len(line) for line in output.splitlines()) <= 80
    assert "…" not in output
    assert "0.38  0.64  0.61" in output
    assert "0.18  0.37  0.44" in output
    assert "ewe: the published emotion-enriched vectors are not here" in output


def test_table_2_has_the_papers_rows_and_every_other_augmentation(run_evaluate, described_music):
    output = run_evaluate(
        "--table", "2", "--augment", str(described_music / "reviews.csv"), "--seed", "2"
    )
    assert max(len(line) for line in output.splitlines()) <= 80
    rows = [line.split("  ")[0].strip() for line in output.splitlines()]
    for name in ("none", "musiccaps + pitchfork", "percepiano", "chance"):
        assert name in rows
    for name in ("none", "reviews.csv"):
        assert any(row.startswith(f"{name}, PCA auto") for row in rows)
    # what was chosen in the folds; the cell may be folded
    assert len(re.findall(r"^ ?(?:\S+, PCA auto )?\(\d+(?:–\d+)?\)", output, re.M)) == 2
    assert "0.29  0.49" in output
    assert "musiccaps: no musiccaps-public.csv in" in output


def test_an_augmentation_stands_in_the_document(run_evaluate, described_music):
    arguments = (
        "--space",
        "midlevel+",
        "--json",
        "--augment",
        str(described_music / "reviews.csv"),
    )
    with_reviews, without = (
        json.loads(run_evaluate(*arguments)),
        json.loads(run_evaluate(*arguments[:3])),
    )
    assert with_reviews["systems"][0]["augmentation"] == [str(described_music / "reviews.csv")]
    assert without["systems"][0]["augmentation"] == []
    # of so few recordings the ranks of `best` may be the same; those of `paper` are not
    changed, plain = with_reviews["systems"][0], without["systems"][0]
    assert changed["model"] == plain["model"] == "paper"
    assert changed["ranks"] != plain["ranks"]


def test_every_system_is_compared_with_the_last_best_one(run_evaluate):
    output = run_evaluate()
    compared = output[output.index("MRR less that of emotion × midlevel (midlevel+), best") :]
    assert compared.count("emotion × midlevel") == 6


def test_of_a_single_system_nothing_is_compared(run_evaluate):
    assert "MRR less" not in run_evaluate("--model", "best", "--space", "midlevel")


def test_what_is_lacking_stands_in_the_document(run_evaluate):
    document = json.loads(run_evaluate("--text", "all", "--json"))
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
    ],
)
def test_wrong_names(run_evaluate, arguments, message):
    assert message in run_evaluate(*arguments, fails=True)


def test_what_pca_auto_chose_and_how_fast_is_heard_stand_in_the_document(run_evaluate):
    arguments = ("--space", "midlevel", "--model", "paper", "--centring", "none", "--json")
    document = json.loads(run_evaluate(*arguments, "--pca", "auto", "--pca", "2", "--pca", "none"))
    auto, fixed, plain = document["systems"]
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
    lines = [f"{word} " + " ".join(map(str, glove.vector(word))) for word in glove.words[:9000]]
    path = tmp_path / "mine.txt"
    path.write_text("\n".join([*lines, lines[0]]) + "\n", "utf-8")
    arguments = ("--text", str(path), "--model", "best", "--space", "midlevel")
    note = f"{path}: repeated words, the first of each kept: 1"
    assert json.loads(run_evaluate(*arguments, "--json"))["notes"] == [note]
    assert "repeated words" in " ".join(run_evaluate(*arguments).split())
