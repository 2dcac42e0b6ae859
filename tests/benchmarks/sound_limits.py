"""The limit of the alignment's score, chosen on one half of the pieces and scored on the other.

Every pair of recordings of one piece is compared, and each recording with the five of other pieces
that play the most similar notes. Pieces are halved by a digest of their names. The limit that one
half suggests lies midway, on a scale of ratios, between its weakest true pair (but for one in a
hundred) and its strongest false one. The limit in use is scored on all, by kind of recording.

Run: python -m tests.benchmarks.sound_limits FOLDER LIBRARY [FOLDER LIBRARY ...]
with folders that hold a ``truth.csv``, or recordings called ``{piece}_{performer}``, and the
libraries that :mod:`tests.benchmarks.sound_grouping` made of them.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from espr.alignment.comparison import SAME, Comparison
from espr.alignment.recording_comparison import compare_in_any_tuning
from espr.catalog.catalog import Catalog
from espr.catalog.sound import notes_of
from tests.benchmarks.hard_recordings import OUT_OF_REACH
from tests.benchmarks.rendered_performances import TRUTH
from tests.played_notes import all_note_vectors

_FALSE = 5  # pairs of each recording
_WEAKEST = 1.0  # per cent of the true pairs that a limit may lose


class Pair(NamedTuple):
    """Two recordings that were compared."""

    pieces: tuple[str, str]
    kinds: tuple[str, str]
    comparison: Comparison

    @property
    def true(self) -> bool:
        return self.pieces[0] == self.pieces[1]

    def accepted(self, limit: float) -> bool:
        score = self.comparison.score
        return score >= limit and replace(self.comparison, score=max(score, SAME)).same_piece


def read_labels(folder: Path, names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Piece and kind of each file."""
    if not (folder / TRUTH).exists():
        return {name: (Path(name).stem.rpartition("_")[0], "clip") for name in names}
    with (folder / TRUTH).open(newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    return {row["file"]: (row["piece"], row.get("kind") or "rendering") for row in rows}


def compare_all(folder: Path, library: Path) -> list[Pair]:
    """The pairs of a library."""
    with Catalog.open(library) as catalog:
        names = {one.id: Path(one.path).name for one in catalog.recordings()}
        ids, vectors = all_note_vectors(catalog)
        notes = notes_of(catalog, ids)
    labels = read_labels(folder, names.values())
    ids_and_rows = [(one, row) for row, one in enumerate(ids)
                    if labels[names[one]][1] not in OUT_OF_REACH]  # fmt: skip
    found = []
    for one, row in ids_and_rows:
        ours = labels[names[one]]
        cosines = vectors @ vectors[row]
        others = sorted(ids_and_rows, key=lambda other: -cosines[other[1]])
        same = [other for other, _ in others if labels[names[other]][0] == ours[0] and other > one]
        unlike = [other for other, _ in others if labels[names[other]][0] != ours[0]][:_FALSE]
        for other, comparison in zip(
            [*same, *unlike],
            compare_in_any_tuning(notes[one], [notes[other] for other in [*same, *unlike]]),
            strict=True,
        ):
            theirs = labels[names[other]]
            found.append(Pair((ours[0], theirs[0]), (ours[1], theirs[1]), comparison))
    return found


def half_of(piece: str) -> int:
    return int(hashlib.sha256(piece.encode()).hexdigest(), 16) % 2


def suggest_limit(pairs: list[Pair]) -> float:
    """Midway between the weakest true pair and the strongest false one."""
    true = [pair.comparison.score for pair in pairs if pair.true]
    false = [pair.comparison.score for pair in pairs if not pair.true and pair.accepted(0.0)]
    strongest = max([*false, 0.05])
    return float(np.sqrt(np.percentile(true, _WEAKEST) * strongest))


def score(pairs: list[Pair], limit: float) -> str:
    """Precision and recall of pairs, in words."""
    true = [pair for pair in pairs if pair.true]
    right = sum(pair.accepted(limit) for pair in true)
    wrong = sum(pair.accepted(limit) for pair in pairs if not pair.true)
    return (
        f"precision {right / max(1, right + wrong):.4f}, recall {right / max(1, len(true)):.4f} "
        f"({len(true)} true pairs, {len(pairs) - len(true)} false ones)"
    )


def main() -> None:
    arguments = list(map(Path, sys.argv[1:]))
    pairs = [
        pair
        for folder, library in zip(arguments[::2], arguments[1::2], strict=True)
        for pair in compare_all(folder, library)
    ]
    halves = [[pair for pair in pairs if {*map(half_of, pair.pieces)} == {half}] for half in (0, 1)]
    for half in (0, 1):
        limit = suggest_limit(halves[half])
        print(
            f"limit {limit:.3f} from half {half + 1}, on the other: "
            f"{score(halves[1 - half], limit)}"
        )
    print(f"limit {SAME} in use, on all: {score(pairs, SAME)}")
    of_kind: dict[tuple[str, bool], list[Pair]] = defaultdict(list)
    for pair in pairs:
        for kind in {*pair.kinds}:
            of_kind[kind, pair.true].append(pair)
    for (kind, true), some in sorted(of_kind.items()):
        scores = [pair.comparison.score for pair in some]
        accepted = sum(pair.accepted(SAME) for pair in some)
        edge = f"weakest {min(scores):.3f}" if true else f"strongest {max(scores):.3f}"
        print(f"  {kind}: {accepted} of {len(some)} {'true' if true else 'false'} joined, {edge}")


if __name__ == "__main__":
    main()
