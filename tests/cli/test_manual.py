"""Manual pages and completion scripts: what the commands say, and what their readers take."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from espr import errors
from espr.cli import app, manual

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
    assert {code for code, _ in manual.EXIT_CODES} == codes


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
@pytest.mark.parametrize("page", PAGES)
def test_groff_has_nothing_to_say_about_a_page(page):
    done = run("groff", "-man", "-ww", "-Tutf8", f"man/{page}")
    assert done.stderr == ""
    shown = re.sub(r".\x08|\x1b\[\d+m", "", done.stdout)
    assert "EXIT STATUS" in shown
    for command, examples in manual.EXAMPLES.items():
        if page == command.replace(" ", "-") + ".1":
            assert all(typed in shown for typed, _ in examples)


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
@pytest.mark.parametrize("page", PAGES)
def test_mandoc_has_nothing_to_say_about_a_page(page):
    assert run("mandoc", "-Tlint", "-W", "warning", f"man/{page}").stdout == ""


def run(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
