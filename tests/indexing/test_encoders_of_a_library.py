"""One library, several encoders: which one answers, and what another one hears again."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from espr import library as facade
from espr.audio.encoder import DEFAULT_AUDIO
from espr.catalog.catalog import Catalog
from espr.catalog.recordings import current_encoder
from espr.cli.output import progress as index_report
from espr.errors import INTERRUPTED, NOTHING_MATCHED, EsprError
from espr.features import MIDLEVEL, MIDLEVEL_PLUS, Space
from espr.indexing import run as indexing
from espr.indexing.workers import analyse
from espr.library import Library
from espr.retrieval.query_model import (
    QueryModel,
    own_query_models,
    query_model_name,
)
from espr.retrieval.taught_model import taught_model_path
from tests import fake_encoder
from tests.indexing.test_run import Ears
from tests.signals import write_phrase
from tests.synthetic_library import pole_words
from tests.typed import Espr


def query_model(audio: str, space: Space = MIDLEVEL) -> QueryModel:
    """h as the identity over the poles of the space, for what an encoder heard."""
    ones = np.ones(len(space))
    return QueryModel(
        text="glove/1",
        audio=audio,
        space=space,
        centring="piece",
        matrix=np.eye(len(space), len(MIDLEVEL_PLUS)),
        reference_mean=0 * ones,
        reference_std=ones,
        within_std=ones,
        kappa=1.0,
    )


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A new library, and query models that the user made for two encoders of their own."""
    monkeypatch.setenv("ESPR_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ESPR_LIBRARY", str(tmp_path / "library.espr"))
    own_query_models().mkdir(parents=True)
    for name in ("fake", "other"):
        file = own_query_models() / query_model_name("glove", name, MIDLEVEL)
        file.write_text(query_model(f"{name}/1").to_json())
    monkeypatch.setattr(facade, "load_text_encoder", lambda name: pole_words())
    return tmp_path / "library.espr"


@pytest.fixture
def music(tmp_path):
    """A piece, three takes of it, and another one in a folder of its own."""
    for seed, name in enumerate(("one/aria_Ida", "one/aria_Jo", "one/aria_Kim", "two/aria_Lea")):
        file = tmp_path / "music" / f"{name}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_phrase(file, 1.5, seed)
    return tmp_path / "music"


@pytest.fixture
def here(monkeypatch):
    """Encoders are fake ones, and hear in this process."""

    def analyse_all(tasks, encoder, load, jobs):
        for task in tasks:
            yield task, analyse(load(encoder), task)

    monkeypatch.setattr(indexing, "analyse_all", analyse_all)
    load = indexing.index_folders

    def index_folders(*places, **options):
        return load(*places, **{"load": fake_encoder.load} | options)

    monkeypatch.setattr(indexing, "index_folders", index_folders)
    return index_folders


@pytest.fixture
def espr(library, music, here, monkeypatch, capsys):
    return Espr(monkeypatch, capsys)


def test_another_encoder_says_first_what_it_hears_again_and_then_answers(espr, library, music):
    assert espr("index", str(music), "--encoder", "fake").err.count("heard by") == 0
    with Library.open() as asked:
        first = asked.query("dense", "aria")
    assert first.audio == "fake/1"
    code, out, err = espr("index", str(music), "--encoder", "other", "--dry-run")
    assert code == 0
    assert "4 recordings were analysed by fake/1; they will be analysed again by other/1\n" in err
    assert "would be: indexed 4" in out
    with Library.open() as asked:
        assert asked.model.audio == "fake/1"  # nothing was done
    code, out, err = espr("index", str(music), "--encoder", "other")
    lines = err.splitlines()
    assert (
        lines[0] == "4 recordings were analysed by fake/1; they will be analysed again by other/1"
    )
    assert lines[1].startswith("analysing 4 recordings")
    assert "indexed 4" in out
    with Library.open() as asked:
        again = asked.query("dense", "aria")
        assert (again.audio, again.performances, again.notes) == ("other/1", 4, first.notes)
        # what fake heard is still there, when it is asked for
        by_fake = Library.open(audio="fake")
        with by_fake:
            assert by_fake.query("dense", "aria").document() == first.document()
    assert espr("index", str(music), "--encoder", "fake").out.startswith("indexed 0 · unchanged 4")
    with Library.open() as asked:
        assert asked.model.audio == "fake/1"


def test_a_library_goes_on_with_its_own_encoder(espr, library, music):
    espr("index", str(music / "one"), "--encoder", "fake")
    code, _, err = espr("index", str(music))
    assert (code, "heard by fake" in err) == (0, False)
    with Catalog.open(library) as catalog:
        assert current_encoder(catalog) == "fake/1"
        assert {recording.encoder for recording in catalog.recordings()} == {"fake/1"}


def test_a_new_library_is_heard_by_the_default(espr, library, music):
    espr("index", str(music / "two"))
    with Catalog.open(library) as catalog:
        assert current_encoder(catalog) == f"{DEFAULT_AUDIO}/1"  # the fake of that name


