"""The public interface as design and README list it, from the top-level package alone."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import espr
from espr.errors import NOTHING_MATCHED, WRONG_INPUT
from tests.signals import write_phrase
from tests.typed import PATIENCE, start


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two takes of a piece, indexed by the command."""
    home = tmp_path_factory.mktemp("home")
    music = home / "music"
    music.mkdir()
    for seed, performer in enumerate(("arrau", "gould")):
        write_phrase(music / f"prelude_{performer}.flac", 20.0, seed)
    file = home / "music.espr"
    signal = ("--encoder", "signal")  # loads fastest
    run = start("index", str(music), "--library", str(file), "--quiet", "--jobs", "1", *signal)
    _, err = run.communicate(timeout=PATIENCE)
    assert run.returncode == 0, err
    return file


def test_audio_encoder(tmp_path: Path) -> None:
    encoder = espr.load_audio_encoder("signal")
    windows = encoder.encode(write_phrase(tmp_path / "take.flac", 22.0))
    assert windows.times.shape == (4, 2)  # from 0, 5 and 10 s, and 7 s left from 15
    assert windows.features.shape == (4, len(windows.space))
    np.testing.assert_allclose(windows.times[0], [0.0, 15.0], atol=0.1)


@pytest.mark.parametrize("name", [None, "glove"])
def test_text_encoder(name: str | None) -> None:
    encoder = espr.load_text_encoder(*[name] if name else [])
    vector = encoder.embed("shy, delicate")
    assert vector.shape == (encoder.dimension,)
    assert np.isfinite(vector).all() and vector.any()
    together = encoder.embed("shy") + encoder.embed("delicate")
    np.testing.assert_allclose(vector, together, rtol=1e-4, atol=1e-5)


def test_an_unknown_word_raises_or_is_reported() -> None:
    encoder = espr.load_text_encoder("glove")
    with pytest.raises(espr.EsprError, match="no word of the query is known: 'qzxv'") as raised:
        encoder.embed("qzxv")
    assert raised.value.exit_code == WRONG_INPUT
    shy, unknown = encoder.parse("shy, qzxv")
    assert shy.known and not unknown.known


def test_query_model() -> None:
    encoder = espr.load_text_encoder("glove")
    model = espr.load_query_model(text="glove", audio="signal")
    profile = model.profile(encoder.embed("fast"))
    assert profile.shape == (len(model.space),)
    assert profile[model.space.index("onset_density")] > 0
    with pytest.raises(espr.EsprError, match="espr train query-model"):
        espr.load_query_model(text="nobody", audio="signal")


def test_the_defaults_belong_together() -> None:
    model = espr.load_query_model()
    assert model.text == espr.load_text_encoder().id
    assert model.dimension == espr.load_text_encoder().dimension
    assert model.audio == espr.load_audio_encoder(model.audio.partition("/")[0]).id


@pytest.mark.parametrize("path", ["~/music.espr", Path("~/music.espr"), None])
def test_library(library: Path, path: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(library.parent))
    if path is None:  # the user's own
        monkeypatch.setenv("ESPR_LIBRARY", str(library))
    with espr.Library.open(*[path] if path else []) as opened:
        ranking = opened.query("shy, delicate", piece="prelude")
        assert [result.rank for result in ranking.results] == [1, 2]
        first = ranking.results[0]
        assert first.score == pytest.approx(first.contributions.sum(), abs=1e-6)
        with pytest.raises(espr.EsprError) as raised:
            opened.query("shy", piece="nowhere")
        assert raised.value.exit_code == NOTHING_MATCHED


def test_a_ranking_is_a_sequence_of_its_results(library: Path) -> None:
    with espr.Library.open(library) as opened:
        ranking = opened.query("shy, delicate", piece="prelude")
    assert len(ranking) == 2
    assert list(ranking) == [ranking[0], ranking[1]] == list(ranking[:5])
    assert ranking[-1].rank == 2
    with pytest.raises(IndexError):
        ranking[2]
    text = repr(ranking)
    assert text.startswith("<Ranking 'shy, delicate' in 'prelude', 2 results: 1. ")
    assert len(text) < 120


def test_a_ranking_in_a_notebook_escapes_names(library: Path) -> None:
    with espr.Library.open(library) as opened:
        ranking = opened.query("shy", piece="prelude")
    source = replace(ranking[0].source, performer="<script>alert(1)</script>", title="A & B")
    hostile = replace(ranking, results=(replace(ranking[0], source=source),))
    html = hostile._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html and "A &amp; B" in html
    assert html.count("<tr>") == 2  # the names of the columns, and one result


def test_a_ranking_as_a_data_frame(library: Path) -> None:
    pytest.importorskip("pandas")
    with espr.Library.open(library) as opened:
        ranking = opened.query("shy", piece="prelude")
    frame = ranking.to_dataframe()
    assert list(frame["rank"]) == [1, 2]
    assert list(frame["piece"]) == ["prelude", "prelude"]
    names = list(ranking.space.names)
    np.testing.assert_allclose(frame[names].sum(axis=1), frame["score"], atol=1e-6)


def test_without_pandas_one_line_says_so(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with espr.Library.open(library) as opened:
        ranking = opened.query("shy", piece="prelude")
    with pytest.raises(espr.EsprError, match="pip install pandas"):
        ranking.to_dataframe()


def test_a_library_made_indexed_and_asked_from_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    music = tmp_path / "music"
    music.mkdir()
    write_phrase(music / "prelude_arrau.wav", 16.0, 0)
    with espr.Library.open(tmp_path / "new.espr", audio="signal", create=True) as library:
        assert (len(library), library.pieces()) == (0, [])
        summary = library.index(music, jobs=1)
        assert (summary.counts["indexed"], summary.exit_code) == (1, 0)
        assert [(piece.slug, piece.count) for piece in library.pieces()] == [("prelude-arrau", 1)]
        text = repr(library)
        assert "new.espr" in text and "1 recordings" in text and "signal/" in text
        with pytest.raises(espr.EsprError, match="nosuch"):
            library.index(tmp_path / "nosuch")
    assert "closed" in repr(library)
    with pytest.raises(espr.EsprError, match="closed; open it again"):
        library.pieces()


def test_a_library_is_asked_from_several_threads_at_once(library: Path) -> None:
    words = ("shy, delicate", "loud", "fast, dark", "legato")
    with espr.Library.open(library) as opened:
        expected = {text: opened.query(text, piece="prelude").document() for text in words}
        whole = opened.query("loud").document()
        barrier = threading.Barrier(8)

        def ask(number: int) -> bool:
            barrier.wait()
            same = True
            for text in words[number % 4 :] + words[: number % 4]:
                same &= opened.query(text, piece="prelude").document() == expected[text]
                same &= [piece.slug for piece in opened.pieces()] == ["prelude"]
            return same and opened.query("loud").document() == whole

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(ask, range(8)))
