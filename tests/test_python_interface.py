"""The public interface as design and README list it, from the top-level package alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import espr
from espr.errors import NOTHING_MATCHED, WRONG_INPUT
from tests.signals import write_phrase
from tests.typed import start


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two takes of a piece, indexed by the command."""
    home = tmp_path_factory.mktemp("home")
    music = home / "music"
    music.mkdir()
    for seed, performer in enumerate(("arrau", "gould")):
        write_phrase(music / f"prelude_{performer}.flac", 20.0, seed)
    file = home / "music.espr"
    run = start("index", str(music), "--library", str(file), "--quiet", "--jobs", "1")
    _, err = run.communicate(timeout=120)
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
