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
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from espr.audio.formats import AUDIO_SUFFIXES
from espr.datasets.benchmark import Benchmark, Description, Performance
from espr.datasets.data_set import DataSet
from espr.datasets.durations import seconds_of
from espr.errors import EsprError

MUSICCAPS = DataSet(
    name="musiccaps",
    title="MusicCaps",
    table="musiccaps-public.csv",
    published="by Google on Kaggle, https://www.kaggle.com/datasets/googleai/musiccaps "
    "(Agostinelli et al. 2023)",
    place="its musiccaps-public.csv, and the clips' sound, which is the user's own, in files named "
    "by ytid in audio/ (or --augment-audio FOLDER),",
    licence="CC BY-SA 4.0 (captions)",
    bibtex="""@article{agostinelli2023musiclm,
  author  = {Agostinelli, Andrea and others},
  title   = {MusicLM: Generating Music From Text},
  journal = {arXiv preprint arXiv:2301.11325},
  year    = {2023}
}""",
    sha256={
        "musiccaps-public.csv": "2f5e321c05ade97f827b58a7b01b75ffbff344fa91d08fa3df7b9dd2e67079bc"
    },
)
PITCHFORK = DataSet(
    name="pitchfork",
    title="A table of reviews, such as Pitchfork's,",
    table="pitchfork.csv",
    published="nowhere with its sound: make a table of your own",
    place="pitchfork.csv, with the columns audio and text,",
    licence="the user's own",
)

AUDIO = AUDIO_SUFFIXES
_TOLERANCE = 1.0  # s by which a cut clip may be longer: frames, padding
_MUSICCAPS = ("ytid", "start_s", "end_s", "aspect_list", "caption")


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Described recordings; the piece of a performance is empty where there are none."""

    name: str
    performances: tuple[Performance, ...]
    descriptions: tuple[Description, ...]
    notes: tuple[str, ...] = ()
    """What could not be used and why, one line each."""


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
        Of one that is longer than its clip the clip is taken.

    Raises
    ------
    EsprError
        When the table is not the published one, or no clip has its sound there.
    """
    rows = _rows(table, _MUSICCAPS)
    files = _audio_files(folder)
    # ids hold "_" themselves: only the table says where an id ends and a start begins
    found, notes = [], []
    for number, row in rows:
        seconds = (row["start_s"], row["end_s"])
        stems = ("_".join((row["ytid"], *seconds[:more])) for more in range(3))
        path = next((files[stem] for stem in stems if stem in files), None)
        if path is None:
            continue
        try:
            clip = _clip(path, row["ytid"], *map(_seconds, seconds))
        except EsprError as error:
            notes.append(f"{table}, line {number}: {error}; left out")
            continue
        found.append((clip, (*_aspects(row["aspect_list"]), row["caption"])))
    if not found and notes:
        raise EsprError(f"no line of {table} can be used; {notes[0]}")
    if not found:
        example = rows[0][1]["ytid"] if rows else "YTID"
        raise EsprError(
            f"{folder} has none of MusicCaps' {len(rows)} clips; they are files named by their "
            f"ytid, such as {example}.wav"
        )
    return _assembled("musiccaps", found, notes)


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
        When the table lacks a column, or no line of it describes a recording that is there. A bad
        line costs that line, which a note names.
    """
    found, notes = [], []
    for number, row in _rows(table, ("audio", "text")):
        path = (folder or table.parent) / row["audio"]
        if not row["text"].strip():
            notes.append(f"{table}, line {number}: no text; left out")
            continue
        if not os.path.isfile(path):  # False of a name that no file can have, too
            notes.append(f"{table}, line {number}: no recording at {path}; left out")
            continue
        piece, work = row.get("piece") or "", row.get("work") or row.get("piece") or ""
        found.append((Performance(piece, path.stem, work, path), (row["text"],)))
    if not found:
        raise EsprError("; ".join((f"{table} describes no recording that is there", *notes[:1])))
    return _assembled(table.stem, found, notes)


def _clip(path: Path, ytid: str, start: float, end: float) -> Performance:
    """The whole file, or the clip in one that is longer."""
    length = seconds_of(path)
    if length is None or length <= end - start + _TOLERANCE:
        return Performance("", path.stem, "", path)
    # what ends before the clip does is not the whole: it begins with the clip
    is_whole = path.stem == ytid and length >= end - _TOLERANCE
    first = start if is_whole else 0.0
    return Performance("", path.stem, "", path, first, first + end - start)


def _seconds(cell: str) -> float:
    try:
        seconds = float(cell)
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds):
        raise EsprError(f"{cell!r} is no time in seconds")
    return seconds


def _assembled(
    name: str, found: Sequence[tuple[Performance, tuple[str, ...]]], notes: Sequence[str]
) -> Augmentation:
    """One recording may be described in several rows: it is analysed and counted once."""
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
    return Augmentation(name, tuple(performances), tuple(descriptions), tuple(notes))


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


def _rows(table: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a table with the number of the line on which each ends."""
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
            return [
                (reader.line_num, {name: cell or "" for name, cell in row.items() if name})
                for row in reader
            ]
    except OSError as error:
        raise EsprError(f"cannot read {table}: {error.strerror or error}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise EsprError(f"{table} is not a UTF-8 CSV file: {error}") from error
