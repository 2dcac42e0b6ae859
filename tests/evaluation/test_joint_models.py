"""Two-tower models as rows of `espr evaluate`, on a game of noise that is really heard."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

import espr
from espr.datasets.benchmark import Benchmark, Description, Performance
from espr.datasets.con_espressione import TABLE
from espr.encoders import load_audio_encoder
from espr.evaluation.feature_cache import id_of, place_of, write_notes, write_profile
from espr.evaluation.joint_texts import TowerTexts
from espr.evaluation.speed import SECONDS, place_of_speed, times_real_time, write_speed
from espr.evaluation.system import short_name
from espr.published.joint_encoder import is_tower
from espr.published.mtr import text_network as mtr_text_network
from espr.published.store import add_model
from tests.synthetic_evaluation import COLUMNS, PERFORMERS, PIECES, SPEED
from tests.tower_models import mtr_state, write_archive, write_clap, write_noise

SHORT = 3.0  # seconds
ONE_LAYER = (mtr_text_network._BERT, "num_hidden_layers", 1)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """The same noise is heard in every test, and by MTR at 5 times real time: once will do."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def heard_game(game, cache, monkeypatch):
    """Two pieces of the game in noise that can be heard; by midlevel it has been."""
    monkeypatch.setenv("ESPR_CACHE", str(cache))
    midlevel, rng = load_audio_encoder("midlevel"), np.random.default_rng(0)
    write_speed(place_of_speed(id_of("signal")), SPEED)
    for path in (game / "audio").iterdir():
        path.unlink()
    with (game / TABLE).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for number, piece in enumerate(PIECES[:2]):
            for at, performer in enumerate(PERFORMERS[:2]):
                recording = game / "audio" / f"{piece}_{performer}.wav"
                write_noise(recording, SHORT, 2 * number + at)
                write_profile(place_of(recording, midlevel.id), rng.normal(size=12))
                write_notes(place_of(recording, midlevel.id), np.zeros((0, 2)))
                for answer in ("soft, clear_phrasing", "loud")[: 1 + at]:
                    table.writerow((answer, performer, piece, f"{piece}_{performer}"))
    return game


@pytest.fixture(scope="module")
def mtr_folder(tmp_path_factory):
    """A folder of data with MTR added; BERT has one layer of its twelve."""
    place = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(*ONE_LAYER)
        patch.setenv("ESPR_DATA", str(place / "data"))
        add_model("mtr", write_archive(place / "mtr", mtr_state()))
    return place / "data"


@pytest.fixture
def mtr(mtr_folder, heard_game, monkeypatch):
    monkeypatch.setitem(*ONE_LAYER)
    monkeypatch.setenv("ESPR_DATA", str(mtr_folder))
    write_speed(place_of_speed(id_of("mtr")), 5.0)


@pytest.fixture(scope="module")
def clap_folder(tmp_path_factory):
    return write_clap(tmp_path_factory.mktemp("clap") / "tiny")


@pytest.fixture
def clap(clap_folder, heard_game):
    write_speed(place_of_speed(id_of(f"clap:{clap_folder}")), 6.0)
    return f"clap:{clap_folder}"


def systems(run_evaluate, *arguments):
    return json.loads(run_evaluate("--json", *arguments))["systems"]


def test_mtr_against_itself_and_through_h(run_evaluate, mtr):
    both = ("--text", "mtr", "--audio", "mtr")
    (zero_shot,) = systems(run_evaluate, *both, "--zero-shot")
    assert (zero_shot["model"], zero_shot["space"]) == ("zero-shot", "embedding")
    assert zero_shot["times_real_time"] == 5.0
    assert len(zero_shot["ranks"]) == 4
    learned = systems(run_evaluate, *both)
    assert [one["model"] for one in learned] == ["paper", "paper", "best"]
    assert {one["reading"] for one in learned} == {None}


def test_each_side_of_mtr_meets_ours(run_evaluate, mtr):
    by_text = systems(run_evaluate, "--text", "mtr", "--audio", "signal", "--model", "paper")
    assert {one["space"] for one in by_text} == {"midlevel", "midlevel+"}
    by_audio = systems(run_evaluate, "--text", "glove", "--audio", "mtr")
    assert {(one["text"], one["space"]) for one in by_audio} == {("glove", "embedding")}


def test_padding_is_said(run_evaluate, mtr):
    output = run_evaluate("--text", "mtr", "--audio", "mtr", "--zero-shot")
    assert "mtr: 4 of 4 recordings are shorter than 9.91 s" in " ".join(output.split())


def test_table_1_has_every_row_that_the_disk_allows(run_evaluate, mtr):
    output = run_evaluate("--table", "1")
    rows = [line.split() for line in output.splitlines()]
    assert max(map(len, output.splitlines())) <= 80
    (zero_shot,) = [row for row in rows if row[:4] == ["mtr", "×", "mtr", "zero-shot"]]
    assert zero_shot[-1] == "5.0"  # the paper's figures do not stand beside zero-shot
    (learned,) = [row for row in rows if row[:4] == ["mtr", "×", "mtr", "paper"]]
    assert learned[-3:] == ["0.20", "0.42", "0.46"]
    assert "MRR minus that of glove × signal (midlevel), best" in output  # not of towers
    assert ["mtr", "×", "mtr", "best"] in [row[:4] for row in rows]
    assert "zenodo record 7322135" not in output  # nothing of it is missing


