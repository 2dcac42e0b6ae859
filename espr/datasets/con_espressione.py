"""The Con Espressione Game: performances, and how listeners described them.

Published by Cancino-Chacón, Peter, Chowdhury, Aljanaki & Widmer, "On the characterization of
expressive performance in classical music: first results of the Con Espressione Game", ISMIR
2020 (zenodo 3968828). The recordings are commercial: a user brings their own, named
``{piece_name}_{performer}`` or by the table's ``performance_name``.
"""

from __future__ import annotations

import csv
from pathlib import Path

from espr.audio.formats import AUDIO_SUFFIXES
from espr.datasets.benchmark import Benchmark, Performance, Skipped, assemble_benchmark
from espr.datasets.data_set import DataSet
from espr.errors import EsprError

TABLE = "con_espressione_game_answers.csv"

_COLUMNS = ("answer", "performer", "piece_name", "performance_name")


def read_con_espressione(folder: Path) -> Benchmark:
    """Read the answers and find the recordings.

    Parameters
    ----------
    folder : Path
        Holds the published table, and the recordings in it or in a folder ``audio``.

    Returns
    -------
    Benchmark
        Both excerpts of a work are one ``work``: they share its music and its pianists.
        Performances without a recording are among ``skipped``, by name.

    Raises
    ------
    EsprError
        When the table is missing or not the published one, or too few recordings are there.
    """
    answers, names = _read_answers(folder / TABLE)
    recordings = {
        path.stem: path
        for place in (folder, folder / "audio")
        for path in sorted(place.glob("*"))
        if path.suffix.lower() in AUDIO_SUFFIXES
    }
    performances, terms, listeners, skipped = [], [], [], []
    for (piece, performer), given in sorted(answers.items()):
        stems = (f"{piece}_{performer}", names[piece, performer])
        audio = next((recordings[stem] for stem in stems if stem in recordings), None)
        if audio is None:
            skipped.append(Skipped(piece, f"no recording {stems[0]} in {folder / 'audio'}"))
            continue
        work = piece.partition("_excerpt")[0]
        performances.append(Performance(piece, performer, work, audio))
        terms.append([_terms(answer) for answer, _ in given])
        listeners.append([listener for _, listener in given])
    return assemble_benchmark("con-espressione", performances, terms, skipped, listeners)


def _terms(answer: str) -> tuple[tuple[str, float], ...]:
    return tuple((term.strip(), 1.0) for term in answer.split(",") if term.strip())


def _read_answers(
    table: Path,
) -> tuple[dict[tuple[str, str], list[tuple[str, str]]], dict[tuple[str, str], str]]:
    """Answers with their listeners, and published names, by piece and performer."""
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
    except OSError as error:
        raise EsprError(f"cannot read {table}: {error.strerror or error}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise EsprError(f"{table} is not a UTF-8 CSV file: {error}") from error
    answers: dict[tuple[str, str], list[tuple[str, str]]] = {}
    names: dict[tuple[str, str], str] = {}
    for row in rows:
        key = (row["piece_name"] or "", row["performer"] or "")
        names[key] = row["performance_name"] or ""
        if (row["answer"] or "").strip(" ,"):
            answers.setdefault(key, []).append((row["answer"], row.get("participant_id") or ""))
    return answers, names


DATA_SET = DataSet(
    name="con-espressione",
    title="The Con Espressione Game",
    table=TABLE,
    published="as zenodo record 3968828, https://doi.org/10.5281/zenodo.3968828",
    place=f"{TABLE} and your own recordings of its performances, as "
    "audio/PIECE_NAME_PERFORMER.mp3 (or .flac, .wav …),",
    licence="as its Zenodo page states it; the recordings are commercial",
    bibtex="""@inproceedings{cancino2020con,
  author    = {Cancino-Chac{\\'o}n, Carlos and Peter, Silvan and Chowdhury, Shreyan and
               Aljanaki, Anna and Widmer, Gerhard},
  title     = {On the Characterization of Expressive Performance in Classical Music:
               First Results of the Con Espressione Game},
  booktitle = {Proceedings of the 21st International Society for Music Information Retrieval
               Conference (ISMIR)},
  year      = {2020}
}""",
    read_benchmark=read_con_espressione,
)
