"""The pedal in ``show`` and ``compare``, where it is known, and where it is not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from espr.catalog.catalog import Catalog
from espr.catalog.sound import all_alignments, notes_of, pedal_of, store_notes
from espr.features import PEDAL
from espr.maintenance.check import check
from espr.retrieval.pedal import WITHIN
from tests.aria import write_aria
from tests.synthetic_library import AUDIO, ask
from tests.typed import Espr

BEGINNINGS = np.arange(12) * 5.0  # of the windows of the aria


def store_pedal(library: Path, recording: int, values: np.ndarray) -> None:
    with Catalog.open(library, write=True) as catalog, catalog.transaction() as connection:
        notes = notes_of(catalog, [recording])[recording]
        pedal = np.stack([BEGINNINGS, values], axis=1)
        store_notes(connection, recording, AUDIO, notes, None, pedal)


@pytest.fixture
def library(tmp_path, monkeypatch):
    path = write_aria(tmp_path)
    ask(path, monkeypatch)
    return path


@pytest.fixture
def espr(library, monkeypatch, capsys):
    return Espr(monkeypatch, capsys)


def pedal_line(out: str) -> str:
    return next((line.strip() for line in out.splitlines() if line.startswith("pedal")), "")


def test_where_it_is_not_known_of_both_nothing_is_said(library, espr):
    store_pedal(library, 1, np.full(12, 0.5))
    for command in (("show", "P0"), ("show", "P1"), ("compare", "P0", "P1")):
        done = espr(*command)
        assert (done.code, pedal_line(done.out)) == (0, "")
        assert "pedal" not in json.dumps(json.loads(espr(*command, "--json").out)).replace(
            '"pedal": null', ""
        )


def test_a_drier_performance_is_called_so(library, espr):
    rising = np.linspace(-0.2, 0.2, 12)
    store_pedal(library, 1, rising + 1.0)
    store_pedal(library, 2, rising - 1.0)
    wet, dry = (pedal_line(espr("show", name).out) for name in ("P0", "P1"))
    assert "more pedalled" in wet and "drier" in dry
    line = pedal_line(espr("compare", "P1", "P0").out)
    assert line.endswith("drier")
    assert "drier" in " ".join(espr("compare", "P1", "P0").out.split()).partition("than P0")[0]
    shown = json.loads(espr("show", "P0", "--json").out)
    assert shown["pedal"] == pytest.approx(1.0 / WITHIN, abs=0.02)
    assert [window["pedal"] for window in shown["windows"]] == pytest.approx(
        (rising + 1.0) / WITHIN, abs=0.5 / 16 / WITHIN + 1e-3
    )
    found = json.loads(espr("compare", "P1", "P0", "--json").out)["performances"][0]
    assert found["differences"][PEDAL.name]["verdict"] == "differs"
    assert found["differences"][PEDAL.name]["difference"] == pytest.approx(-2.0 / WITHIN, abs=0.04)
    assert found["profile"][PEDAL.name] == pytest.approx(-1.0 / WITHIN, abs=0.02)


@pytest.mark.parametrize("values", [np.tile([1.0, -0.9], 6), np.full(12, 0.25)])
def test_what_could_be_chance_or_the_room_cannot_be_told_apart(library, espr, values):
    store_pedal(library, 1, values)
    store_pedal(library, 2, -values)
    assert pedal_line(espr("show", "P1").out).split("  ")[-2].strip() == "cannot be told"
    assert pedal_line(espr("compare", "P1", "P0").out).endswith("cannot be told apart")


def test_it_comes_with_the_notes_and_forgets_no_comparison(library):
    with Catalog.open(library) as catalog:
        before, notes = all_alignments(catalog), notes_of(catalog, [1])[1]
    store_pedal(library, 1, np.full(12, 9.0))
    with Catalog.open(library, write=True) as catalog:
        assert all_alignments(catalog) == before != []
        assert notes_of(catalog, [1])[1] == pytest.approx(notes)
        values = pedal_of(catalog, [1, 2])
        assert list(values) == [1]
        np.testing.assert_array_equal(values[1][:, 0], BEGINNINGS)
        assert values[1][:, 1] == pytest.approx(np.full(12, 4.0), abs=0.1)
        with catalog.transaction() as connection:  # by an encoder that does not say
            store_notes(connection, 1, AUDIO, notes, None)
        assert list(pedal_of(catalog, [1])) == [1]
    assert check(library, files=False).problems == []
