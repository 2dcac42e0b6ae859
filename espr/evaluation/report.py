"""Results of systems as figures, intervals and documents.

``espr.evaluate/1`` as the README describes it: fields are added, never renamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, product
from typing import Any

import numpy as np

from espr.datasets.benchmark import Benchmark, Description
from espr.evaluation.controls import Control
from espr.evaluation.intervals import bootstrap_interval, permutation_p
from espr.evaluation.metrics import METRICS, Rank, mean_metrics
from espr.evaluation.system import UNNAMED, ZERO_SHOT, Outcome, System, metric_values
from espr.evaluation.tables import PUBLISHED, Row
from espr.published.joint_encoder import is_tower

SCHEMA = "espr.evaluate/1"


@dataclass(frozen=True)
class Evaluation:
    """Every system's answers to the same queries."""

    benchmark: Benchmark
    queries: tuple[Description, ...]
    mode: str
    group: str
    folds: int
    seed: int
    systems: tuple[System, ...]
    outcomes: tuple[list[Outcome], ...]
    lacking: tuple[Row, ...] = ()  # rows that could not be run
    # seconds of sound that an audio encoder analyses in a second, on one core; None of a table
    speeds: Mapping[str, float | None] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    controls: tuple[Control, ...] = ()

    @cached_property
    def values(self) -> list[dict[str, np.ndarray]]:
        """Of each system, every metric of every query, each shape=(queries,)."""
        return [metric_values(outcomes) for outcomes in self.outcomes]

    @cached_property
    def pieces(self) -> np.ndarray:
        """The piece of every query that was asked, shape=(queries,)."""
        performances = self.benchmark.performances
        ordered = sorted(self.outcomes[0], key=lambda one: one.query)
        return np.array([performances[one.performance].piece for one in ordered])

    @property
    def clusters(self) -> np.ndarray:
        """What the bootstrap draws together: the work of every query."""
        performances = self.benchmark.performances
        ordered = sorted(self.outcomes[0], key=lambda one: one.query)
        return np.array([performances[one.performance].work for one in ordered])

    @property
    def is_the_papers(self) -> bool:
        """Whether the paper's figures may stand beside these: its data, its queries, its task."""
        return (
            self.benchmark.name == "con-espressione"
            and self.mode == "performance"
            and any(system.model != ZERO_SHOT for system in self.systems)
        )

    def chance(self) -> dict[str, float]:
        """Exact expected metrics of a random order, from the sizes of the pieces."""
        return mean_metrics([Rank(0, len(one.candidates)) for one in self.outcomes[0]])


def figures(evaluation: Evaluation, number: int) -> dict[str, Any]:
    """Metrics of one system with plain and clustered 95 % intervals, and by piece."""
    values = evaluation.values[number]
    pieces = evaluation.pieces
    found: dict[str, Any] = {name: float(v.mean()) for name, v in values.items()}
    found["ci95"] = {
        name: bootstrap_interval(v, pieces, evaluation.seed) for name, v in values.items()
    }
    found["ci95_plain"] = {
        name: bootstrap_interval(v, None, evaluation.seed) for name, v in values.items()
    }
    found["pieces"] = {
        str(piece): {name: float(v[pieces == piece].mean()) for name, v in values.items()}
        for piece in np.unique(pieces)
    }
    return found


def compare_systems(
    evaluation: Evaluation, pairs: Sequence[tuple[int, int]], metrics: Iterable[str]
) -> list[dict[str, Any]]:
    """Pairs of systems on the same queries: a minus b, interval and permutation p by metric."""
    asked = list(product(pairs, metrics))
    if not asked:
        return []
    values = evaluation.values
    differences = np.array([values[a][metric] - values[b][metric] for (a, b), metric in asked])
    chances = permutation_p(differences, evaluation.seed)
    return [
        {
            "a": evaluation.systems[a].label,
            "b": evaluation.systems[b].label,
            "metric": metric,
            "difference": float(row.mean()),
            "ci95": bootstrap_interval(row, evaluation.pieces, evaluation.seed),
            "p": float(p),
        }
        for ((a, b), metric), row, p in zip(asked, differences, chances, strict=True)
    ]


