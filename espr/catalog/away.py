"""Drives that were away when a library was last indexed.

The folders on them are remembered beside the recordings, which are kept but not ranked; and so is
on which file system each folder lay, by which the next scan knows a drive that is away.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from espr.catalog.catalog import Catalog

AWAY, DEVICES = "away", "devices"  # keys in meta


def read_away_folders(catalog: Catalog) -> dict[str, int]:
    """The folders that were away → the last recording that was known when they went.

    What is known of such a folder since lay in the place of the drive, not on it.
    """
    return dict(json.loads(catalog.meta().get(AWAY, "{}")))


def read_devices(catalog: Catalog) -> dict[str, int]:
    """The number of the file system of each folder that was indexed, and of mounts below."""
    return dict(json.loads(catalog.meta().get(DEVICES, "{}")))


def store_folders(catalog: Catalog, devices: Mapping[str, int], away: Mapping[str, int]) -> None:
    """Remember both; nothing is written when they are known."""
    known = catalog.meta()
    changed = {}
    for key, value in ((DEVICES, devices), (AWAY, away)):
        # ASCII: a name that is not UTF-8 is escaped
        text = json.dumps(dict(sorted(value.items())))
        if known.get(key, "{}") != text:
            changed[key] = text
    if changed:
        with catalog.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", list(changed.items())
            )


def lies_in(path: str, folders: Iterable[str]) -> bool:
    """Whether ``path`` is one of ``folders`` or below one."""
    return any(
        path == folder or path.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders
    )


def is_away(path: str, folders: Iterable[str]) -> bool:
    """Whether a recording lies in one of the folders that were away, and is not back."""
    return lies_in(path, folders) and not os.path.exists(path)
