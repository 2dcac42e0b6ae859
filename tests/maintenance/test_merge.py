"""``espr merge``: libraries that were indexed apart become one, as if indexed together."""

from __future__ import annotations

import os
import sys

import pytest

from espr.catalog import corrections
from espr.catalog.catalog import Catalog
from espr.catalog.recordings import store_analysis, store_unreadable
from espr.catalog.regroup import bring_up_to_date
from espr.catalog.search import find_pieces, find_recordings
from espr.errors import LIBRARY_DAMAGED, NO_LIBRARY, EsprError
from espr.indexing.run import index_folders
from espr.maintenance import merge as merging
from espr.maintenance.check import check
from espr.maintenance.merge import merge
from tests.analyse_here import analyse_here
from tests.fake_encoder import load
from tests.maintenance.test_check import heard, tamper
from tests.signals import write_phrase
from tests.soak_kills import dump
from tests.typed import Espr


@pytest.fixture
def apart(tmp_path):
    """Two folders, two libraries; one take lies in both folders, one piece in both, too."""
    with pytest.MonkeyPatch.context() as patch:
        analyse_here(patch)
        return make_apart(tmp_path)


def make_apart(tmp_path):
    libraries = []
    for name, takes in (
        ("studio", {"bach_Anna": 1, "bach_Berta": 2, "mozart_Anna": 3, "mozart_Berta": 6}),
        ("laptop", {"bach_Carla": 4, "bach_Dora": 5, "mozart_Carla": 3, "mozart_Dora": 7}),
    ):
        folder = tmp_path / name
        folder.mkdir()
        for take, seed in takes.items():
            write_phrase(folder / f"{take}.wav", 1.2, seed)
        (folder / "torn.wav").write_bytes(b"RIFF")
        libraries.append(tmp_path / f"{name}.espr")
        index_folders([folder], libraries[-1], encoder="fake", load=load)
    return libraries


@pytest.fixture
def target(tmp_path):
    return tmp_path / "all.espr"


def counts(outcomes) -> list[tuple[int, int, int]]:
    return [(one.added, one.updated, one.kept) for one in outcomes]


def test_it_is_as_if_indexed_together(apart, target, tmp_path):
    together = tmp_path / "together.espr"
    folders = [tmp_path / "studio", tmp_path / "laptop"]
    index_folders(folders, together, encoder="fake", load=load, jobs=1)
    sources = [path.read_bytes() for path in apart]
    assert counts(merge(apart, target)) == [(5, 0, 0), (5, 0, 0)]
    assert [path.read_bytes() for path in apart] == sources
    assert dump(target) == dump(together)
    report = check(target)
    assert (report.problems, report.notices, report.unreadable) == ([], [], 2)
    with Catalog.open(target) as catalog:
        assert catalog.meta()["encoder"] == "fake/1"
        # the same audio twice is one performance
        assert {p.slug: p.count for p in catalog.pieces()} == {"bach": 4, "mozart": 3}
    summary = index_folders(folders, target, encoder="fake", load=load, jobs=1)
    assert (summary.counts["indexed"], summary.counts["unchanged"]) == (0, 8)


def test_merging_again_changes_nothing(apart, target):
    merge(apart, target)
    before = dump(target)
    assert counts(merge(apart, target)) == [(0, 0, 5), (0, 0, 5)]
    assert dump(target) == before


def test_corrections_come_with_it_and_one_s_own_count(apart, target):
    studio, laptop = apart
    with Catalog.open(studio, write=True) as catalog:
        corrections.rename(catalog, find_pieces(catalog, "bach")[0], "Prelude in C")
        (take,) = find_recordings(catalog, "mozart_Berta")
        corrections.assign_new(catalog, take, "Encore")
    with Catalog.open(laptop, write=True) as catalog:
        corrections.rename(catalog, find_pieces(catalog, "bach")[0], "Das Präludium")
    merge([studio, laptop], target)
    with Catalog.open(target) as catalog:
        pieces = {piece.slug: (piece.title, piece.count) for piece in catalog.pieces()}
        assert pieces["prelude-in-c"] == ("Prelude in C", 4)
        assert pieces["encore"] == ("Encore", 1)
        assert [piece.slug for piece in find_pieces(catalog, "bach")] == ["prelude-in-c"]
        assert pieces["mozart"][1] == 2
    assert check(target).problems == []


def test_two_pieces_that_were_merged_either_way_are_merged_one_s_own_way(apart, target):
    studio, laptop = apart
    for library, one, other in ((studio, "bach", "mozart"), (laptop, "mozart", "bach")):
        with Catalog.open(library, write=True) as catalog:
            corrections.merge(catalog, find_pieces(catalog, one)[0], find_pieces(catalog, other)[0])
    merge([studio, laptop], target)
    with Catalog.open(target) as catalog:
        assert [(piece.slug, piece.count) for piece in catalog.pieces()] == [("mozart", 7)]
    before = dump(target)
    merge([laptop, studio], target)
    assert dump(target) == before


