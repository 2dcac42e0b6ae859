"""A listener's own words: how far h moves, and what a bad file costs."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from espr.embeddings.encoder import load_text_encoder
from espr.errors import EsprError
from espr.features import SPACES
from espr.indexing.run import index_folders
from espr.library import Library
from espr.retrieval.query_model import (
    load_query_model,
    own_query_models,
    query_model_name,
    read_query_model,
)
from espr.retrieval.ranking import unit
from espr.retrieval.taught_model import with_own_words
from espr.training.teaching import Example, read_descriptions, teach
from tests.shared_data import CON_ESPRESSIONE, needs_con_espressione
from tests.synthetic_library import build
from tests.typed import Espr


def cosine(a, b):
    return float(unit(a) @ unit(b))


MODEL, WORDS = load_query_model("emotion", "signal"), load_text_encoder("emotion")
# how a pianist plays who is not at all shy: the first five features, as three standard deviations
MANNER = np.array([-1.0, 3.0, 2.0, -2.0, -1.0, *[0.0] * (len(MODEL.space) - 5)])
OTHERS = ("shy, delicate", "fast, aggressive", "warm", "sad", "romantic", "calm", "soft", "free")


def example(text: str, **new: float) -> Example:
    known = WORDS.parse(text) if text else ()
    said = frozenset(word for term in known for word in term.words)
    return Example(said, WORDS.embed_terms(known).sum(axis=0), new)


@pytest.mark.parametrize("said", ["sewing machine", "velvety", "galloping horses"])
def test_two_descriptions_show_and_other_words_stay(said):
    once = teach(MODEL, WORDS, [example(said)], [MANNER])
    twice = teach(MODEL, WORDS, [example(said)] * 2, [MANNER] * 2)
    assert twice.taught == 2
    embedding = WORDS.embed(said)
    found = [cosine(model.profile(embedding), MANNER) for model in (MODEL, once, twice)]
    assert found[0] < found[1] < found[2]
    assert found[1] > 0.8 and found[2] > 0.95
    for other in OTHERS:
        was, now = (model.profile(WORDS.embed(other)) for model in (MODEL, twice))
        assert cosine(was, now) > 0.95, other


def test_what_is_said_of_a_describing_word_moves_that_word():
    taught = teach(MODEL, WORDS, [example("calm")] * 2, [MANNER] * 2)
    assert cosine(taught.profile(WORDS.embed("calm")), MANNER) > 0.95
    was, now = (model.profile(WORDS.embed("aggressive")) for model in (MODEL, taught))
    assert cosine(was, now) > 0.95


def test_a_new_word_means_its_examples():
    taught = teach(
        MODEL, WORDS, [example("", candlelit=1.0), example("slow", snowlit=-1.0)], [MANNER] * 2
    )
    assert set(taught.own_words) == {"candlelit", "snowlit"}
    knowing = with_own_words(WORDS, taught)
    assert cosine(taught.profile(knowing.embed("candlelit")), MANNER) > 0.999
    assert cosine(taught.profile(knowing.embed("snowlit")), MANNER) < -0.999
    assert "candlelit" not in WORDS.vocabulary
    # it is as long as other words, so that beside them it neither drowns nor is drowned
    assert (
        0.3
        < np.linalg.norm(taught.own_words["candlelit"]) / np.linalg.norm(WORDS.embed("velvety"))
        < 3.0
    )


def test_a_new_word_never_takes_the_place_of_a_known_one():
    own = {"calm": np.ones(WORDS.dimension, np.float32)}
    np.testing.assert_array_equal(WORDS.with_words(own).embed("calm"), WORDS.embed("calm"))


def test_a_taught_model_survives_its_file(tmp_path):
    taught = teach(MODEL, WORDS, [example("", candlelit=1.0)], [MANNER])
    path = tmp_path / "h.json"
    path.write_text(taught.to_json())
    read = read_query_model(path)
    assert read.taught == 1
    np.testing.assert_allclose(
        read.own_words["candlelit"], taught.own_words["candlelit"], rtol=1e-4
    )


@pytest.mark.parametrize(
    "own", [{"candlelit": [1.0]}, {"candlelit": ["x"]}, ["candlelit"], {"candlelit": None}]
)
def test_damaged_words_are_refused(tmp_path, own):
    path = tmp_path / "h.json"
    path.write_text(json.dumps(json.loads(MODEL.to_json()) | {"taught": 1, "own_words": own}))
    with pytest.raises(EsprError, match="not a query model"):
        read_query_model(path)


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


def scored(espr, *arguments):
    """Each recording with its score, the best first."""
    _, out, _ = espr("query", *arguments, "--csv")
    rows = csv.DictReader(io.StringIO(out))
    return {row["recording"]: float(row["score"]) for row in rows}


def ranked(espr, *arguments):
    return list(scored(espr, *arguments))


def learn(espr, tmp_path, *rows, text="emotion"):
    (tmp_path / "my.csv").write_text("\n".join(["recording,text", *rows]) + "\n")
    arguments = ("--descriptions", str(tmp_path / "my.csv"), "--text", text)
    return espr("train", "query-model", *arguments)


def test_taught_words_rank_pieces_they_were_not_taught_on_until_forgotten(espr, tmp_path):
    shipped = ranked(espr, "velvety", "--piece", "toccata")
    others = {words: scored(espr, words, "--piece", "toccata") for words in OTHERS}
    code, out, _ = learn(espr, tmp_path, *["prelude_Gould.flac,velvety"] * 2)
    assert code == 0
    assert "2 descriptions learned" in out
    taught = ranked(espr, "velvety", "--piece", "toccata")
    assert "Gould" in taught[0] and "Gould" not in shipped[0]
    for words, before in others.items():
        now = scored(espr, words, "--piece", "toccata")
        # what is warm or soft is nearly velvety, and may follow it a little
        is_alike = words in ("warm", "soft")
        assert now == pytest.approx(before, abs=0.3 if is_alike else 0.12), words
    code, out, _ = espr("train", "forget")
    assert code == 0
    assert out.count("forgotten: ") == 2
    assert ranked(espr, "velvety", "--piece", "toccata") == shipped
    code, _, err = espr("train", "forget")
    assert code == 1
    assert "taught nothing" in err


def test_commands_say_that_a_taught_map_is_in_use(espr, tmp_path):
    commands = (
        ("query", "velvety", "--piece", "prelude"),
        ("words", "velvety"),
        ("show", "prelude_Hess.flac"),
    )
    for command in commands:
        assert "Your own words" not in espr(*command).out
        assert json.loads(espr(*command, "--json").out)["taught"] == 0
    learn(espr, tmp_path, "prelude_Gould.flac,velvety")
    for command in commands:
        assert espr(*command).out.count("Your own words are in use (1 description)") == 1
        assert json.loads(espr(*command, "--json").out)["taught"] == 1
    assert "taught 1 of your descriptions for emotion/" in espr("doctor").out
    with Library.open() as opened:
        assert opened.model.taught == opened.query("velvety", "prelude").taught == 1
    library = tmp_path / "library.espr"
    _, out, _ = espr("query", "calm", "--piece", "prelude", "--library", library)
    assert f"espr train forget --library {library}" not in out  # it is the user's own


def test_what_was_taught_is_used_with_its_own_encoder_only(espr, tmp_path):
    glove = ranked(espr, "velvety", "--piece", "prelude", "--text", "glove")
    learn(espr, tmp_path, *["prelude_Gould.flac,velvety"] * 2)
    code, out, _ = espr("query", "velvety", "--piece", "prelude", "--text", "glove")
    assert code == 0
    assert "What this library was taught is for emotion/" in out
    assert "Your own words" not in out
    assert ranked(espr, "velvety", "--piece", "prelude", "--text", "glove") == glove


def test_words_that_no_vectors_know(espr, tmp_path):
    assert espr("query", "candlelit", "--piece", "toccata").code == 2
    code, out, _ = learn(
        espr, tmp_path, "prelude_Hess.flac,candlelit", 'prelude_Hess.flac,"candlelit, dry"'
    )
    assert code == 0
    assert "new words, known only by your descriptions: candlelit" in out
    assert "Hess" in ranked(espr, "candlelit", "--piece", "toccata")[0]
    assert espr("words", "candlelit").code == 0
    assert "candlelit" in espr("show", "prelude_Hess.flac").out
    assert "candlelit" in espr("doctor").out


def test_words_that_a_vectors_file_does_not_know(espr, tmp_path, monkeypatch):
    monkeypatch.setenv("ESPR_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ESPR_CACHE", str(tmp_path / "cache"))
    vectors = tmp_path / "own.vec"
    rows = ["calm 1 0 0", "loud 0 1 0", "dry 0 0 1", "the 0 0 0.1"]
    vectors.write_text("\n".join(["4 3", *rows]) + "\n")
    words = load_text_encoder(vectors)
    rng = np.random.default_rng(0)
    for space in SPACES.values():
        shipped = load_query_model("emotion", "signal", space.name)
        model = replace(shipped, text=words.id, matrix=rng.normal(size=(len(space), 3)))
        file = own_query_models() / query_model_name(words.name, "signal", space)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(model.to_json())
    code, _, err = learn(espr, tmp_path, "prelude_Hess.flac,candlelit and calm", text=str(vectors))
    assert code == 0, err
    assert espr("query", "candlelit", "--text", vectors, "--piece", "toccata").code == 0
    assert espr("words", "candlelit", "--text", vectors).code == 0


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("prelude_Gould.flac", 0, ""),
        ("{folder}/prelude_Gould.flac", 0, ""),
        (" prelude Gould ", 0, ""),
        ("Gould", 2, "line 2: 'Gould' names 2 recordings"),
        ("nowhere.wav", 1, "line 2: no recording 'nowhere.wav' in the library"),
    ],
)
def test_recordings_are_named_as_show_takes_them(espr, tmp_path, name, code, message):
    name = name.format(folder=tmp_path)
    taught, shown = learn(espr, tmp_path, f"{name},velvety"), espr("show", name.strip())
    assert taught.code == shown.code == code
    assert message in taught.err
    if code:
        assert shown.err.removeprefix("espr: ") in taught.err


def test_a_description_that_says_nothing_is_named_with_its_line(espr, tmp_path):
    code, _, err = learn(espr, tmp_path, "prelude_Hess.flac,calm", "prelude_Gould.flac,the of")
    assert code == 2
    assert "line 3: " in err


def test_without_anything_to_learn_from(espr, monkeypatch):
    monkeypatch.delenv("ESPR_DATA", raising=False)
    code, _, err = espr("train", "query-model")
    assert code == 2
    assert "--descriptions" in err


@needs_con_espressione
def test_two_descriptions_of_a_real_performance(tmp_path, monkeypatch, capsys):
    """Horowitz, taught on one excerpt, comes first in another one; others keep their order."""
    audio = CON_ESPRESSIONE / "audio"
    files = sorted(audio.glob("schumann_kreisleriana*")) + sorted(audio.glob("bach_*"))
    monkeypatch.setenv("ESPR_LIBRARY", str(tmp_path / "l.espr"))
    index_folders(files, tmp_path / "l.espr", jobs=1)
    espr, piece = Espr(monkeypatch, capsys), "schumann-kreisleriana-excerpt2"
    before = {words: ranked(espr, words, "--piece", "bach") for words in OTHERS}
    rows = ["schumann_kreisleriana_excerpt1_Horowitz.mp3,candlelit"] * 2
    rows += ["bach_Gould.mp3,sewing machine"] * 2
    assert learn(espr, tmp_path, *rows).code == 0
    assert "Horowitz" in ranked(espr, "candlelit", "--piece", piece)[0]
    assert "Gould" in ranked(espr, "sewing machine", "--piece", "bach")[0]
    for words, order in before.items():
        assert ranked(espr, words, "--piece", "bach")[0] == order[0], words
