"""``espr pieces`` as it is typed: lists, and corrections that stay."""

from __future__ import annotations

import json
import shutil
import sys

import pytest

from espr.catalog.catalog import Catalog
from espr.errors import LIBRARY_IN_USE, NO_LIBRARY, NOTHING_MATCHED, WRONG_INPUT
from espr.indexing import run as indexing
from espr.indexing import workers
from espr.indexing.run import index_folders
from tests.fake_encoder import load
from tests.signals import write_phrase
from tests.typed import Espr


@pytest.fixture
def music(tmp_path):
    folder = tmp_path / "music"
    folder.mkdir()
    names = ("bach prelude_Gould", "bach prelude_Grimaud", "prelude bwv_Gould", "prelude bwv_Ida")
    for seed, name in enumerate(names):
        write_phrase(folder / f"{name}.wav", 1.5, seed)
    shutil.copy(folder / "bach prelude_Gould.wav", folder / "reissue.wav")
    return folder


@pytest.fixture
def index(music, tmp_path, monkeypatch):
    """Index the folder again, analysing in this process."""
    path = tmp_path / "library.espr"
    monkeypatch.setenv("ESPR_LIBRARY", str(path))
    monkeypatch.setenv("COLUMNS", "80")

    def analyse_all(tasks, encoder, load, jobs):
        for task in tasks:
            yield task, workers.analyse(load(encoder), task)

    monkeypatch.setattr(indexing, "analyse_all", analyse_all)

    def run():
        return index_folders([music], encoder="fake", load=load)

    run()
    return run


@pytest.fixture
def espr(index, monkeypatch, capsys):
    return Espr(monkeypatch, capsys)


def listed(espr) -> dict[str, int]:
    document = json.loads(espr("pieces", "--json").out)
    assert document["schema"] == "espr.pieces/1"
    return {piece["id"]: piece["performances"] for piece in document["pieces"]}


def test_pieces_with_counts_in_80_columns(espr):
    assert listed(espr) == {"bach-prelude": 2, "prelude-bwv": 2}
    done = espr("pieces")
    assert done.code == 0
    assert all(len(line) <= 80 for line in done.out.splitlines())
    assert done.out.splitlines()[1].split()[0] == "bach-prelude"
    assert done.out.splitlines()[1].split()[-1] == "2"
    assert done.out.splitlines()[-1] == "2 pieces, 4 performances"


def test_show_says_who_how_long_which_rule_and_shows_reissues_once(espr):
    done = espr("pieces", "show", "bach")
    assert done.code == 0
    assert done.out.startswith("bach-prelude   ")
    assert "2 performances" in done.out.splitlines()[0]
    assert "also: reissue.wav" in done.out
    assert done.out.count("file-name") == 3  # of each recording, and the words it went by
    assert "  file-name: bach prelude (2)\n" in done.out
    assert "0:02" in done.out
    document = json.loads(espr("pieces", "show", "bach", "--json").out)
    first, second = document["recordings"]
    assert [len(first["also"]), len(second["also"])] == [1, 0]
    assert second["performer"] == "Grimaud"
    assert second["seconds"] == 1.5


def test_rename_stays_and_the_old_name_still_leads_there(espr, index):
    assert espr("pieces", "rename", "bach-prelude", "C major  prelude").out == (
        "bach-prelude is now c-major-prelude\n"
    )
    index()
    assert listed(espr) == {"c-major-prelude": 2, "prelude-bwv": 2}
    for name in ("c-major-prelude", "c-m", "major prelude", "bach-prelude", "bach"):
        assert espr("pieces", "show", name).out.startswith("c-major-prelude   C major prelude")
    # the name of another piece is no name for this one
    espr("pieces", "rename", "c-major-prelude", "Prelude BWV")
    assert listed(espr) == {"prelude-bwv": 2, "prelude-bwv-2": 2}


def test_merge_stays_and_can_be_turned_round(espr, index):
    assert espr("pieces", "merge", "prelude-bwv", "bach-prelude").code == 0
    index()
    assert listed(espr) == {"bach-prelude": 4}
    assert espr("pieces", "show", "prelude-bwv").out.startswith("bach-prelude")
    assert espr("pieces", "merge", "bach", "bach").code == WRONG_INPUT


