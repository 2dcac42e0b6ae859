"""What the user says about pieces when tags got it wrong.

A correction is keyed by grouping key or audio hash, never by row, so that it outlives
re-indexing, re-tagging and moving. Each is one transaction together with the grouping
that follows from it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from espr.catalog.regroup import regroup
from espr.catalog.schema import SEALED
from espr.errors import EsprError
from espr.works.grouping import ManifestEntry, slug, unique_slugs

if TYPE_CHECKING:
    import sqlite3

    from espr.catalog.catalog import Catalog, Piece, Recording


def rename(catalog: Catalog, piece: Piece, title: str) -> str:
    """Give a piece another title; return its new slug. The old slug still finds it."""
    title = _title(title)
    with catalog.transaction() as connection:
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
    with catalog.transaction() as connection:
        key, into_key = _key(connection, piece), _key(connection, into)
        connection.execute("DELETE FROM merged WHERE key = ?", [into_key])
        _replace(connection, "merged", key, into_key)
        connection.execute("UPDATE aliases SET key = ? WHERE key = ?", [into_key, key])
        _replace(connection, "aliases", piece.slug, into_key)
        regroup(catalog)


def assign(catalog: Catalog, recording: Recording, piece: Piece) -> None:
    """Say which piece a recording is of."""
    with catalog.transaction() as connection:
        _replace(connection, "assigned", recording.audio_hash, _key(connection, piece))
        regroup(catalog)


def assign_new(catalog: Catalog, recording: Recording, title: str) -> str:
    """Make a recording the first of a new piece; return the piece's slug."""
    title = _title(title)
    with catalog.transaction() as connection:
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
