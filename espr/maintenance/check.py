"""Whether a library is whole: its file, every row, every sum, and what lies beside and below it.

A *problem* is damage: an answer may be missing or refused until ``espr repair``. A *notice* is
what the next ``espr index`` or search puts right by itself: files that are gone or have
changed, caches that are out of date.
"""

from __future__ import annotations

import functools
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espr.catalog.catalog import Catalog
from espr.catalog.connection import format_of, schema_is_whole
from espr.catalog.locations import library_path
from espr.catalog.name_words import NAMED
from espr.catalog.schema import FORMAT, SEALED, checksum
from espr.catalog.sound import count_outdated
from espr.errors import LIBRARY_DAMAGED, EsprError
from espr.maintenance.sidecars import damaged_models, stale_caches
from espr.printable import counted

if TYPE_CHECKING:
    import numpy as np

_BATCH = 500  # recordings whose vectors are checked at once
_SHOWN = 5  # of SQLite's own findings, and of keys of rows


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that repairs itself.

    Attributes
    ----------
    kind : str
        ``missing`` or ``changed`` files, a ``cache`` that is stale, ``grouping`` that is due,
        ``comparison`` of notes by an older rule.
    paths : tuple of str
        The files in question.
    """

    kind: str
    what: str
    paths: tuple[str, ...] = ()


@dataclass
class Report:
    """What was found.

    Attributes
    ----------
    recordings, pieces : int
        How many the library holds, as far as they can be read.
    unreadable : int
        Files that are known and could not be analysed.
    """

    path: Path
    recordings: int = 0
    pieces: int = 0
    unreadable: int = 0
    format: int = FORMAT
    problems: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        return LIBRARY_DAMAGED if self.problems else 0

    def document(self) -> dict[str, Any]:
        """For a program, schema ``espr.check/1``."""
        return {
            "schema": "espr.check/1",
            "library": os.fspath(self.path),
            "format": self.format,
            "recordings": self.recordings,
            "pieces": self.pieces,
            "unreadable": self.unreadable,
            "sound": not self.problems,
            "problems": self.problems,
            "notices": [
                {"kind": notice.kind, "what": notice.what, "paths": list(notice.paths)}
                for notice in self.notices
            ],
        }


def check(library: str | os.PathLike[str] | None = None, *, files: bool = True) -> Report:
    """Check a library.

    Parameters
    ----------
    files : bool
        Also look whether the recordings' files are there and as they were.

    Raises
    ------
    EsprError
        When there is none (10), or it is no library or of a newer format (12).
    """
    path = library_path(library)
    report = Report(path)
    try:
        catalog = Catalog.open(path)
    except EsprError as error:
        if error.exit_code != LIBRARY_DAMAGED or "damaged" not in str(error):
            raise
        report.problems.append(_told(error, path))
        return report
    with catalog:
        try:
            report.format = format_of(catalog.connection)
            with catalog.snapshot():
                _check_open(catalog, report)
                if files and not report.problems:
                    report.notices += changed_files(catalog)
        except EsprError as error:
            report.problems.append(_told(error, path))
    return report


def _check_open(catalog: Catalog, report: Report) -> None:
    for part in (_structure, _rows, _sums, _words, _states, _vectors):
        report.problems += _found(part, catalog)
    report.problems = list(dict.fromkeys(report.problems))
    states = dict(catalog.rows("SELECT state, count(*) FROM recordings GROUP BY state"))
    report.recordings, report.unreadable = states.get("analysed", 0), states.get("unreadable", 0)
    report.pieces = catalog.rows("SELECT count(*) FROM pieces WHERE members != 0")[0][0]
    if report.problems:
        return
    report.problems += [why for _, why in damaged_models(catalog.path)]
    for cache, why in stale_caches(catalog):
        report.notices.append(Notice("cache", why, (os.fspath(cache),)))
    if not catalog.grouping_is_current():
        report.notices.append(
            Notice("grouping", "pieces are not up to date; the next espr index brings them")
        )
    if outdated := count_outdated(catalog):
        report.notices.append(
            Notice(
                "comparison",
                f"the notes of {counted(outdated, 'recording')} were compared by an older rule; the"
                " next espr index compares them again",
            )
        )


def _found(part: Callable[[Catalog], Iterator[str]], catalog: Catalog) -> list[str]:
    """The problems that one part finds; that it cannot go on is the last of them."""
    found = []
    try:
        for problem in part(catalog):
            found.append(problem)
    except EsprError as error:
        found.append(_told(error, catalog.path))
    except (sqlite3.Error, UnicodeDecodeError, ValueError, TypeError) as error:
        found.append(f"{part.__name__.strip('_')} cannot be read: {error}")
    return found


def _told(error: EsprError, path: Path) -> str:
    """An error of reading without what goes without saying here."""
    what = str(error).removeprefix(f"the library {path} is damaged").removesuffix("Run: espr check")
    what = what.replace("; nothing was changed", "").strip(" :.")
    return f"the file cannot be read {what}" if what.startswith("(") or not what else what


def _structure(catalog: Catalog) -> Iterator[str]:
    """The pages of the file, the schema, and references between tables."""
    found = catalog.rows(f"PRAGMA integrity_check({_SHOWN})")
    if found != [("ok",)]:
        lines = [line for (text,) in found for line in str(text).splitlines()]
        yield from [f"pages: {line}" for line in lines if not line.startswith("***")][:_SHOWN]
    if not schema_is_whole(catalog.connection):
        yield "the tables are not as they were made"
    for table, row, parent, _ in catalog.rows("PRAGMA foreign_key_check")[:_SHOWN]:
        yield f"row {row} of {table} refers to a row of {parent} that is not there"


def _rows(catalog: Catalog) -> Iterator[str]:
    """The checksum of every row."""
    for table in SEALED:
        keys = [row[0] for row in catalog.corrupt_keys(table)]
        if keys:
            shown = ", ".join(str(key) for key in keys[:_SHOWN])
            yield f"{_rows_of(len(keys), table)} not what was written: {shown}"


def _sums(catalog: Catalog) -> Iterator[str]:
    """That no row is missing: sums against sums, each counted again."""
    counted: dict[str, tuple[int, int]] = {}
    for table in SEALED:
        if table not in ("recordings", "profiles", "windows"):
            counted[table] = catalog.rows(f"SELECT count(*), sum(checksum) FROM {table}")[0]
    for table, part in (("recordings", "state"), ("profiles", "encoder")):
        for name, count, total in catalog.rows(
            f"SELECT {part}, count(*), sum(checksum) FROM {table} GROUP BY {part}"
        ):
            counted[f"{table} {name}"] = (count, total)
    kept = {name: total for name, total in catalog.totals().items() if total != (0, 0)}
    counted = {name: total for name, total in counted.items() if total[0]}
    for name in sorted(kept.keys() ^ counted.keys()) + sorted(
        name for name in kept.keys() & counted.keys() if kept[name] != counted[name]
    ):
        yield f"of the {name}, some are missing or not what was written"
    catalog.pieces_of()
    for piece, title in catalog.rows(
        """
        SELECT id, title FROM pieces WHERE sum !=
            coalesce((SELECT sum(checksum) FROM recordings WHERE piece_id = pieces.id), 0)
        """
    ):
        yield f"recordings of piece {piece} ({title}) are missing"
    for (path,) in catalog.rows(
        """
        SELECT path FROM recordings WHERE profile_sum !=
            coalesce((SELECT sum(checksum) FROM profiles WHERE recording_id = recordings.id), 0)
        """
    ):
        yield f"profiles of {os.fsdecode(path)} are missing"


def _words(catalog: Catalog) -> Iterator[str]:
    """That recordings and pieces are found by their names, and by no others."""
    for table, columns in NAMED.items():
        words, totals = f"words_of_{table}", f"word_totals_of_{table}"
        counted = f"SELECT word, count(*), sum(id) FROM {words} GROUP BY word ORDER BY word"
        kept = f"SELECT word, count, sum FROM {totals} ORDER BY word"
        arguments = ", ".join(f"{table}.{column}" for column in columns)  # json_each has a path
        named = catalog.rows(
            f"SELECT count(*), sum({table}.id) FROM {table}, json_each({words}({arguments}))"
        )
        pairs = zip_longest(catalog.iterate(counted), catalog.iterate(kept))
        total = catalog.rows(f"SELECT sum(count), sum(sum) FROM {totals}")
        if any(one != other for one, other in pairs) or (total != named and named[0][0]):
            yield f"the names of its {table} are not what was written"


def _states(catalog: Catalog) -> Iterator[str]:
    """That what the rows say fits together."""
    impossible = {
        "was analysed and has no profile by its encoder": """state = 'analysed' AND NOT EXISTS
            (SELECT 1 FROM profiles p WHERE p.recording_id = r.id AND p.encoder = r.encoder)""",
        "was analysed and has a reason why not": "state = 'analysed' AND reason != ''",
        "was analysed and has no audio hash": "state = 'analysed' AND audio_hash = ''",
        "could not be read and has no reason": "state = 'unreadable' AND reason = ''",
        "could not be read and has a profile": """state = 'unreadable' AND EXISTS (SELECT 1
            FROM profiles p WHERE p.recording_id = r.id)""",
        "could not be read and is of a piece": "state = 'unreadable' AND piece_id IS NOT NULL",
        "is a copy of itself": "duplicate_of = id",
    }
    for what, condition in impossible.items():
        for (path,) in catalog.rows(f"SELECT path FROM recordings r WHERE {condition}"):
            yield f"{os.fsdecode(path)} {what}"


def _vectors(catalog: Catalog) -> Iterator[str]:
    """Profiles and windows: of the right width, finite, the one the mean of the other."""
    rows = catalog.iterate(
        """
        SELECT p.recording_id, p.encoder, p.space, p.profile, w.times, w.features, w.checksum
        FROM profiles p LEFT JOIN windows w USING (recording_id, encoder)
        """
    )
    while batch := list(islice(rows, _BATCH)):
        wrong = wrong_vectors([row[2:6] for row in batch])
        for (recording, encoder, _, _, times, features, kept), what in zip(
            batch, wrong, strict=True
        ):
            whose = f"recording {recording} as {encoder} analysed it"
            if times is None:
                yield f"the windows of {whose} are missing"
            # where the checksum is another one, the row itself was reported
            elif what and checksum("windows", recording, encoder, times, features) == kept:
                yield f"{whose}: {what}"
    for recording, encoder in catalog.rows(
        """
        SELECT recording_id, encoder FROM windows w WHERE NOT EXISTS
            (SELECT 1 FROM profiles p WHERE p.recording_id = w.recording_id
             AND p.encoder = w.encoder)
        """
    ):
        yield f"the profile of recording {recording} as {encoder} analysed it is missing"


def wrong_vectors(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """What is wrong with profiles and their windows, one entry a row; empty where nothing is.

    Parameters
    ----------
    rows : sequence of (space, profile, times, features)
        As they are stored. Rows of one width are checked together: numpy takes as long for the
        windows of one recording as for those of ten.
    """
    wrong = [_wrong_shape(*row) for row in rows]
    for space in dict.fromkeys(row[0] for row, what in zip(rows, wrong, strict=True) if not what):
        places = [place for place, row in enumerate(rows) if row[0] == space and not wrong[place]]
        of_space = [rows[place] for place in places]
        for place, what in zip(places, _wrong_numbers(of_space), strict=True):
            wrong[place] = what
    return wrong


def _wrong_shape(space: object, profile: object, times: object, features: object) -> str:
    from espr.features import SPACES

    if space not in SPACES:
        return f"there is no space {space!r}"
    if not all(isinstance(each, bytes) for each in (profile, times, features)):
        return "its profile or its windows are no arrays"
    assert isinstance(profile, bytes) and isinstance(times, bytes) and isinstance(features, bytes)
    width = len(SPACES[str(space)].measured)
    if len(profile) != 4 * width:
        return f"its profile does not have {width} features"
    count = len(times) // 16
    if not count or len(times) != 16 * count or len(features) != 4 * width * count:
        return "its windows do not have one row each"
    return ""


def _wrong_numbers(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    """What is wrong with the numbers of rows whose arrays have the right shapes."""
    import numpy as np

    def joined(column: int, dtype: str, width: int) -> np.ndarray:
        content = b"".join(row[column] for row in rows)
        return np.frombuffer(content, dtype).reshape(-1, width)

    width = len(rows[0][1]) // 4
    means, bounds, table = joined(1, "<f4", width), joined(2, "<f8", 2), joined(3, "<f4", width)
    counts = np.array([len(row[2]) // 16 for row in rows])
    starts = np.cumsum(counts) - counts
    finite = np.isfinite(table).all(axis=1) & np.isfinite(bounds).all(axis=1)
    finite = np.logical_and.reduceat(finite, starts) & np.isfinite(means).all(axis=1)
    ordered = np.logical_and.reduceat(bounds[:, 1] > bounds[:, 0], starts)
    with np.errstate(invalid="ignore", over="ignore"):
        exact = np.add.reduceat(table.astype(np.float64), starts) / counts[:, None]
        close = (np.abs(means - exact) <= 1e-6 + 1e-4 * np.abs(exact)).all(axis=1)
    for is_finite, is_ordered, is_mean in zip(finite, ordered, close, strict=True):
        if not is_finite:
            yield "its profile or its windows are not finite"
        elif not is_ordered:
            yield "a window ends before it begins"
        else:
            yield "" if is_mean else "its profile is not the mean of its windows"


def changed_files(catalog: Catalog) -> list[Notice]:
    """Recordings whose files are gone, or are not as they were when they were analysed."""
    missing, changed = [], []
    has_sheets = functools.cache(_has_sheets)
    for raw, size, mtime in catalog.rows(
        'SELECT path, size, mtime_ns FROM recordings WHERE start = 0 AND "end" IS NULL'
        " AND mtime_ns >= 0 ORDER BY path"
    ):
        path = os.fsdecode(raw)
        try:
            status = os.stat(path)
        except OSError:
            missing.append(path)
            continue
        if (status.st_size, status.st_mtime_ns) == (size, mtime):
            continue
        # Where a CUE sheet speaks of the file, size and time are those of both.
        if not has_sheets(os.path.dirname(path)):
            changed.append(path)
    tracks = catalog.rows('SELECT DISTINCT path FROM recordings WHERE start > 0 OR "end" NOT NULL')
    missing += [path for (raw,) in tracks if not os.path.exists(path := os.fsdecode(raw))]
    notes = {
        "missing": (missing, "file is missing", "files are missing"),
        "changed": (
            changed,
            "file has changed since it was analysed",
            "files have changed since they were analysed",
        ),
    }
    return [
        Notice(kind, f"{len(paths)} {many if len(paths) > 1 else one}", tuple(paths))
        for kind, (paths, one, many) in notes.items()
        if paths
    ]


def _rows_of(count: int, table: str) -> str:
    return f"{count} row{'s' if count > 1 else ''} of {table} {'are' if count > 1 else 'is'}"


def _has_sheets(folder: str) -> bool:
    """Whether there is a CUE sheet; in a folder that cannot be listed there is none."""
    try:
        return any(name.lower().endswith(".cue") for name in os.listdir(folder))
    except OSError:
        return False
