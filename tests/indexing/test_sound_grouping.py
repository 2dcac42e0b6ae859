"""Recordings without tags find their piece by their notes when they are indexed."""

from __future__ import annotations

import json
import os
import re
import shlex
import zlib
from dataclasses import replace

import pytest

from espr.alignment.comparison import Comparison
from espr.catalog import corrections, sound
from espr.catalog.catalog import Catalog
from espr.catalog.doubts import find_doubts
from espr.errors import INTERRUPTED
from espr.indexing import run as indexing
from espr.indexing import sound_grouping
from espr.indexing.run import Summary, index_folders
from espr.indexing.workers import analyse
from espr.maintenance.check import check
from espr.retrieval.lookup import find_recording
from espr.works.by_sound import SOUND
from espr.works.grouping import SINGLE
from tests import fake_encoder
from tests.signals import write_phrase
from tests.typed import Espr


@pytest.fixture
def library(tmp_path, monkeypatch):
    monkeypatch.setenv("ESPR_LIBRARY", str(tmp_path / "library.espr"))
    return tmp_path / "library.espr"


@pytest.fixture
def espr(library, monkeypatch, capsys):
    return Espr(monkeypatch, capsys)


@pytest.fixture
def here(monkeypatch):
    """Recordings are analysed in this process; how many are is counted."""
    count: list[str] = []

    def analyse_all(tasks, encoder, load, jobs):
        for task in tasks:
            count.append(os.path.basename(task.source.path))
            yield task, analyse(load(encoder), task)

    monkeypatch.setattr(indexing, "analyse_all", analyse_all)
    return count


def record(music, *names: str) -> None:
    """Recordings, each in a folder that is called as the number of the piece that it is of."""
    for name in names:
        file = music / f"{name}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_phrase(file, 1.5, zlib.crc32(name.encode()))


def index(folder, encoder: str | None = "noting") -> Summary:
    return index_folders([folder], encoder=encoder, load=fake_encoder.load)


def pieces(library) -> list[set[str]]:
    """The file names of each piece, without those of folders."""
    with Catalog.open(library) as catalog:
        return sorted(
            (
                {os.path.basename(one.path)[:-4] for one in catalog.recordings(piece.id)}
                for piece in catalog.pieces()
            ),
            key=min,
        )


def test_strays_find_one_another(tmp_path, library, here):
    record(tmp_path, "1/a", "1/b", "1/c", "2/d", "2/e", "3/f")
    index(tmp_path)
    assert pieces(library) == [{"a", "b", "c"}, {"d", "e"}, {"f"}]
    with Catalog.open(library) as catalog:
        rules = {os.path.basename(one.path)[0]: one.rule for one in catalog.recordings()}
        assert rules == {**dict.fromkeys("abcde", SOUND), "f": SINGLE}
        before = {piece.slug for piece in catalog.pieces()}
    record(tmp_path, "1/g", "3/h")
    index(tmp_path)
    assert pieces(library) == [{"a", "b", "c", "g"}, {"d", "e"}, {"f", "h"}]
    with Catalog.open(library) as catalog:
        assert {piece.slug for piece in catalog.pieces()} == before


def test_what_is_tuned_lower_finds_its_piece(tmp_path, library, here):
    record(tmp_path, "1/x A415", "1/y A415", "2/z A415")
    index(tmp_path)
    record(tmp_path, "1/a", "1/b", "2/c")
    index(tmp_path)
    assert pieces(library) == [{"a", "b", "x A415", "y A415"}, {"c", "z A415"}]


def test_a_name_and_another_tuning_are_no_doubt(tmp_path, library, here, espr):
    record(tmp_path, "1/waltz_Hess", "1/waltz_Bilson A415")
    index(tmp_path)
    assert espr("pieces", "doubts").out.startswith("no doubts")


def test_a_stray_joins_a_piece_with_a_name_and_leaves_it_by_correction(tmp_path, library, here):
    record(tmp_path, "1/waltz_Hess", "1/waltz_Arrau", "2/polka_Hess", "1/x")
    index(tmp_path)
    assert {"waltz_Hess", "waltz_Arrau", "x"} in pieces(library)
    with Catalog.open(library, write=True) as catalog:
        corrections.assign_new(catalog, find_recording(catalog, "x.wav"), "Another")
    record(tmp_path, "3/y")
    index(tmp_path)
    assert {"waltz_Hess", "waltz_Arrau"} in pieces(library)
    with Catalog.open(library) as catalog:
        assert find_doubts(catalog).alike == ()  # the user knows better


