"""Relative tempo by sound against that of the MIDI files which the recordings were made from.

The true tempo of one performance relative to another is the time between two places of the music,
one near the beginning of what was aligned and one near its end, in one file over that in the other.
Places are runs of eight pitches that either file holds once, found without regard to time; a run is
one only where most others near it agree on the tempo to a factor of two, since a wrong note makes a
run unique, too.

Run: python -m tests.benchmarks.relative_tempo ASAP_FOLDER FOLDER LIBRARY
with the folder of :mod:`tests.benchmarks.rendered_performances` and a library that
:mod:`tests.benchmarks.sound_grouping` made of it.
"""

from __future__ import annotations

import csv
import sys
from bisect import bisect_left
from functools import cache
from pathlib import Path

import numpy as np

from espr.alignment.local_alignment import align
from espr.alignment.note_matching import match_notes
from espr.alignment.onset_roll import onset_roll
from espr.catalog.catalog import Catalog
from espr.catalog.sound import notes_of
from espr.training.midlevel.performances import read_midi
from tests.benchmarks.rendered_performances import TRUTH

_RUN = 8  # notes
_ENDS = 5  # places whose median is the beginning, or the end
_FEWEST = 30  # places
_SHARE = 0.5  # of the aligned time that lies between the first and the last place


@cache
def played(midi: Path) -> np.ndarray:
    """The notes of a file, by onset, then pitch."""
    notes, _ = read_midi(midi)
    return notes[np.lexsort((notes[:, 2], notes[:, 0]))]


def places(one: Path, other: Path, *, in_any_order: bool = False) -> np.ndarray:
    """Onsets of the same places in two files, shape=(n, 2), s; increasing in both.

    ``in_any_order``: the notes of a run may be, as those of a score's chords are in a performance.
    """

    def runs(notes: np.ndarray) -> dict[tuple[int, ...], int]:
        pitches = notes[:, 2].astype(int).tolist()
        found: dict[tuple[int, ...], list[int]] = {}
        for place in range(len(pitches) - _RUN + 1):
            run = pitches[place : place + _RUN]
            found.setdefault(tuple(sorted(run) if in_any_order else run), []).append(place)
        return {run: where[0] for run, where in found.items() if len(where) == 1}

    ours, theirs = played(one), played(other)
    in_ours, in_theirs = runs(ours), runs(theirs)
    both = sorted((in_ours[run], in_theirs[run]) for run in in_ours.keys() & in_theirs.keys())
    chain = _increasing(both)
    times = np.array([(ours[a, 0], theirs[b, 0]) for a, b in chain]).reshape(-1, 2)
    return times[[_is_supported(times, row) for row in range(len(times))]]


def _increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest chain of pairs that increase in both."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(tails, place)
        before.append(ends[length - 1] if length else -1)
        if length == len(tails):
            tails.append(place)
            ends.append(number)
        else:
            tails[length], ends[length] = place, number
    chain = []
    number = ends[-1] if ends else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _is_supported(times: np.ndarray, row: int) -> bool:
    ours, theirs = (times - times[row]).T
    near = (np.abs(ours) < 4.0) & (np.abs(ours) > 0.3)
    ratio = theirs[near] / ours[near]
    agree = int(((ratio > 0.5) & (ratio < 2.0)).sum())
    return agree >= 8 and agree > 0.8 * near.sum()


def errors(
    ours: np.ndarray, theirs: np.ndarray, true: np.ndarray
) -> tuple[float, np.ndarray] | None:
    """The relative error of the tempo, and the errors of onsets at the true places, s."""
    (stretch,) = align(onset_roll(ours), [onset_roll(theirs)])
    matches, _ = match_notes(ours, theirs, stretch)
    inside = (true[:, 0] >= matches[0, 0]) & (true[:, 0] <= matches[-1, 0])
    true = true[inside]
    if len(true) < _FEWEST:
        return None
    if np.ptp(true[:, 0]) < _SHARE * np.ptp(matches[:, 0]):
        return None
    found = np.stack([true[:, 0], np.interp(true[:, 0], *matches.T)], axis=1)
    slopes = []
    for times in (found, true):
        lengths = times[-_ENDS:, None] - times[None, :_ENDS]
        slopes.append(float(np.median(lengths[..., 1] / lengths[..., 0])))
    return abs(slopes[0] / slopes[1] - 1.0), np.abs(found[:, 1] - true[:, 1])


def main() -> None:
    asap, folder, library = map(Path, sys.argv[1:])
    with (folder / TRUTH).open(newline="", encoding="utf-8") as table:
        truth = {row["file"]: row for row in csv.DictReader(table)}
    with Catalog.open(library) as catalog:
        recordings = sorted(catalog.recordings(), key=lambda one: one.path)
        notes = notes_of(catalog, [one.id for one in recordings])
    tempos, onsets = [], []
    left_out = 0
    for number, one in enumerate(recordings):
        for other in recordings[number + 1 :]:
            rows = [truth[Path(each.path).name] for each in (one, other)]
            if rows[0]["piece"] != rows[1]["piece"]:
                continue
            true = places(*(asap / row["midi"] for row in rows))
            measured = errors(notes[one.id], notes[other.id], true) if len(true) else None
            if measured is None:
                left_out += 1
                continue
            tempos.append(measured[0])
            onsets.append(measured[1])
            if measured[0] > 0.01:
                print(f"  {Path(one.path).name} {Path(other.path).name}: {measured[0]:.2%}")
    whole, milliseconds = np.array(tempos), 1e3 * np.concatenate(onsets)
    print(
        f"{len(whole)} pairs ({left_out} without enough places): tempo median "
        f"{np.median(whole):.3%}, 95 % below {np.percentile(whole, 95):.2%}, below 1 % "
        f"{(whole < 0.01).mean():.1%}; onsets median {np.median(milliseconds):.0f} ms"
    )


if __name__ == "__main__":
    main()
