"""What a bug report needs: versions, paths, the library, models, and what is missing."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

from espr import __version__
from espr.catalog.connection import connect_read, sqlite_errors_as_espr
from espr.catalog.locations import library_path, permitted
from espr.catalog.lock import lock_holder
from espr.catalog.sound import outdated_by
from espr.checksums import file_sha256
from espr.errors import NO_LIBRARY, EsprError
from espr.indexing.workers import core_count
from espr.paths import ASSETS, cache_folder, data_folders

SCHEMA = "espr.doctor/1"
PACKAGES = (
    *("numpy", "scipy", "torch", "faiss-cpu", "soundfile", "soxr", "av", "librosa", "gensim"),
    *("safetensors", "tinytag", "chardet", "rapidfuzz", "typer", "click", "rich"),
    *("platformdirs", "filelock"),
)
# Distribution → what it is for; without it the rest works.
OPTIONAL = {
    "transformers": 'sentence encoders: pip install "espr[sentences]"',
    "matplotlib": 'figures of evaluations: pip install "espr[figures]"',
}
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def diagnose(library: str | os.PathLike[str] | None = None) -> dict[str, Any]:
    """The document that ``espr doctor --json`` prints; it needs no library to be there."""
    path = library_path(library)
    return {
        "schema": SCHEMA,
        "espr": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": core_count(),
        "threads": {name: os.environ[name] for name in _THREADS if name in os.environ},
        "packages": {name: _version(name) for name in PACKAGES},
        "optional": {name: _version(name) for name in OPTIONAL},
        "libsndfile": _libsndfile(),
        "sqlite": sqlite3.sqlite_version,
        "paths": {
            "program": os.fspath(Path(__file__).parents[1]),
            "python": sys.executable,
            "library": os.fspath(path),
            "data": [os.fspath(folder) for folder in data_folders()],
            "cache": os.fspath(cache_folder()),
        },
        "library": _library(path),
        "models": _models(),
        "assets": _assets(),
    }


def _version(distribution: str) -> str | None:
    """Its version, without importing it."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _libsndfile() -> str | None:
    try:
        import soundfile
    except (ImportError, OSError):  # OSError: the library itself is missing
        return None
    return str(soundfile.__libsndfile_version__)


def _library(path: Path) -> dict[str, Any]:
    """How the library is; nothing is changed, and nothing but its size is taken for granted."""
    there = os.path.lexists(path)
    # not Path.is_dir, which raises where a folder cannot be entered
    folder = next((each for each in path.parents if os.path.isdir(each)), Path("/"))
    found: dict[str, Any] = {
        "exists": there,
        "bytes": os.lstat(path).st_size if there else 0,
        "free_bytes": shutil.disk_usage(folder).free,
        "writable": permitted(path if there else folder, os.W_OK) and permitted(folder, os.W_OK),
        "writer": lock_holder(path),
        "problem": None,
        "taught": _taught(path),
    }
    try:
        connection = connect_read(path)
        try:
            with sqlite_errors_as_espr(path):
                found |= _state_of(connection)
        finally:
            connection.close()
    except EsprError as error:
        if error.exit_code != NO_LIBRARY:
            found["problem"] = str(error)
    return found


def _taught(library: Path) -> list[dict[str, Any]]:
    """What a listener taught the library, one entry a space."""
    from espr.retrieval.query_model import read_query_model
    from espr.retrieval.taught_model import taught_model_paths

    entries: list[dict[str, Any]] = []
    for path in taught_model_paths(library):
        try:
            model = read_query_model(path)
        except EsprError as error:
            entries.append({"file": os.fspath(path), "problem": str(error)})
            continue
        entries.append(
            {
                "file": os.fspath(path),
                "space": model.space.name,
                "text": model.text,
                "audio": model.audio,
                "descriptions": model.taught,
                "own_words": list(model.own_words),
            }
        )
    return entries


def _state_of(connection: sqlite3.Connection) -> dict[str, Any]:
    meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
    # counting the rows would take seconds in a library of a million recordings
    totals = dict(connection.execute("SELECT name, count FROM totals ORDER BY name").fetchall())
    analysed_by = {
        name.removeprefix("profiles "): count
        for name, count in totals.items()
        if name.startswith("profiles ") and count
    }
    return {
        "format": connection.execute("PRAGMA user_version").fetchone()[0],
        "made_by": meta.get("espr"),
        "journal": connection.execute("PRAGMA journal_mode").fetchone()[0],
        "recordings": totals.get("recordings analysed", 0),
        "unreadable": totals.get("recordings unreadable", 0),
        "analysed_by": analysed_by,
        "compared_by_older_rule": outdated_by(connection, meta),
    }


def _models() -> list[dict[str, Any]]:
    from espr.published.listing import DAMAGED_STATE, listed_models

    try:
        models = listed_models()
    except EsprError as error:
        return [{"name": "all", "kinds": [], "state": DAMAGED_STATE, "problem": str(error)}]
    return [
        {"name": model.name, "kinds": list(model.kinds), "state": model.state}
        | ({"problem": model.problem} if model.problem else {})
        for model in models
    ]


def _assets() -> dict[str, str]:
    """Each included file that has a digest → ``ok``, ``damaged`` or ``missing``."""
    states = {}
    for entry in sorted(ASSETS.glob("*.toml")):
        try:
            digests = tomllib.loads(entry.read_text("utf-8")).get("sha256", {})
        except (OSError, ValueError):
            states[entry.name] = "damaged"
            continue
        if isinstance(digests, str):  # of the one file that is named like its entry
            digests = {f"{entry.stem}.safetensors": digests}
        for name, digest in digests.items():
            states[name] = _state(ASSETS / name, digest)
    return states


def _state(path: Path, digest: str) -> str:
    try:
        whole = file_sha256(path) == digest
    except OSError:
        return "missing"
    return "ok" if whole else "damaged"
