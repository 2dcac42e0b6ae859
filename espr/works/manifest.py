"""The manifest of `--pieces pieces.csv`: the user's own word on pieces and performers."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import NamedTuple

from espr.errors import EsprError


class ManifestEntry(NamedTuple):
    """One line of a manifest; `performer` may be empty."""

    piece: str
    performer: str


def read_manifest(path: str | Path) -> dict[str, ManifestEntry]:
    """Absolute path → piece and performer, from a CSV with the columns path, piece, performer.

    A relative path is relative to the manifest's folder; the performer may be left out. A comma
    or a semicolon divides the columns, as spreadsheets write them.
    """
    source = Path(path)
    try:
        return _entries(source, source.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
        reason = getattr(error, "strerror", None) or reason
        raise EsprError(f"cannot read the manifest {source}: {reason}") from error


def _entries(source: Path, text: str) -> dict[str, ManifestEntry]:
    lines = text.splitlines()
    divider = ";" if lines and ";" in lines[0] and "," not in lines[0] else ","
    reader = csv.DictReader(lines, delimiter=divider, skipinitialspace=True)
    columns = {name.strip().lower(): name for name in reader.fieldnames or () if name}
    if not {"path", "piece"} <= set(columns):
        raise EsprError(f"{source}: the first line must name the columns path, piece, performer")
    entries = {}
    for number, row in enumerate(reader, start=2):
        place = (row[columns["path"]] or "").strip()
        piece = (row[columns["piece"]] or "").strip()
        if not place and not piece:
            continue
        if not place or not piece:
            raise EsprError(f"{source}, line {number}: path and piece must both be given")
        if "\0" in place:
            raise EsprError(f"{source}, line {number}: no path has a zero byte")
        performer = (row.get(columns.get("performer", "")) or "").strip()
        absolute = os.path.abspath(os.path.join(source.parent, os.path.expanduser(place)))
        entries[absolute] = ManifestEntry(piece, performer)
    return entries
