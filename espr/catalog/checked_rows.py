"""Rows of a library's file: all of them, and as they were written, or an error.

Reading never waits for a writer and never writes.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from espr.catalog.connection import sqlite_errors_as_espr
from espr.catalog.schema import SEALED, checksum, crc
from espr.errors import LIBRARY_DAMAGED, EsprError

_CHUNK = 500  # host parameters in one statement; SQLite's oldest limit is 999


class Database:
    """An open file with checksums, see :mod:`espr.catalog.schema`.

    Attributes
    ----------
    path : Path
    connection : sqlite3.Connection
        In no transaction, unless in :meth:`snapshot` or :meth:`transaction`.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement."""
        with sqlite_errors_as_espr(self.path):
            return self.connection.execute(statement, parameters).fetchall()

    def iterate(self, statement: str) -> Iterator[tuple[Any, ...]]:
        """The rows of one statement, one at a time."""
        with sqlite_errors_as_espr(self.path):
            yield from self.connection.execute(statement)

    def rows_of(
        self, statement: str, ids: Sequence[object], before: Sequence[object] = ()
    ) -> list[tuple[Any, ...]]:
        """All rows of a statement whose ``(?)`` stands for ids, as many as there are.

        ``before``: the parameters of the marks before it.
        """
        found: list[tuple[Any, ...]] = []
        for first in range(0, len(ids), _CHUNK):
            some = ids[first : first + _CHUNK]
            marks = "(" + ",".join("?" * len(some)) + ")"
            found += self.rows(statement.replace("(?)", marks), [*before, *some])
        return found

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """What is read meanwhile is of one moment, whatever a writer does."""
        connection = self.connection
        if connection.in_transaction:
            yield
            return
        with sqlite_errors_as_espr(self.path):
            connection.execute("BEGIN")
            try:
                yield
            finally:
                connection.rollback()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, on disk when it ends; counts as one generation.

        Within another transaction it is a part of that.
        """
        connection = self.connection
        if connection.in_transaction:
            yield connection
            return
        with sqlite_errors_as_espr(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.executemany(
                    "UPDATE meta SET value = ? WHERE key = ?",
                    [
                        (str(self.generation() + 1), "generation"),
                        (os.urandom(8).hex(), "stamp"),
                    ],
                )
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise

    # -- reading, and checking what is read --------------------------------------------------

    def read_table(self, table: str) -> list[tuple[Any, ...]]:
        """All rows of a small table, none missing, each as it was written."""
        columns = ", ".join(SEALED[table])
        with self.snapshot():
            rows = self.rows(f"SELECT {columns}, checksum FROM {table}")
            self.verify_total(table, [row[-1] for row in rows])
        for row in rows:
            if checksum(table, *row[:-1]) != row[-1]:
                raise self.damaged(f"a row of its table {table} is not what was written")
        return [row[:-1] for row in rows]

    def corrupt_keys(self, table: str) -> list[tuple[Any, ...]]:
        """The keys of the rows of a table that are not what was written."""
        return self.rows(f"SELECT {SEALED[table][0]} FROM {table} WHERE checksum != {crc(table)}")

    def totals(self) -> dict[str, tuple[int, int]]:
        """Of each table, and of parts of it: how many rows, and the sum of their checksums."""
        rows = self.rows("SELECT name, count, sum FROM totals")
        return {name: (count, total) for name, count, total in rows}

    def verify_total(self, name: str, checksums: Sequence[Any]) -> None:
        """Raise unless these are the checksums of all rows of a table, or of a part of it.

        ``name``: as in ``totals``.
        """
        if self.totals().get(name, (0, 0)) != count_and_sum(checksums):
            raise self.damaged(f"of its {name}, some are missing or not what was written")

    def meta(self) -> dict[str, str]:
        """What the library says of itself."""
        return dict(self.read_table("meta"))

    def generation(self) -> int:
        """A count of the transactions so far."""
        return int(self._meta("generation"))

    def state(self) -> str:
        """Another one in every library and after every transaction.

        What was derived from another state is stale. The count alone would not do: a library
        that is restored from its backup counts the same numbers again.
        """
        meta = self.meta()
        return " ".join(meta.get(key, "") for key in ("id", "generation", "stamp"))

    def _meta(self, key: str) -> str:
        meta = self.meta()
        if key not in meta:
            raise self.damaged(f"its {key} is missing")
        return meta[key]

    def damaged(self, what: str) -> EsprError:
        """The error to raise where something is not what was written."""
        return EsprError(
            f"the library {self.path} is damaged: {what}. Run: espr check", LIBRARY_DAMAGED
        )


def count_and_sum(checksums: Sequence[Any]) -> tuple[int, int] | None:
    """How many, and their sum; None where one of them is not even a number."""
    if not all(type(each) is int for each in checksums):
        return None
    return len(checksums), sum(checksums)
