"""The pages of documentation: commands that can be typed, Python that runs, links that lead on."""

from __future__ import annotations

import re
import shlex

import pytest
import typer

import espr
from espr.cli.app import app
from espr.docs import site_pages
from tests.signals import write_phrase
from tests.test_readme import typed_in

DOCS = site_pages.ROOT / site_pages.DOCS
PAGES = {path.name: path.read_text("utf-8") for path in sorted(DOCS.glob("*.md"))}


@pytest.mark.parametrize(
    ("page", "words"), [(page, w) for page, text in PAGES.items() for w in typed_in(text)]
)
def test_every_command_is_one_that_can_be_typed(page, words):
    command, context, name = typer.main.get_command(app), None, "espr"
    while True:
        context = command.make_context(name, words, parent=context)  # runs nothing
        words = [*context._protected_args, *context.args]
        if not words or not hasattr(command, "resolve_command"):
            break
        name, command, words = command.resolve_command(context, words)


def test_inline_commands_are_commands():
    known = {context.info_name for context in site_pages.commands().values()}
    for page, text in PAGES.items():
        for typed in re.findall(r"`espr ([a-z]+)", text):
            assert typed in known, page


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_file_leads_somewhere(page):
    made = {*site_pages.commands(), *site_pages.cards(), *site_pages.OTHER_PAGES.values()}
    made |= {"commands/index.md", "python.md", "json.md"}
    for link in site_pages._LINK.findall(PAGES[page]):
        assert (DOCS / link).exists() or link in made, link


def test_links_of_the_repository_become_links_of_the_site():
    text = "[card](../assets/midlevel.md) [log](../../CHANGELOG.md#a) [code](../audio/decode.py)"
    expected = "[card](models/midlevel.md) [log](changelog.md#a) code"
    assert site_pages.relinked(text, "espr/docs/results.md", "results.md") == expected
    card = "[figures](../docs/results.md)"
    shown = site_pages.relinked(card, "espr/assets/midlevel.md", "models/midlevel.md")
    assert shown == "[figures](../results.md)"


def test_every_command_and_public_name_has_its_place():
    command = typer.main.get_command(app)
    visible = {name for name, one in command.commands.items() if not one.hidden}
    assert set(site_pages.commands()) == {f"commands/{name}.md" for name in visible}
    for page, context in site_pages.commands().items():
        text = site_pages.command_page(context)
        assert all(
            shlex.quote(option) in text
            for parameter in context.command.params
            if isinstance(parameter, typer.core.TyperOption) and not parameter.hidden
            for option in parameter.opts
        ), page
    named = re.findall(r"^::: (\S+)$", site_pages.python_page(), re.MULTILINE)
    assert {name.rpartition(".")[2] for name in named} >= set(espr.__all__) - {"__version__"}


def test_the_guide_s_python_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_phrase("take.flac", 6.0)
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGES["research.md"], re.DOTALL | re.MULTILINE)
    exec(code, {})
    assert capsys.readouterr().out.splitlines()[1:] == ["(1, 2)", "(1, 12)"]


def test_make_targets_that_pages_name_are_there():
    targets = set(re.findall(r"^([\w-]+):", (site_pages.ROOT / "Makefile").read_text(), re.M))
    texts = [*PAGES.values(), (site_pages.ROOT / "CONTRIBUTING.md").read_text("utf-8")]
    for text in texts:
        assert set(re.findall(r"`make ([\w-]+)", text)) <= targets
