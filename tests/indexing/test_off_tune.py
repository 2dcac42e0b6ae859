"""Recordings off A = 440 Hz, without tags: their notes are right, and they come to their pieces.

Modelled on transfers of shellac records, whose speeds were anything from 68 to 88 (Beardsley,
"Speeds and pitching of 78rpm gramophone records", CHARM), and on old pianos.
"""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
import soxr

from espr.audio.decode import SAMPLE_RATE
from espr.catalog.catalog import Catalog
from espr.catalog.sound import alignments_of, tuning_of
from espr.encoders import load_audio_encoder, load_noting_encoder
from espr.indexing import run as indexing
from espr.indexing.run import index_folders
from espr.indexing.workers import analyse
from tests.played_notes import perform, score
from tests.rendered_sound import render_notes

# Piece, tempo, and how many cents the tape runs too fast.
RECORDINGS = (
    (2, 1.0, 0.0),
    (2, 1.15, 50.0),
    (1, 1.1, 46.0),
    (1, 0.9, 57.0),  # 43 cents below the next semitone
)


def play(piece: int, tempo: float, cents: float) -> np.ndarray:
    """A performance, as a shellac record gives it where the tape does not run as it should."""
    notes = perform(score(piece, 40.0), tempo, seed=round(100 * tempo))
    rng = np.random.default_rng(piece)
    loudness = rng.integers(40, 100, len(notes))
    sound = render_notes(np.column_stack([notes[:, 0], notes[:, 0] + 0.4, notes[:, 1], loudness]))
    if cents:
        spectrum = np.fft.rfft(sound)
        pitch = np.fft.rfftfreq(len(sound), 1.0 / SAMPLE_RATE)
        spectrum[(pitch < 150.0) | (pitch > 4_000.0)] = 0.0
        sound = np.fft.irfft(spectrum, len(sound))
        sound = sound + rng.normal(0.0, 0.5 * sound.std(), len(sound))
    return soxr.resample(sound, SAMPLE_RATE * 2.0 ** (cents / 1200.0), SAMPLE_RATE)


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    folder = tmp_path_factory.mktemp("music")
    for number, recording in enumerate(RECORDINGS):
        sound = play(*recording)
        soundfile.write(folder / f"{number:03}.wav", sound / np.abs(sound).max(), SAMPLE_RATE)
    return folder


def test_they_come_to_their_pieces(music, tmp_path, monkeypatch):
    def analyse_all(tasks, encoder, load, jobs):
        for task in tasks:
            yield task, analyse(load(encoder), task)

    monkeypatch.setattr(indexing, "analyse_all", analyse_all)
    monkeypatch.setenv("ESPR_LIBRARY", str(tmp_path / "library.espr"))
    index_folders([music], encoder="midlevel")
    with Catalog.open(tmp_path / "library.espr") as catalog:
        ids = [one.id for one in sorted(catalog.recordings(), key=lambda one: one.path)]
        piece = catalog.pieces_of()
        tunings = [tuning_of(catalog, one) for one in ids]
        shifts = {abs(one.comparison.shift) for one in alignments_of(catalog, ids)}
    assert [piece[one] for one in ids] == [piece[ids[0]]] * 2 + [piece[ids[2]]] * 2
    assert piece[ids[0]] != piece[ids[2]]
    for found, (_, _, cents) in zip(tunings, RECORDINGS, strict=True):
        assert abs((found - cents + 50.0) % 100.0 - 50.0) < 6
    assert shifts == {0, 1}  # where 57 is taken for -43, the notes are a semitone apart


def test_features_do_not_depend_on_it_and_notes_are_the_same_with_each_encoder(music, monkeypatch):
    file = music / "001.wav"
    heard = load_audio_encoder("midlevel").hear(file)
    beside = load_noting_encoder("signal").hear(file)
    np.testing.assert_array_equal(heard.notes, beside.notes)
    assert heard.tuning == beside.tuning
    alone = load_audio_encoder("signal").hear(file)
    assert (alone.notes, alone.tuning) == (None, None)
    monkeypatch.setattr("espr.audio.tuning._WITNESSES", np.inf)  # none is believed
    untuned = load_audio_encoder("midlevel").hear(file)
    assert untuned.tuning is None
    np.testing.assert_array_equal(untuned.windows.features, heard.windows.features)
    assert untuned.notes.shape != heard.notes.shape
