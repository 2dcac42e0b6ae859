"""Variations on one theme, as people played them: which recordings play the same one, which not.

Of PercePiano (Park et al. 2024) the theme and sixteen variations of Beethoven's WoO 80, eight bars
over the same bass each, by some of its players. FluidSynth plays them through two sound fonts; the
files are called ``001.flac``, …, and ``truth.csv`` says what each is.

Run: python -m tests.benchmarks.variation_recordings PERCEPIANO_FOLDER TARGET_FOLDER
then :mod:`tests.benchmarks.sound_grouping` and :mod:`tests.benchmarks.sound_limits`
"""

from __future__ import annotations

import csv
import random
import sys
from pathlib import Path

import soundfile

from tests.benchmarks.hard_recordings import PIANO, RATE, pedalled, play
from tests.benchmarks.rendered_performances import SOUND_FONTS, TRUTH

_PLAYERS = 5  # of each variation
_SEED = 80


def choose(percepiano: Path) -> list[tuple[str, Path]]:
    """Variation and MIDI file of each recording, in an order that is drawn."""
    rng = random.Random(_SEED)
    files = sorted((percepiano / "midi").glob("Beethoven_WoO80_*.mid"))
    of_piece: dict[str, list[Path]] = {}
    for file in files:
        piece, _, played = file.stem.partition("_8bars_")
        if not played.startswith("Score"):
            of_piece.setdefault(piece, []).append(file)
    chosen = [(piece, file) for piece in of_piece for file in rng.sample(of_piece[piece], _PLAYERS)]
    rng.shuffle(chosen)
    return chosen


def main() -> None:
    percepiano, target = map(Path, sys.argv[1:])
    target.mkdir(parents=True, exist_ok=True)
    with (target / TRUTH).open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table)
        writer.writerow(["file", "piece", "kind"])
        for number, (piece, midi) in enumerate(choose(percepiano), 1):
            file = target / f"{number:03}.flac"
            writer.writerow([file.name, piece, "variation of WoO 80"])
            if not file.exists():
                sound = play(pedalled(midi), PIANO, SOUND_FONTS[number % len(SOUND_FONTS)])
                soundfile.write(file.with_suffix(".part"), sound, RATE, format="FLAC")
                file.with_suffix(".part").replace(file)


if __name__ == "__main__":
    main()
