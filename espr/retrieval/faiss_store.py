"""A store in one file: exact search by FAISS, everything in memory while it is open.

The file holds a JSON line, the rows, and the vectors, with a digest over all: what is damaged is
refused. It is written whole and put in the place of the old one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import faiss
import numpy as np

from espr.errors import EsprError
from espr.features import get_space
from espr.retrieval.ranking import unit
from espr.retrieval.store import BATCH, Filter, Row, StoreInfo
from espr.whole_files import replace_file


class FaissStore:
    """A :class:`espr.retrieval.store.Store` in a file."""

    def __init__(self, place: str, info: StoreInfo | None) -> None:
        self.place = place
        self._rows: dict[int, Row] = {}
        self._indexes: dict[bool, faiss.Index] = {}
        path = Path(place)
        if path.exists():
            self._info = self._read(path)
        elif info is None:
            raise EsprError(f"there is no store {place}; run: espr publish --to {place}")
        else:
            self._info = info

    @property
    def info(self) -> StoreInfo:
        return self._info

    def __len__(self) -> int:
        return len(self._rows)

    def versions(self) -> dict[int, int]:
        return {row.id: row.version for row in self._rows.values()}

    def add(self, rows: Sequence[Row]) -> None:
        self._rows |= {row.id: row for row in rows}
        self._indexes.clear()

    def remove(self, ids: Sequence[int]) -> None:
        for identity in ids:
            self._rows.pop(identity, None)
        self._indexes.clear()

    def search(self, vector: np.ndarray, within: Filter, count: int) -> list[Row]:
        rows = list(self._rows.values())
        return [rows[place] for place in self._nearest(vector, within, count)]

    def search_pieces(
        self, vector: np.ndarray, within: Filter, count: int, *, relative: bool
    ) -> list[str]:
        slugs = [row.piece for row in self._rows.values()]
        wanted = 8 * count
        while True:
            places = self._nearest(vector, within, wanted, relative=relative)
            pieces = list(dict.fromkeys(slugs[place] for place in places))
            if len(pieces) >= count or len(places) < wanted:
                return pieces[:count]
            wanted *= 4  # a few pieces with many takes filled the list

    def slugs(self, beginning: str, count: int) -> list[str]:
        found = {row.piece for row in self._rows.values() if row.piece.startswith(beginning)}
        return sorted(found)[:count]

    def rows(self) -> Iterator[list[Row]]:
        rows = list(self._rows.values())
        for first in range(0, len(rows), BATCH):
            yield rows[first : first + BATCH]

    def close(self) -> None:
        self._rows.clear()

    def _nearest(
        self, vector: np.ndarray, within: Filter, count: int, *, relative: bool = False
    ) -> list[int]:
        """The places of the nearest rows, best first."""
        fits = [
            place
            for place, row in enumerate(self._rows.values())
            if (not within.piece or row.piece == within.piece)
            and within.shortest <= row.duration <= within.longest
        ]
        index = self._index(relative)
        among = faiss.IDSelectorBatch(np.array(fits, np.int64))
        chosen = faiss.SearchParameters()
        chosen.sel = among
        count = min(count, len(fits))
        if not count:
            return []
        wanted = unit(vector).astype(np.float32)[None]
        return [int(place) for place in index.search(wanted, count, params=chosen)[1][0]]

    def _index(self, relative: bool) -> faiss.Index:
        if relative not in self._indexes:
            vectors = [row.deviation if relative else row.vector for row in self._rows.values()]
            index = faiss.IndexFlatIP(len(vectors[0]) if vectors else 1)
            if vectors:
                index.add(np.array(vectors, np.float32))
            self._indexes[relative] = index
        return self._indexes[relative]

    def flush(self) -> None:
        rows = sorted(self._rows.values(), key=lambda row: row.id)
        said = [[row.id, row.piece, row.performer, row.duration, row.about] for row in rows]
        arrays = [(row.profile, row.vector, row.deviation) for row in rows]
        vectors = b"".join(array.astype("<f4").tobytes() for row in arrays for array in row)
        text = json.dumps(said).encode() + b"\n" + vectors
        header = {
            "info": self._info.to_json(),
            "sha256": hashlib.sha256(text).hexdigest(),
            "profile": len(rows[0].profile) if rows else 0,
            "space": len(rows[0].vector) if rows else 0,
        }
        try:
            replace_file(Path(self.place), json.dumps(header).encode() + b"\n" + text)
        except OSError as error:
            raise EsprError(f"cannot write {self.place}: {error.strerror}") from error

    def _read(self, path: Path) -> StoreInfo:
        try:
            head, _, text = path.read_bytes().partition(b"\n")
            header = json.loads(head)
            info = StoreInfo.from_json(header["info"], self.place)
            if hashlib.sha256(text).hexdigest() != header["sha256"]:
                raise EsprError(f"{self.place} is damaged; delete it and publish again")
            said, _, vectors = text.partition(b"\n")
            rows = json.loads(said)
            space = get_space(info.space)
            wide = len(space) if rows else 0
            if header["space"] != wide or (rows and header["profile"] < len(space.measured)):
                raise ValueError(header)
            widths = np.cumsum([header["profile"], wide, wide])
            numbers = np.frombuffer(vectors, "<f4").reshape(-1, max(1, widths[-1]))
            if not np.isfinite(numbers).all():
                raise ValueError(vectors)
            for (identity, *text), row in zip(rows, numbers, strict=True):
                piece, performer, duration, about = text
                values = int(identity), str(piece), str(performer), float(duration), str(about)
                self._rows[values[0]] = Row(*values, *np.split(row, widths[:-1]))
        except OSError as error:
            raise EsprError(f"cannot read {self.place}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise EsprError(f"{self.place} holds nothing that espr publish wrote") from error
        return info
