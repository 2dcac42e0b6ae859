"""Whether the pedal that the network hears is the pedal that was played.

Performances of ASAP (Foscarin et al., ISMIR 2020) are played by FluidSynth as they are and without
their pedal (CC 64), through two sound fonts, in rooms that are drawn at random; the two of a pair
in other rooms, since a room lets notes ring as a pedal does. Printed are: how often of a pair the
one with pedal has more, and of any two recordings (AUC); and of the performances of one piece, and
of their windows, how what is heard follows the share of time for which the pedal is down; and the
figures of :mod:`espr.retrieval.pedal` and :mod:`espr.retrieval.differences`.

Run: python -m tests.benchmarks.pedal_heard ASAP_FOLDER [PIECES]
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import mido
import numpy as np
import soundfile
from scipy.signal import fftconvolve

from espr.encoders import load_audio_encoder
from espr.midi.features import NAMES, symbolic_features
from espr.midi.performance import MidiPerformance
from espr.midi.rendering import Renderer
from espr.retrieval.differences import from_others, paired_variance
from espr.training.midlevel.conditions import Room
from espr.training.midlevel.performances import read_midi
from tests.benchmarks.rendered_performances import SOUND_FONTS, choose

_PIECES = 20
_SUSTAIN = 64  # controller
_DRY_ROOM = 4  # one of so many recordings is in no room


def without_pedal(midi: Path, folder: Path) -> Path:
    """The MIDI file without its pedal."""
    file = mido.MidiFile(midi)
    for track in file.tracks:
        kept, wait = mido.MidiTrack(), 0
        for event in track:
            wait += event.time
            if event.type == "control_change" and event.control == _SUSTAIN:
                continue
            kept.append(event.copy(time=wait))
            wait = 0
        track[:] = kept
    target = folder / f"dry{midi.name}"
    file.save(target)
    return target


def heard(encoder, rendering: Path, seed: int, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Windows of a rendering in a room, and how much pedal is heard in them."""
    samples, rate = soundfile.read(rendering, dtype="float32", always_2d=True)
    sound = samples.mean(axis=1)
    rng = np.random.default_rng(seed)
    if seed % _DRY_ROOM:
        sound = fftconvolve(sound, Room.drawn(rng).response(rng))[: len(sound)]
    file = folder / "recording.flac"
    soundfile.write(file, 0.8 * sound / np.abs(sound).max(), rate, format="FLAC")
    analysis = encoder.hear(file)
    return analysis.windows.times, analysis.pedal[:, 1]


def played(midi: Path, times: np.ndarray) -> np.ndarray:
    """The share of time for which the pedal is down, in windows."""
    performance = MidiPerformance(*read_midi(midi), "", "", "", "", "")
    place = NAMES.index("pedal")
    return np.array([symbolic_features(performance, *one, ["pedal"])[place] for one in times])


def correlation(pairs: list[tuple[np.ndarray, np.ndarray]]) -> float:
    """Pearson's r of deviations from the mean of each group."""
    both = np.concatenate([np.stack([one - one.mean() for one in pair]) for pair in pairs], axis=1)
    return float(np.corrcoef(both)[0, 1])


def main() -> None:
    asap = Path(sys.argv[1])
    encoder, renderers = load_audio_encoder("midlevel"), [Renderer(one) for one in SOUND_FONTS]
    wet, dry, windows = [], [], []
    of_piece = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for place, (piece, midi) in enumerate(
            choose(asap, int(sys.argv[2]) if len(sys.argv) > 2 else _PIECES)
        ):
            renderer = renderers[place % len(renderers)]
            times, with_pedal = heard(encoder, renderer.render(midi), 2 * place, folder)
            share = played(midi, times)
            windows.append((with_pedal, share))
            of_piece[piece].append((with_pedal, share))
            if share.mean() < 0.2:  # nothing to take away
                continue
            bare = renderer.render(without_pedal(midi, folder))
            wet.append(with_pedal.mean())
            dry.append(heard(encoder, bare, 2 * place + 1, folder)[1].mean())
            print(f"  {midi.parent.name}/{midi.name}: pedal down {share.mean():.0%}, heard "
                  f"{wet[-1]:+.2f}, without {dry[-1]:+.2f}", flush=True)  # fmt: skip
    more = np.subtract.outer(wet, dry)
    print(f"{len(wet)} pairs: more with pedal in {np.mean(np.diag(more) > 0):.1%}, by "
          f"{np.diag(more).mean():.2f}; of any two (AUC) {np.mean(more > 0):.3f}")  # fmt: skip
    performances = [
        tuple(np.array([one.mean() for one in of_all]) for of_all in zip(*some, strict=True))
        for some in of_piece.values()
    ]
    within = np.concatenate([one - one.mean() for one, _ in performances])
    freedom = len(within) - len(performances)
    deviation = np.sqrt(np.square(within).sum() / freedom)
    beside = [
        np.sqrt(paired_variance(from_others(of_windows, row)))[0] / deviation
        for some in of_piece.values()
        for of_windows in [[one[:, None] for one, _ in some]]
        for row in range(len(some))
    ]
    print(f"performances of a piece: r {correlation(performances):.3f}, standard deviation "
          f"(WITHIN) {deviation:.3f}; windows of one: r {correlation(windows):.3f}; single "
          f"differences of windows (USUAL) {np.median(beside):.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
