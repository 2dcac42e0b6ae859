"""Search over every recording of a library: a FAISS inner-product index of unit profiles.

The vectors are standardised profiles, or deviations from the mean of a piece, at length 1, so
their inner product with a query of length 1 is the cosine, eq. (1) of Chowdhury & Widmer 2023.
Search is exact (``IndexFlatIP``): a dozen floats each, a million of them in 2.3 ms on one core.

The index is derived from the catalog and kept beside it as ``<library>.faiss``, or
``<library>.relative.faiss``: one JSON line (what it was made from, and a digest of the rest), then
the piece, the length of the profile and the duration of each row, and the index as FAISS writes
it. When anything is in doubt it is made again; where the folder cannot be written, it lives in
memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from espr.catalog.catalog import Catalog
from espr.catalog.locations import index_path
from espr.errors import NOTHING_MATCHED, EsprError
from espr.retrieval.query_model import QueryModel
from espr.retrieval.ranking import unit
from espr.whole_files import replace_file

if TYPE_CHECKING:
    import faiss

    from espr.retrieval.results import Query

FORMAT = "espr.index/2"


@dataclass(frozen=True, slots=True)
class LibraryIndex:
    """Unit profiles of every recording.

    Attributes
    ----------
    pieces : np.ndarray, shape=(n,), int64
        The id of the piece of each row.
    lengths : np.ndarray, shape=(n,), float32
        Of the profiles, before they were brought to length 1.
    durations : np.ndarray, shape=(n,), float32
        Seconds.
    index : faiss.Index
        Of inner products, over unit profiles.
    """

    pieces: np.ndarray
    lengths: np.ndarray
    durations: np.ndarray
    index: faiss.Index

    def __len__(self) -> int:
        return len(self.pieces)

    def nearest_pieces(self, query: np.ndarray, count: int) -> list[int]:
        """The ids of the ``count`` pieces whose best recording is nearest, best first."""
        wanted = unit(query).astype(np.float32)[None]
        neighbours = 8 * count
        while True:
            neighbours = min(len(self), neighbours)
            _, rows = self.index.search(wanted, neighbours)
            # dict.fromkeys: each piece once, in the order of its best recording
            nearest = list(dict.fromkeys(self.pieces[rows[0]].tolist()))
            if len(nearest) >= count or neighbours == len(self):
                return nearest[:count]
            neighbours *= 4  # a few pieces with many takes filled the list

    def best_pieces(self, query: Query, count: int) -> list[int]:
        """The same for a query that may ask for amounts and durations.

        Where it does, all recordings are scored, by :class:`espr.retrieval.amounts.Amounts`.
        """
        amounts, mentions = query.amounts, query.mentions
        if amounts.is_plain and not mentions.has_duration:
            return self.nearest_pieces(query.profile, count)
        profiles = self.index.reconstruct_n(0, len(self)) * self.lengths[:, None]
        best_first = np.argsort(-amounts.scores(query.profile, profiles), kind="stable")
        fits = (mentions.shortest <= self.durations) & (self.durations <= mentions.longest)
        return list(dict.fromkeys(self.pieces[best_first[fits[best_first]]].tolist()))[:count]


def open_index(catalog: Catalog, model: QueryModel, *, relative: bool = False) -> LibraryIndex:
    """The index of the library: from its file when that is current, else made anew.

    ``relative``: of each recording's deviation from the mean of its piece.
    """
    path = index_path(catalog.path, relative=relative)
    # Read before the profiles: whatever is written in between makes the file out of date.
    made_from = _made_from(catalog, model, relative)
    index = _read(path, made_from)
    if index is None:
        index = _build(catalog, model, relative)
        _write(path, made_from, index)
    return index


@dataclass(frozen=True, slots=True)
class Profiles:
    """Every recording of a library that is of a piece, by id.

    Attributes
    ----------
    ids, pieces : np.ndarray, shape=(n,), int64
        Of the recordings, ascending, and of their pieces.
    durations : np.ndarray, shape=(n,), float32
        Seconds.
    raw : np.ndarray, shape=(n, >= d), float32
        In the encoder's units.
    """

    ids: np.ndarray
    pieces: np.ndarray
    durations: np.ndarray
    raw: np.ndarray

    def vectors(self, model: QueryModel, *, relative: bool) -> np.ndarray:
        """What is searched, shape=(n, d): standardised, or deviations from the piece's mean."""
        if not relative:
            return model.standardised(self.raw)
        # Rows piece by piece: sorted once, then cut where the piece changes.
        by_piece = np.argsort(self.pieces, kind="stable")
        cuts = np.flatnonzero(np.diff(self.pieces[by_piece])) + 1
        vectors = np.empty((len(self.ids), len(model.space)))
        vectors[by_piece] = np.concatenate(
            [model.centred(rows) for rows in np.split(self.raw[by_piece], cuts)]
        )
        return vectors


