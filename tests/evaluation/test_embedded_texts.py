"""Embeddings made elsewhere, on either side of `espr evaluate`."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from espr.audio.encoder import DEFAULT_AUDIO
from espr.datasets.con_espressione import TABLE
from espr.embeddings.encoder import DEFAULT_TEXT
from espr.evaluation.feature_cache import id_of, place_of
from tests.synthetic_evaluation import PERFORMERS, PIECES, heard

MRR_OF_CHANCE = pytest.approx(11 / 18)
TAKES = [(piece, performer) for piece in PIECES for performer in PERFORMERS]


def save(path, vectors):
    np.savez(path, names=np.array(list(vectors)), vectors=np.array(list(vectors.values())))
    return str(path)


@pytest.fixture
def shared_space(tmp_path):
    """Texts and recordings in one space of 16 dimensions: a take's two are nearly the same."""
    rng = np.random.default_rng(0)
    places = {take: rng.normal(size=16) for take in TAKES}
    texts = {f"{a}/{b}": place + 0.1 * rng.normal(size=16) for (a, b), place in places.items()}
    audio = {f"{a}_{b}": place for (a, b), place in places.items()}
    return texts, audio


def evaluated(run_evaluate, *arguments):
    return json.loads(run_evaluate("--json", *arguments))["systems"]


def test_zero_shot_finds_what_lies_in_one_space(run_evaluate, shared_space, tmp_path):
    texts, audio = (save(tmp_path / f"{n}.npz", v) for n, v in enumerate(shared_space))
    (system,) = evaluated(run_evaluate, "--text", texts, "--audio", audio, "--zero-shot")
    assert (system["mrr"], system["model"], system["space"]) == (1.0, "zero-shot", "embedding")


def test_a_linear_map_is_learned_between_spaces(run_evaluate, shared_space, tmp_path):
    """Three hidden qualities decide both sides, which have other dimensions."""
    rng = np.random.default_rng(4)
    hidden = {take: rng.normal(size=3) for take in TAKES}
    to_text, to_audio = rng.normal(size=(3, 5)), rng.normal(size=(3, 40))
    texts = save(tmp_path / "t.npz", {"/".join(k): v @ to_text + 3.0 for k, v in hidden.items()})
    audio = save(tmp_path / "a.npz", {"_".join(k): v @ to_audio for k, v in hidden.items()})
    systems = evaluated(run_evaluate, "--text", texts, "--audio", audio)
    assert [one["model"] for one in systems] == ["paper", "paper", "best"]
    assert all(one["mrr"] > 0.9 for one in systems)
    assert {one["space"] for one in systems} == {"embedding"}


def test_one_side_may_be_ours(run_evaluate, shared_space, tmp_path):
    texts, audio = (save(tmp_path / f"{n}.npz", v) for n, v in enumerate(shared_space))
    by_text = evaluated(run_evaluate, "--text", texts, "--space", "midlevel+")
    by_audio = evaluated(run_evaluate, "--audio", audio)
    assert {one["space"] for one in by_text} == {"midlevel+"}
    assert {one["text"] for one in by_audio} == {DEFAULT_TEXT}


def test_answers_are_looked_up_by_their_text(run_evaluate, game, tmp_path, shared_space):
    with (game / TABLE).open(encoding="utf-8", newline="") as file:
        answers = {row["answer"] for row in csv.DictReader(file)}
    rng = np.random.default_rng(0)
    vectors = {answer.replace(", ", ","): rng.normal(size=7) for answer in sorted(answers)}
    table = save(tmp_path / "answers.npz", vectors)
    for mode in ("answers", "performance"):
        document = json.loads(run_evaluate("--text", table, "--queries", mode, "--json"))
        assert document["systems"][0]["mrr"] > 0.5
    del vectors["harsh"]
    table = save(tmp_path / "fewer.npz", vectors)
    message = run_evaluate("--text", table, "--queries", "answers", fails=True)
    assert "fewer.npz has no embedding of 'harsh'" in message


def test_an_augmentation_needs_its_embeddings_too(
    run_evaluate, shared_space, described_music, tmp_path
):
    reviews = str(described_music / "reviews.csv")
    _, audio = shared_space
    table = save(tmp_path / "a.npz", audio)
    message = run_evaluate("--audio", table, "--augment", reviews, fails=True)
    assert "has no embedding of the recording '0'" in message
    rng = np.random.default_rng(2)
    table = save(tmp_path / "b.npz", audio | {str(n): rng.normal(size=16) for n in range(30)})
    assert evaluated(run_evaluate, "--audio", table, "--augment", reviews)[0]["augmentation"] == [
        reviews
    ]


def test_what_cannot_be_compared(run_evaluate, shared_space, tmp_path):
    texts, audio = shared_space
    table = save(tmp_path / "t.npz", texts)
    short = save(tmp_path / "short.npz", {name: vector[:4] for name, vector in audio.items()})
    both = ("--text", table, "--audio", short, "--zero-shot")
    assert "texts have 16 dimensions, those of audio 4" in run_evaluate(*both, fails=True)
    assert f"not {DEFAULT_TEXT} × {DEFAULT_AUDIO}" in run_evaluate("--zero-shot", fails=True)
    audio.pop("bach_Argerich")
    fewer = save(tmp_path / "fewer.npz", audio)
    assert "recording 'bach_Argerich'" in run_evaluate("--audio", fewer, fails=True)


def test_pickles_zeros_and_nan_are_refused(run_evaluate, shared_space, tmp_path):
    texts, _ = shared_space
    first = next(iter(texts))
    for bad, told in ((0.0, "is zero"), (np.nan, "NaN or infinite")):
        table = save(tmp_path / "bad.npz", texts | {first: np.full(16, bad)})
        assert told in run_evaluate("--text", table, fails=True)
    np.savez(tmp_path / "p.npz", names=np.array([{}], object), vectors=np.ones((1, 3)))
    assert "Python objects" in run_evaluate("--text", str(tmp_path / "p.npz"), fails=True)


def test_two_takes_that_are_the_same_recording_are_not_learned_from(
    run_evaluate,
    game,
    described_music,
):
    """An augmentation that brings the tested recordings back, renamed and described, adds none."""
    lines = ["audio,text"]
    for path in sorted((game / "audio").iterdir()):
        copy = described_music / f"copy-{path.name}"
        heard(copy, np.load(place_of(path, id_of("signal"))))
        lines.append(f"{copy.name},fast")
    (described_music / "copies.csv").write_text("\n".join(lines))
    message = run_evaluate("--augment", str(described_music / "copies.csv"), fails=True)
    assert "no recording with a known word" in message
