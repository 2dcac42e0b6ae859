"""Rows read from the pages of a damaged SQLite file, without SQLite.

Nothing is trusted but the layout of single pages: the schema, the root pages and the inner
pages of the trees may be gone. Every row of a library carries a checksum that names its
table, so a row proves by itself that it is one.

The layout is that of https://www.sqlite.org/fileformat2.html, sections 1 to 2.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from espr.catalog.schema import SEALED, checksum

Value = str | bytes | int | float | None
Row = tuple[Value, ...]

_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER = 13, 10, 2
_INNER_TABLE = 5
_WIDTHS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)  # bytes of a value by its serial type
_LARGEST = 1 << 28  # bytes of a row; no recording has as many windows
_PAGE_SIZE = 4096  # SQLite's own choice, for where the header is damaged
# SQLite stores a whole number in a REAL column as an integer.
_REAL = {"recordings": ("start", '"end"', "duration")}
# The columns as they are stored: those of the checksum, and where in the row it stands itself.
_STORED = {
    table: (
        (*columns[:13], "checksum", "profile_sum", *columns[13:])
        if table == "recordings"
        else (*columns, "checksum", "members", "copies", "ids", "sum")
        if table == "pieces"
        else (*columns, "checksum")
    )
    for table, columns in SEALED.items()
}


def salvage(path: Path) -> Iterator[tuple[str, Row]]:
    """Table and columns, those of ``SEALED``, of every row of a library that is whole.

    Rows of freed pages are left out as long as the list of these can be read. Paths of recordings
    are told as ``("named", (id, path))``, by the index of paths, and by rows that are damaged and
    still show one: no checksum vouches for these.
    """
    log = Path(f"{path}-wal")
    newer = _logged(log.read_bytes()) if log.exists() else {}
    with path.open("rb") as file:
        if not path.stat().st_size:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            yield from _Pages(content, newer).rows()


def _logged(log: bytes) -> dict[int, bytes]:
    """The pages that a write-ahead log holds, as they were last committed."""
    size, salts = int.from_bytes(log[8:12], "big"), log[16:24]
    pages: dict[int, bytes] = {}
    pending: dict[int, bytes] = {}
    if not 512 <= size <= 65536:
        return pages
    for place in range(32, len(log) - 24 - size + 1, 24 + size):
        header = log[place : place + 24]
        if header[8:16] != salts:  # of an earlier use of the file
            break
        pending[int.from_bytes(header[:4], "big")] = log[place + 24 : place + 24 + size]
        if any(header[4:8]):  # a transaction ends
            pages.update(pending)
            pending.clear()
    return pages


class _Pages:
    """The pages of a database."""

    def __init__(self, content: mmap.mmap, newer: dict[int, bytes]) -> None:
        self._content = content
        self._newer = newer
        first = newer.get(1, content[:100])
        size = int.from_bytes(first[16:18], "big")
        size = 65536 if size == 1 else size
        whole = 512 <= size <= 65536 and not size & (size - 1)
        self._size = size if whole else _PAGE_SIZE
        self._count = max(len(content) // self._size, *newer, 0)
        self._first_free = int.from_bytes(first[32:36], "big")

    def rows(self) -> Iterator[tuple[str, Row]]:
        free = self._free()
        for number in range(1, self._count + 1):
            if number in free:
                continue
            page = self._page(number)
            header = 100 if number == 1 else 0
            kinds = (
                (page[header],)
                if page[header] in (_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER, _INNER_TABLE, 0)
                else (_TABLE_LEAF, _INDEX_LEAF)  # the byte that says so is damaged
            )
            for kind in kinds:
                if kind in (_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER):
                    yield from self._cells(page, header, kind)

    def _page(self, number: int) -> bytes:
        if number in self._newer:
            return self._newer[number]
        return self._content[(number - 1) * self._size : number * self._size]

    def _free(self) -> set[int]:
        """The pages of the free list."""
        free: set[int] = set()
        trunk = self._first_free
        while 1 < trunk <= self._count and trunk not in free:
            free.add(trunk)
            page = self._page(trunk)
            count = int.from_bytes(page[4:8], "big")
            leaves = range(8, min(8 + 4 * count, self._size), 4)
            free.update(int.from_bytes(page[place : place + 4], "big") for place in leaves)
            trunk = int.from_bytes(page[:4], "big")
        return free

    def _cells(self, page: bytes, header: int, kind: int) -> Iterator[tuple[str, Row]]:
        count = int.from_bytes(page[header + 3 : header + 5], "big")
        first = header + (12 if kind == _INDEX_INNER else 8)
        for place in range(first, min(first + 2 * count, self._size - 1), 2):
            cell = int.from_bytes(page[place : place + 2], "big")
            # whatever does not read as a row is none
            with suppress(IndexError, ValueError, OverflowError):
                found = self._row(page, cell, kind)
                if found is not None:
                    yield found

    def _row(self, page: bytes, place: int, kind: int) -> tuple[str, Row] | None:
        place += 4 if kind == _INDEX_INNER else 0
        length, place = _varint(page, place)
        identity = None
        if kind == _TABLE_LEAF:
            identity, place = _varint(page, place)
        if not 0 < length <= _LARGEST:
            return None
        return _recognised(identity, _values(self._payload(page, place, length, kind)))

    def _payload(self, page: bytes, place: int, length: int, kind: int) -> bytes:
        """The bytes of a row, those on overflow pages included."""
        usable = self._size
        most = usable - 35 if kind == _TABLE_LEAF else (usable - 12) * 64 // 255 - 23
        if length <= most:
            return page[place : place + length]
        least = (usable - 12) * 32 // 255 - 23
        here = least + (length - least) % (usable - 4)
        here = here if here <= most else least
        parts = [page[place : place + here]]
        following = int.from_bytes(page[place + here : place + here + 4], "big")
        left = length - here
        while left > 0:
            if not 1 < following <= self._count:
                raise ValueError("the chain of overflow pages is broken")
            page = self._page(following)
            parts.append(page[4 : 4 + min(left, usable - 4)])
            left -= len(parts[-1])
            following = int.from_bytes(page[:4], "big")
        return b"".join(parts)


def _varint(page: bytes, place: int) -> tuple[int, int]:
    """A number of 1 to 9 bytes, and where it ends."""
    number = 0
    for _ in range(8):
        byte = page[place]
        place += 1
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, place
    return number << 8 | page[place], place + 1


def _values(payload: bytes) -> list[Value]:
    """The columns of a row."""
    end, place = _varint(payload, 0)
    kinds = []
    while place < end:
        kind, place = _varint(payload, place)
        kinds.append(kind)
    return [_value(payload, kind, start) for kind, start in _places(kinds, end)]


def _places(kinds: list[int], start: int) -> Iterator[tuple[int, int]]:
    for kind in kinds:
        yield kind, start
        start += (kind - 12) // 2 if kind >= 12 else _WIDTHS[kind]


def _value(payload: bytes, kind: int, start: int) -> Value:
    import struct

    if kind in (0, 8, 9):
        return {0: None, 8: 0, 9: 1}[kind]
    width = (kind - 12) // 2 if kind >= 12 else _WIDTHS[kind]
    value = payload[start : start + width]
    if len(value) != width:
        raise ValueError("the row is cut short")
    if kind >= 12:
        return value.decode("utf-8") if kind % 2 else value
    if kind == 7:
        return float(struct.unpack(">d", value)[0])
    return int.from_bytes(value, "big", signed=True)


def _recognised(identity: int | None, values: list[Value]) -> tuple[str, Row] | None:
    """The table whose checksum the row carries, and the columns that it is of."""
    for table, stored in _STORED.items():
        if len(values) != len(stored):
            continue
        row = dict(zip(stored, values, strict=True))
        if "id" in row:
            row["id"] = identity
        for column in _REAL.get(table, ()):
            if isinstance(whole := row[column], int):
                row[column] = float(whole)
        columns = tuple(row[column] for column in SEALED[table])
        if checksum(table, *columns) == row["checksum"]:
            return table, columns
        if table == "recordings" and isinstance(row["path"], bytes):
            return "named", (identity, row["path"])
    if len(values) == 3 and isinstance(values[0], bytes) and isinstance(values[2], int):
        return "named", (values[2], values[0])
    return None
