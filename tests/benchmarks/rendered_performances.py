"""Performances of known pieces as audio files without tags and with meaningless names.

MIDI performances of ASAP (Foscarin et al., ISMIR 2020) are played by FluidSynth through two sound
fonts and recorded in rooms that are drawn at random; the files are called ``001.flac``, … in an
order that is drawn, too. ``truth.csv`` beside them says which MIDI file each is.

Run: python -m tests.benchmarks.rendered_performances ASAP_FOLDER TARGET_FOLDER [PIECES]
"""

from __future__ import annotations

import csv
import random
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import fftconvolve

from espr.midi.rendering import Renderer
from espr.training.midlevel.conditions import Room
from espr.training.midlevel.performances import read_midi

SOUND_FONTS = ("FluidR3_GM.sf2", "TimGM6mb.sf2")
TRUTH = "truth.csv"
_EACH = 3  # performances of a piece
_SECONDS = (30.0, 420.0)  # of a performance
_SEED = 17


def choose(asap: Path, pieces: int) -> list[tuple[str, Path]]:
    """Piece and MIDI file of ``pieces`` × 3 performances, drawn from those of ordinary length."""
    of_piece = defaultdict(list)
    with (asap / "metadata.csv").open(newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            of_piece[row["folder"]].append(asap / row["midi_performance"])
    rng = random.Random(_SEED)
    names = sorted(of_piece)
    rng.shuffle(names)
    chosen: list[tuple[str, Path]] = []
    for name in names:
        files = sorted(of_piece[name])
        if len(files) < _EACH or len(chosen) == _EACH * pieces:
            continue
        some = rng.sample(files, _EACH)
        if all(_SECONDS[0] <= read_midi(file)[0][:, 1].max() <= _SECONDS[1] for file in some):
            chosen += [(name, file) for file in some]
    return chosen


def render(asap: Path, target: Path, pieces: int) -> None:
    """Write the recordings and ``truth.csv`` into ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    renderers = [Renderer(font) for font in SOUND_FONTS]
    chosen = choose(asap, pieces)
    order = list(range(len(chosen)))
    random.Random(_SEED).shuffle(order)
    with (target / TRUTH).open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table)
        writer.writerow(["file", "piece", "midi"])
        for number, place in enumerate(order, 1):
            piece, midi = chosen[place]
            file = target / f"{number:03}.flac"
            # with its repeats or without, it is the same piece
            row = [file.name, piece.removesuffix("_no_repeat"), midi.relative_to(asap)]
            writer.writerow(row)
            if not file.exists():
                _record(renderers[place % len(renderers)].render(midi), file, place)


def _record(source: Path, target: Path, seed: int) -> None:
    """Write a rendering as a room of its own makes it; one of four stays dry."""
    samples, rate = soundfile.read(source, dtype="float32", always_2d=True)
    sound = samples.mean(axis=1)
    rng = np.random.default_rng(seed)
    if seed % 4:
        sound = fftconvolve(sound, Room.drawn(rng).response(rng))[: len(sound)]
    draft = target.with_suffix(".part")
    soundfile.write(draft, 0.8 * sound / np.abs(sound).max(), rate, format="FLAC")
    draft.replace(target)


if __name__ == "__main__":
    folder, into, *count = sys.argv[1:]
    render(Path(folder), Path(into), int(count[0]) if count else 66)
