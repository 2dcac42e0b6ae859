"""``espr words``: what is understood by a word, on vectors whose answers are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from espr.audio.encoder import DEFAULT_AUDIO
from espr.embeddings.encoder import WordVectorEncoder, load_text_encoder
from espr.embeddings.word_vectors import Vectors
from espr.errors import NO_LIBRARY, WRONG_INPUT, EsprError
from espr.features import get_space
from espr.retrieval.query_model import QueryModel, load_query_model
from espr.retrieval.word_meaning import NEAREST, compare, understand
from tests.typed import Espr

SPACE = get_space("midlevel+")
WORDS = ["soft", "softly", "gently", "loud", "loudness", "hard", "very", "the", "noisy", "innig"]
ROWS = np.array(
    [[4, 0], [4, 0.1], [3, 1], [-4, 0], [-4, 0.1], [-3, 3], [4, 0], [4, 0], [-3, -1], [1, 4]],
    np.float32,
)


def toy(axes: dict[str, np.ndarray] | None = None) -> WordVectorEncoder:
    return WordVectorEncoder(Vectors("toy", 1, WORDS, ROWS, np.zeros(2), axes))


def toy_model() -> QueryModel:
    """The first number of a vector is softness, the second how hard the attack is."""
    matrix = np.zeros((len(SPACE), 2))
    matrix[SPACE.index("loudness"), 0] = -1.0
    matrix[SPACE.index("attack"), 1] = 1.0
    ones, zeros = np.ones(len(SPACE)), np.zeros(len(SPACE))
    return QueryModel("toy/1", "signal/1", SPACE, "piece", matrix, zeros, ones, ones, 1.0)


def test_the_nearest_are_no_forms_of_the_word_and_no_words_of_the_grammar() -> None:
    soft = understand(toy(), None, "soft")
    assert [word for word, _ in soft.nearest] == ["gently"]
    assert [word for word, _ in soft.in_scores] == ["innig"]
    assert soft.nearest[0][1] == pytest.approx(3 / np.sqrt(10))


def test_one_form_of_each_of_the_nearest() -> None:
    words = ["soft", "separated", "separation", "separate", "hushed"]
    rows = np.array([[4, 0], [4, 1], [4, 1.1], [4, 1.2], [4, 2]], np.float32)
    encoder = WordVectorEncoder(Vectors("toy", 1, words, rows, np.zeros(2)))
    assert [word for word, _ in understand(encoder, None, "soft").nearest] == [
        "separated",
        "hushed",
    ]


def test_what_is_only_negated_lies_away_from_words() -> None:
    not_soft = understand(toy(), None, "not soft")
    assert (not_soft.nearest, not_soft.in_scores) == ((), ())
    assert not_soft.away_from == (("gently", pytest.approx(-3 / np.sqrt(10))),)
    assert understand(toy(), None, "hard, not soft").away_from == ()


def test_the_profile_has_length_1_and_the_sign_of_the_word() -> None:
    profile = understand(toy(), toy_model(), "not very hard").profile
    assert profile is not None
    assert np.linalg.norm(profile) == pytest.approx(1.0)
    hard = understand(toy(), toy_model(), "hard").profile
    np.testing.assert_allclose(profile, -hard)
    assert profile[SPACE.index("loudness")] == pytest.approx(-np.sqrt(0.5))
    assert profile[SPACE.index("attack")] == pytest.approx(-np.sqrt(0.5))


def test_a_term_of_scores_comes_with_its_gloss() -> None:
    (entry,) = understand(toy(), None, "Innig").entries
    assert (entry.languages, entry.gloss[0]) == (("de",), "heartfelt")
    assert understand(toy(), None, "not very innig, hard").entries == (entry,)
    assert not understand(toy(), None, "noisy").entries


def test_emotion_is_there_only_where_the_vectors_have_axes() -> None:
    assert understand(toy(), None, "hard").emotion == {}
    axes = {"arousal": np.array([0.0, 0.5], np.float32)}
    assert understand(toy(axes), None, "hard").emotion == {"arousal": pytest.approx(1.5)}


def test_what_lies_between_two_words() -> None:
    between = compare(toy(), toy_model(), "soft", "innig")
    assert between.cosine == pytest.approx(1 / np.sqrt(17))
    assert between.nearest[0][0] == "gently"
    names = [SPACE.names[row] for row in between.differences[:2]]
    assert names == ["attack", "loudness"]


def test_words_that_cancel_out_are_no_word() -> None:
    with pytest.raises(EsprError, match="cancels itself out"):
        understand(toy(), None, "soft, not soft")


# The command


@pytest.fixture
def espr(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("ESPR_CACHE", str(tmp_path / "cache"))
    return Espr(monkeypatch, capsys)


def test_a_word_is_shown_as_bars(espr) -> None:
    code, out, err = espr("words", "soft", "--text", "glove")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "soft"
    assert lines[1].startswith("  nearest: ")
    loudness = next(line for line in lines if line.startswith("  loudness"))
    assert "│" in loudness and "-0." in loudness and "soft" in loudness
    assert max(map(len, lines)) <= 80
    assert "valence" not in out  # glove has no axes


def test_several_words_and_how_they_were_read(espr) -> None:
    _, out, _ = espr("words", "very, very delciate", "slower than usual", "--text", "glove")
    assert "  words: delciate x2.25\n" in out
    assert "  'delciate' read as 'delicate'\n" in out
    assert "  left out: than usual, which compares with what is not named\n" in out


def test_an_unknown_word_is_an_error_and_the_others_are_shown(espr) -> None:
    code, out, err = espr("words", "stacatto", "soft", "innig", "--text", "glove")
    assert code == WRONG_INPUT
    assert out.startswith("soft\n")
    assert err.splitlines() == [
        "espr: no word of the query is known: 'stacatto' (did you mean staccato?)",
        "espr: no word of the query is known: 'innig' (did you mean heartfelt, intimate,"
        " inward, warm?)",
    ]


def test_between_two_words(espr) -> None:
    code, out, _ = espr("words", "--between", "fast", "slow", "--text", "glove")
    assert code == 0
    assert out.startswith("fast – slow: cosine +0.7")
    first = next(line for line in out.splitlines() if line.startswith("  onset density"))
    assert first.count("│") == 2
    assert max(map(len, out.splitlines())) <= 80


def test_between_an_unknown_word(espr) -> None:
    code, _, err = espr("words", "--between", "fast", "stacatto", "--text", "glove")
    assert code == WRONG_INPUT
    assert "did you mean staccato?" in err


def test_json(espr) -> None:
    code, out, err = espr(
        *("words", "soft", "stacatto", "--between", "fast", "slow", "--json", "--text", "glove")
    )
    assert (code, err) == (WRONG_INPUT, "")
    document = json.loads(out)
    assert document["schema"] == "espr.words/1"
    assert document["encoders"]["text"] == "glove/1"
    soft, unknown = document["terms"]
    model, encoder = load_query_model("glove", DEFAULT_AUDIO), load_text_encoder("glove")
    expected = model.profile(encoder.embed("soft"))
    assert list(soft["profile"]) == list(model.space.names)
    np.testing.assert_allclose(
        list(soft["profile"].values()), expected / np.linalg.norm(expected), atol=1e-4
    )
    assert len(soft["nearest"]) == NEAREST
    assert (soft["emotion"], soft["gloss"]) == (None, None)
    assert (unknown["known"], "staccato" in unknown["error"]) == (False, True)
    assert document["between"]["cosine"] == pytest.approx(0.77, abs=0.02)
    differences = [abs(row["difference"]) for row in document["between"]["differences"]]
    assert differences == sorted(differences, reverse=True)


def test_a_vectors_file_has_no_features_and_tells_what_it_lost(espr, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("soft 1 2\nloud -1 1\nsoft 3 3\nquiet 1 3\nnil 0 0\n")
    code, out, _ = espr("words", "soft", "--text", str(path))
    assert code == 0
    assert "  nearest: quiet " in out
    assert f"Note: {path}: repeated words, the first of each kept: 1\n" in out
    assert f"Note: {path}: words with a zero vector, left out: 1\n" in out
    assert "Note: Without features: no query model for text 'mine'" in out
    code, _, err = espr("words", "soft", "--text", str(path), "--space", "midlevel")
    assert code == WRONG_INPUT
    assert "no query model" in err


@pytest.mark.parametrize("arguments", [[], ["--text", "nowhere"], ["soft", "--space", "nine"]])
def test_wrong_usage(espr, arguments: list[str]) -> None:
    code, _, err = espr("words", *arguments)
    assert code == WRONG_INPUT
    assert len(err.splitlines()) == 1


def test_a_narrow_terminal_that_prints_no_blocks(espr, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "64")
    monkeypatch.setenv("NO_COLOR", "1")
    _, out, _ = espr("words", "soft", "--between", "fast", "slow", "--text", "glove")
    assert max(map(len, out.splitlines())) <= 64
    assert "\x1b" not in out


def test_a_library_that_is_named_and_not_there_is_an_error(tmp_path, monkeypatch, capsys):
    code, out, err = Espr(monkeypatch, capsys)("words", "calm", "--library", tmp_path / "no.espr")
    assert (code, out) == (NO_LIBRARY, "")
    assert "no library at" in err