def read_profiles(catalog: Catalog, model: QueryModel) -> Profiles:
    """Every profile of the model's audio encoder.

    Raises
    ------
    EsprError
        Exit code 1 when there is none.
    """
    # Ids only: whole recordings with their tags would take ten times as long.
    with catalog.snapshot():
        piece_of = catalog.pieces_of()
        seconds = catalog.durations()
        ids, profiles = catalog.profiles(None, model.audio)
    kept = [row for row, recording in enumerate(ids.tolist()) if recording in piece_of]
    if len(ids) and not kept:
        raise EsprError(catalog.why_no_pieces(), NOTHING_MATCHED)
    if not kept:
        raise EsprError(
            f"the library holds no recording heard by {model.audio}; run: espr index FOLDER",
            NOTHING_MATCHED,
        )
    recordings = ids[kept].tolist()
    pieces = np.array([piece_of[recording] for recording in recordings], dtype=np.int64)
    durations = np.array([seconds[recording] for recording in recordings], dtype=np.float32)
    return Profiles(ids[kept], pieces, durations, profiles[kept])


def _build(catalog: Catalog, model: QueryModel, relative: bool) -> LibraryIndex:
    import faiss

    found = read_profiles(catalog, model)
    vectors = found.vectors(model, relative=relative)
    index = faiss.IndexFlatIP(len(model.space))
    index.add(unit(vectors).astype(np.float32))
    lengths = np.linalg.norm(vectors, axis=1).astype(np.float32)
    return LibraryIndex(found.pieces, lengths, found.durations, index)


def _made_from(catalog: Catalog, model: QueryModel, relative: bool = False) -> dict[str, Any]:
    constants = np.concatenate((model.reference_mean, model.reference_std))
    if relative:
        constants = np.append(constants, [*model.within_std, model.kappa, model.centring != "none"])
    return {
        "format": FORMAT,
        "audio": model.audio,
        "space": model.space.name,
        "relative": relative,
        "constants": hashlib.sha256(constants.astype("<f8").tobytes()).hexdigest(),
        "library": catalog.state(),
    }


def _read(path: Path, made_from: dict[str, Any]) -> LibraryIndex | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    line, _, body = content.partition(b"\n")
    try:
        header = json.loads(line)
        count = header.pop("count")
        digest = header.pop("sha256")
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    if header != made_from or digest != hashlib.sha256(body).hexdigest():
        return None
    import faiss

    pieces = np.frombuffer(body, "<i8", count)
    lengths, durations = np.frombuffer(body, "<f4", 2 * count, pieces.nbytes).reshape(2, count)
    stored = np.frombuffer(body, np.uint8, offset=2 * pieces.nbytes)
    return LibraryIndex(pieces, lengths, durations, faiss.deserialize_index(stored))


def _write(path: Path, made_from: dict[str, Any], index: LibraryIndex) -> None:
    import faiss

    rows = np.concatenate([index.lengths, index.durations]).astype("<f4").tobytes()
    body = index.pieces.astype("<i8").tobytes() + rows
    body += faiss.serialize_index(index.index).tobytes()
    digest = hashlib.sha256(body).hexdigest()
    header = {**made_from, "count": len(index), "sha256": digest}
    # A folder that cannot be written costs the next search 30 ms, nothing else.
    with contextlib.suppress(OSError):
        replace_file(path, json.dumps(header).encode() + b"\n" + body)
