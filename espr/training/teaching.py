"""A listener teaches ESPR their own words: their descriptions, on top of the shipped h.

h moves as little as it must: ridge regression towards the shipped matrix instead of towards
zero. One description moves what its own words mean a third of the way to the recording it
describes; ten of the same words move it most of the way.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from espr.errors import EsprError
from espr.evaluation.expression_terms import TERM_LENGTH
from espr.retrieval.query_model import QueryModel
from espr.retrieval.ranking import unit

_PRIOR = 2.0  # descriptions that the shipped h counts as, in each direction
_COLUMNS = ("recording", "text")


@dataclass(frozen=True, slots=True)
class Taught:
    """A row of the user's file: a recording, and how it sounds to them."""

    recording: str
    text: str
    line: int


def read_descriptions(path: Path) -> list[Taught]:
    """Read a CSV file with the columns ``recording`` and ``text``.

    Raises
    ------
    EsprError
        When it cannot be read, has other columns, or no rows.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise EsprError(f"{path} has no column {', '.join(missing)}")
            rows = [
                Taught(row["recording"], row["text"], reader.line_num)
                for row in reader
                if (row["recording"] or "").strip() and (row["text"] or "").strip()
            ]
    except OSError as error:
        raise EsprError(f"cannot read {path}: {error.strerror or error}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise EsprError(f"{path} is not a UTF-8 CSV file: {error}") from error
    if not rows:
        raise EsprError(f"{path} describes no recording; write one a line: recording,text")
    return rows


def teach(
    model: QueryModel, embeddings: Sequence[np.ndarray], profiles: Sequence[np.ndarray]
) -> QueryModel:
    """``model``, moved towards descriptions of recordings.

    Parameters
    ----------
    embeddings : sequence of np.ndarray, shape=(dimension,)
        Of the description of each recording.
    profiles : sequence of np.ndarray, shape=(d,)
        How each recording sounds, centred within its piece.
    """
    rows, targets = unit(np.array(embeddings)), TERM_LENGTH * unit(np.array(profiles))
    # argmin |V H' - Y|² + λ |H - H₀|²: the residual of H₀, ridge-regressed
    residual = targets - rows @ model.matrix.T
    gram = rows.T @ rows + _PRIOR * np.eye(rows.shape[1])
    return replace(model, matrix=model.matrix + np.linalg.solve(gram, rows.T @ residual).T)
