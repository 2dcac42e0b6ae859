"""What the pages of a served library show, as plain data for the templates."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from espr.catalog.catalog import Catalog, Piece, Recording
from espr.catalog.search import find_pieces
from espr.errors import NOTHING_MATCHED, EsprError
from espr.library import Library
from espr.pages.map_drawing import DrawnMap, draw_map
from espr.pages.ranking_page import (
    RankingView,
    ShownTake,
    key_of,
    plain_takes,
    ranking_view,
)
from espr.pages.sounds import Sound
from espr.printable import at_start
from espr.retrieval.in_words import read_as
from espr.retrieval.lookup import find_piece
from espr.retrieval.piece_map import map_piece
from espr.retrieval.query_reading import Request, read_request
from espr.retrieval.recording_profile import describing_words
from espr.retrieval.results import Ranking, Result
from espr.retrieval.same_bars import time_map

A_PAGE = 60  # pieces
TOP = 12  # pieces that answer a query of the whole library
COMPLETIONS = 8
_NUMBERS = 1 << 63  # of SQLite
_WHOLE = re.compile(r"\d{1,19}", re.ASCII)  # a number of an address
_KEY = re.compile(r"\d{1,19}(?=-)", re.ASCII)
SLIDERS = "move."  # before a feature's name in a form


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of the list of pieces.

    Attributes
    ----------
    total : int
        Pieces that were found.
    before, after : str
        Addresses of the neighbouring pages, or "".
    """

    pieces: Sequence[Piece]
    total: int
    recordings: int
    wanted: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Slider:
    """A feature that can be moved, and how far it is, from -1 to 1."""

    name: str
    label: str
    low: str
    high: str
    value: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """A playlist as a page shows it.

    Attributes
    ----------
    seconds : float
        All of it together.
    keys : str
        Of its performances, divided by commas.
    gone : int
        How many of its performances the library does not have any more.
    """

    takes: Sequence[ShownTake]
    seconds: float
    keys: str
    gone: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks for.

    Attributes
    ----------
    like : str or None
        The key of a recording to sound like.
    shifts : mapping
        Feature name to how far its slider is moved; those at 0 left out.
    """

    words: str
    like: str | None
    shifts: Mapping[str, float]

    @property
    def is_empty(self) -> bool:
        return not (self.words.strip() or self.like or self.shifts)

    @property
    def as_query(self) -> str:
        """The same as the query of an address."""
        fields: list[tuple[str, str]] = [("words", self.words)] if self.words else []
        fields += [("like", self.like)] if self.like else []
        fields += [(SLIDERS + name, f"{value:g}") for name, value in self.shifts.items()]
        return urlencode(fields)


def read_form(fields: Mapping[str, str], library: Library) -> Asked:
    """What the fields of a form or an address ask for.

    Raises
    ------
    EsprError
        When a number is none.
    """
    shifts = {}
    try:
        for name, text in fields.items():
            if name.startswith(SLIDERS):
                feature = library.model.space.index(name.removeprefix(SLIDERS))
                value = min(1.0, max(-1.0, _number(text)))
                if value:
                    shifts[library.model.space.names[feature]] = value
    except ValueError as error:
        raise EsprError("the address of this page holds something that is no number") from error
    return Asked(fields.get("words", ""), fields.get("like") or None, shifts)


def same_bar(catalog: Catalog, one: str, other: str, moment: str) -> float | None:
    """Where another recording plays what one plays at a moment, in seconds, if it does.

    Raises
    ------
    EsprError
        When a number is none, or the library has no such recording.
    """
    try:
        at = _number(moment)
    except ValueError as error:
        raise EsprError("at is a number of seconds") from error
    found = time_map(catalog, *(recording_of(catalog, key).id for key in (one, other)))
    return found.at(at) if found else None


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def shelf(catalog: Catalog, wanted: str, start_at: str) -> Shelf:
    """The pieces that fit what is typed, or all, from a place on: the first one, if it is none."""
    found = find_pieces(catalog, wanted) if wanted.strip() else catalog.pieces()
    recordings, _ = catalog.totals().get("recordings analysed", (0, 0))
    start = int(start_at) if _WHOLE.fullmatch(start_at) else 0
    start = max(0, min(start, len(found) - 1))

    def page(at: int) -> str:
        return f"/?{urlencode({'find': wanted, 'from': at} if wanted else {'from': at})}"

    return Shelf(
        pieces=found[start : start + A_PAGE],
        total=len(found),
        recordings=recordings,
        wanted=wanted,
        before=page(max(0, start - A_PAGE)) if start else "",
        after=page(start + A_PAGE) if start + A_PAGE < len(found) else "",
    )


def sliders(library: Library, asked: Asked) -> list[Slider]:
    """A slider for each feature."""
    return [
        Slider(
            SLIDERS + feature.name,
            feature.name.replace("_", " "),
            feature.low,
            feature.high,
            asked.shifts.get(feature.name, 0.0),
        )
        for feature in library.model.space.features
    ]


def answer(library: Library, asked: Asked, piece: Piece | None) -> RankingView:
    """The ranking that is asked for, with players of the recordings as they lie on the disk.

    Raises
    ------
    EsprError
        Exit code 1 when nothing is found, 2 when the words cannot be read.
    """
    ranking = rank(library, asked, piece)
    within = {} if piece is None else {"piece": piece.slug}
    view = ranking_view(ranking, [sound_of(one.source) for one in ranking], more=_more_like)
    return replace(view, playlist=f"/playlist.m3u8?{urlencode(within)}&{asked.as_query}")


def rank(library: Library, asked: Asked, piece: Piece | None) -> Ranking:
    """The ranking itself; raises as :func:`answer`."""
    return library.query(
        asked.words,
        None if piece is None else piece.slug,
        like=None if asked.like is None else _name_of(recording_of(library.catalog, asked.like)),
        shifts=asked.shifts,
        top=None if piece is not None else TOP,
    )


def map_of(library: Library, piece: Piece) -> DrawnMap | None:
    """The piece's performances on a plane; None where they are too few, or all the same."""
    try:
        return draw_map(map_piece(library.catalog, piece, library.model))
    except EsprError as error:
        if error.exit_code != NOTHING_MATCHED:
            raise
        return None


