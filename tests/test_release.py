"""What says a version says the same one, and what is packed is what a user needs."""

from __future__ import annotations

import json
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from espr import __version__
from espr.cli.manual import DATE, shell_files
from tests.oldest_versions import oldest_versions
from tests.typed import Espr

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "espr" / "docs").glob("*.md"))]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@pytest.fixture
def espr(monkeypatch, capsys):
    return Espr(monkeypatch, capsys)


def newest_entry():
    """Version and date of the newest entry of the changelog."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    found = re.search(r"^## \[(.+?)\] - (\S+)$", text, re.MULTILINE)
    assert found is not None
    return found.groups()


def test_the_command_and_the_doctor(espr):
    assert espr("--version").out == f"espr {__version__}\n"
    assert json.loads(espr("doctor", "--json").out)["espr"] == __version__


def test_what_is_installed():
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert metadata.version("espr") == __version__, "install again: pip install -e ."


def test_citation_and_changelog():
    version, date = newest_entry()
    assert (CITATION["version"], version) == (__version__, __version__)
    assert date in ("unreleased", str(CITATION["date-released"]))
    assert str(CITATION["date-released"]) == DATE


def test_manual_pages():
    pages = [text for name, text in shell_files().items() if name.startswith("man/")]
    assert all(f"espr {__version__}" in page for page in pages)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_pages_name_no_other_version(page):
    named = re.findall(
        r"\bespr(?:[ -]|==)v?(\d+\.\d+\.\d+)", page.read_text("utf-8"), re.IGNORECASE
    )
    assert set(named) <= {__version__}


def test_the_paper_is_cited():
    papers = {each.get("doi"): each for each in CITATION["references"]}
    readme = (ROOT / "README.md").read_text("utf-8")
    (doi,) = re.findall(r"doi\s*=\s*{(.+)}", readme)
    assert [author["family-names"] for author in papers[doi]["authors"]] == ["Chowdhury", "Widmer"]


def test_every_dependency_has_an_oldest_version_and_a_tested_one():
    pinned = dict(
        line.strip().lower().split("==")
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        if "==" in line and not line.startswith("#")
    )
    oldest = oldest_versions()
    assert len(oldest) == len(PROJECT["project"]["dependencies"])
    assert set(oldest) <= set(pinned)
