"""Prints the oldest versions that pyproject.toml allows, as constraints: what test-oldest installs.

``python tests/oldest_versions.py > constraints-oldest.txt``; it needs Python alone.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
_REQUIREMENT = re.compile(r"([\w.-]+)(?:\[[\w,-]+\])?>=([\w.]+)")


def oldest_versions() -> dict[str, str]:
    """Distribution → the oldest version, for everything that an installation without extras has."""
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    found = {}
    for requirement in project["dependencies"]:
        match = _REQUIREMENT.match(requirement)
        if match is None:
            raise SystemExit(f"{requirement!r} in pyproject.toml has no oldest version")
        found[match[1]] = match[2]
    return found


if __name__ == "__main__":
    for name, version in oldest_versions().items():
        print(f"{name}=={version}")
    # tests want it, and later ones do not go with the oldest safetensors: pip would read them all
    print("transformers<4.50")
