"""h: linear, additive, centred as the design says, and read with care."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from espr.embeddings.encoder import load_text_encoder
from espr.errors import EsprError
from espr.features import MIDLEVEL, MIDLEVEL_PLUS, SPACES
from espr.retrieval.query_model import QueryModel, load_query_model, read_query_model


@pytest.fixture
def model() -> QueryModel:
    rng = np.random.default_rng(0)
    return QueryModel(
        text="glove/1",
        audio="signal/2",
        space=MIDLEVEL,
        centring="piece",
        matrix=rng.normal(size=(8, 5)),
        reference_mean=np.arange(8.0),
        reference_std=np.full(8, 2.0),
        within_std=np.full(8, 0.5),
        kappa=1.0,
    )


def test_a_query_is_the_sum_of_its_words(model):
    rows = np.random.default_rng(1).normal(size=(3, 5))
    np.testing.assert_allclose(model.word_profiles(rows).sum(axis=0), model.profile(rows.sum(0)))
    np.testing.assert_array_equal(model.profile(np.zeros(5)), np.zeros(8))  # no intercept


def test_centring_shrinks_the_mean_of_a_piece_towards_the_reference(model):
    takes = np.full((3, 8), 4.0)
    # m = (3·4 + 1·μ0) / 4, within a standard deviation of 0.5
    expected = (4.0 - (12.0 + np.arange(8.0)) / 4.0) / 0.5
    np.testing.assert_allclose(model.centred(takes), np.tile(expected, (3, 1)))


def test_windows_are_centred_by_the_mean_of_the_takes(model):
    takes = np.random.default_rng(2).normal(size=(4, 12))  # the encoder's space is wider
    np.testing.assert_allclose(model.centred(takes[:1], takes), model.centred(takes)[:1])


def test_without_centring_profiles_are_standardised_by_the_reference(model):
    plain = replace(model, centring="none")
    takes = np.random.default_rng(2).normal(size=(4, 8))
    np.testing.assert_allclose(plain.centred(takes), (takes - np.arange(8.0)) / 2.0)


def test_a_model_survives_its_file(model, tmp_path):
    path = tmp_path / "h.json"
    path.write_text(model.to_json())
    read = read_query_model(path)
    np.testing.assert_allclose(read.matrix, model.matrix, rtol=1e-5)
    assert (read.text, read.space, read.kappa) == (model.text, model.space, model.kappa)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "espr.query-model/9"}, "schema"),
        ({"space": "taste"}, "no space 'taste'"),
        ({"matrix": [[1.0]]}, "8 rows"),
        ({"kappa": "much"}, "not a query model"),
        ({"within_std": [0.0] * 8}, "not positive"),
        ({"reference_mean": [1.0]}, "8 numbers"),
        ({"centring": "sometimes"}, "centring"),
        ({"matrix": [[float("nan")]] * 8}, "finite"),
    ],
)
def test_a_damaged_model_is_named(model, tmp_path, change, message):
    path = tmp_path / "h.json"
    path.write_text(json.dumps(json.loads(model.to_json()) | change))
    with pytest.raises(EsprError, match=message):
        read_query_model(path)


@pytest.mark.parametrize("content", [b"", b"[]", b"\x80\x04pickle", b"{}"])
def test_what_is_no_model(tmp_path, content):
    path = tmp_path / "h.json"
    path.write_bytes(content)
    with pytest.raises(EsprError, match="not a query model"):
        read_query_model(path)


def test_the_hint_names_the_text_encoder_as_it_was_given():
    with pytest.raises(EsprError) as raised:
        load_query_model("own/3f2a", "signal", given="my vectors/own.vec")
    hint = "espr train query-model --data-dir DATA --text 'my vectors/own.vec' --audio signal"
    assert str(raised.value).endswith(hint)


def test_a_pair_without_a_model_says_how_to_make_one():
    with pytest.raises(EsprError, match="espr train query-model"):
        load_query_model(text="own")


@pytest.mark.parametrize("name", SPACES)
def test_the_shipped_models_belong_to_the_shipped_encoders(name):
    model, text = load_query_model("glove", "signal", name), load_text_encoder("glove")
    assert (model.text, model.audio, model.space.name) == (text.id, "signal/2", name)
    assert model.matrix.shape == (len(SPACES[name]), text.dimension)


@pytest.mark.parametrize(
    ("word", "feature", "sign"),
    [
        ("staccato", "articulation", 1),
        ("legato", "articulation", -1),
        ("fast", "onset_density", 1),
        ("slow", "onset_density", -1),
        ("steady", "rhythm_stability", 1),
        ("rubato", "rhythm_stability", -1),
        ("loud", "loudness", 1),
        ("soft", "loudness", -1),
        ("dark", "brightness", -1),
        ("gentle", "attack", -1),
        ("mechanical", "rhythm_stability", 1),
        ("rushed", "onset_density", 1),
    ],
)
def test_words_point_to_their_poles(word, feature, sign):
    profile = load_query_model("glove", "signal").profile(load_text_encoder("glove").embed(word))
    assert sign * profile[MIDLEVEL_PLUS.index(feature)] > 0
