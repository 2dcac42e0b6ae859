"""``-`` is standard output wherever a file is written, and never a file of that name."""

from __future__ import annotations

import re
import sys
from urllib.parse import unquote

import pytest

from espr.errors import WRONG_INPUT
from tests.sounding_library import build_sounding
from tests.synthetic_library import ask, vector
from tests.typed import Espr

ASKED = ("query", "soft", "-p", "prelude")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that commands run in."""
    builder = build_sounding(tmp_path)
    builder.add("prelude", "Moravec", vector(attack=1.0))
    builder.close()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    ask(builder.path, monkeypatch)
    return tmp_path / "here"


@pytest.fixture
def espr(folder, monkeypatch, capsys):
    return Espr(monkeypatch, capsys)


@pytest.mark.parametrize(
    ("command", "begins", "ends"),
    [
        ([*ASKED, "--html", "-"], "<!doctype html>", "</html>"),
        ([*ASKED, "--m3u", "-"], "#EXTM3U\n", ".flac\n"),
        (["compare", "-p", "prelude", "--html", "-"], "<!doctype html>", "</html>"),
        (["compare", "-p", "prelude", "--figure", "-"], "<?xml", "</svg>\n"),
        (["show", "gould prelude", "--figure", "-"], "<?xml", "</svg>\n"),
        (["pieces", "map", "prelude", "--figure", "-"], "<?xml", "</svg>\n"),
        (["export", "-p", "prelude", "--m3u", "--to", "-"], "#EXTM3U\n", ".flac\n"),
        (["export", "-p", "prelude", "--csv", "--to", "-"], "recording,", "\n"),
    ],
)
def test_the_file_alone_goes_to_standard_output(espr, folder, command, begins, ends):
    if "--figure" in command:
        pytest.importorskip("matplotlib")
    code, out, err = espr(*command)
    assert code == 0, err
    assert out.startswith(begins) and out.endswith(ends) and out.count(begins) == 1
    assert err == "" or (err.startswith("the page: ") and err.count("\n") == 1)
    assert list(folder.iterdir()) == []


def test_what_else_is_asked_for_is_written_beside_it(espr, folder):
    code, out, err = espr(*ASKED, "--m3u", "-", "--html", "a.html")
    assert (code, out[:8]) == (0, "#EXTM3U\n") and err.startswith("a.html: ")
    assert [one.name for one in folder.iterdir()] == ["a.html"]


def test_a_page_that_nobody_knows_the_place_of_links_to_files_by_their_whole_path(espr, folder):
    _, page, _ = espr(*ASKED, "--html", "-", "--html-audio", "link")
    links = re.findall(r'<audio [^>]*src="([^"]*)"', page)
    assert links and all(
        link.startswith(f"file://{folder.parent}/") for link in map(unquote, links)
    )


@pytest.mark.parametrize(
    "command",
    [
        [*ASKED, "--html", "-", "--m3u", "-"],
        [*ASKED, "--html", "-", "--json"],
        [*ASKED, "--m3u", "-", "--csv"],
        ["compare", "-p", "prelude", "--html", "-", "--figure", "-"],
        ["compare", "-p", "prelude", "--html", "-", "--json"],
        ["show", "gould prelude", "--figure", "-", "--csv"],
    ],
)
def test_two_things_do_not_mix_there(espr, folder, command):
    code, out, err = espr(*command)
    assert (code, out) == (WRONG_INPUT, "")
    assert "both want standard output" in err and err.count("\n") == 1


@pytest.mark.parametrize(
    "command",
    [
        [*ASKED, "--clips", "-"],
        [*ASKED, "--library", "-"],
        ["backup", "-"],
        ["restore", "-"],
        ["merge", "-"],
        ["demo", "--html", "-"],
        ["demo", "--keep", "-"],
        ["index", ".", "--pieces", "-"],
        ["export", "-p", "prelude", "--m3u", "--relative-to", "-"],
        ["evaluate", "--write-folds", "-"],
        ["train", "query-model", "--descriptions", "-"],
    ],
)
def test_what_has_to_have_a_name_says_so(espr, folder, command):
    code, out, err = espr(*command)
    assert (code, out) == (WRONG_INPUT, "")
    assert "- is standard input or output" in err and err.count("\n") == 1
    assert list(folder.iterdir()) == []


def test_what_is_no_text_is_kept_from_a_terminal(espr, folder, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    code, out, err = espr("export", "gould prelude", "--sonic-visualiser")
    assert (code, out) == (WRONG_INPUT, "")
    assert "no text for a terminal" in err and err.count("\n") == 1


def test_a_file_may_still_be_called_so(espr, folder):
    assert espr(*ASKED, "--m3u", "./-").code == 0
    assert (folder / "-").read_bytes().startswith(b"#EXTM3U")
    assert espr("backup", "./-", "--force").code == 0


@pytest.mark.parametrize("name", ["a.svg", "a.png"])
def test_a_figure_never_replaces_another_kind_of_file(espr, folder, name):
    pytest.importorskip("matplotlib")
    (folder / name).write_text("a letter")
    code, _, err = espr("pieces", "map", "prelude", "--figure", name)
    assert code == WRONG_INPUT and "is no figure" in err
    assert (folder / name).read_text() == "a letter"
    (folder / name).unlink()
    for _ in range(2):
        assert espr("pieces", "map", "prelude", "--figure", name).code == 0
