"""Pieces and their recordings, as tables and as JSON documents."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from espr.catalog.excerpts import Excerpt, excerpts_of
from espr.catalog.sound import Alignment, alignments_of
from espr.cli.output.console import console, list_console
from espr.cli.output.json_csv import json_text
from espr.cli.output.plain_table import print_table
from espr.cli.output.sound import excerpt_lines, sound_lines, sound_of
from espr.cli.output.terminal_safe import clean, counted
from espr.printable import clock, print_track
from espr.works.grouping import SINGLE
from espr.works.readings import Facts, words_it_went_by
from espr.works.take_names import Take, name_takes

if TYPE_CHECKING:
    from espr.catalog.catalog import Catalog, Piece, Recording

SCHEMA = "espr.pieces/1"
_WHY_LINES = 8  # wordings shown of a piece


def print_pieces(catalog: Catalog, *, as_json: bool) -> None:
    """All pieces, by name."""
    pieces = catalog.pieces()
    if as_json:
        _print({"schema": SCHEMA, "pieces": [_piece(piece) for piece in pieces]})
        return
    if not pieces:
        print(catalog.why_no_pieces())
        return
    single = [piece for piece in pieces if piece.rule == SINGLE]
    found = [piece for piece in pieces if piece.rule != SINGLE]
    if found:
        _print_list(found)
    if single:
        print(f"{chr(10) * bool(found)}single recordings, which nothing joins to others")
        _print_list(single)
    performances = counted(sum(piece.count for piece in found), "performance")
    alone = f"; {counted(len(single), 'single recording')}" if single else ""
    print(f"{counted(len(found), 'piece')}, {performances}{alone}")


def _print_list(pieces: Sequence[Piece]) -> None:
    rows = [
        (clean(piece.slug), clean(piece.composer), clean(piece.title), str(piece.count))
        for piece in pieces
    ]
    print_table(list_console(), ("piece", "composer", "title", "takes"), rows, numbers=1)


def print_piece(catalog: Catalog, piece: Piece, *, as_json: bool) -> None:
    """A piece's performances; reissues stand below the one they are of."""
    recordings = catalog.recordings(piece.id)
    copies: dict[int, list[Recording]] = {}
    for recording in recordings:
        if recording.duplicate_of is not None:
            copies.setdefault(recording.duplicate_of, []).append(recording)
    performances = [recording for recording in recordings if recording.duplicate_of is None]
    alignments = alignments_of(catalog, [recording.id for recording in recordings])
    played, slug_of = _played_of_others(catalog, performances, alignments)
    if as_json:
        listed = [
            {
                **_recording(one),
                "words": _words(one),
                "sound": sound_of(one, recordings, alignments),
                "plays": [
                    {
                        "piece": slug_of[part.recording.piece_id or 0],
                        "as": part.recording.path,
                        "from": round(part.begin, 1),
                        "to": round(part.end, 1),
                    }
                    for part in excerpts
                ],
                "also": [copy.path for copy in copies.get(one.id, [])],
            }
            for one, excerpts in zip(performances, played, strict=True)
        ]
        _print({"schema": SCHEMA, "piece": _piece(piece), "recordings": listed})
        return
    output = console()
    by = f"{clean(piece.composer)}: " if piece.composer else ""
    print(
        f"{clean(piece.slug)}   {by}{clean(piece.title)}   {counted(piece.count, 'performance')}\n"
    )
    folder = os.path.commonpath([os.path.dirname(one.path) for one in recordings])
    rows = []
    names = name_takes([Take(one.performer, one.path, one.start) for one in performances])
    for one, name in zip(performances, names, strict=True):
        rows.append((_file(one, folder), clean(name), one.rule, clock(one.duration)))
        rows += [(f"also: {_file(copy, folder)}", "", "", "") for copy in copies.get(one.id, [])]
    print_table(list_console(), ("recording", "performer", "rule", "length"), rows, numbers=1)
    output.print(f"\nin {clean(folder)}", soft_wrap=True)
    sound = [
        *sound_lines(performances, names, alignments),
        *excerpt_lines(names, played, slug_of),
    ]
    for line in [*_why(performances), *(["\nsound", *sound] if sound else [])]:
        output.print(line, soft_wrap=True)


def _played_of_others(
    catalog: Catalog, performances: Sequence[Recording], alignments: Sequence[Alignment]
) -> tuple[list[list[Excerpt]], dict[int, str]]:
    """What each performance plays of other pieces, and the slugs of these by their ids."""
    own = {one.piece_id for one in performances}
    partners = {identity for found in alignments for identity in (found.one, found.other)}
    others = {
        identity: one
        for identity, one in catalog.recordings_by_id(sorted(partners)).items()
        if one.piece_id is not None and one.piece_id not in own
    }
    of_pieces = sorted({one.piece_id or 0 for one in others.values()})
    slug_of = {row[0]: row[2] for row in catalog.checked_pieces(of_pieces)}
    return [excerpts_of(one.id, alignments, others) for one in performances], slug_of


def _why(recordings: Sequence[Recording]) -> list[str]:
    """The rules that put recordings together and the words they went by, the most common first."""
    went_by = Counter((one.rule, _words(one)) for one in recordings)
    counted_words = [
        (rule, words, count) for (rule, words), count in went_by.most_common() if words
    ]
    lines = [f"  {rule}: {clean(words)}" + (f" ({count})" if count > 1 else "")
             for rule, words, count in counted_words[:_WHY_LINES]]  # fmt: skip
    more = len(counted_words) - _WHY_LINES
    if more > 0:
        lines.append(f"  and {more} more")
    return ["\nthe words that each rule went by", *lines] if lines else []


def _words(recording: Recording) -> str:
    facts = Facts(recording.id, recording.path, recording.tags, recording.start)
    return words_it_went_by(facts, recording.rule)


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


def _print(document: dict[str, Any]) -> None:
    print(json_text(document, sys.stdout))
