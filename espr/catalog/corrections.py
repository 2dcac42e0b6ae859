"""What the user says about pieces when tags got it wrong.

A correction is keyed by grouping key or audio hash, never by row, so that it outlives
re-indexing, re-tagging and moving. Each is one transaction together with the grouping
that follows from it. What each changed is kept in the catalog, so that the last can be taken back.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from espr.catalog.regroup import regroup
from espr.catalog.schema import SEALED, storable
from espr.errors import NOTHING_MATCHED, EsprError
from espr.works.grouping import ManifestEntry, slug, unique_slugs

if TYPE_CHECKING:
    import sqlite3

    from espr.catalog.catalog import Catalog, Piece, Recording

_HISTORY = "corrections"  # key in meta
_LONGEST = 100  # corrections that can be taken back
_TABLES = ("renamed", "merged", "assigned", "aliases")


def rename(catalog: Catalog, piece: Piece, title: str) -> str:
    """Give a piece another title; return its new slug. The old slug still finds it."""
    title = _title(title)
    what = f"{piece.slug} renamed to {title}"
    with catalog.transaction() as connection, _kept(catalog, what, piece):
        key = _key(connection, piece)
        _replace(connection, "renamed", key, title)
        _replace(connection, "aliases", piece.slug, key)
        taken = dict(connection.execute("SELECT key, slug FROM pieces WHERE key != ?", [key]))
        # Without the composer: the user has said all that the slug shall say.
        new = unique_slugs([(key, title, "")], taken)[key]
        connection.execute("UPDATE pieces SET slug = ? WHERE key = ?", [new, key])
        regroup(catalog)
    return new


def merge(catalog: Catalog, piece: Piece, into: Piece) -> None:
    """Make the recordings of one piece recordings of another."""
    if piece.id == into.id:
        raise EsprError(f"{piece.slug} cannot be merged into itself")
    what = f"{piece.slug} merged into {into.slug}"
    with catalog.transaction() as connection, _kept(catalog, what):
        key, into_key = _key(connection, piece), _key(connection, into)
        connection.execute("DELETE FROM merged WHERE key = ?", [into_key])
        _replace(connection, "merged", key, into_key)
        connection.execute("UPDATE aliases SET key = ? WHERE key = ?", [into_key, key])
        _replace(connection, "aliases", piece.slug, into_key)
        regroup(catalog)


def assign(catalog: Catalog, recording: Recording, piece: Piece) -> None:
    """Say which piece a recording is of."""
    what = f"{os.path.basename(recording.path)} assigned to {piece.slug}"
    with catalog.transaction() as connection, _kept(catalog, what):
        _replace(connection, "assigned", recording.audio_hash, _key(connection, piece))
        regroup(catalog)


def assign_new(catalog: Catalog, recording: Recording, title: str) -> str:
    """Make a recording the first of a new piece; return the piece's slug."""
    title = _title(title)
    what = f"{os.path.basename(recording.path)} assigned to {title}"
    with catalog.transaction() as connection, _kept(catalog, what):
        taken = dict(connection.execute("SELECT key, slug FROM pieces").fetchall())
        key = f"made:{slug(title, '')}"
        while key in taken:
            key += "'"
        new = unique_slugs([(key, title, "")], taken)[key]
        connection.execute(
            "INSERT INTO pieces (key, slug, title, composer, rule) VALUES (?, ?, ?, '', '')",
            [key, new, title],
        )
        _replace(connection, "assigned", recording.audio_hash, key)
        regroup(catalog)
    return new


def undo(catalog: Catalog) -> str:
    """Take back the last correction; return what it was.

    Raises
    ------
    EsprError
        Exit code 1 when there is none.
    """
    history = _history(catalog)
    if not history:
        raise EsprError("no correction to take back", NOTHING_MATCHED)
    last = history.pop()
    with catalog.transaction() as connection:
        for table, key, value in last["rows"]:
            if value is None:
                connection.execute(f"DELETE FROM {table} WHERE {SEALED[table][0]} = ?", [key])
            else:
                _replace(connection, table, key, value)
        for key, slug_before in last["slugs"]:
            connection.execute("UPDATE pieces SET slug = ? WHERE key = ?", [slug_before, key])
        _replace(connection, "meta", _HISTORY, json.dumps(history))
        regroup(catalog)
    return str(last["what"])


@contextmanager
def _kept(catalog: Catalog, what: str, renamed: Piece | None = None) -> Iterator[None]:
    """Keep what a correction changes: the rows as they were, and the slug of a renamed piece."""
    before = {table: dict(catalog.read_table(table)) for table in _TABLES}
    slugs = [(_key(catalog.connection, renamed), renamed.slug)] if renamed else []
    yield
    rows = []
    for table in _TABLES:
        now = dict(catalog.read_table(table))
        changed = {key for key, _ in now.items() ^ before[table].items()}
        rows += [(table, key, before[table].get(key)) for key in sorted(changed)]
    history = [*_history(catalog), {"what": storable(what), "rows": rows, "slugs": slugs}]
    _replace(catalog.connection, "meta", _HISTORY, json.dumps(history[-_LONGEST:]))


def _history(catalog: Catalog) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(catalog.meta().get(_HISTORY, "[]"))
    return found


def store_manifest(
    catalog: Catalog, path: str | os.PathLike[str], entries: Mapping[str, ManifestEntry]
) -> None:
    """Remember the entries of the manifest in ``path``; what it said before is forgotten.

    Grouping reads them at every run from now on.
    """
    source = os.fsencode(os.path.abspath(path))
    with catalog.transaction() as connection:
        connection.execute("DELETE FROM manifest WHERE source = ?", [source])
        connection.executemany(
            "INSERT OR REPLACE INTO manifest (path, piece, performer, source) VALUES (?, ?, ?, ?)",
            [
                (os.fsencode(name), entry.piece, entry.performer, source)
                for name, entry in entries.items()
            ],
        )


def _title(text: str) -> str:
    title = " ".join(text.split())
    if not title:
        raise EsprError("a piece needs a title")
    return title


def _key(connection: sqlite3.Connection, piece: Piece) -> str:
    return str(connection.execute("SELECT key FROM pieces WHERE id = ?", [piece.id]).fetchone()[0])


def _replace(connection: sqlite3.Connection, table: str, key: str, value: str) -> None:
    columns = ", ".join(SEALED[table])
    connection.execute(f"INSERT OR REPLACE INTO {table} ({columns}) VALUES (?, ?)", [key, value])
