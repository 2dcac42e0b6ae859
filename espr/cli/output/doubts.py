"""What ``espr pieces doubts`` prints: what sounds otherwise than tags and names say."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING, Any

from espr.audio.encoder import DEFAULT_AUDIO
from espr.cli.output.json_csv import json_text
from espr.cli.output.terminal_safe import clean, counted
from espr.printable import clock

if TYPE_CHECKING:
    from espr.catalog.catalog import Piece, Recording
    from espr.catalog.doubts import Doubted, Doubts, PartOf, Several, SoundAlike

SCHEMA = "espr.doubts/1"


def print_doubts(doubts: Doubts, *, as_json: bool) -> None:
    """Every doubt with its command, or that there is none."""
    if as_json:
        print(json_text(_document(doubts), sys.stdout))
        return
    blocks = [_doubted_lines(doubt) for doubt in doubts.doubted]
    blocks += [_alike_lines(doubt) for doubt in doubts.alike]
    blocks += [_part_lines(doubt) for doubt in doubts.parts]
    for lines in [*blocks, *map(_several_lines, doubts.several)]:
        print("\n".join(clean(line) for line in lines) + "\n")
    if not doubts.compared:
        by = "" if doubts.encoder in ("", DEFAULT_AUDIO) else f" --encoder {DEFAULT_AUDIO}"
        print(f"no recording's notes are known yet; run: espr index FOLDER{by}")
    elif blocks:
        print(f"{counted(len(blocks), 'doubt')}; a command above accepts each, none is needed")
    elif doubts.several:
        print("no doubts")
    else:
        print(f"no doubts: {counted(doubts.compared, 'recording')} compared by their notes")


def _doubted_lines(doubt: Doubted) -> list[str]:
    count, all_of = len(doubt.recordings), doubt.compared
    if count == all_of:
        what = f"none of its {all_of} recordings sounds like another (if it is piano music)"
    else:
        does = "does" if count == 1 else "do"
        what = f"{count} of {all_of} {does} not sound like the others; another movement?"
    lines = [f"{doubt.piece.slug}: {what}"]
    for recording, piece in doubt.recordings:
        like = f", which sounds like {piece.slug}" if piece else ""
        lines += [f"  {os.path.basename(recording.path)}{like}"]
        lines += [f"    {_assign_command(recording, piece, doubt.piece)}"]
    return lines


def _alike_lines(doubt: SoundAlike) -> list[str]:
    both, pairs = f"{doubt.other.slug} and {doubt.piece.slug}", counted(doubt.pairs, "pair")
    what = f"{both} sound like one piece ({pairs} of recordings)"
    if doubt.perhaps:
        what = (
            f"{both} may be one piece, or variations, or songs over the same chords; listen first"
        )
    return [what, f"    {_merge_command(doubt)}"]


def _part_lines(doubt: PartOf) -> list[str]:
    part = doubt.excerpt
    name, whole = (os.path.basename(one.path) for one in (part.recording, doubt.whole))
    return [
        f"{name} is {clock(part.begin)}–{clock(part.end)} of the music of {whole}, "
        f"which is of {doubt.piece.slug}",
        f"    {_assign_command(part.recording, doubt.piece, doubt.piece)}",
    ]


def _several_lines(found: Several) -> list[str]:
    lines = [
        f"{os.path.basename(found.recording.path)} plays several pieces, which it does not join:"
    ]
    return lines + [
        f"  from {clock(one.begin)} to {clock(one.end)} {piece.slug}, "
        f"as {os.path.basename(one.recording.path)} does"
        for one, piece in found.excerpts
    ]


def _assign_command(recording: Recording, to: Piece | None, of: Piece) -> str:
    command = ["espr", "pieces", "assign", recording.path]
    command += [to.slug] if to else [f"{of.title} (another)", "--new"]
    return shlex.join(command)


def _merge_command(doubt: SoundAlike) -> str:
    return shlex.join(["espr", "pieces", "merge", doubt.other.slug, doubt.piece.slug])


def _document(doubts: Doubts) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "compared": doubts.compared,
        "unlike": [
            {
                "piece": doubt.piece.slug,
                "compared": doubt.compared,
                "recordings": [
                    {
                        "recording": recording.path,
                        "start": round(recording.start, 3),
                        "sounds_like": piece.slug if piece else None,
                        "command": _assign_command(recording, piece, doubt.piece),
                    }
                    for recording, piece in doubt.recordings
                ],
            }
            for doubt in doubts.doubted
        ],
        "alike": [
            {
                "pieces": [doubt.piece.slug, doubt.other.slug],
                "pairs": doubt.pairs,
                "perhaps": doubt.perhaps,
                "command": _merge_command(doubt),
            }
            for doubt in doubts.alike
        ],
        "excerpts": [
            {
                "recording": doubt.excerpt.recording.path,
                "of": doubt.whole.path,
                "piece": doubt.piece.slug,
                "from": round(doubt.excerpt.begin, 1),
                "to": round(doubt.excerpt.end, 1),
                "command": _assign_command(doubt.excerpt.recording, doubt.piece, doubt.piece),
            }
            for doubt in doubts.parts
        ],
        "several": [
            {
                "recording": found.recording.path,
                "plays": [
                    {
                        "piece": piece.slug,
                        "as": one.recording.path,
                        "from": round(one.begin, 1),
                        "to": round(one.end, 1),
                    }
                    for one, piece in found.excerpts
                ],
            }
            for found in doubts.several
        ],
    }
