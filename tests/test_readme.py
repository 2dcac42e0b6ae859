"""The README says what the program says: commands, features, links, Python; and is short."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from espr.catalog.locations import VARIABLE
from espr.cli.app import app
from espr.cli.manual_texts import EXAMPLES
from espr.features import MIDLEVEL_PLUS
from tests.signals import write_phrase
from tests.synthetic_library import MANNERS, Builder

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language, text=README):
    """The contents of the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def table(heading):
    """The rows of the table whose first heading this is."""
    _, _, rest = README.partition(f"| {heading} |")
    rows = rest.split("\n\n")[0].splitlines()[2:]
    cells = (re.split(r"(?<!\\)\|", row.strip("|")) for row in rows)
    return [[cell.strip().replace("\\|", "|") for cell in row] for row in cells]


def typed_in(text):
    """Every command of ESPR that a block of a page tells the reader to type."""
    for block in [*blocks("sh", text), *blocks("console", text)]:
        for line in block.splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True) if "espr" in line else []
            if words[:1] == ["espr"]:
                yield words[1:]


@pytest.mark.parametrize("words", list(typed_in(README)), ids=" ".join)
def test_every_command_is_one_that_can_be_typed(words):
    command, context = typer.main.get_command(app), None
    name = "espr"
    while True:
        # parses and checks the arguments, and runs nothing
        context = command.make_context(name, words, parent=context)
        words = [*context._protected_args, *context.args]
        if not words or not hasattr(command, "resolve_command"):
            break
        name, command, words = command.resolve_command(context, words)


def test_there_are_commands_to_check():
    assert len(list(typed_in(README))) >= 8


def test_the_features_are_those_of_the_space():
    assert table("feature") == [
        [feature.name.replace("_", " "), f"{feature.low} … {feature.high}", feature.meaning]
        for feature in MIDLEVEL_PLUS.features
    ]


def test_completions_are_set_up_as_the_manual_says():
    lines = [row[2].strip("`") for row in table("shell")]
    assert lines == [line for line, _ in EXAMPLES["espr completions"]]


def test_every_link_to_a_file_leads_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_it_is_short():
    assert len(README.split()) <= 1500


def test_the_python_runs(tmp_path, monkeypatch, capsys):
    builder = Builder(tmp_path / "library.espr")
    for performer, manner in MANNERS.items():
        builder.add("bach", performer, manner)
    builder.close()
    monkeypatch.setenv(VARIABLE, str(builder.path))
    monkeypatch.chdir(tmp_path)
    write_phrase("take.flac", 6.0)
    (code,) = blocks("python")
    names: dict[str, object] = {}
    exec(code, names)
    assert len(capsys.readouterr().out.splitlines()) == len(MANNERS)
    assert names["vector"].shape == (300,) and names["profile"].shape == (13,)
    assert names["windows"].features.shape[1] == 12