def test_nothing_is_compared_twice_and_an_interruption_loses_nothing(
    tmp_path, library, here, monkeypatch
):
    record(tmp_path, "1/a", "1/b", "2/c", "2/d")
    compared = []
    comparing_one = sound_grouping._compared

    def counted(catalog, recording, others, shift):
        if shift == 0:
            if len(compared) == 2:
                raise KeyboardInterrupt
            compared.append(recording)
        return comparing_one(catalog, recording, others, shift)

    monkeypatch.setattr(sound_grouping, "_compared", counted)
    assert index(tmp_path).exit_code == INTERRUPTED
    assert compared == [1, 2]
    monkeypatch.setattr(sound_grouping, "_compared", comparing_one)
    summary = index(tmp_path)
    assert summary.counts["unchanged"] == 4
    assert len(here) == 4
    assert pieces(library) == [{"a", "b"}, {"c", "d"}]
    monkeypatch.setattr(sound_grouping, "_compared", None)
    index(tmp_path)


def test_a_library_without_notes_is_analysed_again_and_says_so(tmp_path, library, here):
    record(tmp_path, "1/a", "1/b")
    index(tmp_path)
    with Catalog.open(library, write=True) as catalog, catalog.transaction() as connection:
        for table in ("notes", "note_vectors", "alignments"):
            connection.execute(f"DELETE FROM {table}")
    plans = []

    class Plans(indexing.Listener):
        def planned(self, plan, encoder, jobs):
            plans.append(plan)

    summary = index_folders([tmp_path], load=fake_encoder.load, listener=Plans())
    assert plans[0].without_notes == summary.reindexed == summary.counts["indexed"] == 2
    assert index(tmp_path).counts["unchanged"] == 2
    assert pieces(library) == [{"a", "b"}]


def test_where_encoders_write_down_nothing_all_stay_as_they_were(tmp_path, library, here):
    record(tmp_path, "1/a", "1/b")
    index(tmp_path, "fake")
    assert pieces(library) == [{"a"}, {"b"}]
    assert index(tmp_path, None).counts["unchanged"] == 2


def test_two_names_of_one_piece_are_doubted_and_merged_by_the_command(
    tmp_path, library, here, espr
):
    record(tmp_path, "3/aria_Hess", "3/aria_Arrau", "3/air_Hess", "3/air_Arrau", "3/air_Gulda")
    index(tmp_path)
    assert [len(names) for names in pieces(library)] == [3, 2]
    assert (
        "aria and air sound like one piece (6 pairs of recordings)" in espr("pieces", "doubts").out
    )
    (doubt,) = json.loads(espr("pieces", "doubts", "--json").out)["alike"]
    assert doubt["command"] == "espr pieces merge aria air"
    espr(*shlex.split(doubt["command"])[1:])
    index(tmp_path)
    assert len(pieces(library)) == 1
    assert espr("pieces", "doubts").out == "no doubts: 5 recordings compared by their notes\n"


@pytest.mark.parametrize("known", [True, False])
def test_a_recording_that_sounds_like_none_of_its_piece_is_doubted_and_not_moved(
    tmp_path, library, here, espr, known
):
    record(tmp_path, "1/waltz_Hess", "1/waltz_Arrau", "1/waltz_Gulda", "2/waltz_Lupu")
    if known:
        record(tmp_path, "2/polka_Hess", "2/polka_Arrau")
    index(tmp_path)
    assert {"waltz_Arrau", "waltz_Gulda", "waltz_Hess", "waltz_Lupu"} in pieces(library)
    told = espr("pieces", "doubts").out
    assert "waltz: 1 of 4 does not sound like the others; another movement?" in told
    assert ("which sounds like polka" in told) == known
    (doubt,) = json.loads(espr("pieces", "doubts", "--json").out)["unlike"]
    (one,) = doubt["recordings"]
    assert one["recording"].endswith("waltz_Lupu.wav")
    espr(*shlex.split(one["command"])[1:])
    assert {"waltz_Arrau", "waltz_Gulda", "waltz_Hess"} in pieces(library)
    index(tmp_path)
    assert espr("pieces", "doubts").out.startswith("no doubts")


