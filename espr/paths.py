"""Where ESPR looks for what it ships and what users gave it, and keeps what can be made again."""

from __future__ import annotations

import os
from pathlib import Path

ASSETS = Path(__file__).parent / "assets"


def shipped_words(name: str) -> list[str]:
    """The words of a list in ``espr/assets``, in its order."""
    return (ASSETS / f"{name}.txt").read_text("utf-8").split()


def data_folders() -> list[Path]:
    """Where published data are looked for: ``ESPR_DATA``, then the user's data directory."""
    from platformdirs import user_data_dir

    chosen = os.environ.get("ESPR_DATA")
    own = Path(user_data_dir("espr", appauthor=False))
    return [Path(chosen).expanduser(), own] if chosen else [own]


def cache_folder() -> Path:
    """What can be deleted at any time: ``ESPR_CACHE``, else the user's cache directory."""
    from platformdirs import user_cache_dir

    chosen = os.environ.get("ESPR_CACHE")
    return Path(chosen).expanduser() if chosen else Path(user_cache_dir("espr", appauthor=False))
