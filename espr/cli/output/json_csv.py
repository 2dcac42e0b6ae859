"""Rankings for other programs: JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TextIO

from espr.cli.output.terminal_safe import clean, csv_safe
from espr.printable import LONGEST_PATH

if TYPE_CHECKING:
    from espr.retrieval.results import Ranking

# DEL and the second set of control codes, zero-width and bidirectional marks, line separators
_STEERING = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def json_text(document: dict[str, Any], output: TextIO) -> str:
    """The document with letters as they are where ``output`` can print them, else escaped.

    Escaped, too, is what JSON lets through and a terminal obeys.
    """
    text = json.dumps(document, ensure_ascii=False)
    text = _STEERING.sub(lambda letter: f"\\u{ord(letter[0]):04x}", text)
    try:
        text.encode(output.encoding or "ascii")
    except UnicodeEncodeError:  # a narrow encoding, or bytes of a file name that are not UTF-8
        return json.dumps(document)
    return text


def csv_text(rows: Sequence[Sequence[str | float]]) -> str:
    """Rows as comma-separated lines."""
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows(rows)
    return lines.getvalue()


def csv_header(features: Sequence[str]) -> list[str]:
    """The columns of :func:`csv_rows`.

    ``start`` and ``end``: seconds into the file, of which a track of a one-file album is a part;
    ``best_start`` and ``best_end`` count from ``start``, those ``_in_file`` from the file's own.
    """
    return [
        *("query", "piece", "rank", "score", "performer", "recording"),
        *("best_start", "best_end", "best_score"),
        *features,
        *("start", "end", "best_start_in_file", "best_end_in_file"),
    ]


def csv_rows(ranking: Ranking) -> list[list[str | float]]:
    """One row a performance; the columns named after features are its contributions.

    Text is made safe for spreadsheets; an absolute path begins no formula and is kept whole.
    """
    rows: list[list[str | float]] = []
    for result in ranking.document()["results"]:
        window = result["best_window"] or {}
        edges = [window.get(edge) for edge in ("start", "end")]
        rows.append(
            [
                csv_safe(ranking.query.text),
                result["piece"]["id"] if result["piece"] else "",
                *(result["rank"], result["score"], csv_safe(result["performer"])),
                clean(result["recording"], longest=LONGEST_PATH),
                *("" if number is None else number for number in (*edges, window.get("score"))),
                *result["contributions"].values(),
                *(result["start"], "" if result["end"] is None else result["end"]),
                *("" if edge is None else round(result["start"] + edge, 3) for edge in edges),
            ]
        )
    return rows
