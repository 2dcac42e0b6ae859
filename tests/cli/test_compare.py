"""``espr compare``: what differs between performances, in words, numbers and pictures."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import numpy as np
import pytest

from espr.alignment.recording_comparison import compare
from espr.catalog.catalog import Catalog
from espr.catalog.sound import store_comparisons, store_notes
from espr.cli.output.charts import curve
from espr.errors import NO_LIBRARY, NOTHING_MATCHED, WRONG_INPUT
from tests.played_notes import perform, score
from tests.synthetic_library import AUDIO, ask, build, vector
from tests.typed import Espr

TEMPOS = {"Arrau": 0.9, "Gould": 1.2, "Hess": 1.0}


@pytest.fixture
def library(tmp_path, monkeypatch):
    """Four performances of two pieces; those of the prelude play notes, but for Lipatti."""
    path = tmp_path / "library.espr"
    builder = build(path)
    original = builder.add("prelude", "Pires", vector(attack=1.0))
    builder.add("prelude", "Pires", vector(attack=1.0), name="reissue.flac", copy_of=original)
    builder.add("solo", "Nobody Else", vector())
    builder.close()
    with Catalog.open(path, write=True) as catalog, catalog.transaction() as connection:
        played = {}
        for recording in catalog.recordings(1):
            if tempo := TEMPOS.get(recording.performer):
                notes = perform(score(1), tempo, seed=recording.id)
                store_notes(connection, recording.id, AUDIO, notes, None)
                played[recording.id] = notes
        for one in played:
            for other in played:
                if one < other:
                    (comparison,) = compare(played[one], [played[other]])
                    store_comparisons(connection, one, {other: comparison})
    ask(path, monkeypatch)
    return path


@pytest.fixture
def espr(library, monkeypatch, capsys):
    return Espr(monkeypatch, capsys)


def test_two_performances_differ_in_words_and_bars(espr):
    code, out, _ = espr("compare", "gould", "arrau", "--piece", "prelude")
    assert code == 0
    assert out.startswith("prelude, 2 of 5 performances\n")
    said = " ".join(out.split())
    assert re.search(r"Gould is 3[345] % faster, more staccato.* than Arrau", said)
    rows = [line.split()[0] for line in out.splitlines() if "│" in line]
    assert rows[0] == "articulation"
    values = [float(number) for number in re.findall(r" ([+-]\d\.\d) ", out)]
    assert len(values) == 12
    assert all(abs(one) >= abs(other) for one, other in pairwise(values))
    assert max(map(len, out.splitlines())) <= 80


def test_what_chance_could_do_is_not_called_a_difference(espr):
    _, out, _ = espr("compare", "gould prelude", "arrau prelude")
    assert "cannot be told apart" in out
    assert "more minor" not in out


def test_the_tempo_is_drawn_over_the_course_of_the_piece(espr):
    _, out, _ = espr("compare", "gould", "arrau", "-p", "prelude")
    heading, *chart = out[out.index("Tempo against") :].splitlines()
    assert "the mean of 3 performances" in heading
    assert [line.split()[0] for line in chart if not line.startswith(" ")] == ["Gould", "Arrau"]
    assert re.search(r"0:00 +1?\d?:\d\d of (Gould|Arrau|Hess)", chart[-1])
    upper, _, lower = (set(line[15:]) - {"\u2800", " "} for line in chart[:3])
    assert upper and not lower  # Gould is faster throughout


def test_more_than_two_are_compared_with_the_mean_of_the_others(espr):
    _, out, _ = espr("compare", "--piece", "prelude")
    assert "5 of 5 performances" in out
    assert " ".join(out.split()).count("the mean of the others") == 5
    _, three, _ = espr("compare", "gould", "arrau", "hess", "-p", "prelude")
    assert "in brackets" in three
    assert re.search(r"articulation +\+3.0 +-3.0 +\(\+0.0\)", three)


def test_names_that_fit_several_mean_the_piece_that_all_have(espr, library):
    _, out, _ = espr("compare", "gould", "prelude_Pires")
    assert out.startswith("prelude,")
    code, _, err = espr("compare", "gould", "hess")
    assert code == WRONG_INPUT and "name one of them" in err


def test_json_is_one_document(espr, library):
    _, out, _ = espr("compare", "gould", "arrau", "-p", "prelude", "--json")
    document = json.loads(out)
    assert document["schema"] == "espr.compare/1"
    assert document["piece"]["performances"] == 5
    gould, arrau = document["performances"]
    assert gould["recording"] == str(library.parent / "prelude_Gould.flac")
    assert gould["tempo"] == pytest.approx(1.2 / 0.9, abs=0.02)
    assert gould["tempo"] * arrau["tempo"] == pytest.approx(1.0, abs=1e-3)
    assert gould["differences"]["articulation"]["difference"] == 4.0
    assert gould["differences"]["articulation"]["verdict"] == "differs"
    assert arrau["differences"]["articulation"]["difference"] == -4.0
    curves = document["tempo_curves"]
    assert curves["performances"] == 3
    assert len(gould["tempo_curve"]) == len(curves["positions"])
    known = [value for value in gould["tempo_curve"] if value is not None]
    assert np.median(known) == pytest.approx(1.2 / (1.2 * 0.9) ** (1 / 3), abs=0.05)


def test_without_notes_there_is_no_tempo(espr):
    _, out, _ = espr("compare", "lipatti", "pires", "-p", "prelude", "--json")
    document = json.loads(out)
    assert {one["tempo"] for one in document["performances"]} == {None}
    _, out, _ = espr("compare", "-p", "toccata")
    assert "Tempo" not in out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], WRONG_INPUT, "two recordings or more"),
        (["gould"], WRONG_INPUT, "two recordings or more"),
        (["gould", "-p", "prelude"], WRONG_INPUT, "two recordings or more"),
        (["gould", "gould", "-p", "prelude"], WRONG_INPUT, "one performance"),
        (["prelude_Pires.flac", "reissue.flac"], WRONG_INPUT, "one performance"),
        (["prelude_Gould.flac", "toccata_Hess.flac"], WRONG_INPUT, "not of one piece"),
        (["toccata_Hess.flac", "gould", "-p", "prelude"], WRONG_INPUT, "not of one piece"),
        (["gould", "nobody-there"], NOTHING_MATCHED, "nobody-there"),
        (["-p", "solo"], NOTHING_MATCHED, "2 are needed"),
        (["-p", "nocturne"], NOTHING_MATCHED, "no piece"),
        (["gould", "arrau", "--library", "no-such-library"], NO_LIBRARY, "espr index"),
        (["-p", "prelude", "--figure", "x.pdf"], WRONG_INPUT, ".svg or .png"),
        (["-p", "prelude", "--figure", "no/such/x.png"], WRONG_INPUT, "cannot write"),
    ],
)
def test_every_error_is_one_clear_line_with_its_code(espr, arguments, code, said):
    left, out, err = espr("compare", *arguments)
    assert (left, out) == (code, "")
    assert said in err and "Traceback" not in err and err.count("\n") == 1


def test_nothing_is_written_where_one_target_is_wrong(espr, tmp_path):
    other = tmp_path / "album.flac"
    other.write_bytes(b"fLaC")
    figure = tmp_path / "x.svg"
    code, out, err = espr("compare", "-p", "prelude", "--html", other, "--figure", figure)
    assert (code, out) == (WRONG_INPUT, "")
    assert "album.flac exists and is no page" in err
    assert other.read_bytes() == b"fLaC" and not figure.exists()


@pytest.mark.parametrize("suffix", ["svg", "png", "PNG"])
def test_a_figure_is_drawn_and_is_the_same_again(espr, tmp_path, suffix):
    pytest.importorskip("matplotlib")
    contents = []
    for name in ("one", "two"):
        file = tmp_path / f"{name}.{suffix}"
        assert espr("compare", "gould", "arrau", "-p", "prelude", "--figure", file).code == 0
        contents.append(file.read_bytes())
    assert contents[0] == contents[1]
    if suffix == "svg":
        assert b"Gould" in contents[0] and b"dark" in contents[0]
    assert not list(tmp_path.glob(".*"))  # no draft is left


def test_a_curve_runs_about_its_axis():
    nan = float("nan")
    assert curve([-1.0, 0.0, 1.0, nan], 1.0, 4, 3, "ascii") == ["  * ", "-*--", "*   "]
    lines = curve([1.0] * 8, 1.0, 4, 2, "utf-8")
    assert lines[0] == "\u2809" * 4
    assert len(curve([], 1.0, 4, 2, "utf-8")) == 2
