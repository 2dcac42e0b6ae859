"""Shards: a library that holds one share of a collection, which others complete.

A file's shard follows from its path alone, so that machines agree without talking. What a library
is a shard of is kept in its table ``meta``: while it is being indexed, that it is unfinished.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from espr.errors import EsprError

if TYPE_CHECKING:
    from espr.catalog.catalog import Catalog

SHARD = "shard"  # key in meta
MOST = 100_000  # shards


@dataclass(frozen=True, slots=True)
class Shard:
    """Share ``number``, from 1, of ``count``."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def holds(self, path: str) -> bool:
        """Whether a file is of this shard, in whichever Unicode form its name is."""
        name = os.fsencode(unicodedata.normalize("NFC", path))
        digest = hashlib.blake2b(name, digest_size=8).digest()
        return int.from_bytes(digest, "little") % self.count == self.number - 1


@dataclass(frozen=True, slots=True)
class ShardMark:
    """What a library says of itself as a shard.

    Attributes
    ----------
    files : int
        Recordings that all shards have together, as this one found them on disk.
    places : tuple of str
        The folders that were indexed.
    finished : bool
        Whether its last indexing came to its end.
    """

    shard: Shard
    files: int
    places: tuple[str, ...]
    finished: bool


def parse_shard(text: str) -> Shard:
    """``3/16`` as it is typed.

    Raises
    ------
    EsprError
    """
    found = re.fullmatch(r"\s*(\d{1,6})\s*/\s*(\d{1,6})\s*", text, re.ASCII)
    if found is None or not 1 <= int(found[1]) <= int(found[2]) <= MOST:
        raise EsprError(f"{text!r} is no shard; give its number and how many there are, as 3/16")
    return Shard(int(found[1]), int(found[2]))


def store_shard(catalog: Catalog, mark: ShardMark) -> None:
    """Remember what a library is a shard of."""
    with catalog.transaction() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)",
            [SHARD, json.dumps(asdict(mark))],
        )


def read_shard(catalog: Catalog) -> ShardMark | None:
    """What a library is a shard of; None where it is none."""
    text = catalog.meta().get(SHARD)
    if text is None:
        return None
    fields = json.loads(text)
    return ShardMark(
        Shard(**fields["shard"]), fields["files"], tuple(fields["places"]), fields["finished"]
    )


def missing_shards(marks: Sequence[ShardMark]) -> list[Shard]:
    """Those that complete the collections that shards are of, as far as they are not there."""
    present = {mark.shard for mark in marks}
    counts = sorted({shard.count for shard in present})
    every = (Shard(number, count) for count in counts for number in range(1, count + 1))
    return [shard for shard in every if shard not in present]
