"""What lies beside a library: is it of this library, current, and whole?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from espr.catalog.locations import index_path
from espr.errors import EsprError
from espr.features import SPACES
from espr.whole_files import drafts_of

if TYPE_CHECKING:
    from espr.catalog.catalog import Catalog


def stale_caches(catalog: Catalog) -> Iterator[tuple[Path, str]]:
    """Files beside the library that would not be used, and why."""
    for relative in (False, True):
        path = index_path(catalog.path, relative=relative)
        if path.exists() and (why := _stale(path, catalog.state())):
            yield path, f"the search index {why}; the next search makes it again"
        of_older_versions = path.parent.glob(f"{escape(path.name)}*.new")
        for leftover in sorted([*drafts_of(path), *of_older_versions]):
            yield leftover, "a search index was left half written"


def damaged_models(library: Path) -> Iterator[tuple[Path, str]]:
    """Query models that a listener taught this library, and that cannot be read; and why."""
    from espr.retrieval.query_model import read_query_model
    from espr.retrieval.taught_model import taught_model_path

    for space in SPACES.values():
        taught = taught_model_path(library, space)
        if taught.exists():
            try:
                read_query_model(taught)
            except EsprError as error:
                yield taught, str(error)


def _stale(path: Path, state: str) -> str:
    """Why a search index would not be used; empty when it would."""
    try:
        line, _, body = path.read_bytes().partition(b"\n")
        header = json.loads(line)
        digest, library = header["sha256"], str(header["library"])
    except (OSError, ValueError, KeyError, TypeError):
        return "cannot be read"
    if digest != hashlib.sha256(body).hexdigest():
        return "is not what was written"
    if library.split(" ")[0] != state.split(" ")[0]:
        return "is another library's"
    return "" if library == state else "is out of date"
