"""Completions and manual pages: the same as the commands, and understood by their readers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from espr import errors
from espr.catalog.locations import VARIABLE
from espr.cli import app, man_pages, shell_files
from espr.cli.shell_files import describe
from espr.cli.shell_files import shell_files as made
from tests.synthetic_library import build

ROOT = Path(__file__).parents[2]


def needs(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def run(*command, **environment):
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def test_making_them_again_changes_nothing():
    files = made()
    assert {name: (ROOT / name).read_text("utf-8") for name in files} == files
    present = {
        f"{folder}/{path.name}"
        for folder in ("completions", "man")
        for path in (ROOT / folder).iterdir()
    }
    assert present == set(files), "run: make shell-files"


def test_hints_about_values_are_of_things_that_exist():
    commands = list(describe(app.typer.main.get_command(app.app)).walk())
    known = {option.long for command in commands for option in command.options}
    known |= {argument.metavar for command in commands for argument in command.arguments}
    assert set(shell_files._VALUES) <= known


def test_every_exit_code_stands_in_the_manual():
    codes = {value for name, value in vars(errors).items() if name.isupper()}
    codes |= {app.UNEXPECTED, app.READER_GONE}
    assert {code for code, _ in man_pages.EXIT_CODES} == codes


@pytest.fixture(scope="module")
def fake_espr(tmp_path_factory):
    """A folder with an ``espr`` that knows two pieces, and says which library it was asked for."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "espr"
    program.write_text('#!/bin/sh\necho "$@" >> "$0.log"\nprintf "%s\\n" bach-prelude bach-fugue\n')
    program.chmod(0o755)
    return folder


@needs("bash")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("espr ", "index query show pieces train"),
        ("espr que", "query"),
        ("espr slu", ""),
        ("espr --v", "--version"),
        ("espr query --pi", "--piece"),
        ("espr query --piece ", "bach-prelude bach-fugue"),
        ("espr query soft -p bach-p", "bach-prelude"),
        ("espr query --piece = bach-f", "bach-fugue"),
        ("espr query --piece =", "bach-prelude bach-fugue"),
        ("espr query --space ", "midlevel midlevel+"),
        ("espr query --weight dyn", "dynamic_range="),
        ("espr query --top ", ""),
        ("espr query sof", ""),
        ("espr pieces ", "show rename merge assign"),
        ("espr pieces --library x re", "rename"),
        ("espr pieces merge bach-fugue bach", "bach-prelude bach-fugue"),
        ("espr pieces rename bach-fugue bach", ""),
        ("espr index READ", "README.md"),
        ("espr show --library READ", "README.md"),
    ],
)
def test_bash_completes(fake_espr, typed, expected):
    *words, current = typed.split(" ")
    script = (
        "source completions/espr.bash; COMP_WORDS=("
        + " ".join(f"'{word}'" for word in [*words, current])
        + f'); COMP_CWORD={len(words)}; _espr; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    done = run("bash", "-uc", script, PATH=f"{fake_espr}:{os.environ['PATH']}")
    offered = done.stdout.split()
    if "index" in expected:
        assert set(expected.split()) <= set(offered)
    else:
        assert offered == expected.split()


@needs("bash")
def test_bash_asks_the_library_that_was_named(fake_espr):
    script = (
        "source completions/espr.bash; COMP_WORDS=(espr query --library '~/a b.espr' -p '');"
        "COMP_CWORD=5; _espr"
    )
    run("bash", "-uc", script, PATH=f"{fake_espr}:{os.environ['PATH']}", HOME="/home/x")
    assert (fake_espr / "espr.log").read_text().endswith("slugs --library /home/x/a b.espr\n")


@needs("bash")
def test_bash_offers_every_command_and_option_of_every_command():
    script = (ROOT / "completions" / "espr.bash").read_text()
    for command in describe(app.typer.main.get_command(app.app)).walk():
        block = script.partition(f'    "{command.name}")\n        if')[2].partition(";;")[0]
        offered = set(re.findall(r"[\w-]+", block))
        assert {name for option in command.options for name in option.names} <= offered
        assert {below.path[-1] for below in command.commands} <= offered


@needs("fish")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("espr que", {"query"}),
        ("espr query --pi", {"--piece"}),
        ("espr query soft --piece bach", {"bach-prelude", "bach-fugue"}),
        ("espr query --space ", {"midlevel", "midlevel+"}),
        ("espr pieces --library x re", {"rename"}),
        ("espr pieces show bach-f", {"bach-fugue"}),
    ],
)
def test_fish_completes(fake_espr, typed, expected):
    script = f"source completions/espr.fish; complete -C '{typed}'"
    done = run("fish", "-N", "-c", script, PATH=f"{fake_espr}:{os.environ['PATH']}")
    assert {line.partition("\t")[0] for line in done.stdout.splitlines()} == expected


@needs("zsh")
def test_zsh_understands_its_script():
    run("zsh", "-n", "completions/_espr")


@needs("groff")
@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "man").iterdir()))
def test_a_manual_page_is_good_roff(page):
    done = run("groff", "-man", "-ww", "-Tutf8", f"man/{page}")
    assert done.stderr == ""
    shown = re.sub(r".\x08|\x1b\[\d+m", "", done.stdout)
    assert "EXIT STATUS" in shown
    for path, examples in man_pages.EXAMPLES.items():
        if page == "-".join(path) + ".1":
            assert all(typed in shown for typed, _ in examples)


def test_the_names_of_pieces_for_completion(tmp_path, monkeypatch, capsys):
    from espr.cli.slugs import slugs

    build(tmp_path / "library.espr").close()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "library.espr"))
    slugs(None)
    assert capsys.readouterr().out == "prelude\ntoccata\n"
    slugs(tmp_path / "none.espr")
    assert capsys.readouterr() == ("", "")
