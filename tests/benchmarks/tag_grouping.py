"""Pairwise precision and recall of grouping by tags, over a file of tag sets of known pieces.

A row of the file holds the tags of one recording and `piece`, its true group. A pair of
recordings is *found* when they get equal keys and *true* when they are of one piece:
precision = found and true / found, recall = found and true / true. The tags are of our own
making, in the styles of labels, shops and taggers; no recording is behind them. `report`, where a
row has it, is the public report of another program after which it was made.

Run: python tests/benchmarks/tag_grouping.py [FILE.json]   (--errors lists the wrong pairs' groups)
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

from espr.works.grouping import Assignment, Facts, group
from espr.works.tags import Tags

TAG_SETS = Path(__file__).with_name("tags.json")


class Agreement(NamedTuple):
    """Pairwise agreement of found groups with true ones."""

    recordings: int
    pieces: int
    precision: float
    recall: float


def tag_sets(path: Path = TAG_SETS) -> tuple[list[Facts], list[str]]:
    """The recordings of a benchmark file and the true piece of each."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    recordings, pieces = [], []
    for number, row in enumerate(rows):
        pieces.append(row.pop("piece"))
        row.pop("report", None)
        folder = f"/music/{row.get('artist', 'unknown')}/{row.get('album', 'unknown')}"
        place = row.pop("path", f"{folder}/{number:03}.flac")
        recordings.append(Facts(number, place, Tags(**row)))
    return recordings, pieces


def pairs(groups: Counter[object]) -> int:
    """The number of pairs within the groups of these sizes."""
    return sum(size * (size - 1) // 2 for size in groups.values())


def agreement(found: list[Assignment], pieces: list[str]) -> Agreement:
    """Pairwise precision and recall of the found groups."""
    keys = [assignment.key for assignment in found]
    both = pairs(Counter(zip(keys, pieces, strict=True)))
    return Agreement(
        len(keys),
        len(set(pieces)),
        both / max(1, pairs(Counter(keys))),
        both / max(1, pairs(Counter(pieces))),
    )


def errors(recordings: list[Facts], found: list[Assignment], pieces: list[str]) -> list[str]:
    """One line a recording for each piece that was split and each group that mixes pieces."""
    keys_of, pieces_of = defaultdict(set), defaultdict(set)
    for assignment, piece in zip(found, pieces, strict=True):
        keys_of[piece].add(assignment.key)
        pieces_of[assignment.key].add(piece)
    lines = []
    for facts, assignment, piece in zip(recordings, found, pieces, strict=True):
        if len(pieces_of[assignment.key]) > 1:
            lines.append(f"mixed {assignment.key} [{piece}] {facts.tags.title or facts.path}")
        elif len(keys_of[piece]) > 1:
            lines.append(f"split {piece} [{assignment.key}] {facts.tags.title or facts.path}")
    return sorted(lines)


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--errors"]
    facts, truth = tag_sets(Path(arguments[0]) if arguments else TAG_SETS)
    assignments = group(facts)
    result = agreement(assignments, truth)
    if "--errors" in sys.argv:
        print("\n".join(errors(facts, assignments, truth)))
    print(
        f"{result.recordings} recordings of {result.pieces} pieces: "
        f"precision {result.precision:.4f}, recall {result.recall:.4f}"
    )
