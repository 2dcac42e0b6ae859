"""Encoders without notes of their own have the network listen beside them, unless it must not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from espr.catalog.catalog import Catalog
from espr.catalog.sound import all_alignments, notes_of
from espr.encoders import load_audio_encoder, load_noting_encoder
from espr.indexing import run as indexing
from espr.indexing.run import index_folders
from espr.indexing.workers import analyse
from tests.signals import phrase, write, write_phrase
from tests.typed import Espr


@pytest.fixture
def library(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("ESPR_LIBRARY", str(tmp_path / "library.espr"))
    return tmp_path / "library.espr"


@pytest.fixture
def espr(library, monkeypatch, capsys):
    return Espr(monkeypatch, capsys)


@pytest.fixture
def music(tmp_path, monkeypatch) -> Path:
    """Two recordings of one performance, analysed in this process."""

    def analyse_all(tasks, encoder, load, jobs):
        for task in tasks:
            yield task, analyse(load(encoder), task)

    monkeypatch.setattr(indexing, "analyse_all", analyse_all)
    folder = tmp_path / "music"
    folder.mkdir()
    sound = phrase(20.0)
    write(folder / "one.wav", sound)
    write(folder / "other.wav", np.concatenate([np.zeros(8_000), 0.5 * sound]))
    return folder


def stored(library: Path) -> list[np.ndarray]:
    with Catalog.open(library) as catalog:
        return list(notes_of(catalog, [one.id for one in catalog.recordings()]).values())


def test_signal_has_the_notes_of_midlevel_and_its_own_features(tmp_path: Path) -> None:
    file = write_phrase(tmp_path / "phrase.wav", 32.0)
    alone, beside = (
        load_audio_encoder("signal").hear(file),
        load_noting_encoder("signal").hear(file),
    )
    np.testing.assert_array_equal(alone.windows.features, beside.windows.features)
    assert alone.notes is None
    np.testing.assert_array_equal(beside.notes, load_audio_encoder("midlevel").hear(file).notes)
    short = load_noting_encoder("signal").hear(write_phrase(tmp_path / "short.wav", 3.0))
    assert len(short.notes)
    assert short.notes[:, 0].max() < 3.0  # wrapped, played once


def test_pieces_are_found_by_notes_with_signal(library: Path, music: Path) -> None:
    assert index_folders([music], encoder="signal").counts == {"indexed": 2}
    with Catalog.open(library) as catalog:
        assert len(catalog.pieces()) == 1


def test_without_alignment_no_notes_until_the_next_run_with_it(library, music, espr) -> None:
    for encoder in ("signal", "midlevel"):
        espr("index", str(music), "--encoder", encoder, "--no-alignment", "--jobs", "1")
        assert stored(library) == []
        assert index_folders([music], alignment=False).counts == {"unchanged": 2}
    done = espr("index", str(music), "--encoder", "signal")
    assert "2 recordings have no notes stored" in " ".join((done.out + done.err).split())
    assert len(stored(library)) == 2
    assert index_folders([music]).counts == {"unchanged": 2}


def test_another_encoder_keeps_what_was_compared(library, music, monkeypatch) -> None:
    index_folders([music], encoder="midlevel")
    with Catalog.open(library) as catalog:
        before = all_alignments(catalog)
    monkeypatch.setattr("espr.indexing.sound_grouping._compared", None)
    assert index_folders([music], encoder="signal").counts == {"indexed": 2}
    with Catalog.open(library) as catalog:
        assert all_alignments(catalog) == before != []
