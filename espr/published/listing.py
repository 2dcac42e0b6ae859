"""The audio and text models: included, added, and available."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import Any

from espr.audio.encoder import DEFAULT_AUDIO
from espr.embeddings.encoder import DEFAULT_TEXT
from espr.errors import EsprError
from espr.published.registry import PUBLISHED, SHIPPED, PublishedModel, ShippedModel
from espr.published.store import find_installed

SCHEMA = "espr.models/1"
INCLUDED_STATE, ADDED_STATE = "included", "added"
AVAILABLE_STATE, DAMAGED_STATE = "available", "damaged"


@dataclass(frozen=True, slots=True)
class Listed:
    """A model and how it stands with it here.

    Attributes
    ----------
    state : str
        ``included``, ``added``, ``available`` (it can be added) or ``damaged``.
    default : bool
        It is taken when no other is named.
    size : int
        Bytes on disk; 0 when it has no files.
    published : str
        Where, for a model that ESPR does not ship.
    figures : dict
        What its registry entry says it reaches.
    problem : str
        Why it is damaged.
    """

    name: str
    what: str
    kinds: tuple[str, ...]
    state: str
    default: bool
    licence: str
    citation: str
    dimension: int
    size: int
    published: str = ""
    file: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    problem: str = ""

    def document(self) -> dict[str, Any]:
        """As ``espr models --json`` prints it."""
        return {
            "name": self.name,
            "kinds": list(self.kinds),
            "what": self.what,
            "state": self.state,
            "default": self.default,
            "licence": self.licence,
            "citation": self.citation or None,
            "dimension": self.dimension,
            "bytes": self.size,
            "published": self.published or None,
            "file": self.file or None,
            "figures": self.figures,
            "problem": self.problem or None,
        }


def listed_models() -> list[Listed]:
    """All models: those included in this version first."""
    own = [_shipped(model) for model in SHIPPED]
    return [model for model in own if model] + [_published(m) for m in PUBLISHED.values()]


def _shipped(model: ShippedModel) -> Listed | None:
    from espr.paths import ASSETS

    entry: dict[str, Any] = {"licence": "Apache-2.0, as ESPR"}
    path = ASSETS / model.entry
    if model.entry:
        if not path.is_file():  # this version has none
            return None
        try:
            entry = tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise EsprError(
                f"cannot read {path}: {error}; fix it with: pip install --force-reinstall espr"
            ) from error
    digests = entry.get("sha256", {})  # one for each file, or that of the weights
    names = list(digests) if isinstance(digests, dict) else [f"{model.name}.safetensors"]
    files = [ASSETS / name for name in names]
    return Listed(
        name=model.name,
        what=model.what,
        kinds=model.kinds,
        state=INCLUDED_STATE,
        default=model.name in (DEFAULT_AUDIO, DEFAULT_TEXT),
        licence=str(entry.get("licence", "")),
        citation=str(entry.get("citation", "")),
        dimension=model.dimension or int(entry.get("dimension", 0)),
        size=sum(file.stat().st_size for file in files if file.is_file()),
        figures=dict(entry.get("figures", {})),
    )


def _published(model: PublishedModel) -> Listed:
    state, size, problem = AVAILABLE_STATE, 0, ""
    try:
        installed = find_installed(model.name)
    except (EsprError, OSError) as error:  # OSError: a folder that cannot be entered
        state, problem = DAMAGED_STATE, str(error)
    else:
        if installed is not None:
            state, size = ADDED_STATE, installed.size
    return Listed(
        name=model.name,
        what=model.what,
        kinds=model.kinds,
        state=state,
        default=False,
        licence=model.licence,
        citation=model.citation,
        dimension=model.dimension,
        size=size,
        published=model.published,
        file=model.file,
        problem=problem,
    )
