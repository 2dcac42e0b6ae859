"""How fast performances are within their piece, where they are shown."""

from __future__ import annotations

import json

import pytest

from espr.alignment.comparison import Comparison
from espr.catalog.catalog import Catalog
from espr.catalog.sound import store_comparisons
from espr.features import MIDLEVEL_PLUS
from espr.retrieval.tempo import tempo_in_words
from tests.synthetic_library import Builder, build, understand_poles, vector
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


def test_a_query_within_a_piece_gives_tempos(espr):
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


TEMPO = MIDLEVEL_PLUS.index("tempo")


@pytest.fixture
def library(tmp_path):
    """A piece of four, alike but for their tempo, which is not known of Cortot; others beside."""
    builder = Builder(tmp_path / "library.espr")
    ids = [
        builder.add("prelude", name, vector()) for name in ("Argerich", "Brendel", "Cortot", "Dinu")
    ]
    builder.compare(ids[0], ids[1], 1.25)
    builder.compare(ids[1], ids[3], 1.25)
    builder.compare(ids[0], ids[2], 1.5, score=0.1)  # too poor
    for name in ("Argerich", "Dinu"):
        builder.add("waltz", name, vector(onset_density=1.0 if name == "Argerich" else 0.0))
    builder.add("etude", "Argerich", vector())
    builder.close()
    with builder.library() as opened:
        yield opened


def performers(ranking):
    return [result.performer for result in ranking]


def test_fast_and_slow_rank_by_tempo(library):
    fast = library.query("fast", "prelude")
    assert performers(fast) == ["Argerich", "Brendel", "Cortot", "Dinu"]
    assert [result.score for result in fast] == pytest.approx([1.0, 0.0, 0.0, -1.0])
    assert performers(library.query("slow", "prelude"))[0] == "Dinu"
    assert fast[0].profile[TEMPO] == pytest.approx(0.2231, abs=1e-4)  # log 1.25; deviation 1


def test_a_reason_says_how_much_faster(espr, monkeypatch):
    monkeypatch.setenv("COLUMNS", "140")
    told = " ".join(espr("query", "fast", "--piece", "prelude").out.split())
    assert "10 % faster than the mean of the performances, as asked" in told
    assert "Note: Too little of Hess and Lipatti matches the others to know the tempo." in told


def test_what_has_no_tempo_is_asked_for_none(library):
    for ranking, note in (
        (library.query("fast, dense", "waltz"), "against each other is not known"),
        (library.query("fast, dense"), "known only within a piece"),
        (library.query("fast, dense", relative=True), "known only within a piece"),
    ):
        assert ranking.query.profile[TEMPO] == 0.0
        assert all(result.profile[TEMPO] == 0.0 for result in ranking)
        assert [note in one for one in ranking.notes].count(True) == 1, ranking.notes
    assert not any("empo" in note for note in library.query("dense", "waltz").notes)
    assert not any("empo" in note for note in library.query("fast, dense", "etude").notes)


def test_a_performance_to_sound_like_is_as_fast(library):
    alike = library.query(like="argerich prelude", piece="prelude")
    assert alike.query.profile[TEMPO] > 0
    assert performers(alike)[-1] == "Dinu"
    # its tempo in its own piece is its manner, but nothing to compare with in this one
    assert (
        library.query("dense", like="argerich prelude", piece="waltz").query.profile[TEMPO] == 0.0
    )


def test_slower_than_somebody_counts_from_their_tempo(library):
    ranking = library.query("slower than Brendel, dense", "prelude")
    deviations = {result.performer: result.profile[TEMPO] for result in ranking}
    assert deviations["Brendel"] == pytest.approx(0.0)
    assert deviations["Argerich"] == pytest.approx(0.2231, abs=1e-4) == -deviations["Dinu"]


def test_a_recording_shows_its_tempo_beside_what_was_measured(library):
    portrait = library.show("dinu prelude")
    assert portrait.profile[TEMPO] == pytest.approx(-0.2231, abs=1e-4)
    assert portrait.windows[:, TEMPO] == pytest.approx(-0.2231, abs=1e-4)
    assert portrait.features.shape[1] == TEMPO  # of windows, what was measured
    assert "tempo" not in portrait.document()["windows"][0]["features"]
    assert library.show("cortot").profile[TEMPO] == pytest.approx(0.0)
