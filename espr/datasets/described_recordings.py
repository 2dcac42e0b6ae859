"""Described recordings from elsewhere: what a map from words to features may learn besides.

MusicCaps (Agostinelli et al., "MusicLM", 2023): its public table, and the clips that it captions
as the user has them, in files named by ``ytid``: the seconds ``start_s`` to ``end_s`` alone, or
the whole, of which they are cut. Pitchfork's reviews, or anything else, as a CSV file with the
columns ``audio`` and ``text``; ``piece`` and ``work`` may follow. PercePiano through its own
reader.

A recording that names a work takes no part in the folds that test this work.
"""

from __future__ import annotations

import ast
import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from espr.datasets.benchmark import Benchmark, Description, Performance
from espr.datasets.durations import seconds_of
from espr.errors import EsprError
from espr.indexing.scan import PYAV_SUFFIXES, SUFFIXES

AUDIO = SUFFIXES | PYAV_SUFFIXES
_TOLERANCE = 1.0  # s by which a cut clip may be longer: frames, padding
_MUSICCAPS = ("ytid", "start_s", "end_s", "aspect_list", "caption")


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Described recordings; the piece of a performance is empty where there are none."""

    name: str
    performances: tuple[Performance, ...]
    descriptions: tuple[Description, ...]


def of_benchmark(benchmark: Benchmark) -> Augmentation:
    """A benchmark's performances and descriptions as an augmentation of another."""
    return Augmentation(benchmark.name, benchmark.performances, benchmark.descriptions)


def read_musiccaps(table: Path, folder: Path) -> Augmentation:
    """The captioned clips of which ``folder`` has the sound.

    Parameters
    ----------
    table : Path
        The published CSV file. A clip's description is its list of aspects and its caption.
    folder : Path
        Files named ``YTID``, or ``YTID_START`` or ``YTID_START_END``, which begin with the clip.
        Of one that is longer than its clip the clip is heard.

    Raises
    ------
    EsprError
        When the table is not the published one, or no clip has its sound there.
    """
    rows = _rows(table, _MUSICCAPS)
    heard = _audio_files(folder)
    # ids hold "_" themselves, so that a start can be told from an id only by the table
    found = []
    for row in rows:
        seconds = (row["start_s"], row["end_s"])
        stems = ("_".join((row["ytid"], *seconds[:more])) for more in range(3))
        path = next((heard[stem] for stem in stems if stem in heard), None)
        if path is not None:
            clip = _clip(path, row["ytid"], _number(table, seconds[0]), _number(table, seconds[1]))
            texts = (*_aspects(row["aspect_list"]), row["caption"])
            found.append((clip, texts))
    if not found:
        example = rows[0]["ytid"] if rows else "YTID"
        raise EsprError(
            f"{folder} has none of MusicCaps' {len(rows)} clips; they are files named by their "
            f"ytid, such as {example}.wav"
        )
    return _assembled("musiccaps", found)


def read_described(table: Path, folder: Path | None = None) -> Augmentation:
    """A CSV file of recordings and texts.

    Parameters
    ----------
    table : Path
        Columns ``audio`` and ``text``; ``piece`` and ``work`` if there are pieces with several
        takes. A work named as the benchmark names its own takes no part in testing that work.
    folder : Path, optional
        Where relative paths begin; the table's folder when left out.

    Raises
    ------
    EsprError
        When the table lacks a column, says nothing, or names a file that is not there.
    """
    found = []
    for number, row in enumerate(_rows(table, ("audio", "text")), start=2):
        if not row["text"].strip():
            continue
        path = (folder or table.parent) / row["audio"]
        if not os.path.isfile(path):  # False of a name that no file can have, too
            raise EsprError(f"{table}, line {number}: no recording at {path}")
        piece, work = row.get("piece") or "", row.get("work") or row.get("piece") or ""
        found.append((Performance(piece, path.stem, work, path), (row["text"],)))
    if not found:
        raise EsprError(f"{table} describes no recording")
    return _assembled(table.stem, found)


def _clip(path: Path, ytid: str, start: float, end: float) -> Performance:
    """The whole file, or the clip in one that is longer."""
    length = seconds_of(path)
    if length is None or length <= end - start + _TOLERANCE:
        return Performance("", path.stem, "", path)
    # what ends before the clip does is not the whole: it begins with the clip
    is_whole = path.stem == ytid and length >= end - _TOLERANCE
    first = start if is_whole else 0.0
    return Performance("", path.stem, "", path, first, first + end - start)


def _number(table: Path, cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise EsprError(f"{table}: {cell!r} is no time in seconds") from None


def _assembled(name: str, found: Sequence[tuple[Performance, tuple[str, ...]]]) -> Augmentation:
    """One recording may be described in several rows: it is heard and counted once."""
    places: dict[tuple[Path, float], int] = {}
    performances: list[Performance] = []
    descriptions = []
    for performance, texts in found:
        place = places.setdefault((performance.audio, performance.start), len(places))
        if place == len(performances):
            performances.append(performance)
        terms = tuple((text.strip(), 1.0) for text in texts if text.strip())
        if terms:
            descriptions.append(Description(place, terms))
    return Augmentation(name, tuple(performances), tuple(descriptions))


def _aspects(cell: str) -> tuple[str, ...]:
    """The aspects, published as a Python list of texts; parsed, never evaluated."""
    try:
        aspects = ast.literal_eval(cell.strip() or "[]")
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return (cell,)
    return tuple(str(one) for one in aspects) if isinstance(aspects, list) else (cell,)


def _audio_files(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise EsprError(f"no folder of recordings at {folder}")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in AUDIO)
    return {path.stem: path for path in files}


def _rows(table: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    if not table.is_file():
        raise EsprError(f"no table at {table}")
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise EsprError(
                    f"{table} has no column {', '.join(missing)}; its columns are "
                    + ", ".join(columns)
                )
            return [{name: cell or "" for name, cell in row.items() if name} for row in reader]
    except OSError as error:
        raise EsprError(f"cannot read {table}: {error.strerror or error}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise EsprError(f"{table} is not a UTF-8 CSV file: {error}") from error
