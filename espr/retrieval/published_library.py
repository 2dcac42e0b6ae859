"""A library that was published, asked without the library: ``espr query --store``.

Scores are those of the library itself, of the profiles that were published. A store holds no
windows: answers name no best moment, and do not say what is more than chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Self

import numpy as np

from espr.catalog.catalog import Piece
from espr.closing import Closing
from espr.embeddings.encoder import DEFAULT_TEXT, TextEncoder, load_text_encoder
from espr.errors import NOTHING_MATCHED, EsprError
from espr.query_language.parser import A_NAME, read_terms
from espr.retrieval import notes
from espr.retrieval.mentions import may_have_strangers, read_mentions
from espr.retrieval.performances import PieceProfiles
from espr.retrieval.query_model import QueryModel, load_query_model
from espr.retrieval.query_reading import Request, read_words
from espr.retrieval.ranking import ranks
from espr.retrieval.results import (
    PIECES_SHOWN,
    Query,
    Ranking,
    Result,
)
from espr.retrieval.scoring import Scored, score_piece, score_pieces
from espr.retrieval.store import Filter, Row, Store, store_info
from espr.retrieval.stores import open_store
from espr.retrieval.tempo import join_tempo

_MOST = 16_384  # performances of a piece
_NAMED = 5  # pieces that an error names


class PublishedLibrary(Closing):
    """A store that can be asked; a context manager.

    Parameters
    ----------
    store : Store
        It is closed with this.
    words : TextEncoder
    model : QueryModel
    """

    def __init__(self, store: Store, words: TextEncoder, model: QueryModel) -> None:
        self.store = store
        self.words = words
        self.model = model

    @classmethod
    def open(cls, place: str, *, text: str = DEFAULT_TEXT, space: str | None = None) -> Self:
        """The store at ``place``, see :func:`espr.retrieval.stores.open_store`.

        Raises
        ------
        EsprError
            When there is none, or it was published for another query model or space.
        """
        store = open_store(place)
        try:
            words = load_text_encoder(text)
            info = store.info
            model = load_query_model(words.id, info.encoder, space or info.space, text)
            wanted = store_info(info.library, model)
            if wanted.space != info.space:
                raise EsprError(f"{place} was published in the space {info.space} alone")
            if wanted.constants != info.constants or model.audio != info.encoder:
                raise EsprError(
                    f"{place} was published by ESPR {info.espr} with {info.encoder}, which this "
                    "version does not read; publish it again under another name"
                )
        except BaseException:
            store.close()
            raise
        return cls(store, words, model)

    def close(self) -> None:
        """Close the store."""
        self.store.close()

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
        """Rank performances by how well they fit a description, as :meth:`espr.Library.query` does.

        ``piece``: a slug, or the beginning of one.

        Raises
        ------
        EsprError
            Exit code 1 when nothing is found, 2 when the query cannot be read, or names performers
            or recordings, which a library alone can look up.
        """
        if like is not None:
            raise EsprError("--like needs the library; leave --store out")
        if piece is not None and relative:
            raise EsprError("a ranking within a piece is relative already; leave --relative out")
        request = Request(text, piece, exclude, weights, None, relative)
        mentions = read_mentions(text, ())
        if may_have_strangers(mentions.text):
            terms = read_terms(mentions.text, self.words.vocabulary)
            if names := [term.text for term in terms if term.note == A_NAME]:
                raise EsprError(f"to compare with {names[0]} needs the library; leave --store out")
        if piece is not None:
            profiles = self._piece(self._slug(piece), relative=True, with_tempos=True)
            has_tempo = bool(profiles.tempos)
            query = read_words(self.words, self.model, request, mentions, has_tempo=has_tempo)
            return self._rank_piece(query, profiles, top)
        query = read_words(self.words, self.model, request, mentions)
        return self._rank_all(query, relative, top or PIECES_SHOWN)

    def _slug(self, text: str) -> str:
        """The piece that ``text`` names."""
        wanted = text.strip().casefold()
        found = self.store.slugs(wanted, _MOST)
        if wanted in found or len(found) == 1:
            return wanted if wanted in found else found[0]
        if not found:
            raise EsprError(
                f"no piece {text!r} in {self.store.place}; give the short name that espr pieces "
                "prints, or its beginning",
                NOTHING_MATCHED,
            )
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        raise EsprError(f"{text!r} may be any of {', '.join(found[:_NAMED])}{more}")

    def _piece(self, slug: str, *, relative: bool, with_tempos: bool = False) -> PieceProfiles:
        """The performances of a piece; where they are compared by themselves, with tempos."""
        rows = self.store.search(np.ones(len(self.model.space)), Filter(slug), _MOST)
        rows.sort(key=lambda row: (row.performer.casefold(), row.shown.path, row.shown.start))
        ids = {row.id for row in rows}
        distinct = [row for row in rows if row.shown.duplicate_of not in ids]
        tempos = {row.id: row.shown.tempo for row in distinct if row.shown.tempo is not None}
        profiles = np.array([row.profile for row in distinct])
        if with_tempos:
            profiles = join_tempo(self.model.space, profiles, [row.id for row in distinct], tempos)
        return PieceProfiles(
            _as_piece(slug, rows),
            tuple(row.recording for row in distinct),
            profiles,
            self.model,
            relative,
            copies=len(rows) - len(distinct),
            away=frozenset(place for place, row in enumerate(distinct) if row.shown.away),
            tempos=tempos if with_tempos else {},
        )

    def _rank_piece(self, query: Query, profiles: PieceProfiles, top: int | None) -> Ranking:
        query, scored = score_piece(query, profiles, None)
        ranked = _results(scored)
        remarks = notes.within_piece(profiles, ranked, None)
        remarks += notes.on_tempo(profiles, query.asks_for_tempo)
        count = len(profiles.recordings)
        return self._ranking(query, profiles.piece, count, ranked[:top], remarks, relative=True)

    def _rank_all(self, query: Query, relative: bool, top: int) -> Ranking:
        amounts, mentions = query.amounts, query.mentions
        if amounts.is_plain:
            within = Filter("", mentions.shortest, mentions.longest)
            slugs = self.store.search_pieces(query.profile, within, top, relative=relative)
        else:
            slugs, furthest = self._best_of_all(query, relative, top)
            amounts = replace(amounts, furthest=furthest)
        pieces = (self._piece(slug, relative=relative) for slug in slugs)
        scored = score_pieces(query, pieces, None, amounts)
        if not scored:
            which = "recording as long as asked" if mentions.has_duration else "recording"
            raise EsprError(f"{self.store.place} has no {which} to rank", NOTHING_MATCHED)
        remarks = notes.over_library(scored, self.model, None)
        remarks += notes.on_tempo(None, query.asks_for_tempo)
        count = len(self.store)
        return self._ranking(query, None, count, _results(scored), remarks, relative=relative)

    def _best_of_all(self, query: Query, relative: bool, top: int) -> tuple[list[str], float]:
        """The pieces whose best recording scores highest, and the length of the longest profile.

        Of amounts, the nearest vectors say nothing: every profile is read and scored.
        """
        rows = [row for part in self.store.rows() for row in part]
        pieces, places = np.unique([row.piece for row in rows], return_inverse=True)
        profiles = np.array([row.profile for row in rows])
        if relative:
            vectors = np.empty((len(rows), len(self.model.space)))
            for piece in range(len(pieces)):
                vectors[places == piece] = self.model.centred(profiles[places == piece])
        else:
            vectors = self.model.standardised(profiles)
        best_first = np.argsort(-query.amounts.scores(query.profile, vectors), kind="stable")
        fits = np.array([query.mentions.fit(row.duration) for row in rows])
        slugs = dict.fromkeys(pieces[places[best_first[fits[best_first]]]].tolist())
        return list(slugs)[:top], float(np.linalg.norm(vectors, axis=1).max())

    def _ranking(
        self,
        query: Query,
        piece: Piece | None,
        performances: int,
        ranked: Sequence[Result],
        remarks: tuple[str, ...],
        *,
        relative: bool,
    ) -> Ranking:
        return Ranking(
            query=query,
            space=self.model.space,
            audio=self.model.audio,
            text=self.words.id,
            centring=self.model.centring if relative else "none",
            piece=piece,
            performances=performances,
            results=tuple(ranked),
            notes=remarks + notes.on_words(query, self.model.space),
        )


def _as_piece(slug: str, rows: Sequence[Row]) -> Piece:
    shown = rows[0].shown
    count = sum(row.shown.duplicate_of is None for row in rows)
    return Piece(0, slug, shown.piece_title, shown.composer, "", count)


def _results(scored: Sequence[Scored]) -> list[Result]:
    """Performances in order as results."""
    return [
        Result(
            rank=rank,
            score=one.score,
            source=one.recording,
            piece=one.profiles.piece,
            profile=one.deviations,
            contributions=one.contributions,
            best_window=None,
            times=np.zeros((0, 2)),
            fits=np.zeros(0),
            tempo=one.profiles.tempos.get(one.recording.id),
        )
        for rank, one in zip(ranks([one.score for one in scored]), scored, strict=True)
    ]
