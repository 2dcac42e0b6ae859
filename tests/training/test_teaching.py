"""A listener's own words: how far h moves, and what a bad file costs."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from espr.embeddings.encoder import load_text_encoder
from espr.errors import EsprError
from espr.retrieval.query_model import load_query_model
from espr.retrieval.ranking import unit
from espr.training.teaching import read_descriptions, teach
from tests.synthetic_library import build
from tests.typed import Espr


def cosine(a, b):
    return float(unit(a) @ unit(b))


def test_a_description_moves_its_words_and_others_little():
    model, words = load_query_model("glove", "signal"), load_text_encoder("glove")
    target = np.eye(len(model.space))[3]
    said, other = words.embed("velvety"), words.embed("staccato")
    once = teach(model, [said], [target])
    often = teach(model, [said] * 20, [target] * 20)
    distances = [cosine(m.profile(said), target) for m in (model, once, often)]
    assert distances[0] < distances[1] < distances[2]
    assert distances[2] > 0.9
    assert cosine(once.profile(other), model.profile(other)) > 0.9


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"recording\na.wav\n", "no column text"),
        (b"recording,text\n", "describes no recording"),
        (b"recording,text\na,\xff\n", "not a UTF-8 CSV"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path, content, message):
    (tmp_path / "my.csv").write_bytes(content)
    with pytest.raises(EsprError, match=message):
        read_descriptions(tmp_path / "my.csv")
    with pytest.raises(EsprError, match="cannot read"):
        read_descriptions(tmp_path / "none.csv")


@pytest.fixture
def espr(tmp_path, monkeypatch, capsys):
    builder = build(tmp_path / "library.espr")
    builder.close()
    monkeypatch.setenv("ESPR_LIBRARY", str(tmp_path / "library.espr"))
    return Espr(monkeypatch, capsys)


def test_taught_words_change_the_ranking_until_the_file_is_deleted(espr, tmp_path):
    def ranked():
        _, out, _ = espr("query", "velvety", "--piece", "prelude", "--csv")
        return [row["recording"] for row in csv.DictReader(io.StringIO(out))]

    shipped = ranked()
    rows = [f"{shipped[-1]},velvety"] * 20
    (tmp_path / "my.csv").write_text("\n".join(["recording,text", *rows]) + "\n")
    code, out, _ = espr("train", "query-model", "--descriptions", str(tmp_path / "my.csv"))
    assert code == 0
    assert "20 descriptions learned" in out
    assert ranked()[0] == shipped[-1]
    for taught in tmp_path.glob("library.espr.midlevel*.json"):
        taught.unlink()
    assert ranked() == shipped


def test_an_unknown_recording_is_named_with_its_line(espr, tmp_path):
    (tmp_path / "my.csv").write_text("recording,text\nnowhere.wav,velvety\n")
    code, _, err = espr("train", "query-model", "--descriptions", str(tmp_path / "my.csv"))
    assert code == 1  # nothing matched
    assert "line 2" in err


def test_without_anything_to_learn_from(espr, monkeypatch):
    monkeypatch.delenv("ESPR_DATA", raising=False)
    code, _, err = espr("train", "query-model")
    assert code == 2
    assert "--descriptions" in err
