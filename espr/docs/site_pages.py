"""Pages that the site of ``make docs`` takes from the code: commands, models, Python, JSON.

A hook of mkdocs (``.mkdocs.yml``); it is no part of the package. Links are written as they work in
the repository, and turned here into links of the site.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import typer

import espr
from espr.cli.app import app
from espr.cli.manual import command_contexts
from espr.cli.manual_texts import EXAMPLES, EXIT_CODES, FILES, SECTIONS, VARIABLES

ROOT = Path(__file__).parents[2]
DOCS = "espr/docs"
OTHER_PAGES = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "espr/evaluation/embeddings.md": "embeddings.md",
}
CARDS = sorted((ROOT / "espr" / "assets").rglob("*.md"))
# Beside the names of ``espr`` itself: what they return, and what one may write for them.
RETURNED = (
    "espr.retrieval.results.Ranking",
    "espr.retrieval.results.Result",
    "espr.retrieval.recording_profile.Portrait",
    "espr.audio.encoder.AudioEncoder",
    "espr.audio.encoder.Windows",
    "espr.embeddings.encoder.TextEncoder",
    "espr.retrieval.query_model.QueryModel",
    "espr.indexing.run.Listener",
    "espr.indexing.run.Summary",
)
_LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)")


def on_config(config: Any) -> Any:
    """Say the version, and list the pages of commands and models."""
    config.extra["version"] = espr.__version__
    config.site_description += f" Version {espr.__version__}."
    own = {"Commands": list(commands()), "Models": list(cards())}
    config.nav = [
        {title: own.get(title, page)} for entry in config.nav for title, page in entry.items()
    ]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are made."""
    from mkdocs.structure.files import File

    made = {
        **{page: command_page(context) for page, context in commands().items()},
        **{page: card.read_text("utf-8") for page, card in cards().items()},
        "commands/index.md": commands_page(),
        "python.md": python_page(),
        "json.md": json_page(),
        **{page: (ROOT / path).read_text("utf-8") for path, page in OTHER_PAGES.items()},
    }
    for page, text in made.items():
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Turn links of the repository into those of the site; what the site has not loses its link."""
    sources = {path: source for source, path in source_pages().items()}
    here = page.file.src_uri
    source = sources.get(here, f"{DOCS}/{here}")
    return relinked(markdown, source, here)


def source_pages() -> dict[str, str]:
    """Path in the repository → path in the site, of files that lie outside of ``espr/docs``."""
    pages = {os.fspath(card.relative_to(ROOT)): page for page, card in cards().items()}
    return pages | OTHER_PAGES


def relinked(markdown: str, source: str, page: str) -> str:
    """The text of a file of the repository as the text of a page of the site."""
    pages = source_pages()

    def link(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), match[1]))
        if target.startswith(f"{DOCS}/"):
            site = target.removeprefix(f"{DOCS}/")
        elif target in pages:
            site = pages[target]
        elif (ROOT / target).exists():
            return ""
        else:
            return match[1]
        return posixpath.relpath(site, posixpath.dirname(page) or ".")

    found = _LINK.sub(link, markdown)
    return re.sub(r"\[([^]]+)\]\(\)", r"\1", found)


def cards() -> dict[str, Path]:
    """Page → model card; ``query_models/glove.signal.md`` is named like the others."""
    return {f"models/{card.name}": card for card in CARDS}


def commands() -> dict[str, click.Context]:
    """Page → command: one page per command, with all below it."""
    top = click.Context(typer.main.get_command(app), info_name="espr")
    found = {}
    for context in command_contexts(top):
        if context.parent is top:
            found[f"commands/{context.info_name}.md"] = context
    return found


def commands_page() -> str:
    """What `man espr` says."""
    top = click.Context(typer.main.get_command(app), info_name="espr")
    lines = ["# Commands", "", "The same as the manual pages (`man espr`).", "", *help_of(top), ""]
    lines += [
        f"- [`{context.command_path}`]({context.info_name}.md): "
        f"{context.command.get_short_help_str(limit=200)}"
        for context in commands().values()
    ]
    for title, rows in (("Exit codes", EXIT_CODES), ("Environment", VARIABLES), ("Files", FILES)):
        lines += ["", f"## {title}", "", *definitions(rows)]
    return "\n".join(lines)


def command_page(context: click.Context) -> str:
    """A command and those below it."""
    blocks = []
    for each in command_contexts(context):
        level = "#" * (1 if each is context else 2)
        command = each.command_path
        lines = [f"{level} {command}", "", *help_of(each)]
        sections = list(SECTIONS.get(command, ()))
        sections += [("EXAMPLES", EXAMPLES[command])] if command in EXAMPLES else []
        for title, rows in sections:
            heading = re.sub(r"Json|csv", lambda name: name[0].upper(), title.capitalize())
            lines += ["", f"{level}# {heading}", "", *definitions(rows)]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def help_of(context: click.Context) -> Iterator[str]:
    """Usage, description, arguments and options of a command."""
    usage = " ".join(context.command.collect_usage_pieces(context))
    yield f"    {context.command_path} {usage}"
    yield ""
    yield from (context.command.help or "").splitlines()
    rows = []
    for parameter in context.command.get_params(context):
        if record := parameter.get_help_record(context):
            rows.append(record)
    yield ""
    yield from definitions(rows)


def definitions(rows: Any) -> Iterator[str]:
    """A table of names and meanings."""
    yield "| name | meaning |"
    yield "|---|---|"
    for name, meaning in rows:
        yield f"| {code(str(name))} | {cell(str(meaning))} |"


def code(text: str) -> str:
    """Text that is typed."""
    return f"`{text.replace('|', chr(0x2502))}`"


def cell(text: str) -> str:
    """Text in a table: nothing of it is markup."""
    return re.sub(r"([\\`*_{}\[\]<>|])", r"\\\1", text)


def python_page() -> str:
    """The public names, and the types that they return."""
    homes = [f"{home}.{name}" for name, home in espr._HOMES.items()]
    lines = ["# Python", "", "```python", "import espr", "```", ""]
    lines += ["What is listed here stays; everything else may move.", ""]
    for name in [*homes, *RETURNED]:
        lines += [f"::: {name}", ""]
    return "\n".join(lines)


def json_page() -> str:
    """The documents that commands print with --json, by schema."""
    lines = [
        "# JSON",
        "",
        "With `--json`, commands print documents that other programs may rely on: fields are "
        "added, never renamed. Each has a [JSON Schema](https://json-schema.org/) of draft "
        "2020-12, which is tested against what the commands print.",
    ]
    for path in sorted((ROOT / DOCS / "schemas").glob("*.json")):
        schema = json.loads(path.read_text("utf-8"))
        lines += ["", f"## {schema['title']}", "", f"{schema['description']}"]
        lines += ["", f"[{path.name}](schemas/{path.name})", ""]
        lines += definitions(fields(schema))
    return "\n".join(lines)


def fields(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The outermost fields of a document, and what is said of them."""
    for variant in schema.get("oneOf", [schema]):
        for name, value in variant["properties"].items():
            yield name, value.get("description", "")
