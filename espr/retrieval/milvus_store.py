"""A store in Milvus: a collection of a server, or of a file, which milvus-lite serves.

Milvus (https://milvus.io, Apache-2.0) filters and groups by piece itself; the index is FLAT, which
is exact. A collection has the property ``espr``: its :class:`espr.retrieval.store.StoreInfo`.
``ESPR_MILVUS_TOKEN`` is the server's token, ``user:password`` or an API key.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from espr.errors import EsprError
from espr.features import get_space
from espr.retrieval.ranking import unit
from espr.retrieval.store import BATCH, Filter, Row, StoreInfo

TOKEN = "ESPR_MILVUS_TOKEN"
IN_A_FILE = "recordings"  # the collection of a FILE.db
_PROPERTY = "espr"
_MOST = 16_384  # rows of one answer, Milvus's limit
_TEXT = 65_535  # bytes of a text, Milvus's limit
_FEATURES = 64  # of an encoder, at most
_SECONDS = 10.0  # until a server must have answered
_FIELDS = ["id", "piece", "performer", "duration", "about", "profile"]


class MilvusStore:
    """A :class:`espr.retrieval.store.Store` in Milvus."""

    def __init__(self, place: str, info: StoreInfo | None) -> None:
        self.place = place
        address, self._collection = _address(place)
        if info is None and address == place and not os.path.exists(place):
            raise EsprError(f"there is no store {place}; run: espr publish --to {place}")
        client = _milvus()
        token = os.environ.get(TOKEN, "")
        with self._errors():
            self._client = client(address, token=token, timeout=_SECONDS)
        try:
            self._info = self._open(info)
        except BaseException:
            self._client.close()
            raise

    def _open(self, info: StoreInfo | None) -> StoreInfo:
        """What the collection says of itself; it is made where ``info`` is there and it is not."""
        with self._errors():
            if not self._client.has_collection(self._collection):
                if info is None:
                    raise EsprError(f"{self.place} has no such collection; run: espr publish --to")
                self._make(info)
            described = self._client.describe_collection(self._collection)
            self._client.load_collection(self._collection)
        return StoreInfo.from_json(described.get("properties", {}).get(_PROPERTY, ""), self.place)

    @property
    def info(self) -> StoreInfo:
        return self._info

    def __len__(self) -> int:
        with self._errors():
            counted = self._client.query(self._collection, "", output_fields=["count(*)"])
        return int(counted[0]["count(*)"])

    def versions(self) -> dict[int, int]:
        return {row["id"]: row["version"] for part in self._parts(["version"]) for row in part}

    def add(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if max(len(row.about), len(row.performer.encode())) > _TEXT:
                raise EsprError(f"recording {row.id} is described by more than Milvus can hold")
        with self._errors():
            self._client.upsert(
                self._collection,
                [
                    {
                        "id": row.id,
                        "version": row.version,
                        "piece": row.piece,
                        "performer": row.performer,
                        "duration": row.duration,
                        "about": row.about,
                        "profile": row.profile.tolist(),
                        "vector": row.vector,
                        "deviation": row.deviation,
                    }
                    for row in rows
                ],
            )

    def remove(self, ids: Sequence[int]) -> None:
        with self._errors():
            self._client.delete(self._collection, ids=list(ids))

    def search(self, vector: np.ndarray, within: Filter, count: int) -> list[Row]:
        hits = self._search(vector, "vector", within, count, output_fields=_FIELDS)
        return [_row(hit["entity"]) for hit in hits]

    def search_pieces(
        self, vector: np.ndarray, within: Filter, count: int, *, relative: bool
    ) -> list[str]:
        field = "deviation" if relative else "vector"
        hits = self._search(
            *(vector, field, within, count), group_by_field="piece", output_fields=["piece"]
        )
        return [hit["entity"]["piece"] for hit in hits]

    def slugs(self, beginning: str, count: int) -> list[str]:
        if _slug(beginning) != beginning:  # no slug begins so
            return []
        with self._errors():
            rows = self._client.query(
                *(self._collection, f'piece like "{beginning}%"'),
                output_fields=["piece"],
                limit=_MOST,
            )
        return sorted({row["piece"] for row in rows})[:count]

    def rows(self) -> Iterator[list[Row]]:
        for part in self._parts(_FIELDS[1:]):
            yield [_row(row) for row in part]

    def flush(self) -> None:
        with self._errors():
            self._client.flush(self._collection)

    def close(self) -> None:
        self._client.close()

    def _parts(self, names: list[str]) -> Iterator[list[dict[str, Any]]]:
        """Every row, by ranges of ids: an answer has a limit, and no order."""
        left, first = len(self), 0
        while left > 0:
            last = first + BATCH
            with self._errors():
                rows = self._client.query(
                    *(self._collection, f"id >= {first} and id < {last}"),
                    output_fields=["id", *names],
                    limit=_MOST,
                )
            left, first = left - len(rows), last
            yield list(rows)

    def _search(
        self, vector: np.ndarray, field: str, within: Filter, count: int, **options: Any
    ) -> list[dict[str, Any]]:
        with self._errors():
            (hits,) = self._client.search(
                self._collection,
                [unit(vector).astype(np.float32).tolist()],
                filter=_expression(within),
                anns_field=field,
                limit=min(count, _MOST),
                search_params={"metric_type": "IP"},
                **options,
            )
        return list(hits)

    def _make(self, info: StoreInfo) -> None:
        from pymilvus import DataType

        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("version", DataType.INT64)
        for name in ("piece", "performer", "about"):
            schema.add_field(name, DataType.VARCHAR, max_length=_TEXT)
        schema.add_field("duration", DataType.DOUBLE)
        schema.add_field(
            "profile", DataType.ARRAY, element_type=DataType.FLOAT, max_capacity=_FEATURES
        )
        index = self._client.prepare_index_params()
        for name in ("vector", "deviation"):
            schema.add_field(name, DataType.FLOAT_VECTOR, dim=len(get_space(info.space)))
            index.add_index(name, index_type="FLAT", metric_type="IP")
        self._client.create_collection(
            self._collection,
            schema=schema,
            index_params=index,
            consistency_level="Strong",
            properties={_PROPERTY: info.to_json()},
        )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Milvus's errors, and a closed connection, as one line."""
        from pymilvus.exceptions import MilvusException

        try:
            yield
        except MilvusException as error:
            reason = " ".join(str(error.message or error).split())
            raise EsprError(f"{self.place}: Milvus refused: {reason}") from error


