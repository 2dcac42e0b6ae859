"""Folds: what is held out together.

Within a fold, a system may learn from the training performances alone, and is asked about the
test performances. The candidates of a query are all performances of its piece: they are known,
and unlabelled, when the query comes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from espr.datasets.benchmark import Benchmark
from espr.errors import EsprError

SCHEMA = "espr.folds/1"
GROUPS = ("piece", "work")
_GROUPS = 5  # of pieces, when there is one work to learn from


@dataclass(frozen=True, slots=True)
class Fold:
    """Which performances are trained on and which are asked for, each shape=(performances,)."""

    name: str
    training: np.ndarray
    test: np.ndarray


def make_folds(benchmark: Benchmark, group: str = "work", seed: int = 0) -> list[Fold]:
    """The folds of a benchmark.

    Con Espressione: each piece, or each work, is held out in turn. PercePiano has two works and
    the same players in both, so that a fold asks for half the players in one work and learns
    from the other half in the other: disjoint by player and by piece.
    """
    works = np.array([performance.work for performance in benchmark.performances])
    if benchmark.name == "percepiano":
        return _by_work_and_player(benchmark, works, seed)
    pieces = np.array([performance.piece for performance in benchmark.performances])
    held_out = {"piece": pieces, "work": works}.get(group)
    if held_out is None:
        raise EsprError(f"no group {group!r}; there are " + ", ".join(GROUPS))
    folds = [Fold(str(one), held_out != one, held_out == one) for one in np.unique(held_out)]
    if len(folds) < 2:
        raise EsprError(f"all recordings belong to one {group}; at least 2 are needed")
    return folds


def _by_work_and_player(benchmark: Benchmark, works: np.ndarray, seed: int) -> list[Fold]:
    players = np.array([performance.performer for performance in benchmark.performances])
    shuffled = np.random.default_rng(seed).permutation(np.unique(players))
    first_half = np.isin(players, shuffled[: len(shuffled) // 2])
    return [
        Fold(f"{work}, players {half}", (works != work) & ~asked, (works == work) & asked)
        for work in np.unique(works)
        for half, asked in (("a", first_half), ("b", ~first_half))
    ]


def write_folds(folds: list[Fold], benchmark: Benchmark, path: Path) -> None:
    """Write folds as JSON, by the names of pieces and performers."""
    names = [f"{one.piece}/{one.performer}" for one in benchmark.performances]
    document = {
        "schema": SCHEMA,
        "dataset": benchmark.name,
        "folds": [
            {
                "name": fold.name,
                "training": [
                    name for name, chosen in zip(names, fold.training, strict=True) if chosen
                ],
                "test": [name for name, chosen in zip(names, fold.test, strict=True) if chosen],
            }
            for fold in folds
        ],
    }
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_folds(path: Path, benchmark: Benchmark) -> list[Fold]:
    """Read folds that :func:`write_folds` wrote.

    Raises
    ------
    EsprError
        When the file is none, names a performance that is not there, or trains on a
        performance that it tests.
    """
    numbers = {f"{one.piece}/{one.performer}": n for n, one in enumerate(benchmark.performances)}

    def chosen(names: list[str]) -> np.ndarray:
        unknown = [name for name in names if name not in numbers]
        if unknown:
            raise EsprError(f"{path} names {unknown[0]!r}, which the data set does not have")
        mask = np.zeros(len(numbers), bool)
        mask[[numbers[name] for name in names]] = True
        return mask

    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["schema"] != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        folds = [
            Fold(str(one["name"]), chosen(one["training"]), chosen(one["test"]))
            for one in document["folds"]
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EsprError(f"{path} is not a file of folds: {error}") from error
    for fold in folds:
        if (fold.training & fold.test).any():
            raise EsprError(f"{path}: fold {fold.name!r} trains on what it tests")
    return folds


def inner_folds_by_work(works: np.ndarray, training: np.ndarray) -> list[Fold]:
    """Each training work held out in turn; none with a single work.

    Parameters
    ----------
    works : np.ndarray, shape=(performances,), str
    training : np.ndarray, shape=(performances,), bool
    """
    return _inner_folds(works, training, [[work] for work in np.unique(works[training])])


def inner_folds_by_piece(pieces: np.ndarray, training: np.ndarray) -> list[Fold]:
    """Training pieces held out in turn, in at most five groups; none with a single piece."""
    distinct = np.unique(pieces[training])
    groups = [distinct[start::_GROUPS].tolist() for start in range(min(_GROUPS, len(distinct)))]
    return _inner_folds(pieces, training, groups)


def _inner_folds(
    names: np.ndarray, training: np.ndarray, groups: Sequence[Sequence[str]]
) -> list[Fold]:
    if len(groups) < 2:
        return []
    held_out = [training & np.isin(names, group) for group in groups]
    return [Fold(str(n), training & ~held, held) for n, held in enumerate(held_out)]
