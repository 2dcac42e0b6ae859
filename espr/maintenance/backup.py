"""A library copied while it is in use, and put back: by SQLite's own backup, checked, at once."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from espr.catalog.catalog import Catalog
from espr.catalog.connection import (
    connect,
    connect_read,
    connect_write,
    put_in_place,
    remove_files,
    sqlite_errors_as_espr,
)
from espr.catalog.locations import library_path, real_path, unused_name
from espr.catalog.lock import WriterLock
from espr.errors import LIBRARY_DAMAGED, EsprError
from espr.maintenance.check import Report, check


def backup(
    file: str | os.PathLike[str],
    library: str | os.PathLike[str] | None = None,
    *,
    force: bool = False,
) -> Report:
    """Copy a library into ``file``, which appears whole or not at all; a writer may go on.

    Raises
    ------
    EsprError
        When ``file`` is there already (without ``force``) or cannot be written, and when
        the library is damaged (12).
    """
    source, target = library_path(library), real_path(file)
    if not target.parent.is_dir():
        raise EsprError(f"there is no folder {target.parent}")
    if target.exists() and not target.is_file():
        what = "a folder" if target.is_dir() else "no file"
        raise EsprError(f"{target} is {what}; give the name of a file")
    if os.path.lexists(target) and (same(source, target) or not force):
        what = "is the library itself" if same(source, target) else "exists already"
        hint = "" if same(source, target) else "; --force replaces it"
        raise EsprError(f"{target} {what}{hint}")
    with Catalog.open(source) as catalog, _unfinished(target) as unfinished:
        _copy(catalog.connection, unfinished, target)
        report = _checked(unfinished, f"the library {source}")
        os.replace(unfinished, target)
    return report


def restore(
    file: str | os.PathLike[str], library: str | os.PathLike[str] | None = None
) -> tuple[Report, Path | None]:
    """Put a backup in the place of a library, which is kept aside.

    Returns
    -------
    report : Report
        Of what was put there.
    kept : Path or None
        Where the library is that was there before.

    Raises
    ------
    EsprError
        When there is no such file (10), it is damaged or no library (12), or the library is
        in use (11). Nothing was changed then.
    """
    source, target = real_path(file), library_path(library)
    if not source.exists():
        raise EsprError(f"there is no file {source}")
    if same(source, target):
        raise EsprError(f"{source} is the library itself")
    lock = WriterLock(target)
    try:
        with _unfinished(target) as unfinished:
            with closing(connect_read(source)) as connection:
                _copy(connection, unfinished, target)
            report = _checked(unfinished, f"the backup {source}")
            report.path = target
            kept = _kept(target)
            put_in_place(unfinished, target)
        connect_write(target).close()  # which turns to WAL, so that readers need not wait
    finally:
        lock.release()
    return report, kept


def same(one: Path, other: Path) -> bool:
    """Whether two paths are one file."""
    return one.exists() and other.exists() and one.samefile(other)


@contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    """A name beside ``target`` for a copy, which is deleted where it comes to nothing."""
    path = Path(f"{target}.new")
    try:
        yield path
    except BaseException:
        with sqlite_errors_as_espr(target):
            remove_files(path)
        raise


def _copy(connection: sqlite3.Connection, unfinished: Path, target: Path) -> None:
    """A copy of a library, complete and on disk."""
    with sqlite_errors_as_espr(target):
        remove_files(unfinished)
        with closing(connect(unfinished, "mode=rwc")) as copy:
            connection.backup(copy)
            # one file, which can be moved and copied by itself
            copy.execute("PRAGMA journal_mode = DELETE")


def _checked(unfinished: Path, what: str) -> Report:
    report = check(unfinished, files=False)
    if report.problems:
        raise EsprError(
            f"{what} is damaged: {report.problems[0]}; nothing was changed", LIBRARY_DAMAGED
        )
    return report


def _kept(library: Path) -> Path | None:
    """Another name for a library that will be replaced, and for what its log holds."""
    if not library.exists():
        return None
    with suppress(sqlite3.Error, UnicodeDecodeError):  # it may be damaged: hence the restoring
        merging = connect(library, "mode=rw")
        try:
            merging.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            merging.close()
    kept = unused_name(library, "before")
    for suffix in ("-wal", ""):
        source = Path(f"{library}{suffix}")
        if source.exists() and (source.stat().st_size or not suffix):
            try:
                os.link(source, f"{kept}{suffix}")
            except OSError:  # a file system without links
                shutil.copyfile(source, f"{kept}{suffix}")
    return kept