def test_without_mtr_table_1_says_where_it_is_published(run_evaluate):
    output = " ".join(run_evaluate("--table", "1", "--model", "paper").split())
    assert "mtr: the published text-audio model is not here" in output
    assert "zenodo record 7322135" in output
    assert "CC BY-NC 4.0" in output
    message = run_evaluate("--text", "mtr", "--audio", "mtr", fails=True)
    assert "espr models add mtr PATH" in message


def test_clap(run_evaluate, clap):
    both = ("--text", clap, "--audio", clap)
    (zero_shot,) = systems(run_evaluate, *both, "--zero-shot")
    assert (zero_shot["text"], zero_shot["times_real_time"]) == (clap, 6.0)
    table = systems(run_evaluate, *both, "--table", "1")
    assert [one["model"] for one in table] == ["zero-shot", "paper", "best"]
    assert "clap:tiny 6.0" in run_evaluate(*both, "--zero-shot")
    answers = systems(run_evaluate, *both, "--zero-shot", "--queries", "answers")
    assert len(answers[0]["ranks"]) == 6


def test_only_one_models_towers_are_compared_as_they_are(run_evaluate, clap, mtr):
    message = run_evaluate("--text", "mtr", "--audio", clap, "--zero-shot", fails=True)
    assert "--zero-shot compares embeddings of one model" in message


def test_embeddings_are_kept(run_evaluate, clap, monkeypatch):
    both = ("--json", "--text", clap, "--audio", clap, "--zero-shot")
    first = run_evaluate(*both)
    monkeypatch.setattr("espr.published.clap.Clap.embedding", None)  # would fail if it were called
    assert run_evaluate(*both) == first


def test_a_recording_that_cannot_be_heard_is_named(run_evaluate, heard_game, clap):
    (heard_game / "audio" / "bach_Argerich.wav").write_bytes(b"no sound")
    for audio in (clap, "signal"):
        message = run_evaluate("--text", clap, "--audio", audio, fails=True)
        assert "bach_Argerich.wav cannot be decoded" in " ".join(message.split())


def test_python_programs_get_both_sides_of_a_model(clap, mtr, heard_game):
    path = heard_game / "audio" / "bach_Argerich.wav"
    for name, dimension in ((clap, 12), ("mtr", 128)):
        encoder = espr.load_joint_encoder(name)
        assert encoder.dimension == dimension
        assert encoder.embed_audio(path).shape == (dimension,)
        texts = encoder.embed_text(["soft", "loud, fast"])
        assert (texts.shape, texts.dtype) == ((2, dimension), np.float32)
        assert encoder.embed_text([]).shape == (0, dimension)
        assert name in repr(encoder)
        with pytest.raises(TypeError, match="a list of texts"):
            encoder.embed_text("soft")
    with pytest.raises(espr.EsprError, match="no joint encoder 'glove'"):
        espr.load_joint_encoder("glove")


def test_names():
    assert [is_tower(name) for name in ("mtr", "clap:a/b", "clap", "mtr.npz")] == [1, 1, 0, 0]
    assert short_name("clap:models/music") == "clap:music"
    assert short_name("folder/texts.npz") == "texts.npz"


def test_speed_is_measured_once(game, monkeypatch):
    place_of_speed(id_of("signal")).unlink()
    measured = times_real_time("signal")
    assert measured > SECONDS / 60  # a minute would be a fault
    monkeypatch.setattr("espr.evaluation.speed._measured", None)
    assert times_real_time("signal") == measured
    assert times_real_time("table.npz") is None


# Texts


class Letters:
    """A text tower that counts letters, and how often it is asked."""

    id = "letters/1"
    dimension = 26

    def __init__(self):
        self.asked = []

    def embeddings(self, texts):
        self.asked += texts
        counts = [[text.count(chr(97 + letter)) for letter in range(26)] for text in texts]
        return np.array(counts, dtype=np.float32)


@pytest.fixture
def letters(monkeypatch, tmp_path):
    monkeypatch.setenv("ESPR_CACHE", str(tmp_path / "cache"))
    tower = Letters()
    monkeypatch.setattr("espr.evaluation.joint_texts.load_text_tower", lambda _: tower)
    return tower


def described(*terms):
    takes = tuple(Performance("p", name, "w", None) for name in "ab")
    return Benchmark("x", takes, tuple(Description(at, said) for at, said in terms))


def test_a_whole_description_is_the_sum_of_its_answers_at_length_1(letters):
    said = described((0, (("aab", 1.0), ("b", 1.0))), (0, (("c_d", 1.0),)), (1, (("zz", 1.0),)))
    texts = TowerTexts("mtr", said)
    whole, other = said.queries("performance")
    expected = np.zeros(26)
    expected[:4] = [2 / np.sqrt(8), 2 / np.sqrt(8), 1 / np.sqrt(2), 1 / np.sqrt(2)]
    np.testing.assert_allclose(texts.embed(whole), expected, atol=1e-6)
    np.testing.assert_allclose(texts.embed(other)[-1], 1.0)
    assert sorted(letters.asked) == ["aab, b", "c d", "zz"]
    rows, targets = texts.training(whole=False)
    assert (rows.shape, targets.tolist()) == ((3, 26), [0, 0, 1])
    assert texts.training(whole=True)[1].tolist() == [0, 1]


def test_ratings_weigh_their_terms(letters):
    said = described((0, (("a", 0.5), ("b", -2.0))), (1, (("z", 1.0),)))
    found = TowerTexts("mtr", said).embed(said.descriptions[0])
    np.testing.assert_allclose(found[:2], [0.5, -2.0])
