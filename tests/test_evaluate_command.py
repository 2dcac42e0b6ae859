"""`espr evaluate` as a whole, on a small data set whose recordings have been heard already."""

from __future__ import annotations

import json

import pytest

from espr.cli.app import main
from tests.synthetic_evaluation import write_data_set


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("ESPR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "80")
    return write_data_set(tmp_path / "con-espressione")


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


def test_every_system_is_compared_with_the_last_best_one(espr):
    output = espr()
    compared = output[output.index("MRR of glove × signal (midlevel+), best") :]
    assert compared.count("p = ") == 5


def test_of_a_single_system_nothing_is_compared(espr):
    assert "p = " not in espr("--model", "best", "--space", "midlevel")


def test_what_is_lacking_stands_in_the_document(espr):
    document = json.loads(espr("--text", "all", "--json"))
    assert {"row": "ewe × signal"}.items() <= document["lacking"][-1].items()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--text", "ewe"), "published emotion-enriched vectors are not here"),
        (("--text", "glvoe"), "no text encoder 'glvoe'"),
        (("--model", "worst"), "'worst' is none of paper, best"),
    ],
)
def test_wrong_names(espr, arguments, message):
    assert message in espr(*arguments, fails=True)
