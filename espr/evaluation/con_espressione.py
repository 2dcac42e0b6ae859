"""The Con Espressione Game: performances, and how listeners described them.

Published by Cancino-Chacón, Peter, Chowdhury, Aljanaki & Widmer, "On the characterization of
expressive performance in classical music: first results of the Con Espressione Game", ISMIR
2020 (zenodo 3968828). The recordings are commercial: a user brings their own, named
``{piece_name}_{performer}`` or by the table's ``performance_name``.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from espr.errors import EsprError

TABLE = "con_espressione_game_answers.csv"
_COLUMNS = ("answer", "performer", "piece_name", "performance_name")
_SUFFIXES = (".mp3", ".flac", ".wav", ".ogg", ".opus", ".aiff", ".aif", ".m4a")


@dataclass(frozen=True, slots=True)
class DescribedPerformance:
    """A performance with everything that listeners said of it."""

    piece: str
    performer: str
    audio: Path
    answers: tuple[str, ...]

    @property
    def work(self) -> str:
        """Both excerpts of a work are one work: they share its music and its pianists."""
        return self.piece.partition("_excerpt")[0]


def read_con_espressione(folder: Path) -> list[DescribedPerformance]:
    """Read the answers and find the recordings.

    Parameters
    ----------
    folder : Path
        Holds the published table and a folder ``audio``.

    Raises
    ------
    EsprError
        When the table is missing or not the published one, or recordings are missing; the
        message names them.
    """
    table = folder / TABLE
    if not table.is_file():
        raise EsprError(
            f"{table} is not there; it is published as zenodo record 3968828 "
            "(the Con Espressione Game)"
        )
    try:
        with table.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise EsprError(f"{table} has no column {', '.join(missing)}")
            rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise EsprError(f"{table} is not a UTF-8 CSV file: {error}") from error

    answers: dict[tuple[str, str], list[str]] = {}
    names: dict[tuple[str, str], str] = {}
    for row in rows:
        key = (row["piece_name"] or "", row["performer"] or "")
        names[key] = row["performance_name"] or ""
        if (row["answer"] or "").strip(" ,"):
            answers.setdefault(key, []).append(row["answer"])

    recordings = {
        path.stem: path
        for path in sorted((folder / "audio").glob("*"))
        if path.suffix.lower() in _SUFFIXES
    }
    performances, absent = [], []
    for (piece, performer), described in sorted(answers.items()):
        stems = (f"{piece}_{performer}", names[piece, performer])
        audio = next((recordings[stem] for stem in stems if stem in recordings), None)
        if audio is None:
            absent.append(stems[0])
        else:
            performances.append(DescribedPerformance(piece, performer, audio, tuple(described)))
    if absent:
        raise EsprError(
            f"{folder / 'audio'} lacks {len(absent)} of {len(answers)} recordings: "
            + ", ".join(absent)
        )
    return performances
