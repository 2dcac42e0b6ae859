"""How fast performances are within their piece, where they are shown."""

from __future__ import annotations

import json

import pytest

from espr.alignment.comparison import Comparison
from espr.catalog.catalog import Catalog
from espr.catalog.sound import store_comparisons
from espr.retrieval.tempo import tempo_in_words
from tests.synthetic_library import build, understand_poles
from tests.typed import Espr

FASTER = Comparison(0.5, ((0.0, 60.0, 0.0, 72.0),), (1.0, 1.0), 200, 20, 0.8, 1.21, 0.3)


@pytest.fixture
def espr(tmp_path, monkeypatch, capsys):
    """Four performances of a piece; the first is 21 % faster than the second."""
    path = tmp_path / "library.espr"
    build(path).close()
    with Catalog.open(path, write=True) as catalog:
        first, second, *_ = catalog.recordings(1)
        with catalog.transaction() as connection:
            store_comparisons(connection, first.id, {second.id: FASTER})
    monkeypatch.setenv("ESPR_LIBRARY", str(path))
    understand_poles(monkeypatch)
    return Espr(monkeypatch, capsys)


def test_show_says_the_tempo_of_what_was_compared(espr):
    assert "10 % faster than the mean of the performances" in espr("show", "arrau prelude").out
    assert json.loads(espr("show", "arrau prelude", "--json").out)["tempo"] == 1.1
    assert "Tempo" not in espr("show", "hess prelude").out
    assert json.loads(espr("show", "hess prelude", "--json").out)["tempo"] is None


def test_a_query_within_a_piece_gives_tempos_and_ranks_as_before(espr):
    document = json.loads(espr("query", "legato", "--piece", "prelude", "--json").out)
    tempos = {result["performer"]: result.get("tempo") for result in document["results"]}
    assert tempos == {"Arrau": 1.1, "Gould": 0.9091, "Hess": None, "Lipatti": None}
    assert document["results"][0]["performer"] == "Arrau"
    told = espr("query", "legato", "--piece", "prelude", "--verbose").out
    assert "9 % slower than the mean of the performances" in told
    assert "than the mean" not in espr("query", "legato").out  # of the whole library


@pytest.mark.parametrize(
    ("tempo", "words"),
    [
        (1.124, "12 % faster than the mean of the performances"),
        (0.985, "1.5 % slower than the mean of the performances"),
        (1.004, "as fast as the mean of the performances"),
    ],
)
def test_tempo_in_words(tempo, words):
    assert tempo_in_words(tempo) == words
