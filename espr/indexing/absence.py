"""Is a recording that was not found deleted, or is its drive away?

A drive that is not mounted leaves an empty folder, a folder on another file system, or none at
all; a link to it leads nowhere. What lay there is kept until the drive is back, or the folder
that it left is deleted, or the user says that it is gone for good.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from espr.catalog.away import lies_in
from espr.indexing.scan import Scan

Devices = Mapping[str, int]


def away_folders(
    scan: Scan, found: Iterable[str], missing: Iterable[str], before: Devices
) -> set[str]:
    """The folders, of those that were scanned, that hold recordings whose drive seems to be away.

    Parameters
    ----------
    found, missing : iterable of str
        Paths that the catalog knows: where there is a file, and where there is none.
    before : dict
        ``scan.devices`` of the time when they were indexed.
    """
    gone = {*scan.empty_folders, *scan.dangling, *scan.unreadable}
    # Numbers of file systems change when a computer starts: what is still there shows how.
    renumbered = {
        (_device(before, folder), _device(scan.devices, folder))
        for folder in {os.path.dirname(path) for path in found}
    }
    away = set()
    for path in missing:
        folder = os.path.dirname(path)
        inside = next((place for place in gone if lies_in(path, [place])), None)
        if inside is not None:
            away.add(inside)
            continue
        then, now = _device(before, folder), _device(scan.devices, folder)
        if then is not None and now is not None and then != now and (then, now) not in renumbered:
            away.add(max(_top(before, folder), _top(scan.devices, folder), key=len))
    return away


def remember_devices(scan: Scan, before: Devices, away: Iterable[str]) -> dict[str, int]:
    """What the next scan is to be compared with: of what is away, what was known before."""
    away = list(away)
    kept = {
        folder: device
        for folder, device in before.items()
        if not scan.covers(folder) or lies_in(folder, away)
    }
    now = {folder: d for folder, d in scan.devices.items() if not lies_in(folder, away)}
    return {**kept, **now}


def _top(devices: Devices, folder: str) -> str:
    """The nearest of ``devices`` that is ``folder`` or above it, or ""."""
    while folder not in devices:
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above
    return folder


def _device(devices: Devices, folder: str) -> int | None:
    return devices.get(_top(devices, folder))