def test_one_command_says_that_a_doubted_recording_is_right(tmp_path, library, here, espr):
    record(tmp_path, "1/waltz_Hess", "1/waltz_Arrau", "2/waltz_Lupu")
    index(tmp_path)
    espr("pieces", "assign", "waltz_Lupu.wav", "waltz")
    assert espr("pieces", "doubts").out.startswith("no doubts")


def test_what_may_be_a_variation_is_proposed_and_not_joined(tmp_path, library, here, espr):
    record(tmp_path, "1/a", "2/b", "3/waltz_Hess", "3/waltz_Arrau")
    index(tmp_path)
    akin = Comparison(
        0.3, ((0.0, 60.0, 0.0, 60.0),), (1.0, 1.0), 200, 20, 0.4, 1.0, 0.3, fuller=0.25
    )
    with Catalog.open(library, write=True) as catalog:
        ids = {os.path.basename(one.path)[:-4]: one.id for one in catalog.recordings()}
        with catalog.transaction() as connection:
            for one, other, score in (("a", "b", 0.3), ("a", "waltz_Hess", 0.2)):
                found = {ids[other]: replace(akin, score=score)}
                sound.store_comparisons(connection, ids[one], found)
    assert {"a"} in pieces(library)
    told = " ".join(espr("pieces", "doubts").out.split())
    assert "b and a may be one piece, or variations, or songs over the same chords" in told
    assert "waltz" not in told  # of a stray the most akin alone
    (doubt,) = json.loads(espr("pieces", "doubts", "--json").out)["alike"]
    assert (doubt["perhaps"], doubt["command"]) == (True, "espr pieces merge b a")


def test_show_says_what_is_heard(tmp_path, library, here, espr):
    record(tmp_path, "1/a", "1/b")
    index(tmp_path)
    told = espr("pieces", "show", "a").out
    assert re.search(r"sound\n  b: 0:0\d–1:\d\d as 0:0\d–1:\d\d of a\n", told)
    document = json.loads(espr("pieces", "show", "a", "--json").out)
    (sound,) = document["recordings"][0]["sound"]
    assert (sound["kind"], sound["recording"]) == ("same", str(tmp_path / "1" / "b.wav"))


def test_a_concert_in_one_file_is_reported_and_joins_nothing(tmp_path, library, here, espr):
    record(tmp_path, "1/a", "1/b", "2/c", "3/d", "1+2+3/concert")
    index(tmp_path)
    assert pieces(library) == [{"a", "b"}, {"c"}, {"concert"}, {"d"}]
    told = espr("pieces", "doubts").out
    assert "concert.wav plays several pieces, which it does not join:" in told
    assert re.search(r"  from 1:\d\d to \d:\d\d c, as c.wav does\n", told)
    assert told.endswith("no doubts\n")
    (concert,) = json.loads(espr("pieces", "doubts", "--json").out)["several"]
    assert [part["piece"] for part in concert["plays"]] == ["a", "c", "d"]
    with Catalog.open(library) as catalog:
        slug = catalog.slugs()[find_recording(catalog, "concert.wav").id]
    shown = espr("pieces", "show", slug).out
    assert re.search(r"sound\n  concert: 0:0\d–\d:\d\d as [ab].wav of a\n", shown)
    document = json.loads(espr("pieces", "show", slug, "--json").out)
    assert document["recordings"][0]["plays"] == concert["plays"]


def test_an_excerpt_of_one_recording_may_be_assigned_to_its_piece(tmp_path, library, here, espr):
    record(tmp_path, "1+2/waltz", "2/x")
    index(tmp_path)
    told = espr("pieces", "doubts").out
    assert re.search(r"x.wav is \d:\d\d–\d:\d\d of the music of waltz.wav, which is of waltz", told)
    (doubt,) = json.loads(espr("pieces", "doubts", "--json").out)["excerpts"]
    espr(*shlex.split(doubt["command"])[1:])
    assert pieces(library) == [{"waltz", "x"}]
    assert espr("pieces", "doubts").out.startswith("no doubts")


