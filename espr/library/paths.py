"""Where the library lies: ``--library``, else ``ESPR_LIBRARY``, else the user's data directory."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "ESPR_LIBRARY"
FILE_NAME = "library.espr"


def library_path(option: str | os.PathLike[str] | None = None) -> Path:
    """The absolute path of the library; ``option`` wins over the environment."""
    chosen = os.fspath(option) if option else os.environ.get(VARIABLE, "")
    if not chosen:
        from platformdirs import user_data_dir

        chosen = os.path.join(user_data_dir("espr", appauthor=False), FILE_NAME)
    return Path(os.path.abspath(os.path.expanduser(chosen)))
