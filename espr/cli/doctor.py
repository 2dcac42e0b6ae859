"""``espr doctor``: the details for a bug report."""

from __future__ import annotations

import sys
from typing import Any

from espr.cli.options import Json, LibraryFile


def doctor(
    as_json: Json = False,
    library: LibraryFile = None,
) -> None:
    """Print versions, paths, the library's state, models, and missing packages.

    Paste it into a bug report. The library itself is checked by espr check.
    """
    from espr.maintenance.diagnosis import diagnose

    found = diagnose(library)
    if as_json:
        from espr.cli.output.json_csv import json_text

        print(json_text(found, sys.stdout))
        return
    from espr.cli.output.terminal_safe import clean

    for name, value in _lines(found):
        print(f"{name:13}{clean(value)}")


def _lines(found: dict[str, Any]) -> list[tuple[str, str]]:
    from espr.maintenance.diagnosis import OPTIONAL

    threads = "".join(f", {name}={value}" for name, value in found["threads"].items())
    lines = [
        ("espr", f"{found['espr']} in {found['paths']['program']}"),
        ("python", f"{found['python']} at {found['paths']['python']}"),
        ("system", f"{found['system']}, {found['cores']} cores{threads}"),
        ("sqlite", found["sqlite"]),
        ("libsndfile", found["libsndfile"] or "missing: no recording can be read"),
    ]
    lines += [(name, version or "missing") for name, version in found["packages"].items()]
    lines += [
        (name, version or f"not installed; for {OPTIONAL[name]}")
        for name, version in found["optional"].items()
    ]
    lines += [("model", _model(model)) for model in found["models"]]
    lines += [("file", f"{name}: {state}") for name, state in found["assets"].items()]
    lines += [("data", folder) for folder in found["paths"]["data"]]
    lines.append(("cache", found["paths"]["cache"]))
    return lines + [("library", line) for line in _library(found["paths"]["library"], found)]


def _model(model: dict[str, Any]) -> str:
    problem = f": {model['problem']}" if "problem" in model else ""
    return f"{model['name']} ({', '.join(model['kinds'])}), {model['state']}{problem}"


def _library(path: str, found: dict[str, Any]) -> list[str]:
    library = found["library"]
    free = f"{library['free_bytes'] / 1e9:.1f} GB free"
    if not library["exists"]:
        return [path, f"{library['problem'] or 'not there yet'}, {free}"]
    lines = [path, f"{library['bytes'] / 1e6:.1f} MB, {free}"]
    if not library["writable"]:
        lines.append("cannot be written")
    if library["writer"]:
        lines.append(f"being written by {library['writer']}")
    if library["problem"]:
        return [*lines, library["problem"]]
    analysed = ", ".join(f"{count} by {name}" for name, count in library["analysed_by"].items())
    lines.append(
        f"format {library['format']}, made by ESPR {library['made_by']}, journal "
        f"{library['journal']}"
    )
    unreadable = library["unreadable"]
    lines.append(
        f"{library['recordings']} recordings analysed"
        + (f" ({analysed})" if analysed else "")
        + (f", {unreadable} unreadable" if unreadable else "")
    )
    if outdated := library["compared_by_older_rule"]:
        from espr.cli.output.terminal_safe import counted

        lines.append(
            f"{counted(outdated, 'recording')} compared by an older rule; the next espr index"
            " compares them again"
        )
    return lines + [_taught(entry) for entry in library["taught"]]


def _taught(entry: dict[str, Any]) -> str:
    if "problem" in entry:
        return f"taught, {entry['problem']}"
    own = f", own words: {', '.join(entry['own_words'])}" if entry["own_words"] else ""
    return (
        f"taught {entry['descriptions']} of your descriptions for {entry['text']}, "
        f"{entry['audio']}, {entry['space']}{own}"
    )