def test_a_piece_of_two_that_differ_is_doubted_with_a_reserve(tmp_path, library, here, espr):
    record(tmp_path, "1/waltz_Hess", "2/waltz_Arrau")
    index(tmp_path)
    told = espr("pieces", "doubts").out
    assert "waltz: none of its 2 recordings sounds like another (if it is piano music)" in told
    assert "'waltz (another)' --new" in told


def test_there_is_nothing_to_doubt_where_nothing_was_compared(tmp_path, library, here, espr):
    record(tmp_path, "1/a")
    index(tmp_path, "fake")
    told = espr("pieces", "doubts").out
    assert told == (
        "no recording's notes are known yet; run: espr index FOLDER --encoder midlevel\n"
    )


def compare_by_an_older_rule(library) -> list[tuple[object, ...]]:
    """Let comparisons be of another scale, by which nothing is alike; as they were before."""
    with Catalog.open(library, write=True) as catalog, catalog.transaction() as connection:
        now = rows_of(catalog)
        connection.execute("DELETE FROM meta WHERE key = ?", [sound.COMPARED_BY])
        for found in sound.all_alignments(catalog):
            old = replace(found.comparison, score=0.01)
            connection.execute(
                "UPDATE alignments SET kind = ?, comparison = ? WHERE one = ? AND other = ?",
                [old.kind, old.to_json(), found.one, found.other],
            )
    return now


def rows_of(catalog) -> list[tuple[object, ...]]:
    return sorted(catalog.rows("SELECT one, other, kind, comparison FROM alignments"))


@pytest.mark.parametrize("stop_after", [None, 0, 1, 3])
def test_what_an_older_rule_compared_is_compared_again_and_nothing_is_analysed(
    tmp_path, library, here, monkeypatch, stop_after
):
    record(tmp_path, "1/a", "1/b A415", "1/c", "2/d", "2/e", "3/waltz_Hess", "4/waltz_Arrau")
    index(tmp_path)
    grouped, now = pieces(library), compare_by_an_older_rule(library)
    assert len(check(library, files=False).notices) == 2  # of the rule, and of the grouping
    here.clear()
    compared, lines = [], []
    comparing_one = sound_grouping._compared

    def counted(catalog, recording, others, shift=0):
        if shift == 0:
            if len(compared) == stop_after:
                raise KeyboardInterrupt
            compared.append(recording)
        return comparing_one(catalog, recording, others, shift)

    class Lines(indexing.Listener):
        def noticed(self, line):
            lines.append(line)

    monkeypatch.setattr(sound_grouping, "_compared", counted)
    listener = Lines()
    summary = index_folders([tmp_path], load=fake_encoder.load, listener=listener)
    assert summary.interrupted == (stop_after is not None)
    (line,) = lines
    assert line.startswith("the notes of 7 recordings were compared by an older rule, and are")
    if stop_after is not None:  # what was not compared again yet serves meanwhile
        with Catalog.open(library) as catalog:
            assert len(rows_of(catalog)) == len(now)
        stop_after = None
        index_folders([tmp_path], load=fake_encoder.load, listener=listener)
        assert len(lines) == 1
    assert compared == list(range(1, 8)) and here == []
    with Catalog.open(library) as catalog:
        assert rows_of(catalog) == now
    assert pieces(library) == grouped
    assert check(library, files=False).notices == []
    monkeypatch.setattr(sound_grouping, "_compared", None)
    index(tmp_path)


def test_a_library_of_an_older_rule_says_so_before_it_is_indexed(tmp_path, library, here, espr):
    record(tmp_path, "1/a", "1/b")
    index(tmp_path)
    assert "older rule" not in espr("doctor").out
    compare_by_an_older_rule(library)
    assert espr("pieces", "show", "a").code == 0
    told = espr("check")
    assert "the notes of 2 recordings were compared by an older rule" in told.out
    assert told.code == 0
    assert "2 recordings compared by an older rule" in espr("doctor").out
    assert json.loads(espr("doctor", "--json").out)["library"]["compared_by_older_rule"] == 2
