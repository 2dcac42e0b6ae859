"""Where data sets are looked for."""

from __future__ import annotations

import pytest

from espr.datasets.con_espressione import TABLE
from espr.datasets.registry import data_set_folders, find_data_set
from espr.errors import EsprError


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
    ("name", "told"),
    [
        ("con-espressione", "zenodo record 3968828, and your own recordings"),
        ("percepiano", "Park et al. 2024"),
        ("musiccaps", "--augment-audio FOLDER"),
        ("pitchfork", "no pitchfork.csv in"),
    ],
)
def test_what_is_missing_and_how_to_get_it(tmp_path, name, told):
    with pytest.raises(EsprError, match=told):
        find_data_set(name, [tmp_path])
