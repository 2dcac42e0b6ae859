"""What a query returns: the ranked performances, and the same as one JSON document."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, overload

import numpy as np

from espr.catalog.catalog import Piece, Recording
from espr.errors import EsprError
from espr.features import Space
from espr.query_language.parser import Term
from espr.retrieval.amounts import Amounts
from espr.retrieval.explanation import heard_as, rounded
from espr.retrieval.mentions import Mentions
from espr.retrieval.separation import Separation

SCHEMA = "espr.query/1"
DIGITS = 4  # of every number in the document
PIECES_SHOWN = 5  # over a whole library, when nothing else is asked for
PERFORMANCES_A_PIECE = 3  # of these, so that one piece with forty performances is not the answer
_SHOWN = 3  # results named by repr()
_COLUMNS = (
    *("rank", "score", "performer", "title", "piece", "recording", "start", "end"),
    *("best_window_start", "best_window_end"),
)


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it was read.

    Attributes
    ----------
    text : str
    terms : tuple of Term
        Its words, the unknown ones included.
    parts : np.ndarray, shape=(terms, d) to (terms + 2, d)
        What each term, then the likeness and the shifts add to the profile; weights included.
    weights : mapping
        Feature name to the factor that the user gave.
    like : str
        The path of the recording that the query asks to sound like, or "".
    amounts : Amounts
        How much of each feature is asked for.
    mentions : Mentions
        Performers and durations that the text mentions.
    shifts : mapping
        Feature name to how far the user moved it; 1 is as far as all words together ask for.
    asks_for_tempo : bool
        Whether tempo is among what the words ask for most, also where it is not known.
    """

    text: str
    terms: tuple[Term, ...]
    parts: np.ndarray
    weights: Mapping[str, float]
    like: str
    amounts: Amounts
    mentions: Mentions
    shifts: Mapping[str, float] = field(default_factory=dict)
    asks_for_tempo: bool = False

    @property
    def name(self) -> str:
        """What was asked for, in short."""
        return (
            ", ".join(part for part in (self.text, self.like and f"like {self.like}") if part)
            or "what it shall not sound like"
        )

    @property
    def profile(self) -> np.ndarray:
        """What is compared with the performances, shape=(d,)."""
        profile: np.ndarray = self.parts.sum(axis=0)
        return profile


@dataclass(frozen=True, slots=True)
class BestWindow:
    """The window that fits the query best: start and end in seconds, and its own cosine."""

    start: float
    end: float
    score: float


@dataclass(frozen=True, slots=True)
class Result:
    """One performance in a ranking.

    Attributes
    ----------
    rank : int
        1 is best; equal scores share a rank.
    score : float
        Cosine with the query, in [-1, 1].
    profile, contributions : np.ndarray, shape=(d,)
        The values that entered the cosine, and what each adds to the score.
    best_window : BestWindow or None
        None where no windows are known: a published store holds none.
    times : np.ndarray, shape=(n, 2)
        Start and end of each window, in seconds from the recording's beginning.
    fits : np.ndarray, shape=(n,)
        How well each window fits the query: its cosine.
    separation : Separation or None
        How far it lies behind the first, within a piece.
    tempo : float or None
        How many times as fast it is as the mean of its piece's performances, where that is known.
        It does not enter the score.
    """

    rank: int
    score: float
    source: Recording
    piece: Piece | None
    profile: np.ndarray
    contributions: np.ndarray
    best_window: BestWindow | None
    times: np.ndarray
    fits: np.ndarray
    separation: Separation | None = None
    tempo: float | None = None

    @property
    def recording(self) -> str:
        """The path of the recording."""
        return self.source.path

    @property
    def is_missing(self) -> bool:
        """Whether the file is not there now, and not for want of the whole disk."""
        path = self.source.path
        return not os.path.exists(path) and any(
            os.path.isdir(folder) for folder in map(str, list(Path(path).parents)[:-1])
        )

    @property
    def performer(self) -> str:
        return self.source.performer


