"""Which recordings are performances of the same piece: the first rule that fires decides."""

from __future__ import annotations

import csv
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from espr.errors import EsprError
from espr.library.tags import Tags

RULES = ("manifest", "work-id", "work+movement", "composer+title", "file-name", "folder")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one recording: its row id, its absolute path, its tags, its start in s."""

    id: int
    path: str
    tags: Tags
    start: float = 0.0


@dataclass(frozen=True, slots=True)
class Assignment:
    """The piece that a recording was found to be: `key` is equal for performances of one piece."""

    id: int
    key: str
    rule: str
    title: str
    composer: str
    performer: str


class ManifestEntry(NamedTuple):
    """One line of `--pieces pieces.csv`."""

    piece: str
    performer: str


NO_MANIFEST: Mapping[str, ManifestEntry] = MappingProxyType({})


def group(
    recordings: Sequence[Facts], manifest: Mapping[str, ManifestEntry] = NO_MANIFEST
) -> list[Assignment]:
    """Assign every recording to a piece; one assignment a recording, in the same order."""
    assignments = []
    for facts in recordings:
        folder, name = os.path.split(facts.path)
        piece, _, performer = os.path.splitext(name)[0].rpartition("_")
        key, rule = (f"name:{piece}", "file-name") if piece else (f"folder:{folder}", "folder")
        title = piece or os.path.basename(folder)
        assignments.append(Assignment(facts.id, key, rule, title, "", performer))
    return assignments


def read_manifest(path: str | Path) -> dict[str, ManifestEntry]:
    """Absolute path → piece and performer, from a CSV with the columns path, piece, performer.

    A relative path is relative to the manifest's folder.
    """
    source = Path(path)
    entries = {}
    with source.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if not {"path", "piece"} <= set(reader.fieldnames or ()):
            raise EsprError(f"{source}: the first line must name the columns path, piece, performer")
        for row in reader:
            entries[os.path.abspath(source.parent / row["path"])] = ManifestEntry(
                row["piece"], row.get("performer") or ""
            )
    return entries


def slug(title: str, composer: str) -> str:
    """A short readable name of ASCII letters, digits and hyphens."""
    folded = unicodedata.normalize("NFKD", f"{composer} {title}").encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", folded.lower()).strip("-") or "piece"


def unique_slugs(
    pieces: Iterable[tuple[str, str, str]], taken: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """Grouping key → slug for (key, title, composer); keys in `taken` keep the slug they have."""
    slugs = dict(taken)
    used = set(slugs.values())
    for key, title, composer in sorted(pieces):
        if key in slugs:
            continue
        name = base = slug(title, composer)
        number = 2
        while name in used:
            name, number = f"{base}-{number}", number + 1
        slugs[key] = name
        used.add(name)
    return slugs
