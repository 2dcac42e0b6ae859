"""Where data sets are looked for."""

from __future__ import annotations

import pytest

from espr.datasets.con_espressione import TABLE
from espr.datasets.registry import DATA_SETS, data_set_folders, find_data_set
from espr.errors import EsprError
from tests.typed import Espr


@pytest.mark.parametrize("inside", ["", "con-espressione"])
def test_a_data_set_is_the_folder_or_lies_in_it(tmp_path, inside):
    place = tmp_path / inside
    place.mkdir(exist_ok=True)
    (place / TABLE).write_text("")
    assert find_data_set("con-espressione", [tmp_path / "elsewhere", tmp_path]) == place


def test_named_folder_then_variable_then_the_users_directory(tmp_path, monkeypatch):
    monkeypatch.delenv("ESPR_DATA", raising=False)
    (own,) = data_set_folders(None)
    assert (own.name, own.parent.name) == ("datasets", "espr")
    monkeypatch.setenv("ESPR_DATA", str(tmp_path))
    assert data_set_folders(None) == [tmp_path, own]
    assert data_set_folders(tmp_path / "named") == [tmp_path / "named"]


@pytest.mark.parametrize(
    ("name", "published", "place"),
    [
        ("con-espressione", "zenodo record 3968828", "audio/PIECE_NAME_PERFORMER.mp3"),
        ("percepiano", "Park et al. 2024", "its folder midi"),
        ("musiccaps", "Agostinelli et al. 2023", "--augment-audio FOLDER"),
        ("pitchfork", "a table of your own", "the columns audio and text"),
    ],
)
def test_what_is_missing_where_to_get_it_and_where_to_put_it(tmp_path, name, published, place):
    with pytest.raises(EsprError) as raised:
        find_data_set(name, [tmp_path])
    missing, (where, put) = str(raised.value), raised.value.advice
    assert f"no {DATA_SETS[name].table} in {tmp_path}" in missing
    assert published in where
    assert place in put
    assert f"into {tmp_path / name}" in put


def test_the_command_prints_the_three_lines(tmp_path, monkeypatch, capsys):
    code, out, err = Espr(monkeypatch, capsys)("evaluate", "--data-dir", str(tmp_path))
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 3
    assert "zenodo record 3968828" in err.splitlines()[1]


def test_an_entry_has_all_that_a_reader_needs():
    for name, entry in DATA_SETS.items():
        assert entry.name == name
        assert entry.title and entry.licence and entry.published
        if name != "pitchfork":
            assert entry.bibtex.startswith("@")
            assert entry.bibtex.count("{") == entry.bibtex.count("}")


def test_a_file_that_is_not_the_published_one_is_noted(tmp_path):
    entry = DATA_SETS["musiccaps"]
    (tmp_path / entry.table).write_text("ytid\n")
    (note,) = entry.notes_on_files(tmp_path)
    assert "is not the published file" in note