def test_assign_outlives_moving(espr, index, music):
    done = espr("pieces", "assign", "bach prelude_Grimaud.wav", "prelude-bwv")
    assert done.out.endswith("bach prelude_Grimaud.wav is now of prelude-bwv\n")
    assert listed(espr) == {"bach-prelude": 1, "prelude-bwv": 3}
    (music / "bach prelude_Grimaud.wav").rename(music / "unknown_Hélène.wav")
    assert index().counts["moved"] == 1
    assert listed(espr)["prelude-bwv"] == 3
    assert "assigned" in espr("pieces", "show", "prelude-bwv").out
    # gone and come back, as a new file
    kept = (music / "unknown_Hélène.wav").read_bytes()
    (music / "unknown_Hélène.wav").unlink()
    index()
    (music / "again.wav").write_bytes(kept)
    index()
    assert listed(espr)["prelude-bwv"] == 3


def test_assign_to_a_new_piece_parts_what_tags_lumped_together(espr, index):
    done = espr("pieces", "assign", "ida bwv", "Another prelude", "--new")
    assert done.out.endswith("prelude bwv_Ida.wav is now of another-prelude\n")
    index()
    assert listed(espr) == {"another-prelude": 1, "bach-prelude": 2, "prelude-bwv": 1}
    espr("pieces", "assign", "prelude bwv_Ida", "prelude-bwv")
    assert listed(espr) == {"bach-prelude": 2, "prelude-bwv": 2}


def test_undo_takes_back_one_correction_after_another(espr, index):
    before = listed(espr)
    espr("pieces", "merge", "prelude-bwv", "bach-prelude")
    assert "merged" in espr("pieces", "show", "bach-prelude").out
    espr("pieces", "rename", "bach-prelude", "Another name")
    espr("pieces", "assign", "bach prelude_Grimaud.wav", "A third one", "--new")
    assert listed(espr) == {"a-third-one": 1, "another-name": 3}
    assert "assigned to A third one" in espr("pieces", "undo").out
    assert listed(espr) == {"another-name": 4}
    assert "renamed to Another name" in espr("pieces", "undo").out
    assert listed(espr) == {"bach-prelude": 4}
    assert espr("pieces", "undo").out == "taken back: prelude-bwv merged into bach-prelude\n"
    assert listed(espr) == before
    done = espr("pieces", "undo")
    assert done.code == NOTHING_MATCHED and "no correction" in done.err
    index()
    assert listed(espr) == before


def test_assign_to_a_piece_that_is_not_there_offers_new(espr):
    done = espr("pieces", "assign", "ida bwv", "Quite another tune")
    assert done.code == NOTHING_MATCHED
    assert "--new" in done.err


def test_what_is_meant_must_be_clear(espr):
    for arguments, code, told in (
        (("show", "prelude"), 0, ""),  # the beginning of one name
        (("show", "pre lude"), NOTHING_MATCHED, "did you mean"),
        (("show", "bach-preluude"), NOTHING_MATCHED, "bach-prelude"),
        (("assign", "Gould", "bach"), WRONG_INPUT, "names"),
        (("rename", "bach", " "), WRONG_INPUT, "needs a title"),
        (("merge", "bach", "nobody"), NOTHING_MATCHED, "nobody"),
    ):
        done = espr("pieces", *arguments)
        assert done.code == code, arguments
        assert len(done.err.splitlines()) == (code != 0)
        assert told in done.err
    assert listed(espr) == {"bach-prelude": 2, "prelude-bwv": 2}


def test_several_candidates_are_listed(espr):
    espr("pieces", "rename", "prelude-bwv", "bach partita")
    done = espr("pieces", "show", "bach")
    assert done.code == WRONG_INPUT
    assert "bach-partita, bach-prelude" in done.err


def test_no_library_and_a_library_in_use(espr, tmp_path):
    missing = tmp_path / "none.espr"
    for arguments in (("pieces",), ("pieces", "rename", "bach", "x")):
        done = espr(*arguments, "--library", missing)
        assert (done.code, len(done.err.splitlines())) == (NO_LIBRARY, 1)
    assert not missing.exists()
    with Catalog.open(write=True):
        assert espr("pieces").code == 0
        assert espr("pieces", "rename", "bach", "x").code == LIBRARY_IN_USE


def test_listing_imports_no_numpy(espr):
    import subprocess

    from tests.typed import MAIN, REPOSITORY

    code = MAIN.replace("; main()", "\nimport sys\ntry: main()\nfinally: print(*sys.modules)")
    done = subprocess.run(
        [sys.executable, "-c", code, "pieces"], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert "bach-prelude" in done.stdout
    assert not {"numpy", "torch", "librosa", "faiss"} & set(done.stdout.split())