def _milvus() -> Any:
    """The class of Milvus's client."""
    try:
        from pymilvus import MilvusClient
    except ImportError as error:
        raise EsprError('Milvus needs an extra; run: pip install "espr[milvus]"') from error
    for name in ("pymilvus", "milvus_lite", "grpc"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # errors are raised, too
    return MilvusClient


def _address(place: str) -> tuple[str, str]:
    """The address and the collection that a place names."""
    if not place.startswith("milvus://"):
        return place, IN_A_FILE
    try:
        parts = urlsplit(place)
        host, port = parts.hostname, parts.port or 19530
    except ValueError:
        host = None
    collection = parts.path.strip("/") if host else ""
    if not re.fullmatch(r"[A-Za-z_]\w*", collection, re.ASCII):
        raise EsprError(f"{place!r} names no collection; write milvus://host:19530/collection")
    return f"http://{host}:{port}", collection


def _expression(within: Filter) -> str:
    terms = []
    if within.piece:
        terms.append(f'piece == "{_slug(within.piece)}"')
    if within.shortest > 0:
        terms.append(f"duration >= {within.shortest!r}")
    if within.longest < float("inf"):
        terms.append(f"duration <= {within.longest!r}")
    return " and ".join(terms)


def _slug(text: str) -> str:
    """What is left of a text where only letters of slugs may stand: quotes are none."""
    return re.sub(r"[^a-z0-9-]", "", text.casefold())


def _row(fields: dict[str, Any]) -> Row:
    """A row as it is read: without vectors, which follow from the profile."""
    nothing = np.zeros(0, np.float32)
    profile = np.array(fields["profile"], np.float32)
    text = fields["piece"], fields["performer"], fields["duration"], fields["about"]
    return Row(fields["id"], *text, profile, nothing, nothing)
