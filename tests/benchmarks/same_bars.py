"""Jumping to a bar of another performance, against the bars of the score.

Where bars lie in a performance is known from its MIDI file and that of the score, without regard to
time: runs of eight pitches that both hold once (:mod:`tests.benchmarks.relative_tempo`). Ten bars
of each piece, evenly spread, are jumped to from every recording in every other one by the map that
``espr compare`` and the pages use. A jump is right within half a second.

Of recordings of unknown bars, called ``{piece}_{performer}``, triangles are closed: from each
second of one performance to a second one, a third one and back, where all of them play it.

Run: python -m tests.benchmarks.same_bars ASAP_FOLDER FOLDER LIBRARY
with the folder of :mod:`tests.benchmarks.rendered_performances` and a library that
:mod:`tests.benchmarks.sound_grouping` made of it, or for triangles
python -m tests.benchmarks.same_bars LIBRARY
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from itertools import permutations
from pathlib import Path

import numpy as np
import pretty_midi

from espr.catalog.catalog import Catalog
from espr.retrieval.same_bars import time_map
from tests.benchmarks.relative_tempo import places
from tests.benchmarks.rendered_performances import TRUTH

_BARS = 10
_NEAR = 1.0  # s of the score from a bar to places that are known, before and after it
_RIGHT = 0.5  # s


def bars_of(score: Path, performances: list[Path]) -> np.ndarray:
    """When ten bars begin in each performance, shape=(bars, performances), s."""
    downbeats = pretty_midi.PrettyMIDI(str(score)).get_downbeats()
    known = [places(score, one, in_any_order=True) for one in performances]
    if not all(map(len, known)):
        return np.zeros((0, len(performances)))
    within = np.ones(len(downbeats), bool)
    for of_one in known:
        after = np.searchsorted(of_one[:, 0], downbeats)
        inside = (after > 0) & (after < len(of_one))
        around = of_one[np.clip([after - 1, after], 0, len(of_one) - 1), 0]
        within &= inside & (np.abs(around - downbeats).max(axis=0) <= _NEAR)
    downbeats = downbeats[within]
    spread = np.linspace(0, len(downbeats) - 1, min(_BARS, len(downbeats))).round().astype(int)
    return np.stack([np.interp(downbeats[spread], *of_one.T) for of_one in known], axis=1)


def close_triangles(library: Path) -> None:
    """Print how far from where they began jumps over two other performances end."""
    of_piece: dict[str, list[int]] = defaultdict(list)
    with Catalog.open(library) as catalog:
        for one in catalog.recordings():
            of_piece[Path(one.path).stem.rpartition("_")[0]].append(one.id)
        for piece, ids in sorted(of_piece.items()):
            maps = {pair: time_map(catalog, *pair) for pair in permutations(ids, 2)}
            errors = []
            for first, second, third in permutations(ids, 3):
                moments = np.arange(1.0, 120.0)
                there = maps[first, second].at_all(moments)
                back = maps[third, first].at_all(maps[second, third].at_all(there))
                errors.append((back - moments)[~np.isnan(back)])
            print(f"  {piece}: {len(ids)} performances, triangles, {_said(np.concatenate(errors))}")


def main() -> None:
    if len(sys.argv) == 2:
        close_triangles(Path(sys.argv[1]))
        return
    asap, folder, library = map(Path, sys.argv[1:])
    of_piece: dict[str, list[tuple[str, Path]]] = defaultdict(list)
    with (folder / TRUTH).open(newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            of_piece[str(Path(row["midi"]).parent)].append((row["file"], asap / row["midi"]))
    everything: list[np.ndarray] = []
    with Catalog.open(library) as catalog:
        ids = {Path(one.path).name: one.id for one in catalog.recordings()}
        for piece, files in sorted(of_piece.items()):
            bars = bars_of(asap / piece / "midi_score.mid", [midi for _, midi in files])
            if len(bars) < _BARS:
                print(f"  {piece}: only {len(bars)} bars are known in all performances")
                continue
            errors = np.concatenate(
                [
                    time_map(catalog, ids[files[one][0]], ids[files[other][0]]).at_all(bars[:, one])
                    - bars[:, other]
                    for one, other in permutations(range(len(files)), 2)
                ]
            )
            everything.append(errors)
            print(f"  {piece}: {len(files)} performances, {_said(errors)}")
    print(f"{len(everything)} pieces × {_BARS} bars: {_said(np.concatenate(everything))}")


def _said(errors: np.ndarray) -> str:
    known = np.abs(errors[~np.isnan(errors)])
    right = int((known <= _RIGHT).sum())
    median = 1e3 * np.median(known) if len(known) else np.nan
    return (
        f"{right} of {len(errors)} jumps right, {len(errors) - len(known)} without an answer; "
        f"median {median:.0f} ms, at most {known.max(initial=0.0):.2f} s"
    )


if __name__ == "__main__":
    main()
