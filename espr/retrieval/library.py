"""A library opened for questions: the top rung of the ladder, below the command line.

Within a piece, a query is compared with the centred profile of every performance; over
the whole library, with absolute standardised profiles through the FAISS index, or
(``relative``) with each recording's deviation from the mean of its piece.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from types import TracebackType
from typing import Self

from espr.audio.encoder import DEFAULT_AUDIO
from espr.catalog.catalog import Catalog, Piece, Recording
from espr.catalog.recordings import current_encoder
from espr.embeddings.encoder import DEFAULT_TEXT, TextEncoder, load_text_encoder
from espr.errors import NOTHING_MATCHED, EsprError
from espr.retrieval import notes
from espr.retrieval.amounts import between_opposites, query_amounts
from espr.retrieval.lookup import find_piece, find_recording
from espr.retrieval.performances import PieceProfiles, piece_profiles, profiles_beside, windows_of
from espr.retrieval.query_model import (
    QueryModel,
    load_query_model,
    read_query_model,
    taught_model_path,
)
from espr.retrieval.query_profile import query_parts
from espr.retrieval.recording_profile import Portrait, portray
from espr.retrieval.results import Query, Ranking, Result
from espr.retrieval.scoring import Scored, in_order, results, score

PIECES_SHOWN = 5  # over the whole library, when nothing else is asked for
PERFORMANCES_A_PIECE = 3  # of these, so that one piece with forty takes is not the answer


class Library:
    """A library of recordings that can be asked.

    Parameters
    ----------
    catalog : Catalog
    words : TextEncoder
    model : QueryModel
        h, from the words' embedding to a profile.
    """

    def __init__(self, catalog: Catalog, words: TextEncoder, model: QueryModel) -> None:
        self.catalog = catalog
        self.words = words
        self.model = model

    @classmethod
    def open(
        cls,
        path: str | PathLike[str] | None = None,
        *,
        text: str = DEFAULT_TEXT,
        audio: str | None = None,
        space: str | None = None,
    ) -> Self:
        """The library at ``path``, or the user's own.

        Parameters
        ----------
        text : str
            Name of the text encoder.
        audio : str, optional
            Name of the audio encoder whose hearing is asked; by default the one that the library
            was last indexed with.
        space : str, optional
            By default the largest in which there is a query model for the two.

        Raises
        ------
        EsprError
            Exit code 10 when there is none, 12 when it cannot be read.
        """
        catalog = Catalog.open(path)
        try:
            words = load_text_encoder(text)
            heard_by = audio or current_encoder(catalog) or DEFAULT_AUDIO
            model = load_query_model(words.id, heard_by, space)
            taught = taught_model_path(catalog.path, model.space)
            if taught.is_file():
                own = read_query_model(taught)
                # what was taught of another encoder's hearing says nothing about this one's
                model = own if own.audio == model.audio else model
            if model.text != words.id:
                raise EsprError(
                    f"the query model belongs to {model.text}, not {words.id};"
                    " make one with: espr train query-model"
                )
        except BaseException:
            catalog.close()
            raise
        return cls(catalog, words, model)

    def close(self) -> None:
        """Close the library's file."""
        self.catalog.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def query(
        self,
        text: str = "",
        piece: str | None = None,
        *,
        exclude: Sequence[str] = (),
        weights: Mapping[str, float] | None = None,
        like: str | None = None,
        relative: bool = False,
        top: int | None = None,
    ) -> Ranking:
        """Rank performances by how well they fit a description.

        Parameters
        ----------
        text : str
            The words; may be empty when ``like`` is given.
        piece : str, optional
            Slug, beginning of a slug, or words of the title. Without it, the best pieces
            and performances of the whole library.
        exclude : sequence of str
            Words for what it shall not sound like.
        weights : mapping, optional
            Feature name to a factor on the query.
        like : str, optional
            A recording to sound like: path, file name or performer.
        relative : bool
            Over the whole library: rank by deviation from the mean of each piece.
        top : int, optional
            How many performances of the piece (default all), or how many pieces (5).

        Raises
        ------
        EsprError
            Exit code 1 when nothing is found, 2 when the query cannot be read.
        """
        if top is not None and top < 1:
            raise EsprError(f"the {top} best are none; ask for 1 or more")
        if piece is not None and relative:
            raise EsprError("a ranking within a piece is relative already; leave --relative out")
        with self.catalog.snapshot():
            if piece is None:
                source = find_recording(self.catalog, like) if like else None
                asked = self._heard(text, exclude, weights, source, relative=relative)
                return self._rank_library(asked, source, relative, top or PIECES_SHOWN)
            takes = piece_profiles(self.catalog, find_piece(self.catalog, piece), self.model)
            source = find_recording(self.catalog, like, takes.recordings) if like else None
            asked = self._heard(text, exclude, weights, source, relative=True)
            return self._rank_piece(asked, takes, source, top)

    def show(self, recording: str) -> Portrait:
        """How one recording sounds: path, file name, performer, or words that are its alone.

        Raises
        ------
        EsprError
            Exit code 1 when there is none, 2 when there are several.
        """
        with self.catalog.snapshot():
            found = find_recording(self.catalog, recording)
            return portray(self.catalog, self.words, self.model, found)

    def _heard(
        self,
        text: str,
        exclude: Sequence[str],
        weights: Mapping[str, float] | None,
        source: Recording | None,
        *,
        relative: bool,
    ) -> Query:
        """The query as it is compared; a likeness is seen as the performances will be."""
        if source is None and not text.strip() and not exclude:
            raise EsprError("nothing to look for: give words, or a recording to sound like")
        has_words = bool(text.strip() or exclude)
        terms = self.words.parse(text, exclude=exclude) if has_words else ()
        likeness = None
        if source is not None:
            beside = profiles_beside(self.catalog, source, self.model, relative=relative)
            windows = windows_of(self.catalog, source, self.model)
            likeness = beside.deviations(windows.profile[None])[0]
        parts = query_parts(self.model, self.words, terms, likeness, weights)
        terms, parts = between_opposites(terms, parts)
        if not parts.sum(axis=0).any():
            raise EsprError("with these words and weights, the query asks for nothing at all")
        return Query(
            text=text,
            terms=terms,
            parts=parts,
            weights=dict(weights or {}),
            like="" if source is None else source.path,
            amounts=query_amounts(terms, parts),
        )

    def _rank_piece(
        self, asked: Query, takes: PieceProfiles, source: Recording | None, top: int | None
    ) -> Ranking:
        scored = score(asked.profile, takes, source, asked.amounts)
        if not scored:
            raise EsprError(notes.why_none(takes), NOTHING_MATCHED)
        found = results(self.catalog, asked, scored, compared=True)
        told = notes.within_piece(takes, found, source) + notes.on_words(asked, self.model.space)
        return self._ranking(asked, takes.piece, len(takes.recordings), found[:top], told)

    def _rank_library(
        self, asked: Query, source: Recording | None, relative: bool, top: int
    ) -> Ranking:
        from espr.retrieval import search

        index = search.open_index(self.catalog, self.model, relative=relative)
        nearest, count = index.nearest_pieces(asked.profile, top), len(index)
        best: list[Scored] = []
        for piece in self.catalog.pieces(nearest):
            takes = piece_profiles(self.catalog, piece, self.model, relative=relative)
            best += score(asked.profile, takes, source, asked.amounts)[:PERFORMANCES_A_PIECE]
        if not best:
            raise EsprError("the library has no other recording to rank", NOTHING_MATCHED)
        best = in_order(best)
        # What lies on the other side is no answer; the nearest is shown all the same.
        best = [one for one in best if one.score > 0] or best[:1]
        found = results(self.catalog, asked, best, compared=False)
        told = notes.over_library(best, self.model, source)
        told += notes.on_words(asked, self.model.space)
        unheard = self.catalog.grouped() - count
        if unheard:
            told += (notes.not_heard(unheard, self.model.audio),)
        return self._ranking(asked, None, count, found, told, relative=relative)

    def _ranking(
        self,
        asked: Query,
        piece: Piece | None,
        performances: int,
        found: Sequence[Result],
        told: tuple[str, ...],
        *,
        relative: bool = True,
    ) -> Ranking:
        return Ranking(
            query=asked,
            space=self.model.space,
            audio=self.model.audio,
            text=self.words.id,
            centring=self.model.centring if relative else "none",
            piece=piece,
            performances=performances,
            results=tuple(found),
            notes=told + notes.missing_files(found),
        )
