"""``espr query``: which performance sounds the way you say, and why."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from espr.cli import completions as kinds
from espr.cli.options import LibraryFile, Play, SpaceName, audio_of_page
from espr.embeddings.encoder import DEFAULT_TEXT
from espr.errors import SOME_UNREADABLE, EsprError
from espr.pages import PageAudio
from espr.printable import LONGEST_PATH, clean

if TYPE_CHECKING:
    from espr.library import Library
    from espr.retrieval.published_library import PublishedLibrary
    from espr.retrieval.results import Ranking


@dataclass(frozen=True, slots=True)
class Request:
    """One query of a batch, and where it stands in its file ("" when typed)."""

    words: str
    piece: str | None
    where: str = ""


def query(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]...", help="How it should sound: shy, delicate"),
    ] = None,
    piece: Annotated[
        str | None,
        typer.Option(
            "--piece",
            "-p",
            click_type=kinds.PIECE,
            help="Rank this piece: its name, beginning or title words.",
        ),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option("--top", "-n", min=1, help="Show this many performances (pieces)."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--not", metavar="WORDS", help="How it should not sound."),
    ] = None,
    weight: Annotated[
        list[str] | None,
        typer.Option(
            "--weight",
            metavar="FEATURE=FACTOR",
            click_type=kinds.WEIGHT,
            help="Count a feature more or less.",
        ),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(
            "--like",
            metavar="RECORDING",
            click_type=kinds.RECORDING,
            help="Sound like this recording.",
        ),
    ] = None,
    relative: Annotated[
        bool,
        typer.Option("--relative", help="Whole library: compare each with its piece's mean."),
    ] = False,
    space: SpaceName = None,
    text: Annotated[
        str,
        typer.Option("--text", help="Text encoder: a name, a vectors file or a model's folder."),
    ] = DEFAULT_TEXT,
    queries: Annotated[
        Path | None,
        typer.Option(
            "--queries",
            metavar="FILE",
            click_type=kinds.FILE,
            help="One query per line, or CSV with columns query, piece.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, one document per query.")
    ] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print CSV, one line per performance.")
    ] = False,
    m3u: Annotated[
        Path | None,
        typer.Option(
            "--m3u",
            metavar="FILE",
            click_type=kinds.FILE,
            help="Write the best windows as a playlist, too.",
        ),
    ] = None,
    clips: Annotated[
        Path | None,
        typer.Option(
            "--clips",
            metavar="FOLDER",
            click_type=kinds.FOLDER,
            help="Write the best windows as audio files into a new folder.",
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            click_type=kinds.FILE,
            help="Write the ranking as a page that plays, too.",
        ),
    ] = None,
    html_audio: Annotated[
        PageAudio | None,
        typer.Option(
            "--html-audio",
            help="What the page plays: best windows (default), recordings, files.",
        ),
    ] = None,
    play: Play = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show every feature, and paths.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what each word adds to each feature.")
    ] = False,
    store: Annotated[
        str | None,
        typer.Option(
            "--store",
            metavar="STORE",
            help="Ask what espr publish copied there, without the library.",
        ),
    ] = None,
    library: LibraryFile = None,
) -> None:
    """Rank performances by how well they fit your words, and show why.

    With --piece, the performances of that piece are compared with each other; without
    it, the best pieces and performances of the whole library are shown.
    """
    if as_json and as_csv:
        raise EsprError("--json and --csv exclude each other")
    if queries is not None and (words or m3u or clips or html or play):
        raise EsprError(
            "--queries brings its own words; leave WORDS, --m3u, --clips, --html and --play out"
        )
    if play:
        from espr.cli.playing import check_play

        check_play(as_text=not (as_json or as_csv))
    typed = Request(" ".join(words or ()), piece)
    requests = [typed] if queries is None else _read_requests(queries, piece)

    if store is not None and library is not None:
        raise EsprError("--store answers without the library; leave --library out")
    if store is not None and (clips or play):
        raise EsprError("--store knows no windows; leave --clips and --play out")
    audio = audio_of_page(html, html_audio)
    is_quiet = _check_targets(html, m3u, {"--json": as_json, "--csv": as_csv, "--play": play})
    from espr.retrieval.query_profile import parse_weights

    opened: Library | PublishedLibrary
    same_bars = None
    if store is None:
        from espr.library import Library

        opened = Library.open(library, text=text, space=space)
        same_bars = opened.same_bars
    else:
        from espr.retrieval.published_library import PublishedLibrary

        opened = PublishedLibrary.open(store, text=text, space=space)
    with opened:
        weights = parse_weights(opened.model.space, weight or ())

        def answer(request: Request) -> Ranking:
            return opened.query(
                request.words,
                request.piece,
                exclude=exclude or (),
                weights=weights,
                like=like,
                relative=relative,
                top=top,
            )

        printer = _Printer(opened, as_json=as_json, as_csv=as_csv, verbose=verbose, explain=explain)
        if queries is None:
            ranking = answer(typed)
            # before the ranking is printed, which ends the process when nobody reads it
            left_out = _write_passages(ranking, m3u, clips)
            written = ""
            if html is not None:
                from espr.cli.output.page import write_ranking

                written = write_ranking(html, ranking, audio)
            if not is_quiet:
                printer.print(ranking)
            if written:
                print(written, file=sys.stderr)
            for reason in left_out:
                print(f"espr: {clean(reason, LONGEST_PATH)}", file=sys.stderr)
            if play and same_bars is not None:
                from espr.cli.playing import play as play_passages
                from espr.retrieval.passages import best_passages

                play_passages(best_passages(ranking), same_bars)
            if left_out:
                raise typer.Exit(SOME_UNREADABLE)
            return
        failed: EsprError | None = None
        for request in requests:
            try:
                printer.print(answer(request))
            except EsprError as error:  # one bad line does not cost the others
                failed = failed or error
                printer.print_error(request, error)
        if failed is not None:
            raise typer.Exit(failed.exit_code)


def _check_targets(html: Path | None, m3u: Path | None, printed: Mapping[str, bool]) -> bool:
    """Check that the files can be written; whether one takes the place of the printed ranking."""
    if html is None and m3u is None:
        return False
    from espr.cli.output.files import check_target, takes_standard_output
    from espr.pages.page import PAGE
    from espr.pages.playlists import PLAYLIST

    if html is not None:
        check_target(html, "page", PAGE)
    if m3u is not None:
        check_target(m3u, "playlist", PLAYLIST)
    return takes_standard_output({"--html": html, "--m3u": m3u}, printed)


def _write_passages(ranking: Ranking, m3u: Path | None, clips: Path | None) -> list[str]:
    """Write the best windows as they were asked for; say what was left out, and why."""
    if m3u is None and clips is None:
        return []
    from espr.retrieval.passages import best_passages

    passages, left_out = best_passages(ranking), []
    if m3u is not None:
        from espr.cli.output.files import write_file
        from espr.pages.playlists import PLAYLIST, playlist

        made = playlist(passages)
        write_file(m3u, made.content, "playlist", PLAYLIST)
        left_out += made.left_out
    if clips is not None:
        from espr.cli.output.clip_files import write_clips

        left_out += [f"left out of the clips: {why}" for why in write_clips(clips, passages)]
    return left_out


class _Printer:
    """Prints rankings one after the other, in the form that was asked for."""

    def __init__(
        self,
        library: Library | PublishedLibrary,
        *,
        as_json: bool,
        as_csv: bool,
        verbose: bool,
        explain: bool,
    ) -> None:
        self._features = library.model.space.names
        self._as_json = as_json
        self._as_csv = as_csv
        self._verbose = verbose
        self._explain = explain
        self._printed = 0

    def print(self, ranking: Ranking) -> None:
        if self._as_json:
            from espr.cli.output.json_csv import json_text

            print(json_text(ranking.document(), sys.stdout))
        elif self._as_csv:
            from espr.cli.output.json_csv import csv_header, csv_rows, csv_text

            header = [] if self._printed else [csv_header(self._features)]
            print(csv_text([*header, *csv_rows(ranking)]), end="")
        else:
            from espr.cli.output.console import console
            from espr.cli.output.ranking import print_ranking

            if self._printed:
                print("\n")
            print_ranking(console(), ranking, verbose=self._verbose)
            if self._explain:
                from espr.cli.output.query_explanation import print_explanation

                print_explanation(console(), ranking)
        self._printed += 1

    def print_error(self, request: Request, error: EsprError) -> None:
        if self._as_json:
            from espr.cli.output.json_csv import json_text
            from espr.retrieval.results import SCHEMA

            document = {"schema": SCHEMA, "query": {"text": request.words}, "error": str(error)}
            print(json_text(document, sys.stdout))
        else:
            print(f"espr: {clean(f'{request.where}: {error}', longest=2_000)}", file=sys.stderr)


def _read_requests(path: Path, piece: str | None) -> list[Request]:
    """The queries of a file: CSV when its first line names a column ``query``, else lines.

    ``piece``: for queries that name none.
    """
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text("utf-8-sig")
        found = list(_requests(text.splitlines(), piece))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
        reason = getattr(error, "strerror", None) or reason
        raise EsprError(f"cannot read the queries in {path}: {reason}") from error
    if not found:
        raise EsprError(f"{path} holds no query; write one per line")
    return found


def _requests(lines: list[str], piece: str | None) -> Iterator[Request]:
    if "query" in next(csv.reader(lines[:1]), []):
        rows = csv.DictReader(lines)
        for row in rows:
            yield Request(row["query"] or "", row.get("piece") or piece, f"line {rows.line_num}")
        return
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield Request(line.strip(), piece, f"line {number}")
