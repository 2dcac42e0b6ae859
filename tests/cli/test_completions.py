"""What TAB puts in, asked by real shells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from espr.catalog.locations import VARIABLE
from espr.cli import completions
from tests.synthetic_library import Builder, vector
from tests.typed import PATIENCE, Espr

ROOT = Path(__file__).parents[2]


def needs(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a library, another library in "my music", and a program ``espr`` in bin."""
    folder = tmp_path_factory.mktemp("completions")
    for name in ("bin", "my music"):
        (folder / name).mkdir()
    program = folder / "bin" / "espr"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m espr "$@"\n')
    program.chmod(0o755)
    library = Builder(folder / "library.espr")
    for performer in ("Hélène Grimaud", "Argerich, Martha", "Gould's double", "王羽佳"):
        library.add("bach-prelude-bwv-846", performer, vector(), title="Prélude: in C")
        library.add("beethoven-fur-elise", performer, vector(), title="Für Elise")
    library.close()
    other = Builder(folder / "my music" / "other.espr")
    other.add("other-piece", "Solo", vector())
    other.close()
    for shell in ("bash", "fish", "zsh"):  # as its user has it, from the files that start it
        (folder / shell).write_text(run(folder, "espr", "completions", shell))
    return folder


CASES = [
    ("espr que", {"query"}),
    ("espr query --pi", {"--piece"}),
    ("espr query soft --piece ", {"bach-prelude-bwv-846", "beethoven-fur-elise"}),
    ("espr query soft -p BACH", {"bach-prelude-bwv-846"}),
    ("espr query --like Arg", {"Argerich, Martha"}),
    ("espr query --like 'Hél", {"Hélène Grimaud"}),
    ("espr show 王", {"王羽佳"}),
    ("espr query --weight art", {"articulation=2"}),
    ("espr query --space ", {"midlevel", "midlevel+"}),
    ("espr index --encoder sig", {"signal"}),
    ("espr evaluate --dataset ", {"con-espressione", "percepiano"}),
    ("espr pieces show --library 'my music/other.espr' ", {"other-piece"}),
    ("espr pieces --library my\\ music/other.espr show ", {"other-piece"}),
    ("espr pieces merge bach-prelude-bwv-846 beet", {"beethoven-fur-elise"}),
    ("espr query --library none.espr --piece ", set()),
    ("espr models add ", {"cp-resnet", "mtr"}),
    ("espr nosuch --pi", set()),
]


def run(folder, *command, **environment):
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=folder,
        env={
            **os.environ,
            "PATH": path,
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
            VARIABLE: str(folder / "library.espr"),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


def bash(folder, words, home=""):
    """What bash would put in for the last of ``words``, as it would put it in."""
    quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
    script = (
        "source ./bash; compopt() { :; }; "
        f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; "
        '_espr_completion espr; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    return run(folder, "bash", "-c", script, HOME=home or str(folder)).splitlines()


@needs("bash")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["espr", "que"], ["query"]),
        (["espr", "query", "-p", "bach"], ["bach-prelude-bwv-846"]),
        (["espr", "query", "--piece", "=", "bach"], ["bach-prelude-bwv-846"]),
        (["espr", "query", "--piece", "=", "bach-prelude-bwv-846", "--we"], ["--weight"]),
        (["espr", "query", "--weight", "articulation", "="], ["2"]),
        (["espr", "query", "--like", "Hél"], ["Hélène\\ Grimaud"]),
        (["espr", "query", "--like", '"Hél'], ["Hélène Grimaud"]),
        (["espr", "query", "--like", "gou"], ["Gould\\'s\\ double"]),
        (["espr", "pieces", "--library", "~/my\\ music/other.espr", "show", ""], ["other-piece"]),
        (
            ["espr", "pieces", "--library", '"$HOME/my music/other.espr"', "show", ""],
            ["other-piece"],
        ),
        (["espr", "query", "--library", "lib"], [""]),  # left to bash itself
    ],
    ids=lambda value: " ".join(value),
)
def test_bash(folder, words, expected):
    assert bash(folder, words) == expected


@needs("fish")
@pytest.mark.parametrize(("typed", "expected"), CASES)
def test_fish(folder, typed, expected):
    script = 'source ./fish; complete -C "$TYPED"'
    lines = run(folder, "fish", "-N", "-c", script, TYPED=typed).splitlines()
    assert {line.partition("\t")[0] for line in lines} == expected


@needs("fish")
def test_fish_completes_an_option_and_its_value_in_one_word(folder):
    script = 'espr completions fish | source; complete -C "espr query --piece=bach"'
    assert run(folder, "fish", "-N", "-c", script).startswith("--piece=bach-prelude-bwv-846\t")


@needs("zsh")
@pytest.mark.parametrize(("typed", "expected"), CASES)
def test_zsh(folder, typed, expected):
    script = """
        compdef() { :; }
        source ./zsh
        compadd() { print -rl -- $completions }
        _describe() { print -rl -- ${completions_with_descriptions%%:*} }
        words=("${(z)TYPED}") CURRENT=$#words
        _espr_completion
    """
    if typed.endswith(" "):
        script = script.replace('"${(z)TYPED}")', '"${(@z)TYPED}" "")')
    else:
        script = script.replace('"${(z)TYPED}")', '"${(@z)TYPED}")')
    assert set(run(folder, "zsh", "-fc", script, TYPED=typed).splitlines()) == expected


def test_a_name_may_be_known_by_one_of_its_words():
    names = [("bach-fugue", "Fugue in C"), ("fur-elise", "Für Elise"), ("x", "Élégie, Op. 3")]
    found = completions.matching(names, "eleg")
    assert [(item.value, item.help) for item in found] == [("x", "Élégie, Op. 3")]
    assert completions.matching(names, "c") != []
    assert completions.matching([*names, ("y", "Elegy")], "ele") == []  # two, without a beginning


def test_without_the_right_question_nothing_is_answered(monkeypatch, capsys):
    espr = Espr(monkeypatch, capsys)
    monkeypatch.setenv(completions.VARIABLE, "tcsh_complete")
    assert espr("--version")[1].startswith("espr ")


@pytest.mark.parametrize(
    "shell", [pytest.param(name, marks=needs(name)) for name in ("bash", "zsh", "fish")]
)
def test_the_script_leads_man_to_pages_of_an_installation(shell, tmp_path, monkeypatch, capsys):
    """A prefix with a blank and a quote, as uv or a virtual environment may have."""
    prefix = tmp_path / "l'outil d'Anne"
    pages = prefix / "share" / "man"
    (pages / "man1").mkdir(parents=True)
    shutil.copy(ROOT / "man" / "espr.1", pages / "man1")
    monkeypatch.setattr(sys, "prefix", str(prefix))
    script = tmp_path / "script"
    script.write_text(Espr(monkeypatch, capsys)("completions", shell).out)
    starts = "autoload -Uz compinit; compinit -u; " if shell == "zsh" else ""
    typed = f"{starts}source '{script}'; source '{script}'; env"
    for before, after in ((None, f":{pages}"), ("/own/man:", f"/own/man::{pages}")):
        monkeypatch.delenv("MANPATH", raising=False)
        if before is not None:
            monkeypatch.setenv("MANPATH", before)
        monkeypatch.setenv("HOME", str(tmp_path))
        done = subprocess.run([shell, "-c", typed], capture_output=True, text=True, check=False)
        assert f"MANPATH={after}" in done.stdout.splitlines(), done.stderr