@dataclass(frozen=True, slots=True, repr=False)
class Ranking:
    """Performances ranked by a query, the best first: a sequence of its results.

    Attributes
    ----------
    audio, text : str
        Ids of the encoders of the recordings and the words.
    centring : str
        ``piece`` when profiles are deviations from their piece's mean, else ``none``.
    taught : int
        How many descriptions of recordings the library was taught; 0 where the shipped h ranks.
    piece, performances
        The piece and how many performances of it there are; None and the number of
        recordings searched when the query went over the whole library.
    notes : tuple of str
        What the user should know before trusting the order, one line each.
    """

    query: Query
    space: Space
    audio: str
    text: str
    centring: str
    piece: Piece | None
    performances: int
    results: tuple[Result, ...]
    notes: tuple[str, ...]
    taught: int = 0

    def __len__(self) -> int:
        return len(self.results)

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    @overload
    def __getitem__(self, place: int) -> Result: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Result, ...]: ...
    def __getitem__(self, place: int | slice) -> Result | tuple[Result, ...]:
        """The result at a place counted from 0, which has rank 1; results of a slice."""
        return self.results[place]

    def __repr__(self) -> str:
        of = "the whole library" if self.piece is None else f"{self.piece.slug!r}"
        best = ", ".join(
            f"{result.rank}. {result.performer or result.source.title} {result.score:+.2f}"
            for result in self.results[:_SHOWN]
        )
        more = ", …" if len(self) > _SHOWN else ""
        return f"<Ranking {self.query.name!r} in {of}, {len(self)} results: {best}{more}>"

    def _repr_html_(self) -> str:
        """A table for a notebook; everything that a tag or a name may say is escaped."""
        from html import escape  # 2,231 names of letters, which no query in a terminal needs

        rows = [
            (result.rank, f"{result.score:+.2f}", result.performer, result.source.title, slug)
            for result in self.results
            for slug in (result.piece.slug if result.piece else "",)
        ]
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>"
            for row in rows
        )
        head = "".join(f"<th>{name}</th>" for name in _COLUMNS[:5])
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        caption = f"<caption>{escape(self.query.name)}</caption>"
        return f"<table>{caption}<tr>{head}</tr>{body}</table>{notes}"

    def to_dataframe(self) -> Any:
        """One row a result: rank, score, performer, title, piece, recording, start, end and the
        best window in seconds, then what each feature adds to the score.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        EsprError
            When pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise EsprError("to_dataframe() needs pandas; run: pip install pandas") from error
        rows = [
            (
                *(result.rank, result.score, result.performer, result.source.title),
                result.piece.slug if result.piece else None,
                *(result.recording, result.source.start, result.source.end),
                *((window.start, window.end) if (window := result.best_window) else (None, None)),
                *result.contributions.tolist(),
            )
            for result in self.results
        ]
        return pandas.DataFrame(rows, columns=[*_COLUMNS, *self.space.names])

    def document(self) -> dict[str, Any]:
        """The ranking as ``espr query --json`` prints it: plain lists, dicts and numbers."""
        return {
            "schema": SCHEMA,
            "space": self.space.name,
            "audio": _name(self.audio),
            "text": _name(self.text),
            "encoders": {"audio": self.audio, "text": self.text},
            "centring": self.centring,
            "taught": self.taught,
            "query": self._query(),
            "piece": piece_document(self.piece, self.performances),
            "performances": self.performances,
            "results": [self._result(result) for result in self.results],
            "notes": list(self.notes),
        }

    def _query(self) -> dict[str, Any]:
        query = self.query
        return {
            "text": query.text,
            "words": [
                {
                    "word": term.text,
                    "weight": round(term.weight, DIGITS),
                    "known": term.known,
                    "suggestions": list(term.suggestions),
                    "read_as": list(term.words),
                    "note": term.note,
                    "profile": named(self.space, part),
                }
                for term, part in zip(query.terms, query.parts, strict=False)
            ],
            "weights": dict(query.weights),
            "like": query.like or None,
            "mentions": {
                "like": list(query.mentions.like),
                "unlike": list(query.mentions.unlike),
                "compared_with": query.mentions.beyond or None,
                "not_in_library": list(query.mentions.strangers),
                "shortest": query.mentions.shortest,
                "longest": query.mentions.longest if query.mentions.has_longest else None,
            },
            "heard_as": heard_as(self.space, query.profile),
            "profile": named(self.space, query.profile),
            "targets": {
                name: round(float(target), DIGITS)
                for name, target in zip(self.space.names, query.amounts.targets, strict=True)
                if np.isfinite(target)
            },
            "ends": query.amounts.is_extreme,
        }

    def _result(self, result: Result) -> dict[str, Any]:
        parts = rounded(result.contributions, DIGITS)
        window = result.best_window
        document: dict[str, Any] = {
            "rank": result.rank,
            "score": round(sum(parts), DIGITS),
            "recording": result.recording,
            "start": round(result.source.start, 3),
            "end": None if result.source.end is None else round(result.source.end, 3),
            "performer": result.performer,
            "title": result.source.title,
            "piece": piece_document(result.piece, result.piece.count if result.piece else 1),
            "profile": named(self.space, result.profile),
            "contributions": dict(zip(self.space.names, parts, strict=True)),
            "best_window": window
            and {
                "start": round(window.start, 3),
                "end": round(window.end, 3),
                "score": round(window.score, DIGITS),
            },
        }
        if result.tempo is not None:
            document["tempo"] = round(result.tempo, DIGITS)
        if result.is_missing:
            document["missing"] = True
        if result.separation is not None:
            error = result.separation.standard_error
            document["behind_first"] = {
                "difference": round(result.separation.difference, DIGITS),
                "standard_error": None if error is None else round(error, DIGITS),
                "told_apart": result.separation.told_apart,
            }
        return document


def named(space: Space, vector: np.ndarray) -> dict[str, float]:
    """A vector of the space, shape=(d,), as rounded numbers by feature."""
    values = (round(float(value), DIGITS) + 0.0 for value in vector)
    return dict(zip(space.names, values, strict=True))


def _name(encoder: str) -> str:
    """``signal`` of ``signal/1``."""
    return encoder.partition("/")[0]


def piece_document(piece: Piece | None, performances: int) -> dict[str, Any] | None:
    """A piece and how many performances of it there are."""
    if piece is None:
        return None
    return {
        "id": piece.slug,
        "title": piece.title,
        "composer": piece.composer,
        "performances": performances,
    }
