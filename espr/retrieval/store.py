"""Stores of profiles that answer without a library: what is in one, and what one can do.

``espr publish`` copies what ranking needs out of a library; ``espr query --store`` asks the copy.
A store is a file with a FAISS index (:mod:`espr.retrieval.faiss_store`) or a Milvus collection
(:mod:`espr.retrieval.milvus_store`), which other machines can serve. Vectors are those of
:mod:`espr.retrieval.search`: unit profiles, and unit deviations from the mean of the piece.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Protocol, Self

import numpy as np

import espr
from espr.catalog.catalog import Recording
from espr.catalog.schema import checksum
from espr.errors import EsprError
from espr.retrieval.query_model import QueryModel
from espr.works.tags import Tags

FORMAT = "espr.store/1"
BATCH = 5_000  # recordings that are written or read at once


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """What all recordings of a store have in common.

    Attributes
    ----------
    library : str
        The id of the library that was published.
    encoder, space : str
        Id of the audio encoder, and the name of the space.
    constants : str
        SHA-256 of the query model's constants, which the vectors depend on.
    espr : str
        The version of ESPR that made the store.
    """

    library: str
    encoder: str
    space: str
    constants: str
    espr: str = espr.__version__
    format: str = FORMAT

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str, place: str) -> Self:
        """The information that a store holds; ``place`` names it in the error."""
        try:
            document = json.loads(text)
            if document["format"] != FORMAT:
                raise ValueError(document["format"])
            return cls(**{one.name: str(document[one.name]) for one in fields(cls)})
        except (ValueError, KeyError, TypeError) as error:
            raise EsprError(f"{place} holds nothing that espr publish wrote") from error

    def refuse_other(self, wanted: StoreInfo, place: str) -> None:
        """Raise unless what is to be published goes with what is there."""
        for name, what in (
            ("library", "of another library"),
            ("encoder", f"by the encoder {self.encoder}, not {wanted.encoder}"),
            ("space", f"in the space {self.space}, not {wanted.space}"),
            ("constants", "for another query model"),
        ):
            if getattr(self, name) != getattr(wanted, name):
                raise EsprError(
                    f"{place} holds recordings {what}; nothing was changed. Publish to another name"
                )


@dataclass(frozen=True, slots=True)
class Row:
    """One recording as it is published.

    Attributes
    ----------
    id : int
        Of the recording, in the library.
    piece : str
        Slug.
    about : str
        JSON, ASCII: what an answer shows.
    profile : np.ndarray, shape=(at least the measured features,), float32
        In the encoder's units.
    vector, deviation : np.ndarray, shape=(d,), float32
        At length 1: standardised, and from the mean of its piece.
    """

    id: int
    piece: str
    performer: str
    duration: float
    about: str
    profile: np.ndarray
    vector: np.ndarray
    deviation: np.ndarray

    @property
    def version(self) -> int:
        """A checksum: what it equals in need not be published again."""
        arrays = (self.profile, self.vector, self.deviation)
        text = (self.id, self.piece, self.performer, self.duration, self.about)
        return checksum(*text, *(array.astype("<f4").tobytes() for array in arrays))

    @property
    def shown(self) -> Shown:
        try:
            return Shown(**json.loads(self.about))
        except (ValueError, TypeError, RecursionError) as error:
            raise EsprError(f"recording {self.id} is not described as espr publish does") from error

    @property
    def recording(self) -> Recording:
        """As the library had it, without tags."""
        shown = self.shown
        return Recording(
            id=self.id,
            path=shown.path,
            start=shown.start,
            end=shown.end,
            duration=self.duration,
            audio_hash="",
            encoder="",
            performer=self.performer,
            title=shown.title,
            rule="",
            piece_id=None,
            tags=Tags(),
            duplicate_of=shown.duplicate_of,
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """What an answer shows of a recording beside what it is found by.

    Attributes
    ----------
    away : bool
        Whether its drive was away when it was published: it counts for the mean of its piece, but
        is not ranked.
    tempo : float or None
        How many times as fast it is as the mean of its piece's performances, where that is known.
    """

    path: str
    start: float
    end: float | None
    title: str
    piece_title: str
    composer: str
    duplicate_of: int | None
    away: bool
    tempo: float | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which recordings are searched: of a piece ("" is any), and of some duration in seconds."""

    piece: str = ""
    shortest: float = 0.0
    longest: float = float("inf")


class Store(Protocol):
    """What a store can do."""

    place: str

    @property
    def info(self) -> StoreInfo: ...

    def __len__(self) -> int: ...

    def versions(self) -> dict[int, int]:
        """Id → :attr:`Row.version` of every recording."""

    def add(self, rows: Sequence[Row]) -> None:
        """Add recordings, or replace those of the same ids."""

    def remove(self, ids: Sequence[int]) -> None: ...

    def search(self, vector: np.ndarray, within: Filter, count: int) -> list[Row]:
        """The ``count`` recordings whose ``vector`` is nearest to a unit vector, best first."""

    def search_pieces(
        self, vector: np.ndarray, within: Filter, count: int, *, relative: bool
    ) -> list[str]:
        """The slugs of the ``count`` pieces whose best recording is nearest, best first."""

    def slugs(self, beginning: str, count: int) -> list[str]:
        """Up to ``count`` slugs that begin so."""

    def rows(self) -> Iterator[list[Row]]:
        """Every recording, some at a time."""

    def flush(self) -> None:
        """Keep what was added and removed."""

    def close(self) -> None: ...


def store_info(library: str, model: QueryModel) -> StoreInfo:
    """What a store has in common that is made of a library with a query model."""
    constants = np.concatenate(
        (model.reference_mean, model.reference_std, model.within_std, [model.kappa])
    )
    digest = hashlib.sha256(constants.astype("<f8").tobytes() + model.centring.encode())
    return StoreInfo(library, model.audio, model.space.name, digest.hexdigest())
