"""What performers and pieces that a text mentions are in the space, and in the library.

The manner of a performer is the mean of their profiles, as the performances will be seen: within
a piece, that of their own performance of it where there is one, else of their other recordings,
each against its own piece.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from espr.catalog.catalog import Catalog, Piece, Recording
from espr.catalog.search import find_performers, find_pieces, find_recordings
from espr.errors import NOTHING_MATCHED, EsprError
from espr.query_language.word_lookup import Vocabulary
from espr.retrieval.amounts import Amounts
from espr.retrieval.mentions import Mentions, capital_runs, possible_names, read_mentions
from espr.retrieval.performances import PieceProfiles, profiles_beside, windows_of
from espr.retrieval.query_model import QueryModel
from espr.retrieval.ranking import unit

_OTHERS = 12  # recordings of other pieces that a manner is taken from
_SUPERLATIVE = re.compile(
    r"\bthe (?:most \w+|\w+est)(?: \w+ing)?(?: of(?: the)?)? (?P<piece>[^,;.!?]+)$"
)
_INTRODUCES = re.compile(r"\b(?:the|of|this|my|in|for|\w+est)\s+$", re.IGNORECASE)


def mentions_of(catalog: Catalog, text: str) -> Mentions:
    """What ``text`` mentions; names are looked up where it may hold one."""
    return read_mentions(text, find_performers(catalog, possible_names(text)))


def piece_named(catalog: Catalog, vocabulary: Vocabulary, text: str) -> tuple[str, Piece | None]:
    """The piece that capital words of ``text`` name, when it is one, and the text without it."""
    named = [(text.find(run), run) for run in capital_runs(text)]
    if (found := _SUPERLATIVE.search(text)) is not None:
        named.append((found.start("piece"), found["piece"]))
    for start, run in named:
        is_word = " " not in run and run.casefold() in vocabulary
        if is_word and not _INTRODUCES.search(text[:start]):
            continue
        pieces = find_pieces(catalog, run)
        if len(pieces) == 1:
            return f"{text[:start]} {text[start + len(run) :]}".strip(), pieces[0]
    return text, None


def likeness_of(
    catalog: Catalog,
    model: QueryModel,
    mentions: Mentions,
    liked: Recording | None,
    profiles: PieceProfiles | None,
    *,
    relative: bool,
) -> tuple[np.ndarray | None, Recording | None]:
    """What to sound like, shape=(d,), as the performances are compared; None: like nobody.

    Second, the recording that is: ``liked``, or the only one of the piece by who is mentioned.
    """
    relative = relative or profiles is not None
    parts: list[np.ndarray] = []
    if liked is not None:
        beside = profiles_beside(catalog, liked, model, relative=relative)
        raw = windows_of(catalog, liked, model).profile[None]
        parts.append(unit(beside.deviations_of(liked, raw)[0]))
    for sign, performers in ((1.0, mentions.like), (-1.0, mentions.unlike)):
        for performer in performers:
            manner, own = manner_of(catalog, model, performer, profiles, relative=relative)
            parts.append(sign * unit(manner))
            liked = liked or (own if sign > 0 else None)
    return (np.sum(parts, axis=0), liked) if parts else (None, None)


def manner_of(
    catalog: Catalog,
    model: QueryModel,
    performer: str,
    profiles: PieceProfiles | None,
    *,
    relative: bool,
) -> tuple[np.ndarray, Recording | None]:
    """The manner of a performer, shape=(d,), and their performance of the piece, if there is one.

    Raises
    ------
    EsprError
        When the model's audio encoder has analysed no recording of theirs.
    """
    rows = own_rows(profiles, performer)
    if profiles is not None and rows:
        manner: np.ndarray = profiles.deviations(profiles.profiles[rows]).mean(axis=0)
        return manner, profiles.recordings[rows[0]] if len(rows) == 1 else None
    manners: list[np.ndarray] = []
    for recording in find_recordings(catalog, performer):
        if recording.performer == performer and len(manners) < _OTHERS:
            beside = profiles_beside(catalog, recording, model, relative=relative)
            raw = windows_of(catalog, recording, model).profile[None]
            manners.append(unit(beside.deviations_of(recording, raw)[0]))
    if not manners:
        raise EsprError(f"no recording by {performer} was analysed", NOTHING_MATCHED)
    return np.mean(manners, axis=0), None


def own_rows(profiles: PieceProfiles | None, performer: str) -> list[int]:
    """The rows of a performer's own performances of the piece."""
    recordings: Sequence[Recording] = () if profiles is None else profiles.recordings
    return [row for row, recording in enumerate(recordings) if recording.performer == performer]


def compared_with(amounts: Amounts, profiles: PieceProfiles | None, performer: str) -> Amounts:
    """The amounts, counted from a performer's performance of the piece: "slower than Richter".

    Raises
    ------
    EsprError
        When there is none in the piece, or no piece.
    """
    rows = own_rows(profiles, performer)
    if profiles is None or not rows:
        where = (
            "within a piece; add --piece"
            if profiles is None
            else "with a performance of this piece"
        )
        raise EsprError(f"a comparison with {performer} is possible only {where}", NOTHING_MATCHED)
    return replace(amounts, origin=profiles.deviations(profiles.profiles[rows]).mean(axis=0))
