"""Rankings for other programs: JSON, CSV and playlists."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from espr.cli.text import clean, csv_safe
from espr.errors import EsprError

if TYPE_CHECKING:
    from espr.retrieval.results import Ranking


def json_text(document: dict[str, Any], output: TextIO, *, indent: int | None = None) -> str:
    """The document with letters as they are where ``output`` can print them, else escaped."""
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    try:
        text.encode(output.encoding or "ascii")
    except UnicodeEncodeError:  # a narrow encoding, or bytes of a file name that are not UTF-8
        return json.dumps(document, indent=indent)
    return text


def csv_text(rows: Sequence[Sequence[str | float]]) -> str:
    """Rows as lines of RFC 4180; text is made safe for spreadsheets, numbers stay numbers."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    for row in rows:
        writer.writerow([csv_safe(value) if isinstance(value, str) else value for value in row])
    return lines.getvalue()


def csv_header(features: Sequence[str]) -> list[str]:
    """The columns of :func:`csv_rows`."""
    return [
        *("query", "piece", "rank", "score", "performer", "recording"),
        *("best_start", "best_end", "best_score"),
        *features,
    ]


def csv_rows(ranking: Ranking) -> list[list[str | float]]:
    """One row a performance; the columns named after features are its contributions."""
    rows: list[list[str | float]] = []
    for result in ranking.document()["results"]:
        window = result["best_window"]
        rows.append(
            [
                ranking.query.text,
                result["piece"]["id"] if result["piece"] else "",
                *(result["rank"], result["score"], result["performer"], result["recording"]),
                *(window["start"], window["end"], window["score"]),
                *result["contributions"].values(),
            ]
        )
    return rows


def write_playlist(path: Path, ranking: Ranking) -> None:
    """Write the performances in their order as an extended M3U8 playlist, absolute paths.

    A file name that is not UTF-8 is written with its own bytes. A track of a one-file
    album starts and stops where its CUE sheet says, for players that heed it (VLC).
    """
    lines = ["#EXTM3U"]
    for result in ranking.results:
        source = result.source
        if "\n" in source.path or "\r" in source.path:
            raise EsprError(f"a playlist cannot hold {source.path!r}: its name has a line break")
        end = source.duration if source.end is None else source.end - source.start
        title = " - ".join(filter(None, (source.performer, source.title)))
        lines.append(f"#EXTINF:{round(end)},{clean(title)}")
        if source.start:
            lines.append(f"#EXTVLCOPT:start-time={source.start:g}")
        if source.end is not None:
            lines.append(f"#EXTVLCOPT:stop-time={source.end:g}")
        lines.append(os.path.abspath(source.path))
    try:
        path.write_bytes(os.fsencode("\n".join(lines) + "\n"))
    except OSError as error:
        raise EsprError(f"cannot write the playlist {path}: {error.strerror}") from error
