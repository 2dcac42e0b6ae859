"""Pictures of a recording and of a piece: what is in them, and that they are the same again."""

from __future__ import annotations

import numpy as np
import pytest

from espr.catalog.catalog import Catalog
from espr.errors import NOTHING_MATCHED, WRONG_INPUT, EsprError
from espr.features import MIDLEVEL_PLUS
from espr.retrieval.piece_map import map_piece
from espr.retrieval.windows_beside import windows_beside
from tests.synthetic_library import build, identity_model, understand_poles, vector
from tests.typed import Espr

pytest.importorskip("matplotlib")


@pytest.fixture
def builder(tmp_path):
    builder = build(tmp_path / "library.espr")
    builder.add("prelude", "A $cheap$ <b>take</b> & グールド", vector(attack=1.0))
    for name in "AB":
        builder.add("duet", name, vector(loudness=float(name == "A")))
        builder.add("solo", name, vector())
    builder.add("solo", "C", vector())
    yield builder
    builder.close()


@pytest.fixture
def espr(builder, monkeypatch, capsys):
    monkeypatch.setenv("ESPR_LIBRARY", str(builder.path))
    understand_poles(monkeypatch)
    return Espr(monkeypatch, capsys)


@pytest.mark.parametrize("command", [["show", "gould", "prelude"], ["pieces", "map", "prelude"]])
def test_a_figure_is_the_same_again_and_has_its_names_as_text(espr, tmp_path, command):
    contents = []
    for name in ("one.svg", "two.svg"):
        assert espr(*command, "--figure", tmp_path / name).code == 0
        contents.append((tmp_path / name).read_text("utf-8"))
    assert contents[0] == contents[1]
    assert "Gould" in contents[0] and "staccato" in contents[0]
    assert "<script" not in contents[0] and "<b>take" not in contents[0]
    assert espr(*command, "--figure", tmp_path / "one.png").code == 0
    assert (tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")


def test_names_of_any_kind_are_drawn_as_they_are(espr, tmp_path, recwarn):
    file = tmp_path / "map.svg"
    code, _, err = espr("pieces", "map", "prelude", "--figure", file)
    assert (code, err) == (0, "")
    assert "A $cheap$ &lt;b&gt;take&lt;/b&gt;" in file.read_text("utf-8")
    # whatever is collected meanwhile is of another test
    assert not [one for one in recwarn.list if one.category is not ResourceWarning]


def test_the_smaller_space_leaves_no_empty_panel(espr, tmp_path):
    file = tmp_path / "show.svg"
    assert espr("show", "gould prelude", "--space", "midlevel", "--figure", file).code == 0
    assert file.read_text("utf-8").count("legato … staccato") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["pieces", "map", "duet", "--figure", "x.svg"], NOTHING_MATCHED, "2 of the 3"),
        (["pieces", "map", "solo", "--figure", "x.svg"], NOTHING_MATCHED, "all the same"),
        (["pieces", "map", "prelude", "--figure", "x.jpg"], WRONG_INPUT, ".svg or .png"),
        (["pieces", "map", "prelude", "--figure", "no/x.svg"], WRONG_INPUT, "cannot write"),
        (["pieces", "map", "prelude"], WRONG_INPUT, "--figure"),
        (["show", "gould prelude", "--figure", "x"], WRONG_INPUT, ".svg or .png"),
    ],
)
def test_every_error_is_one_clear_line(espr, arguments, code, said):
    left, out, err = espr(*arguments)
    assert (left, out) == (code, "")
    assert said in err and err.count("\n") == 1


def test_without_matplotlib_there_is_one_line(espr, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    code, _, err = espr("pieces", "map", "prelude", "--figure", "x.svg")
    assert code == WRONG_INPUT and "pip install 'espr[figures]'" in err


def test_a_map_shows_what_differs_most(builder):
    with Catalog.open(builder.path) as catalog:
        (piece,) = [one for one in catalog.pieces() if one.slug == "prelude"]
        mapped = map_piece(catalog, piece, identity_model())
        with pytest.raises(EsprError, match="2 of the 3"):
            map_piece(
                catalog, next(p for p in catalog.pieces() if p.slug == "duet"), identity_model()
            )
    names = [one.performer for one in mapped.recordings]
    gould, arrau = names.index("Gould"), names.index("Arrau")
    articulation = mapped.arrows[MIDLEVEL_PLUS.index("articulation")]
    assert (mapped.positions[gould] - mapped.positions[arrau]) @ articulation > 0
    assert 0.5 < sum(mapped.shares) <= 1.0
    assert np.linalg.norm(mapped.arrows, axis=1).max() <= 1.0


def test_windows_of_others_lie_at_the_same_share_where_no_notes_are_known(builder):
    with Catalog.open(builder.path) as catalog:
        gould = next(one for one in catalog.recordings(1) if one.performer == "Gould")
        others = windows_beside(catalog, identity_model(), gould)
    assert len(others) == 4
    assert others[0].moments[0] == 7.5 and others[0].deviations.shape == (12, 13)