def takes_of(catalog: Catalog, piece: Piece) -> list[ShownTake]:
    """The performances of a piece without a question, by their players."""
    recordings = [one for one in catalog.recordings(piece.id) if one.duplicate_of is None]
    return plain_takes(recordings, [sound_of(one) for one in recordings])


def chosen(catalog: Catalog, keys: str) -> Chosen:
    """The performances of a playlist; ``keys`` are divided by commas."""
    wanted = list(dict.fromkeys(filter(None, keys.split(","))))
    recordings = recordings_of(catalog, wanted)
    pieces = catalog.pieces(sorted({one.piece_id for one in recordings if one.piece_id}))
    piece_of = {piece.id: piece for piece in pieces}
    takes = plain_takes(recordings, [sound_of(one) for one in recordings])
    return Chosen(
        [
            replace(take, piece=piece_of.get(one.piece_id or 0))
            for take, one in zip(takes, recordings, strict=True)
        ],
        sum(one.duration for one in recordings),
        ",".join(map(key_of, recordings)),
        len(wanted) - len(recordings),
    )


def sound_of(recording: Recording) -> Sound:
    """The player of a recording: its file, by the recording's key."""
    if not os.path.exists(recording.path):
        return Sound(problem="The recording is not there now.")
    return Sound(f"/media/{key_of(recording)}", -recording.start, 0.0, recording.duration)


def _name_of(recording: Recording) -> str:
    """The name by which a query finds a recording."""
    return recording.path + ("" if recording.whole else at_start(recording.start))


def recording_of(catalog: Catalog, key: str) -> Recording:
    """The recording of a key.

    Raises
    ------
    EsprError
        Exit code 1 when there is none.
    """
    for found in recordings_of(catalog, [key]):
        return found
    raise EsprError("the library has no such recording any more", NOTHING_MATCHED)


def recordings_of(catalog: Catalog, keys: Sequence[str]) -> list[Recording]:
    """The recordings of some keys, in their order, each once, as far as there are any."""
    ids = {key: int(number[0]) for key in keys if (number := _KEY.match(key))}
    found = catalog.recordings_by_id([number for number in ids.values() if number < _NUMBERS])
    return [
        found[number] for key, number in ids.items()
        if number in found and key_of(found[number]) == key
    ]  # fmt: skip


def exact_piece(catalog: Catalog, slug: str) -> Piece:
    """The piece of a slug, now or before a correction; unlike :func:`find_piece`, of that alone.

    Raises
    ------
    EsprError
        Exit code 1 when there is none.
    """
    piece = find_piece(catalog, slug)
    if slug != piece.slug and slug not in dict(catalog.read_table("aliases")):
        raise EsprError("the library has no such piece any more", NOTHING_MATCHED)
    return piece


def reading(library: Library, words: str, piece: str | None) -> dict[str, list[str]]:
    """How words are read, and words that the last one may become, while they are typed."""
    completions = _completions(words)
    if not words.strip():
        return {"lines": [], "completions": completions}
    try:
        read = read_request(library.catalog, library.words, library.model, Request(words, piece))
        lines = list(read_as(read.query, library.model.space))
    except EsprError as error:
        lines = [str(error)]
    return {"lines": lines, "completions": completions}


def _completions(words: str) -> list[str]:
    before, last = words[: len(words) - len(_last_word(words))], _last_word(words).casefold()
    if len(last) < 2:
        return []
    fitting = [word for word in describing_words() if word.startswith(last) and word != last]
    return [before + word for word in fitting[:COMPLETIONS]]


def _last_word(text: str) -> str:
    return text.replace(",", " ").rpartition(" ")[2] if text else ""


def _more_like(result: Result) -> str:
    return f"/search?like={key_of(result.source)}"
