"""Pieces found by sound alone, against the truth: recordings without tags, names without meaning.

A folder with a ``truth.csv`` (of :mod:`tests.benchmarks.rendered_performances`), or one of
recordings called ``{piece}_{performer}``, whose names are scrambled first. Pairs of recordings in
one piece of the library are *found*, pairs of one piece in truth are *true*: precision = found and
true / found, recall = found and true / true. Scores of pairs are printed for either half of the
pieces, so that a threshold can be set on the one and checked on the other.

Run: python -m tests.benchmarks.sound_grouping FOLDER [LIBRARY]
"""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
import tempfile
import time
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np

from espr.alignment.comparison import SAME
from espr.catalog.catalog import Catalog
from espr.catalog.sound import all_alignments
from espr.indexing.run import index_folders
from tests.benchmarks.rendered_performances import TRUTH


def read_truth(folder: Path) -> dict[str, str]:
    """The true piece of each file of a folder."""
    with (folder / TRUTH).open(newline="", encoding="utf-8") as table:
        return {row["file"]: row["piece"] for row in csv.DictReader(table)}


def scramble(folder: Path, target: Path) -> None:
    """Copy recordings called ``{piece}_{performer}`` without tags, under names that say nothing."""
    files = sorted(
        (file for file in folder.iterdir() if file.is_file()),
        key=lambda file: hashlib.sha256(file.name.encode()).digest(),
    )
    with (target / TRUTH).open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table)
        writer.writerow(["file", "piece"])
        for number, file in enumerate(files, 1):
            name = f"{number:03}{file.suffix}"
            without_tags = ("-map_metadata", "-1", "-c", "copy")
            command = ["ffmpeg", "-loglevel", "error", "-i", file, *without_tags, target / name]
            subprocess.run(command, check=True)
            writer.writerow([name, file.stem.rpartition("_")[0]])


def agreement(found: dict[str, int], truth: dict[str, str]) -> tuple[float, float, int]:
    """Pairwise precision and recall, and how many groups hold more than one recording."""

    def pairs(groups: Counter[object]) -> int:
        return sum(size * (size - 1) // 2 for size in groups.values())

    both = pairs(Counter((found[name], truth[name]) for name in found))
    groups = Counter[object](found.values())
    true = pairs(Counter(truth[name] for name in found))
    several = sum(size > 1 for size in groups.values())
    return both / max(1, pairs(groups)), both / max(1, true), several


def report(folder: Path, library: Path) -> None:
    """Index a folder and print how well its pieces are found."""
    since = time.process_time()
    summary = index_folders([folder], library, jobs=1)
    print(f"{dict(summary.counts)}; this process {time.process_time() - since:.1f} s of CPU")
    truth = read_truth(folder)
    with Catalog.open(library) as catalog:
        names = {one.id: Path(one.path).name for one in catalog.recordings()}
        pieces = {names[recording]: piece for recording, piece in catalog.pieces_of().items()}
        alignments = all_alignments(catalog)
    precision, recall, several = agreement(pieces, truth)
    print(
        f"{len(pieces)} recordings of {len(set(truth.values()))} pieces: precision "
        f"{precision:.4f}, recall {recall:.4f}; groups of several: {several}"
    )
    for first, second in combinations(sorted(pieces), 2):
        if (pieces[first] == pieces[second]) != (truth[first] == truth[second]):
            what = "mixed" if pieces[first] == pieces[second] else "apart"
            print(f"  {what}: {first} ({truth[first]}), {second} ({truth[second]})")
    for half in (0, 1):
        scores: dict[bool, list[float]] = {True: [], False: []}
        for found in alignments:
            one, other = truth[names[found.one]], truth[names[found.other]]
            if int(hashlib.sha256(one.encode()).hexdigest(), 16) % 2 == half:
                scores[one == other].append(found.comparison.score)
        weakest = min(scores[True], default=np.nan)
        strongest = max(scores[False], default=0.0)
        print(
            f"half {half + 1}: {len(scores[True])} true pairs compared, the weakest {weakest:.3f}; "
            f"the strongest false one that is stored {strongest:.3f}; accepted from {SAME}"
        )


def main() -> None:
    folder = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as temporary:
        library = Path(sys.argv[2] if len(sys.argv) > 2 else f"{temporary}/library.espr")
        if not (folder / TRUTH).exists():
            scrambled = Path(temporary) / "recordings"
            scrambled.mkdir()
            scramble(folder, scrambled)
            folder = scrambled
        report(folder, library)


if __name__ == "__main__":
    main()