def test_what_another_encoder_left_unheard_is_left_out_and_said(espr, music):
    espr("index", str(music), "--encoder", "fake")
    code, _, err = espr("index", str(music / "one"), "--encoder", "other")
    assert code == 0
    assert "1 recording elsewhere, not analysed by other/1: queries leave" in err
    note = (
        "Left out: 1 recording not yet analysed by other/1. Run: espr index FOLDER --encoder other"
    )
    with Library.open() as asked:
        ranking = asked.query("dense", "aria")
        assert {result.source.performer for result in ranking.results} == {"Ida", "Jo", "Kim"}
        assert note in ranking.notes
        assert note in asked.query("dense").notes
        with pytest.raises(
            EsprError, match=r"other/1 has not analysed .*index FOLDER --encoder other"
        ):
            asked.show(str(music / "two" / "aria_Lea.wav"))
        assert asked.show(str(music / "one" / "aria_Jo.wav")).audio == "other/1"


def test_json_counts_what_is_analysed_again(espr, music):
    espr("index", str(music), "--encoder", "fake")
    _, out, err = espr("index", str(music / "one"), "--encoder", "other", "--json")
    summary = json.loads(out.splitlines()[-1])
    counts = (summary["encoder"], summary["reindexed"], summary["not_analysed"])
    assert counts == ("other/1", 3, 1)
    assert err.startswith("3 recordings were analysed by fake/1")


def test_a_newer_version_of_the_encoder_hears_again_and_says_so(library, music, here, capsys):
    report = index_report.Lines(quiet=False, dry_run=False)
    here([music], encoder="fake")
    here([music], encoder="fake/2", listener=report)
    assert "4 recordings were analysed by fake/1; they will be analysed again by fake/2" in (
        capsys.readouterr().err
    )
    with (
        Library.open() as asked,
        pytest.raises(EsprError, match="fake/1 has not analysed") as error,
    ):
        asked.query("dense", "aria")  # the query model is of the version before
    assert error.value.exit_code == NOTHING_MATCHED


def test_a_changed_file_is_not_told_as_heard_again(library, music, here):
    here([music], encoder="fake")
    write_phrase(music / "one" / "aria_Ida.wav", 1.5, 17)
    os.utime(music / "one" / "aria_Ida.wav", (1, 1))
    assert here([music], encoder="other").reindexed == 3


def test_an_interrupted_library_is_answered_by_what_heard_it_whole(library, music, here):
    here([music], encoder="fake")
    summary = here([music], encoder="other", listener=Ears(interrupt_after=2))
    assert summary.exit_code == INTERRUPTED
    with Library.open() as asked:
        ranking = asked.query("dense", "aria")
    assert (ranking.audio, ranking.performances) == ("fake/1", 4)
    assert here([music], encoder="other").reindexed == 2
    with Library.open() as asked:
        assert asked.model.audio == "other/1"


def test_a_library_whose_first_run_never_ended_knows_its_encoder(library, music, here):
    summary = here([music], encoder="other", listener=Ears(interrupt_after=2))
    assert summary.exit_code == INTERRUPTED
    with Catalog.open(library) as catalog:
        assert current_encoder(catalog) == "other/1"
    with Library.open() as asked:
        assert asked.model.audio == "other/1"


def test_an_unchanged_run_writes_nothing(library, music, here):
    here([music], encoder="fake")
    with Catalog.open(library) as catalog:
        before = catalog.generation()
    here([music])
    with Catalog.open(library) as catalog:
        assert catalog.generation() == before


def test_what_was_taught_of_one_encoder_is_not_used_for_another(library, music, here):
    here([music], encoder="fake")
    taught = taught_model_path(library, MIDLEVEL)
    taught.write_text(query_model("fake/1").to_json().replace('"kappa": 1.0', '"kappa": 2.0'))
    with Library.open() as asked:
        assert (asked.model.audio, asked.model.kappa) == ("fake/1", 2.0)
    here([music], encoder="other")
    with Library.open() as asked:
        assert (asked.model.audio, asked.model.kappa) == ("other/1", 1.0)


def test_without_a_query_model_for_the_encoder_the_error_names_the_pair(library, music, here):
    here([music], encoder="third")
    with pytest.raises(EsprError, match="query-model --data-dir DATA --text glove --audio third"):
        Library.open(text="glove")


def test_the_older_default_goes_on_and_says_how_to_hear_again(espr, music, monkeypatch):
    espr("index", str(music), "--encoder", "signal")
    monkeypatch.setattr(index_report, "DEFAULT_AUDIO", "midlevel")
    _, _, err = espr("index", str(music))
    assert err == (
        "this library is analysed by signal/1; a new one would be by midlevel. "
        "To analyse all again: espr index FOLDER --encoder midlevel\n"
    )
    assert espr("index", str(music), "--encoder", "fake").err.count("a new one would be") == 0
