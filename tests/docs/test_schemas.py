"""The published schemas are of what commands print: every field, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import typer
from jsonschema import Draft202012Validator

from espr.cli.app import app
from espr.cli.manual import command_contexts
from tests.analyse_here import analyse_here
from tests.signals import write_phrase
from tests.typed import Espr

SCHEMAS = Path(__file__).parents[2] / "espr" / "docs" / "schemas"
# Command → the schema of its documents, and what is typed after it, in the folder of the music.
TYPED: dict[str, tuple[str, list[list[str]]]] = {
    "espr index": ("index", [["."], [".", "--dry-run"]]),
    "espr query": (
        "query",
        [
            ["shy, not hard, slightly slow", "--piece", "bach"],
            ["more dreamy than dry", "--weight", "articulation=2"],
            ["--like", "Gould"],
            ["wistfull, under 4 minutes"],
        ],
    ),
    "espr show": ("show", [["gould bach"]]),
    "espr compare": ("compare", [["--piece", "bach"]]),
    "espr words": ("words", [["innig", "wistfull", "--between", "dry", "flowing"]]),
    "espr pieces": ("pieces", [[]]),
    "espr pieces show": ("pieces", [["bach"]]),
    "espr pieces doubts": ("doubts", [[]]),
    "espr models": ("models", [[]]),
    "espr check": ("check", [[]]),
    "espr repair": ("repair", [[]]),
    "espr doctor": ("doctor", [[]]),
    "espr evaluate": ("evaluate", [["--controls", "--model", "paper", "--text", "glove"]]),
}


def commands_with_json() -> set[str]:
    """Every command that has the option --json."""
    espr = click.Context(typer.main.get_command(app), info_name="espr")
    return {
        context.command_path
        for context in command_contexts(espr)
        if any("--json" in parameter.opts for parameter in context.command.params)
    }


def read_schema(name: str) -> dict[str, Any]:
    """A published schema."""
    schema: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    return schema


def closed(schema: Any) -> Any:
    """The same, with no place for a field that it does not name."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        found.setdefault("additionalProperties", False)
    return found


def documents(out: str) -> Iterator[Any]:
    """What was printed: one document, or one per line."""
    decoder = json.JSONDecoder()
    while out := out.lstrip():
        document, end = decoder.raw_decode(out)
        yield document
        out = out[end:]


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    """Four performances of two pieces, indexed, and a file that cannot be read."""
    folder = tmp_path_factory.mktemp("music")
    for seed, name in enumerate(
        ("bach prelude_Gould", "bach prelude_Hess", "elise_Ida", "elise_Ney")
    ):
        write_phrase(folder / f"{name}.wav", 6.0, seed)
    (folder / "broken.wav").write_bytes(b"RIFF")
    return folder


@pytest.fixture
def espr(music, monkeypatch, capsys):
    monkeypatch.chdir(music)
    monkeypatch.setenv("ESPR_LIBRARY", str(music / "library.espr"))
    monkeypatch.setenv("XDG_DATA_HOME", str(music / "data"))
    analyse_here(monkeypatch)
    typed = Espr(monkeypatch, capsys)
    if not (music / "library.espr").exists():
        typed("index", str(music), "--quiet")
    return typed


def test_every_command_with_json_has_a_schema():
    assert commands_with_json() == set(TYPED)
    assert {path.stem for path in SCHEMAS.glob("*.json")} == {name for name, _ in TYPED.values()}


@pytest.mark.parametrize("name", sorted({name for name, _ in TYPED.values()}))
def test_a_schema_is_one(name):
    Draft202012Validator.check_schema(read_schema(name))


@pytest.mark.parametrize("command", sorted(set(TYPED) - {"espr evaluate"}))
def test_what_is_printed_has_the_fields_of_the_schema_and_no_other(espr, command):
    name, variants = TYPED[command]
    validator = Draft202012Validator(closed(read_schema(name)))
    for typed in variants:
        out = espr(*command.split()[1:], *typed, "--json").out
        printed = list(documents(out))
        assert printed
        for document in printed:
            validator.validate(document)


def test_an_evaluation(run_evaluate):
    name, ((*typed,),) = TYPED["espr evaluate"]
    (document,) = documents(run_evaluate(*typed, "--json"))
    Draft202012Validator(closed(read_schema(name))).validate(document)
