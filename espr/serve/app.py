"""The served library: which address is answered by what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from espr import __version__
from espr.catalog import corrections
from espr.catalog.catalog import Catalog, Piece
from espr.errors import LIBRARY_IN_USE, NOTHING_MATCHED, WRONG_INPUT, EsprError
from espr.library import Library
from espr.pages.page import Sources, render_page
from espr.pages.playlists import playlist
from espr.pages.ranking_page import RankingView
from espr.printable import clock
from espr.retrieval.lookup import find_piece
from espr.retrieval.passages import best_passages, whole_recordings
from espr.serve import pages
from espr.serve.guard import Access, Guard
from espr.serve.media import EncodedRecordings, cover_response, sound_response

_LONGEST_FORM = 1 << 16  # bytes
_STATUS = {NOTHING_MATCHED: 404, WRONG_INPUT: 400, LIBRARY_IN_USE: 409}
_SCRIPTS = ("server.js", "player.js", "serve.js", "playlist.js")
_OWN = "'self'"
_SOURCES = Sources(media=_OWN, images=f"data: {_OWN}", requests=_OWN, forms=_OWN)


def build_app(library: Library, access: Access, encoded: EncodedRecordings) -> Guard:
    """The application over an open library."""
    served = _Served(library, encoded)
    routes = [
        Route("/", served.shelf),
        Route("/search", served.search),
        Route("/pieces/{slug}", served.piece),
        Route("/reading", served.reading),
        Route("/playlist", served.chosen),
        Route("/playlist.m3u8", served.playlist),
        Route("/same-bar", served.same_bar),
        Route("/media/{key}", served.media),
        Route("/covers/{slug}", served.cover),
        Route("/pieces/{slug}/rename", served.rename, methods=["POST"]),
        Route("/pieces/{slug}/merge", served.merge, methods=["POST"]),
        Route("/pieces/{slug}/assign", served.assign, methods=["POST"]),
        Route("/undo", served.undo, methods=["POST"]),
    ]
    handlers = {EsprError: _show_error, HTTPException: _show_status}
    return Guard(Starlette(routes=routes, exception_handlers=handlers), access)


class _Served:
    """The answers, each in a thread of its own: a library may be shared by threads."""

    def __init__(self, library: Library, encoded: EncodedRecordings) -> None:
        self._library = library
        self._encoded = encoded

    # -- pages ----------------------------------------------------------------------------

    def shelf(self, request: Request) -> Response:
        fields = request.query_params
        found = pages.shelf(self._library.catalog, fields.get("find", ""), fields.get("from", "0"))
        return self._page("library.html", "Library", shelf=found, words="")

    def search(self, request: Request) -> Response:
        asked = pages.read_form(request.query_params, self._library)
        view, problem, status = self._answer(asked, None)
        return self._page(
            "search.html", "Search", status, view=view, problem=problem, **self._form(asked)
        )

    def piece(self, request: Request) -> Response:
        piece = self._piece(request)
        asked = pages.read_form(request.query_params, self._library)
        view, problem, status = self._answer(asked, piece)
        return self._page(
            "piece.html",
            piece.title,
            status,
            piece=piece,
            view=view,
            takes=[] if view else pages.takes_of(self._library.catalog, piece),
            drawn=pages.map_of(self._library, piece),
            problem=problem,
            **self._form(asked),
        )

    def chosen(self, request: Request) -> Response:
        keys = request.query_params.get("takes", "")
        found = pages.chosen(self._library.catalog, keys)
        return self._page("playlist.html", "Playlist", chosen=found, words="")

    def _answer(
        self, asked: pages.Asked, piece: Piece | None
    ) -> tuple[RankingView | None, str, int]:
        """The ranking, or why there is none, and the status to answer with."""
        if asked.is_empty:
            return None, "", 200
        try:
            return pages.answer(self._library, asked, piece), "", 200
        except EsprError as error:
            if error.exit_code not in (NOTHING_MATCHED, WRONG_INPUT):
                raise
            return None, str(error), _STATUS[error.exit_code]

    def _form(self, asked: pages.Asked) -> dict[str, Any]:
        return {
            "words": asked.words,
            "like": asked.like,
            "sliders": pages.sliders(self._library, asked),
        }

    def _page(self, template: str, title: str, status: int = 200, **data: Any) -> Response:
        identity = self._library.catalog.meta().get("id", "")
        return _page(template, title, status, library=identity, **data)

    def _piece(self, request: Request) -> Piece:
        return find_piece(self._library.catalog, request.path_params["slug"])

    # -- what pages ask for ---------------------------------------------------------------

    def reading(self, request: Request) -> Response:
        fields = request.query_params
        words, piece = fields.get("words", ""), fields.get("piece") or None
        return JSONResponse(pages.reading(self._library, words, piece))

    def same_bar(self, request: Request) -> Response:
        asked = (request.query_params.get(name, "") for name in ("one", "other", "at"))
        return JSONResponse({"at": pages.same_bar(self._library.catalog, *asked)})

    def playlist(self, request: Request) -> Response:
        """The performances that were chosen, or the best windows of a ranking, for a player."""
        fields, catalog = request.query_params, self._library.catalog
        if "takes" in fields:
            name = "playlist"
            passages = whole_recordings(pages.recordings_of(catalog, fields["takes"].split(",")))
        else:
            piece = find_piece(catalog, fields["piece"]) if "piece" in fields else None
            ranking = pages.rank(self._library, pages.read_form(fields, self._library), piece)
            name = "library" if ranking.piece is None else ranking.piece.slug
            passages = best_passages(ranking)
        return Response(
            playlist(passages).content,
            media_type="audio/x-mpegurl",
            headers={"Content-Disposition": f"attachment; filename*=utf-8''{quote(name)}.m3u8"},
        )

    def media(self, request: Request) -> Response:
        recording = pages.recording_of(self._library.catalog, request.path_params["key"])
        if "encoded" in request.query_params:
            return self._encoded.response(recording)
        return sound_response(recording)

    def cover(self, request: Request) -> Response:
        return cover_response(self._library.catalog.recordings(self._piece(request).id))

    # -- corrections ----------------------------------------------------------------------

    async def rename(self, request: Request) -> Response:
        def change(catalog: Catalog, piece: Piece, form: dict[str, str]) -> str:
            return corrections.rename(catalog, piece, form.get("title", ""))

        return await self._correct(request, change)

    async def merge(self, request: Request) -> Response:
        def change(catalog: Catalog, piece: Piece, form: dict[str, str]) -> str:
            into = find_piece(catalog, form.get("into", ""))
            corrections.merge(catalog, piece, into)
            return into.slug

        return await self._correct(request, change)

    async def assign(self, request: Request) -> Response:
        def change(catalog: Catalog, piece: Piece, form: dict[str, str]) -> str:
            key, target = form.get("recording", ""), form.get("piece", "")
            if not key:
                raise EsprError("choose a recording")
            recording = pages.recording_of(catalog, key)
            if form.get("new"):
                return corrections.assign_new(catalog, recording, target)
            found = find_piece(catalog, target)
            corrections.assign(catalog, recording, found)
            return found.slug

        return await self._correct(request, change)

    async def undo(self, request: Request) -> Response:
        def take_back() -> str:
            with Catalog.open(self._library.path, write=True) as catalog:
                return corrections.undo(catalog)

        what = await run_in_threadpool(take_back)
        return self._page("undone.html", "Taken back", what=what, words="")

    async def _correct(
        self, request: Request, change: Callable[[Catalog, Piece, dict[str, str]], str]
    ) -> Response:
        """Make a correction, and go to the page of the piece that it led to."""
        form = await _form_of(request)

        def write() -> str:
            with Catalog.open(self._library.path, write=True) as catalog:
                piece = pages.exact_piece(catalog, request.path_params["slug"])
                return change(catalog, piece, form)

        slug = await run_in_threadpool(write)
        return RedirectResponse(f"/pieces/{quote(slug, safe='')}", 303)


async def _form_of(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            raise HTTPException(413)
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _page(
    template: str, title: str, status: int = 200, *, library: str = "", **data: Any
) -> Response:
    """``library``: its id, by which a browser keeps what was chosen from it."""
    text = render_page(
        template,
        scripts=_SCRIPTS,
        sources=_SOURCES,
        title=f"{title} · ESPR",
        clock=clock,
        version=__version__,
        library=library,
        **data,
    )
    return HTMLResponse(text, status)


def _show_error(_: Request, error: Exception) -> Response:
    code = error.exit_code if isinstance(error, EsprError) else 0
    return _page("problem.html", "Problem", _STATUS.get(code, 500), problem=str(error), words="")


def _show_status(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    said = {404: "There is no such page.", 405: "This page cannot be asked for in that way."}
    problem = said.get(status, "This cannot be answered.")
    return _page("problem.html", "Problem", status, problem=problem, words="")
