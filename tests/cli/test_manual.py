"""Manual pages and completion scripts: what the commands say, and what their readers take."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from espr import errors
from espr.cli import app, manual, manual_texts
from espr.works.grouping import RULES
from tests.typed import PATIENCE

pytest.importorskip("click_man")
ROOT = Path(__file__).parents[2]
PAGES = sorted(path.name for path in (ROOT / "man").iterdir())


def test_making_the_files_again_changes_nothing():
    files = manual.shell_files()
    present = {
        f"{folder}/{path.name}": path.read_text("utf-8")
        for folder in ("completions", "man")
        for path in (ROOT / folder).iterdir()
    }
    assert present == files, "run: make shell-files"


def test_every_exit_code_stands_in_the_manual():
    codes = {value for name, value in vars(errors).items() if name.isupper()}
    codes |= {app.UNEXPECTED, app.READER_GONE}
    assert {code for code, _ in manual_texts.EXIT_CODES} == codes


@pytest.mark.parametrize("command", ["espr index", "espr pieces"])
def test_the_rules_are_those_of_grouping(command):
    sections = dict(manual_texts.SECTIONS[command])
    assert [rule for rule, _ in sections["HOW PIECES ARE FOUND"]] == list(RULES)


def test_sections_and_examples_are_of_commands_that_there_are():
    names = {name.removesuffix(".1") for name in PAGES}
    for command in manual_texts.SECTIONS | manual_texts.EXAMPLES:
        assert command.replace(" ", "-") in names


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
@pytest.mark.parametrize("page", PAGES)
def test_groff_has_nothing_to_say_about_a_page(page):
    done = run("groff", "-man", "-ww", "-Tutf8", f"man/{page}")
    assert done.stderr == ""
    shown = re.sub(r".\x08|\x1b\[\d+m", "", done.stdout)
    assert "EXIT STATUS" in shown
    for command, examples in manual_texts.EXAMPLES.items():
        if page == command.replace(" ", "-") + ".1":
            assert all(typed in shown for typed, _ in examples)


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
@pytest.mark.parametrize("page", PAGES)
def test_mandoc_has_nothing_to_say_about_a_page(page):
    assert run("mandoc", "-Tlint", "-W", "warning", f"man/{page}").stdout == ""


def run(*command):
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True
    )
