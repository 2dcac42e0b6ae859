"""Pieces and their recordings, as tables and as JSON documents."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from espr.cli.output.console import console
from espr.cli.output.json_csv import json_text
from espr.cli.output.terminal_safe import clean, counted
from espr.printable import print_track

if TYPE_CHECKING:
    from rich.table import Table

    from espr.catalog.catalog import Catalog, Piece, Recording

SCHEMA = "espr.pieces/1"


def print_pieces(catalog: Catalog, *, as_json: bool) -> None:
    """All pieces, by name."""
    pieces = catalog.pieces()
    if as_json:
        _print({"schema": SCHEMA, "pieces": [_piece(piece) for piece in pieces]})
        return
    if not pieces:
        print(catalog.why_no_pieces())
        return
    table = _table("piece", "composer", "title", "takes")
    table.columns[-1].justify = "right"
    for piece in pieces:
        table.add_row(
            clean(piece.slug), clean(piece.composer), clean(piece.title), str(piece.count)
        )
    console().print(table)
    print(
        f"{counted(len(pieces), 'piece')}, {counted(sum(p.count for p in pieces), 'performance')}"
    )


def print_piece(catalog: Catalog, piece: Piece, *, as_json: bool) -> None:
    """A piece's performances; reissues stand below the one they are of."""
    recordings = catalog.recordings(piece.id)
    copies: dict[int, list[Recording]] = {}
    for recording in recordings:
        if recording.duplicate_of is not None:
            copies.setdefault(recording.duplicate_of, []).append(recording)
    performances = [recording for recording in recordings if recording.duplicate_of is None]
    if as_json:
        listed = [
            {**_recording(one), "also": [copy.path for copy in copies.get(one.id, [])]}
            for one in performances
        ]
        _print({"schema": SCHEMA, "piece": _piece(piece), "recordings": listed})
        return
    output = console()
    by = f"{clean(piece.composer)}: " if piece.composer else ""
    print(
        f"{clean(piece.slug)}   {by}{clean(piece.title)}   {counted(piece.count, 'performance')}\n"
    )
    folder = os.path.commonpath([os.path.dirname(one.path) for one in recordings])
    table = _table("performer", "recording", "length", "rule")
    table.columns[2].justify = "right"
    for one in performances:
        files = [_file(one, folder)]
        files += [f"also: {_file(copy, folder)}" for copy in copies.get(one.id, [])]
        table.add_row(clean(one.performer), "\n".join(files), _clock(one.duration), one.rule)
    output.print(table)
    output.print(f"\nin {clean(folder)}", soft_wrap=True)


def _table(*headings: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _file(recording: Recording, folder: str) -> str:
    """Its path below ``folder``, and where in the file it starts."""
    path = os.path.relpath(recording.path, folder)
    return print_track(path, recording.start, whole=recording.whole)


def _piece(piece: Piece) -> dict[str, Any]:
    return {
        "id": piece.slug,
        "title": piece.title,
        "composer": piece.composer,
        "performances": piece.count,
        "rule": piece.rule,
    }


def _recording(recording: Recording) -> dict[str, Any]:
    return {
        "recording": recording.path,
        "start": round(recording.start, 3),
        "end": None if recording.end is None else round(recording.end, 3),
        "seconds": round(recording.duration, 3),
        "performer": recording.performer,
        "title": recording.title,
        "rule": recording.rule,
        "encoder": recording.encoder,
        "audio_hash": recording.audio_hash,
    }


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def _print(document: dict[str, Any]) -> None:
    print(json_text(document, sys.stdout))