def test_profiles_of_every_encoder_come_with_it(tmp_path, target):
    one, other = tmp_path / "one.espr", tmp_path / "other.espr"
    take = tmp_path / "bach_Anna.flac"
    for path, encoder in ((one, "signal/1"), (other, "midlevel/1")):
        with Catalog.open(path, write=True) as catalog:
            store_analysis(catalog, *heard(take, 1, mtime=5), encoder)
            bring_up_to_date(catalog)
    assert counts(merge([one, other], target)) == [(1, 0, 0), (0, 1, 0)]
    with Catalog.open(target) as catalog:
        for encoder in ("signal/1", "midlevel/1"):
            assert len(catalog.profiles(None, encoder)[0]) == 1
            assert len(catalog.windows(1, encoder).times) == 3
    # another version of an encoder it has: profiles of two versions never rank together
    third = tmp_path / "third.espr"
    with Catalog.open(third, write=True) as catalog:
        store_analysis(catalog, *heard(take, 1, mtime=5), "signal/2")
    assert counts(merge([third], target)) == [(0, 0, 1)]
    with Catalog.open(target) as catalog:
        assert len(catalog.profiles(None, "signal/2")[0]) == 0
    assert check(target, files=False).problems == []


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome", "audio"),
    [
        (("analysed", 1, 5), ("analysed", 2, 6), (0, 1, 0), 2),  # the later file
        (("analysed", 1, 6), ("analysed", 2, 5), (0, 0, 1), 1),
        (("unreadable", 0, 9), ("analysed", 2, 5), (0, 1, 0), 2),  # analysed beats unreadable
        (("analysed", 1, 5), ("unreadable", 0, 9), (0, 0, 1), 1),
    ],
)
def test_of_one_path_in_both_the_better_counts(tmp_path, ours, theirs, outcome, audio):
    take = tmp_path / "bach_Anna.flac"
    libraries = tmp_path / "ours.espr", tmp_path / "theirs.espr"
    for path, (state, number, mtime) in zip(libraries, (ours, theirs), strict=True):
        with Catalog.open(path, write=True) as catalog:
            source, tags, hearing = heard(take, number, mtime=mtime)
            if state == "analysed":
                store_analysis(catalog, source, tags, hearing, "fake/1")
            else:
                store_unreadable(catalog, source, "fake/1", "is torn", retry=False)
            bring_up_to_date(catalog)
    assert counts(merge([libraries[1]], libraries[0])) == [outcome]
    with Catalog.open(libraries[0]) as catalog:
        assert [one.audio_hash for one in catalog.recordings()] == [f"{audio:032x}"]
    assert check(libraries[0], files=False).problems == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE windows SET features = times WHERE recording_id = 2",
        "UPDATE profiles SET profile = zeroblob(32) WHERE recording_id = 2",
        "UPDATE recordings SET checksum = 7 WHERE id = 2",
        "DROP TRIGGER recordings_removed; DELETE FROM recordings WHERE id = 2",
        "UPDATE totals SET sum = 5 WHERE name = 'pieces'",
    ],
)
def test_a_damaged_source_changes_nothing(apart, target, statement):
    merge(apart[:1], target)
    before = dump(target)
    tamper(apart[1], statement)
    with pytest.raises(EsprError, match=r"laptop.espr is damaged") as raised:
        merge(apart, target)
    assert raised.value.exit_code == LIBRARY_DAMAGED
    assert dump(target) == before


def test_no_library_is_made_for_nothing(apart, target, tmp_path):
    with pytest.raises(EsprError) as raised:
        merge([apart[0], tmp_path / "none.espr"], target)
    assert raised.value.exit_code == NO_LIBRARY
    with pytest.raises(EsprError, match="is the library to merge into"):
        merge(apart, apart[0])
    tamper(apart[1], "UPDATE windows SET features = times WHERE recording_id = 2")
    with pytest.raises(EsprError, match="espr repair --library"):
        merge(apart, target)
    assert not target.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize(
    ("limits", "asked"),
    [((256, -1), (600, -1)), ((256, 400), (400, 400)), ((1024, 4096), None), ((-1, -1), None)],
)
def test_as_many_files_are_allowed_as_are_needed(monkeypatch, limits, asked):
    """macOS has no hard limit, and refuses one without end."""
    import resource

    made = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "RLIM_INFINITY", -1)
    monkeypatch.setattr(resource, "setrlimit", lambda _, wanted: made.append(wanted))
    merging._allow_files(600)
    assert made == ([asked] if asked else [])


def test_as_it_is_typed(apart, target, monkeypatch, capsys):
    espr = Espr(monkeypatch, capsys)
    monkeypatch.setenv("ESPR_LIBRARY", os.fspath(target))
    typed = espr("merge", *apart)
    assert (typed.code, typed.err) == (0, "")
    assert typed.out.splitlines() == [
        f"{path}: added 5, updated 0, already there 0" for path in apart
    ]
