"""`espr evaluate` as a whole, on a small data set whose recordings have been heard already."""

from __future__ import annotations

import json

import numpy as np
import pytest

from espr.cli.app import main
from tests.synthetic_evaluation import heard, write_data_set


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("ESPR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "80")
    return write_data_set(tmp_path / "con-espressione")


@pytest.fixture
def music(data, tmp_path):
    """A CSV file of described recordings."""
    rng = np.random.default_rng(1)
    lines = ["audio,text"]
    for number in range(30):
        profile = rng.normal(size=12)
        heard(tmp_path / "music" / f"{number}.mp3", profile)
        lines.append(f"{number}.mp3,{'fast' if profile[7] > 0 else 'slow, sad'}")
    (tmp_path / "music" / "reviews.csv").write_text("\n".join(lines))
    return tmp_path / "music"


@pytest.fixture
def espr(data, monkeypatch, capsys):
    """Run `espr evaluate` with arguments; its output, and the error when it leaves with 2."""

    def run(*arguments, fails=False):
        monkeypatch.setattr("sys.argv", ["espr", "evaluate", "--data-dir", str(data), *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        output = capsys.readouterr()
        assert left.value.code == (2 if fails else 0), output.err
        return output.err if fails else output.out

    return run


def test_the_words_find_their_performances(espr):
    document = json.loads(espr("--space", "midlevel+", "--model", "best", "--json"))
    assert document["chance"]["mrr"] == pytest.approx(11 / 18)
    assert document["systems"][0]["mrr"] > 0.7


def test_two_runs_say_the_same(espr):
    assert espr("--json", "--seed", "3") == espr("--json", "--seed", "3")


def test_table_1_fits_80_columns_and_says_what_is_lacking(espr):
    output = espr("--table", "1")
    assert max(len(line) for line in output.splitlines()) <= 80
    assert "…" not in output
    assert "0.38  0.64  0.61" in output
    assert "0.18  0.37  0.44" in output
    assert "ewe: the published emotion-enriched vectors are not here" in output


def test_table_2_has_the_papers_rows_and_every_other_augmentation(espr, music):
    output = espr("--table", "2", "--augment", str(music / "reviews.csv"), "--seed", "2")
    assert max(len(line) for line in output.splitlines()) <= 80
    rows = [line.split("  ")[0].strip() for line in output.splitlines()]
    for name in ("none", "none, PCA auto", "musiccaps + pitchfork", "percepiano", "chance"):
        assert name in rows
    assert "reviews.csv, PCA auto" in rows
    assert "0.29  0.49" in output
    assert "musiccaps: no musiccaps-public.csv in" in output


def test_an_augmentation_stands_in_the_document(espr, music):
    arguments = ("--space", "midlevel+", "--json", "--augment", str(music / "reviews.csv"))
    with_reviews, without = json.loads(espr(*arguments)), json.loads(espr(*arguments[:3]))
    assert with_reviews["systems"][0]["augmentation"] == [str(music / "reviews.csv")]
    assert without["systems"][0]["augmentation"] == []
    for changed, plain in zip(with_reviews["systems"], without["systems"], strict=True):
        assert changed["ranks"] != plain["ranks"]


def test_every_system_is_compared_with_the_last_best_one(espr):
    output = espr()
    compared = output[output.index("MRR less that of glove × signal (midlevel+), best") :]
    assert compared.count("glove × signal") == 6


def test_of_a_single_system_nothing_is_compared(espr):
    assert "MRR less" not in espr("--model", "best", "--space", "midlevel")


def test_what_is_lacking_stands_in_the_document(espr):
    document = json.loads(espr("--text", "all", "--json"))
    assert {"row": "ewe × signal"}.items() <= document["lacking"][-1].items()


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
def test_wrong_names(espr, arguments, message):
    assert message in espr(*arguments, fails=True)
