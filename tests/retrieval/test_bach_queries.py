"""The issue's own check on real recordings: unlike words find unlike performances."""

from __future__ import annotations

import numpy as np
import pytest

from tests.shared_data import CON_ESPRESSIONE, needs_con_espressione

QUERIES = (
    "shy",
    "aggressive",
    "mechanical and boring",
    "dreamy",
    "fast",
    "staccato",
    "passionate",
    "calm, slow",
)


@pytest.fixture(scope="module")
def held_out():
    """h without Bach, and the Bach performances as it centres them."""
    from espr.datasets.con_espressione import read_con_espressione
    from espr.embeddings.encoder import load_text_encoder
    from espr.encoders import load_audio_encoder
    from espr.evaluation.corpus import make_corpus
    from espr.evaluation.ridge import fit
    from espr.features import AUDIO_SPACE

    benchmark = read_con_espressione(CON_ESPRESSIONE)
    text, audio = load_text_encoder("glove"), load_audio_encoder("signal")
    profiles = np.array([audio.encode(p.audio).profile for p in benchmark.performances])
    corpus = make_corpus(benchmark, text, audio.id, AUDIO_SPACE, profiles)
    bach = corpus.pieces == "bach"
    model = fit(corpus, ~bach)
    performers = [p.performer for p in benchmark.performances if p.piece == "bach"]
    return text, model, performers, unit(model.centred(corpus.profiles[bach]))


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@needs_con_espressione
def test_unlike_queries_are_unlike(held_out):
    text, model, performers, takes = held_out
    profiles = unit(np.array([model.profile(text.embed(query)) for query in QUERIES]))
    winners = {performers[best] for best in (takes @ profiles.T).argmax(axis=0)}
    assert len(winners) >= 4, winners
    pairs = profiles @ profiles.T
    mean = pairs[~np.eye(len(QUERIES), dtype=bool)].mean()
    assert mean < 0.5


@needs_con_espressione
def test_mechanical_finds_the_midi_rendering(held_out):
    text, model, performers, takes = held_out
    scores = takes @ model.profile(text.embed("mechanical, boring, beginner"))
    assert performers[int(scores.argmax())] == "MIDI"


@needs_con_espressione
def test_the_reference_recordings_are_familiar_and_noise_is_not(tmp_path):
    import soundfile

    from espr.encoders import load_audio_encoder
    from espr.retrieval.query_model import UNFAMILIAR, load_query_model

    encoder, model = load_audio_encoder("signal"), load_query_model("glove", "signal")
    noise = np.random.default_rng(0).normal(0.0, 0.2, 20 * 22_050)
    soundfile.write(tmp_path / "noise.wav", noise, 22_050)
    recordings = [*sorted((CON_ESPRESSIONE / "audio").iterdir()), tmp_path / "noise.wav"]
    profiles = np.array([encoder.encode(path).profile for path in recordings])
    measured = model.standardised(profiles)[:, : len(encoder.space)]
    *music, far = np.sqrt((measured**2).mean(axis=1))
    assert max(music) == pytest.approx(2.26, abs=0.05)
    assert max(music) < UNFAMILIAR < far
