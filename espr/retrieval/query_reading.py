"""From what a user asks for to a query that performances are compared with.

Names and durations are taken out of the text first (:mod:`espr.retrieval.mentions`); the rest is
read as words (:mod:`espr.query_language.parser`), and given its profile by h.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from espr.catalog.catalog import Catalog, Recording
from espr.embeddings.encoder import TextEncoder
from espr.errors import NOTHING_MATCHED, EsprError
from espr.features import TEMPO
from espr.query_language.parser import A_NAME, Term, read_terms
from espr.retrieval import notes
from espr.retrieval.amounts import between_opposites, query_amounts
from espr.retrieval.explanation import strongest
from espr.retrieval.likeness import compared_with, likeness_of, mentions_of, piece_named
from espr.retrieval.lookup import find_piece, find_recording
from espr.retrieval.mentions import Mentions, may_have_strangers, without_strangers
from espr.retrieval.performances import PieceProfiles, piece_profiles, with_tempos
from espr.retrieval.query_model import QueryModel
from espr.retrieval.query_profile import query_parts, with_shifts
from espr.retrieval.results import Query

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for, as it was given; see :meth:`espr.library.Library.query`."""

    text: str
    piece: str | None = None
    exclude: Sequence[str] = ()
    weights: Mapping[str, float] | None = None
    like: str | None = None
    relative: bool = False
    shifts: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a request was read as.

    Attributes
    ----------
    query : Query
    profiles : PieceProfiles or None
        Of the piece that was named, by itself or in the words; None: the whole library is asked.
    liked : Recording or None
        The recording to sound like, which is left out of the ranking.
    """

    query: Query
    profiles: PieceProfiles | None
    liked: Recording | None


def read_request(
    catalog: Catalog, words: TextEncoder, model: QueryModel, request: Request
) -> Reading:
    """Look up who and what is named, and read the words.

    Raises
    ------
    EsprError
        Exit code 1 when a piece, recording or performer is not there, 2 when the words cannot be
        read.
    """
    mentions = mentions_of(catalog, request.text)
    named = None
    if request.piece is not None:
        named = find_piece(catalog, request.piece)
    elif not request.relative:
        left, named = piece_named(catalog, words.vocabulary, mentions.text)
        mentions = replace(mentions, text=left)
    if may_have_strangers(mentions.text):
        terms = read_terms(mentions.text, words.vocabulary)
        names = (term.text for term in terms if term.note == A_NAME)
        mentions = without_strangers(mentions, names)
    profiles = None
    if named is not None:
        profiles = with_tempos(catalog, piece_profiles(catalog, named, model))
    among = None if profiles is None else profiles.recordings
    liked = find_recording(catalog, request.like, among) if request.like else None
    likeness, liked = likeness_of(
        catalog, model, mentions, liked, profiles, relative=request.relative
    )
    has_tempo = profiles is not None and bool(profiles.tempos)
    query = read_words(words, model, request, mentions, likeness, has_tempo=has_tempo)
    if mentions.beyond:
        query = replace(query, amounts=compared_with(query.amounts, profiles, mentions.beyond))
    if liked is not None and request.like:
        query = replace(query, like=liked.path)
    return Reading(query, profiles, liked)


def read_words(
    words: TextEncoder,
    model: QueryModel,
    request: Request,
    mentions: Mentions,
    likeness: np.ndarray | None = None,
    *,
    has_tempo: bool = False,
) -> Query:
    """The query that the words ask for, once names and durations are taken out of the text.

    ``likeness``: the profile to sound like, shape=(d,); ``has_tempo``: whether performances are
    compared of which the tempo is known.

    Raises
    ------
    EsprError
        As :func:`read_request`.
    """
    has_more = likeness is not None or bool(request.shifts and not request.text.strip())
    terms = _terms(words, mentions, request.exclude, has_more=has_more)
    parts = query_parts(model, words, terms, likeness, request.weights)
    asks_for_tempo = TEMPO in strongest(model.space, parts.sum(axis=0))
    shifts = dict(request.shifts or {})
    if not has_tempo:
        parts[:, len(model.space.measured) :] = 0.0
        shifts.pop(TEMPO.name, None)
    terms, parts = between_opposites(terms, parts)
    amounts = query_amounts(terms, parts)
    parts = with_shifts(model.space, parts, shifts)
    if not parts.sum(axis=0).any():
        raise EsprError("with these words and weights, the query asks for nothing at all")
    return Query(
        text=request.text,
        terms=terms,
        parts=parts,
        weights=dict(request.weights or {}),
        like="",
        amounts=amounts,
        mentions=mentions,
        shifts=dict(request.shifts or {}),
        asks_for_tempo=asks_for_tempo,
    )


def _terms(
    words: TextEncoder, mentions: Mentions, exclude: Sequence[str], *, has_more: bool
) -> tuple[Term, ...]:
    """The terms of what is left of the text; ``has_more``: none may be, there is a likeness."""
    if not mentions.text.strip() and not exclude:
        if not has_more:
            raise _nothing_left(mentions) or EsprError(
                "nothing to look for: give words, or a recording to sound like"
            )
        return ()
    try:
        return words.parse(mentions.text, exclude=exclude)
    except EsprError as error:
        if not has_more and (stranger := _nothing_left(mentions)) is not None:
            raise stranger from error
        if not has_more or exclude:  # "something like Gould" says enough
            raise
        return ()


def _nothing_left(mentions: Mentions) -> EsprError | None:
    """Why there is nothing to look for, where it is a name that the library does not know."""
    if not mentions.strangers:
        return None
    return EsprError(
        f"{notes.strangers(mentions.strangers)}; say how it should sound, or name a performer that "
        "espr pieces show PIECE lists",
        NOTHING_MATCHED,
    )