def comparisons(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Every two systems by every metric."""
    pairs = list(combinations(range(len(evaluation.systems)), 2))
    return compare_systems(evaluation, pairs, METRICS)


def reference_system(evaluation: Evaluation) -> int:
    """The last `best` system, of ESPR's own encoders if there is one; without any, the first."""
    best = [n for n, system in enumerate(evaluation.systems) if system.model == "best"]
    systems = evaluation.systems
    own = [n for n in best if systems[n].space != UNNAMED and not is_tower(systems[n].text)]
    return max(own or best, default=0)


def comparisons_with_best(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Every other system minus the reference system, by MRR."""
    reference = reference_system(evaluation)
    others = [other for other in range(len(evaluation.systems)) if other != reference]
    return compare_systems(evaluation, [(other, reference) for other in others], ["mrr"])


def document(evaluation: Evaluation) -> dict[str, Any]:
    """The whole evaluation as one JSON document."""
    return {
        "schema": SCHEMA,
        "dataset": evaluation.benchmark.name,
        "query_mode": evaluation.mode,
        "group": evaluation.group,
        "queries": len(evaluation.outcomes[0]),
        "folds": evaluation.folds,
        "seed": evaluation.seed,
        "systems": [
            {
                "text": system.text,
                "audio": system.audio,
                "space": system.space,
                "model": system.model,
                "augmentation": list(system.augmentation),
                "pca": system.pca,
                "pca_components": components_by_fold(evaluation.outcomes[number]),
                "centring": system.centring,
                "reading": system.reading or None,
                "without": list(system.without),
                "times_real_time": evaluation.speeds.get(system.audio),
                **figures(evaluation, number),
                "ranks": _ranks(evaluation, evaluation.outcomes[number]),
                "skipped": [
                    {"piece": one.piece, "reason": one.reason}
                    for one in evaluation.benchmark.skipped
                ],
            }
            for number, system in enumerate(evaluation.systems)
        ],
        "lacking": [
            {"row": row.name, "reason": "; ".join(row.lacking)} for row in evaluation.lacking
        ],
        "notes": list(evaluation.notes),
        "chance": evaluation.chance(),
        "controls": [
            {"name": one.name, "what": one.what, **one.figures} for one in evaluation.controls
        ],
        "published": PUBLISHED if evaluation.is_the_papers else {},
        "comparisons": comparisons(evaluation),
    }


def components_by_fold(outcomes: Sequence[Outcome]) -> dict[str, int] | None:
    """How many components embeddings were reduced to in each fold; None when they were not."""
    found = {one.fold: one.components for one in outcomes if one.components is not None}
    return found or None


def _ranks(evaluation: Evaluation, outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    performances = evaluation.benchmark.performances
    return [
        {
            "piece": performances[one.performance].piece,
            "performance": performances[one.performance].performer,
            "query": evaluation.queries[one.query].text,
            "rank": _expected_rank(one.rank),
        }
        for one in sorted(outcomes, key=lambda one: one.query)
    ]


def _expected_rank(rank: Rank) -> float:
    """The rank expected when ties are broken at random."""
    return float(rank.above + (rank.tied + 1) / 2)


CSV_COLUMNS = (
    "text",
    "audio",
    "space",
    "model",
    "centring",
    "pca",
    "augmentation",
    "piece",
    "performance",
    "query",
    "rank",
    "retrieved",
    "score",
    "best_score",
    "profile",
    "reading",
    "without",
)


def csv_rows(evaluation: Evaluation) -> list[tuple[object, ...]]:
    """One row a system and query, in the order of :data:`CSV_COLUMNS`."""
    performances = evaluation.benchmark.performances
    rows: list[tuple[object, ...]] = []
    for system, outcomes in zip(evaluation.systems, evaluation.outcomes, strict=True):
        for one in sorted(outcomes, key=lambda one: one.query):
            right = int(np.flatnonzero(one.candidates == one.performance)[0])
            best = int(one.scores.argmax())
            rows.append(
                (
                    *(system.text, system.audio, system.space, system.model, system.centring),
                    system.pca or "",
                    " ".join(system.augmentation),
                    performances[one.performance].piece,
                    performances[one.performance].performer,
                    evaluation.queries[one.query].text,
                    _expected_rank(one.rank),
                    performances[one.candidates[best]].performer,
                    f"{one.scores[right]:.4f}",
                    f"{one.scores[best]:.4f}",
                    " ".join(f"{value:.3f}" for value in one.profile),
                    system.reading,
                    " ".join(system.without),
                )
            )
    return rows
