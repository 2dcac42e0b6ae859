"""A damaged library made again from every row of it that is whole.

The next ``espr index`` analyses what was lost; grouping is derived from what there is.
A copy of the damaged files is kept beside the library.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from espr.catalog.catalog import Catalog
from espr.catalog.connection import (
    OtherFormatError,
    connect_write,
    create_unfinished,
    put_in_place,
    remove_files,
    sqlite_errors_as_espr,
)
from espr.catalog.locations import library_path, refuse_no_file, unused_name
from espr.catalog.lock import WriterLock
from espr.catalog.recordings import CURRENT_ENCODER
from espr.catalog.regroup import regroup
from espr.catalog.schema import CORRECTIONS, SEALED, checksum
from espr.catalog.sound import NEW
from espr.errors import LIBRARY_DAMAGED, NO_LIBRARY, EsprError
from espr.maintenance.check import Report, check, wrong_vectors
from espr.maintenance.salvage import salvage
from espr.maintenance.sidecars import damaged_models

_BATCH = 500  # recordings whose vectors are checked at once
_DERIVED = ("piece_id", "duplicate_of")  # by grouping, which runs in the end


@dataclass
class Repair:
    """What was done.

    Attributes
    ----------
    problems : list of str
        What was wrong.
    done : list of str
    again : list of str
        The paths of recordings that must be analysed again.
    nameless : int
        How many more there are whose paths were lost with them.
    copy : Path or None
        The library as it was.
    recordings : int
        How many the library holds now.
    """

    path: Path
    problems: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    nameless: int = 0
    copy: Path | None = None
    recordings: int = 0

    def document(self) -> dict[str, Any]:
        """For a program, schema ``espr.repair/1``."""
        return {
            "schema": "espr.repair/1",
            "library": os.fspath(self.path),
            "problems": self.problems,
            "done": self.done,
            "again": self.again,
            "nameless": self.nameless,
            "copy": None if self.copy is None else os.fspath(self.copy),
            "recordings": self.recordings,
        }


def repair(library: str | os.PathLike[str] | None = None) -> Repair:
    """Repair a library, if it needs to be.

    Raises
    ------
    EsprError
        When there is none (10), it is in use (11), of another format, or nothing of it is
        left (12).
    """
    path = library_path(library)
    refuse_no_file(path)
    if not path.exists():
        raise EsprError(f"no library at {path}; run: espr index FOLDER", NO_LIBRARY)
    _refuse_other_formats(path)
    lock = WriterLock(path)
    try:
        return _repaired(path)
    finally:
        lock.release()


def _refuse_other_formats(path: Path) -> None:
    try:
        Catalog.open(path).close()
    except OtherFormatError:
        raise
    except EsprError as error:
        if error.exit_code != LIBRARY_DAMAGED:
            raise


def _repaired(path: Path) -> Repair:
    report = _checked(path)
    outcome = Repair(path, problems=report.problems, recordings=report.recordings)
    for model, why in damaged_models(path):
        os.replace(model, f"{model}.damaged")
        outcome.done.append(f"moved aside, as {model.name}.damaged: {why}")
        report = _checked(path)
    if report.problems:
        _rebuild(path, outcome)
        report = _checked(path)
    for notice in report.notices:
        if notice.kind == "cache":
            for stale in notice.paths:
                os.unlink(stale)
                outcome.done.append(f"deleted {stale}: {notice.what}")
    return outcome


def _checked(path: Path) -> Report:
    try:
        return check(path, files=False)
    except EsprError as error:  # not even recognised as a library: its rows may tell
        return Report(path, problems=[str(error)])


def _rebuild(path: Path, outcome: Repair) -> None:
    with sqlite_errors_as_espr(path):
        copy = _copy_aside(path)
        unfinished = Path(f"{path}.new")
        try:
            report = _rebuilt(unfinished, copy, outcome)
        except BaseException:
            remove_files(unfinished)
            remove_files(copy)  # the library itself is still there
            raise
        put_in_place(unfinished, path)
        connect_write(path).close()  # which turns to WAL
    outcome.copy = copy
    outcome.recordings = report.recordings
    outcome.done.append(f"rebuilt the library from {report.recordings} undamaged recordings")


def _rebuilt(unfinished: Path, damaged: Path, outcome: Repair) -> Report:
    """Make a library of what is whole in a damaged one; its report."""
    if not any(table in SEALED for table, _ in salvage(damaged)):
        raise EsprError(
            f"{outcome.path} is not an ESPR library, or nothing of it is left; nothing was changed",
            LIBRARY_DAMAGED,
        )
    with Catalog(unfinished, create_unfinished(unfinished)) as new:
        with new.transaction() as connection:
            lost, outcome.nameless = _fill(connection, damaged)
            regroup(new)
        outcome.again = sorted(set(lost) - {one.path for one in new.recordings()})
    report = check(unfinished, files=False)
    if report.problems:
        raise EsprError(
            f"the library {outcome.path} could not be repaired: {report.problems[0]}",
            LIBRARY_DAMAGED,
        )
    return report


def _copy_aside(path: Path) -> Path:
    """A copy of the damaged library, and of its log, if that holds anything."""
    copy = unused_name(path, "damaged")
    try:
        for suffix in ("-wal", ""):
            source = Path(f"{path}{suffix}")
            if source.exists() and (source.stat().st_size or not suffix):
                shutil.copyfile(source, f"{copy}{suffix}")
                with open(f"{copy}{suffix}", "rb") as file:
                    os.fsync(file.fileno())
    except OSError:  # half a copy would only take room
        remove_files(copy)
        raise
    return copy


def _average(connection: sqlite3.Connection) -> None:
    """Make lost profiles again: a profile is the mean of its windows."""
    import numpy as np

    from espr.features import SPACES

    spaces = {len(space.measured): space.name for space in SPACES.values()}
    alone = connection.execute(
        "SELECT recording_id, encoder, times, features FROM windows w WHERE NOT EXISTS (SELECT 1"
        " FROM profiles p WHERE p.recording_id = w.recording_id AND p.encoder = w.encoder)"
    )
    made = []
    for recording, encoder, times, features in alone:
        count = len(times) // 16
        width = len(features) // (4 * count) if count else 0
        if width in spaces and len(features) == 4 * width * count:
            rows = np.frombuffer(features, "<f4").reshape(count, width)
            profile = rows.mean(axis=0, dtype=np.float64).astype("<f4").tobytes()
            made.append((recording, encoder, spaces[width], profile))
    connection.executemany(
        "INSERT INTO profiles VALUES (?, ?, ?, ?, ?)",
        ((*row, checksum("profiles", *row)) for row in made),
    )


def _fill(connection: sqlite3.Connection, damaged: Path) -> tuple[list[str], int]:
    """Fill an empty library with what is whole in a damaged one.

    Returns
    -------
    lost : list of str
        The paths of recordings of which too little is left.
    nameless : int
        Recordings whose vectors are there, and whose paths are not.
    """
    named: dict[object, str] = {}
    for table, row in salvage(damaged):
        if table == "named" and isinstance(row[1], bytes):
            named[row[0]] = os.fsdecode(row[1])
        elif table == "meta" and row[0] in ("id", "espr", CURRENT_ENCODER):
            # the others count what has just begun again
            connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", row)
        elif table in ("pieces", "recordings", *CORRECTIONS):
            # a key twice: of two copies of a page, one is stale
            kept = dict(zip(SEALED[table], row, strict=True))
            kept.update({column: None for column in _DERIVED if column in kept})
            connection.execute(
                f"INSERT OR IGNORE INTO {table} ({', '.join(kept)})"
                f" VALUES ({', '.join('?' * len(kept))})",
                list(kept.values()),
            )
    states = dict(connection.execute("SELECT id, state FROM recordings").fetchall())
    # The vectors, most of the file, go through one by one.
    orphans = set()
    for table, row in salvage(damaged):
        if table in ("profiles", "windows"):
            if states.get(row[0]) == "analysed":
                connection.execute(
                    f"INSERT OR IGNORE INTO {table} VALUES (?, ?, ?, ?, ?)",
                    [*row, checksum(table, *row)],
                )
            elif row[0] not in states:
                orphans.add(row[0])
        elif table in ("notes", "note_vectors") and states.get(row[0]) == "analysed":
            second = row[1] if table == "notes" else NEW  # to be compared again
            names = ", ".join(SEALED[table])
            connection.execute(
                f"INSERT OR IGNORE INTO {table} ({names}) VALUES (?, ?, ?)",
                [row[0], second, row[2]],
            )
    _average(connection)
    rows = connection.execute(
        "SELECT recording_id, encoder, space, profile, times, features"
        " FROM profiles JOIN windows USING (recording_id, encoder)"
    )
    wrong = []
    while batch := rows.fetchmany(_BATCH):
        for row, what in zip(batch, wrong_vectors([row[2:] for row in batch]), strict=True):
            if what:
                wrong.append(row[:2])
    for recording, encoder in wrong:
        for table in ("profiles", "windows"):
            connection.execute(
                f"DELETE FROM {table} WHERE recording_id = ? AND encoder = ?",
                [recording, encoder],
            )
    gone = [os.fsdecode(raw) for raw in _drop_incomplete(connection)]
    connection.execute(  # where the library's own was lost: the one that analysed most
        "INSERT OR IGNORE INTO meta (key, value) SELECT ?, encoder FROM recordings"
        " WHERE state = 'analysed' GROUP BY encoder ORDER BY count(*) DESC, encoder LIMIT 1",
        [CURRENT_ENCODER],
    )
    lost = [path for identity, path in named.items() if identity not in states]
    return lost + gone, len(orphans - named.keys())


def _drop_incomplete(connection: sqlite3.Connection) -> list[bytes]:
    """Drop profiles without windows, notes without vectors, and recordings without profiles.

    Returns
    -------
    list of bytes
        The paths of these recordings.
    """
    for one, other in (("profiles", "windows"), ("windows", "profiles")):
        connection.execute(
            f"DELETE FROM {one} WHERE NOT EXISTS (SELECT 1 FROM {other} o"
            f" WHERE o.recording_id = {one}.recording_id AND o.encoder = {one}.encoder)"
        )
    for one, other in (("notes", "note_vectors"), ("note_vectors", "notes")):
        connection.execute(f"DELETE FROM {one} WHERE id NOT IN (SELECT id FROM {other})")
    # what another encoder analysed still counts
    connection.execute(
        """
        UPDATE recordings SET encoder =
            (SELECT max(encoder) FROM profiles p WHERE p.recording_id = recordings.id)
        WHERE state = 'analysed' AND encoder NOT IN
            (SELECT encoder FROM profiles p WHERE p.recording_id = recordings.id)
        AND id IN (SELECT recording_id FROM profiles)
        """
    )
    lost = "state = 'analysed' AND id NOT IN (SELECT recording_id FROM profiles)"
    gone = [path for (path,) in connection.execute(f"SELECT path FROM recordings WHERE {lost}")]
    connection.execute(f"DELETE FROM recordings WHERE {lost}")
    for column, table in (("piece_id", "pieces"), ("duplicate_of", "recordings")):
        connection.execute(
            f"UPDATE recordings SET {column} = NULL"
            f" WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {table})"
        )
    return gone
