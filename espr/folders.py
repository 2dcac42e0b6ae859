"""Where ESPR looks for what the user gave it, and where it keeps what can be made again."""

from __future__ import annotations

import os
from pathlib import Path


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
