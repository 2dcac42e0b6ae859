"""A library of recordings that can be asked and indexed: the top rung, below the command line.

Within a piece, a query is compared with the centred profile of every performance; over
the whole library, with absolute standardised profiles through the FAISS index, or
(``relative``) with each recording's deviation from the mean of its piece.

It stands above retrieval and indexing, which know nothing of each other.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING, Self

from espr.audio.encoder import DEFAULT_AUDIO
from espr.catalog.catalog import Catalog, Piece, Recording
from espr.catalog.recordings import current_encoder
from espr.closing import Closing
from espr.embeddings.encoder import DEFAULT_TEXT, TextEncoder, load_text_encoder
from espr.errors import NOTHING_MATCHED, EsprError
from espr.retrieval import notes
from espr.retrieval.lookup import find_recording
from espr.retrieval.performances import PieceProfiles, piece_profiles
from espr.retrieval.query_model import (
    QueryModel,
    load_query_model,
)
from espr.retrieval.query_reading import Reading, Request, read_request
from espr.retrieval.recording_profile import Portrait, portray
from espr.retrieval.results import (
    PIECES_SHOWN,
    Query,
    Ranking,
    Result,
)
from espr.retrieval.scoring import results, score_piece, score_pieces
from espr.retrieval.taught_model import in_place_of, note_taught, with_own_words

if TYPE_CHECKING:
    from espr.indexing.run import Listener, Summary
    from espr.retrieval.side_by_side import SideBySide


class Library(Closing):
    """A library of recordings that can be asked; a context manager.

    Threads may share one: each reads the file through a connection of its own.

    Parameters
    ----------
    catalog : Catalog
        Open for reading; the library closes it.
    words : TextEncoder
    model : QueryModel
        h, from the words' embedding to a profile. ``model.taught`` is how many descriptions of
        recordings a listener taught it.
    remark : str, optional
        What the notes of each ranking say, too.
    """

    def __init__(
        self, catalog: Catalog, words: TextEncoder, model: QueryModel, remark: str = ""
    ) -> None:
        self.path = catalog.path
        self.words = words
        self.model = model
        self._remarks = (*note_taught(model, self.path), *filter(None, [remark]))
        self._of_thread = threading.local()
        self._open: weakref.WeakSet[Catalog] = weakref.WeakSet()
        self._closed = False
        self._keep(catalog)

    @classmethod
    def open(
        cls,
        path: str | PathLike[str] | None = None,
        *,
        text: str = DEFAULT_TEXT,
        audio: str | None = None,
        space: str | None = None,
        create: bool = False,
    ) -> Self:
        """The library at ``path``, or the user's own.

        Parameters
        ----------
        text : str
            Name of the text encoder.
        audio : str, optional
            Name of the audio encoder whose profiles are compared; by default the one that the
            library was last indexed with.
        space : str, optional
            By default the largest in which there is a query model for the two.
        create : bool
            Make an empty library when there is none.

        Raises
        ------
        EsprError
            When there is no library (10), or no query model for the encoders (2).
        """
        if create:
            Catalog.open(path, write=True).close()
        catalog = Catalog.open(path)
        try:
            words = load_text_encoder(text)
            encoder = audio or current_encoder(catalog) or DEFAULT_AUDIO
            model, remark = in_place_of(
                load_query_model(words.id, encoder, space, os.fspath(text)), catalog.path
            )
            words = with_own_words(words, model)
        except BaseException:
            catalog.close()
            raise
        return cls(catalog, words, model, remark)

    def __repr__(self) -> str:
        state = "closed" if self._closed else f"{len(self):,} recordings"
        return f"<Library {os.fspath(self.path)!r}: {state}, {self.model.audio}, {self.words.id}>"

    def __len__(self) -> int:
        """How many recordings it holds, those of every encoder, copies included."""
        return self.catalog.totals().get("recordings analysed", (0, 0))[0]

    def __bool__(self) -> bool:
        return True

    @property
    def catalog(self) -> Catalog:
        """The library's file, opened once by each thread: SQLite's connections are not shared."""
        if self._closed:
            raise EsprError(f"the library {self.path} is closed; open it again")
        catalog: Catalog | None = getattr(self._of_thread, "catalog", None)
        return self._keep(Catalog.open(self.path)) if catalog is None else catalog

    def _keep(self, catalog: Catalog) -> Catalog:
        self._of_thread.catalog = catalog
        self._open.add(catalog)
        weakref.finalize(catalog, catalog.connection.close)  # with its thread, if not before
        return catalog

    def close(self) -> None:
        """Close the library's file, for every thread."""
        self._closed = True
        for catalog in list(self._open):
            catalog.close()

    def pieces(self) -> list[Piece]:
        """All pieces with a recording, by slug, each with the number of its performances."""
        return self.catalog.pieces()

    def index(
        self,
        *places: str | PathLike[str],
        jobs: int | None = None,
        manifest: str | PathLike[str] | None = None,
        listener: Listener | None = None,
    ) -> Summary:
        """Index folders and files with the library's audio encoder, as ``espr index`` does.

        What is indexed can be asked at once. Worker processes import the program that calls this:
        call it below ``if __name__ == "__main__":``.

        Parameters
        ----------
        places : path
            Folders and audio files.
        jobs : int, optional
            Worker processes; one per core by default.
        manifest : path, optional
            A CSV that says piece and performer by path.
        listener : Listener, optional
            Is called as recordings are done.

        Raises
        ------
        EsprError
            When another process writes the library (11), or a place is not there (2).
        """
        from espr.indexing.run import index_folders

        encoder = self.model.audio.partition("/")[0]
        return index_folders(
            places, self.path, encoder=encoder, jobs=jobs, manifest=manifest, listener=listener
        )

    def query(
        self,
        text: str = "",
        piece: str | None = None,
        *,
        exclude: Sequence[str] = (),
        weights: Mapping[str, float] | None = None,
        like: str | None = None,
        relative: bool = False,
        shifts: Mapping[str, float] | None = None,
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
        shifts : mapping, optional
            Feature name to how far the query is moved along it, as by a slider: 1 is as far as all
            the words together ask for, towards the high pole.
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
        request = Request(text, piece, exclude, weights, like, relative, shifts)
        catalog = self.catalog
        with catalog.snapshot():
            reading = read_request(catalog, self.words, self.model, request)
            if reading.profiles is None:
                return self._rank_library(reading, relative, top or PIECES_SHOWN)
            return self._rank_piece(reading, reading.profiles, top)

    def show(self, recording: str) -> Portrait:
        """How one recording sounds: path, file name, performer, or words that are its alone.

        Raises
        ------
        EsprError
            Exit code 1 when there is none, 2 when there are several.
        """
        catalog = self.catalog
        with catalog.snapshot():
            portrait = portray(catalog, self.words, self.model, find_recording(catalog, recording))
        return replace(portrait, notes=self._remarks)

    def compare(self, recordings: Sequence[str] = (), piece: str | None = None) -> SideBySide:
        """What differs between performances of a piece.

        Parameters
        ----------
        recordings : sequence of str
            Two or more, each named as for :meth:`show`; none for all of ``piece``.
        piece : str, optional
            Slug, beginning of a slug, or words of the title.

        Raises
        ------
        EsprError
            Exit code 1 when a name fits none, 2 when it fits several or they are of different
            pieces.
        """
        from espr.retrieval.side_by_side import set_side_by_side

        catalog = self.catalog
        with catalog.snapshot():
            return set_side_by_side(catalog, self.model, recordings, piece)

    def same_bars(self, one: Recording, other: Recording, seconds: float) -> float | None:
        """The moment of ``other`` in which it plays what ``one`` plays at ``seconds``.

        Both count from the beginning of the recording. None where the notes do not show it.
        """
        from espr.retrieval.same_bars import time_map

        return time_map(self.catalog, one.id, other.id).at(seconds)

    def _rank_piece(self, reading: Reading, profiles: PieceProfiles, top: int | None) -> Ranking:
        query, liked = reading.query, reading.liked
        query, scored = score_piece(query, profiles, liked)
        ranked = results(self.catalog, query, scored, compared=True)
        remarks = notes.within_piece(profiles, ranked, liked, query.mentions.beyond)
        remarks += notes.on_tempo(profiles, query.asks_for_tempo)
        remarks += notes.on_words(query, self.model.space)
        return self._ranking(query, profiles.piece, len(profiles.recordings), ranked[:top], remarks)

    def _rank_library(self, reading: Reading, relative: bool, top: int) -> Ranking:
        from espr.retrieval import search

        catalog, query, liked = self.catalog, reading.query, reading.liked
        index = search.open_index(catalog, self.model, relative=relative)
        nearest, count = index.best_pieces(query, top), len(index)
        amounts = replace(query.amounts, furthest=float(index.lengths.max()))
        pieces = (
            piece_profiles(catalog, piece, self.model, relative=relative)
            for piece in catalog.pieces(nearest)
        )
        scored = score_pieces(query, pieces, liked, amounts)
        if not scored:
            has_duration = query.mentions.has_duration
            which = "recording as long as asked" if has_duration else "other recording"
            raise EsprError(f"the library has no {which} to rank", NOTHING_MATCHED)
        ranked = results(catalog, query, scored, compared=False)
        remarks = notes.over_library(scored, self.model, liked)
        remarks += notes.on_tempo(None, query.asks_for_tempo)
        remarks += notes.on_words(query, self.model.space)
        others = catalog.grouped() - count
        if others:
            remarks += (notes.not_analysed(others, self.model.audio),)
        return self._ranking(query, None, count, ranked, remarks, relative=relative)

    def _ranking(
        self,
        query: Query,
        piece: Piece | None,
        performances: int,
        ranked: Sequence[Result],
        remarks: tuple[str, ...],
        *,
        relative: bool = True,
    ) -> Ranking:
        return Ranking(
            query=query,
            space=self.model.space,
            audio=self.model.audio,
            text=self.words.id,
            centring=self.model.centring if relative else "none",
            taught=self.model.taught,
            piece=piece,
            performances=performances,
            results=tuple(ranked),
            notes=remarks + self._remarks + notes.missing_files(ranked),
        )
