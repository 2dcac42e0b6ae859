"""The corpus: performances through many pianos, rooms and decades, as spectrograms with targets.

Everything is drawn from the seed in one plan, clip by clip, before anything is rendered: which
performance, which sound source, which recording chain. The plan is cut into parts; a part is
rendered whole and then kept, so that a build that was interrupted goes on where it stopped, and
``manifest.csv`` says of every clip what it is. Nothing of it is committed.

=================== ========= ============================== =================================
file of a part      type      shape                          what
=================== ========= ============================== =================================
spectrogram.npy     float16   (clips, 640, 149)              log10(1 + magnitude), peak 1
struck.npy          uint8     (clips, 320, 88)               velocity where a key is struck
sounding.npy        uint8     (clips, 320, 11)               keys that sound, packed bits
lengths.npy         int32     (clips,)                       frames that hold sound
=================== ========= ============================== =================================

The targets of the clips lie beside the parts, since it takes a minute to compute:
``targets.npy``, float32, (clips, 3, symbolic features) of the windows that start at ``STARTS``, NaN
where a clip is too short; ``ratings.npy``, float32, (clips, rated qualities), deviations within a
segment, NaN without ratings.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, fields
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from espr.audio.decode import SAMPLE_RATE
from espr.audio.encoder import WINDOW
from espr.audio.midlevel.front_end import LOWEST_PITCH, PITCHES, STEP
from espr.audio.spectrogram import FRAME_LENGTH, FRAME_RATE, log_frame_starts, log_spectrogram
from espr.errors import EsprError
from espr.midi.performance import MidiPerformance

FRAMES = 640  # of a clip, 20.4 s
CLIP = 20.0  # seconds
WINDOW_FRAMES = 468  # 15 s, even
STARTS = (0, 78, 156)  # frames: 0 s, 2.5 s, 5 s
PART = 128  # clips

_BANDS = 149
_MANIFEST = "manifest.csv"
# A frame is 2048 samples long: what begins at its middle has begun in it.
_CENTRE = FRAME_LENGTH / 2 / SAMPLE_RATE * FRAME_RATE  # frames


@dataclass(frozen=True, slots=True)
class Clip:
    """One row of the manifest."""

    name: str  # of the performance
    piece: str  # what is the same passage
    work: str
    composer: str
    source: str  # percepiano, synthetic, asap
    sound: str
    condition: str  # "random", "clean", or a condition held out
    seed: int
    split: str  # training, or what it validates


class Corpus:
    """A corpus that was built, read as it lies on the disk."""

    def __init__(self, folder: Path) -> None:
        manifest = folder / _MANIFEST
        if not manifest.is_file():
            raise EsprError(f"{folder} holds no corpus; espr train midlevel builds one")
        with manifest.open(encoding="utf-8", newline="") as file:
            self.clips = [
                Clip(**{**row, "seed": int(row["seed"])})  # type: ignore[arg-type]
                for row in csv.DictReader(file)
            ]
        self._parts = [
            {
                name: np.load(folder / part_name(number) / f"{name}.npy", mmap_mode="r")
                for name in ("spectrogram", "struck", "sounding", "lengths")
            }
            for number in range(-(-len(self.clips) // PART))
        ]
        self.targets = np.load(folder / "targets.npy", allow_pickle=False)
        self.ratings = np.load(folder / "ratings.npy", allow_pickle=False)
        pieces = [f"{clip.split}/{clip.source}/{clip.piece}" for clip in self.clips]
        _, self.groups = np.unique(pieces, return_inverse=True)

    def rows(self, split: str) -> np.ndarray:
        return np.array([n for n, clip in enumerate(self.clips) if clip.split == split], int)

    def spectrogram(self, row: int) -> np.ndarray:
        return self._read("spectrogram", row)

    def magnitudes(self, row: int) -> np.ndarray:
        """Of the frames that hold sound, shape=(frames, 149), float32."""
        logarithms = self.spectrogram(row)[: self.length(row)]
        magnitudes: np.ndarray = np.power(10.0, logarithms, dtype=np.float32) - np.float32(1.0)
        return magnitudes

    def length(self, row: int) -> int:
        """Frames of the clip that hold sound."""
        return int(self._read("lengths", row))

    def struck(self, row: int) -> np.ndarray:
        return self._read("struck", row)

    def sounding(self, row: int) -> np.ndarray:
        return np.unpackbits(self._read("sounding", row), axis=1)[:, :PITCHES]

    def _read(self, name: str, row: int) -> np.ndarray:
        read: np.ndarray = self._parts[row // PART][name][row % PART]
        return read


def part_name(number: int) -> str:
    return f"part-{number:04d}"


def build(
    folder: Path,
    clips: Sequence[Clip],
    performances: Sequence[MidiPerformance],
    ratings: np.ndarray,
    jobs: int,
    track: Callable[[Iterable[int], int], Iterable[int]] = lambda parts, _: parts,
) -> None:
    """Render what is not rendered yet.

    Parameters
    ----------
    clips, performances : sequences of the same length
    ratings : np.ndarray, shape=(clips, qualities), float32
    jobs : int
        Worker processes.
    """
    from espr.midi.features import symbolic_features

    folder.mkdir(parents=True, exist_ok=True)
    plan = folder / _MANIFEST
    draft = plan.with_suffix(".part")
    with draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Clip)])
        writer.writeheader()
        writer.writerows(map(asdict, clips))
    if plan.is_file() and plan.read_bytes() != draft.read_bytes():
        draft.unlink()
        raise EsprError(f"{folder} holds a corpus of another plan; give another folder")
    draft.replace(plan)
    missing = [
        number
        for number in range(-(-len(clips) // PART))
        if not (folder / part_name(number)).is_dir()
    ]
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        cuts = [slice(number * PART, (number + 1) * PART) for number in missing]
        done = pool.map(
            _build_part,
            [folder / part_name(number) for number in missing],
            [clips[cut] for cut in cuts],
            [performances[cut] for cut in cuts],
        )
        for _ in track(done, len(missing)):
            pass
    np.save(folder / "ratings.npy", ratings.astype(np.float32), allow_pickle=False)
    width = len(symbolic_features(performances[0], 0.0, WINDOW))
    targets = np.full((len(clips), len(STARTS), width), np.nan, np.float32)
    for row, performance in enumerate(performances):
        for place, start in enumerate(STARTS):
            begin = start / FRAME_RATE
            if start == 0 or begin + WINDOW <= min(performance.end, CLIP) + 0.5:
                targets[row, place] = symbolic_features(performance, begin, begin + WINDOW)
    np.save(folder / "targets.npy", targets, allow_pickle=False)


def _build_part(
    folder: Path, clips: Sequence[Clip], performances: Sequence[MidiPerformance]
) -> int:
    """Render one part; it appears under its name only when it is whole."""
    performances = [lengthened(performance) for performance in performances]
    rows = len(clips)
    spectrograms = np.zeros((rows, FRAMES, _BANDS), np.float16)
    struck = np.zeros((rows, FRAMES // STEP, PITCHES), np.uint8)
    sounding = np.zeros((rows, FRAMES // STEP, PITCHES), np.uint8)
    lengths = np.zeros(rows, np.int32)
    for row, (samples, performance) in enumerate(
        zip(played(clips, performances), performances, strict=True)
    ):
        starts = log_frame_starts(0, min(len(samples), round(CLIP * SAMPLE_RATE)))[:FRAMES]
        spectrogram = log_spectrogram(samples, starts)
        spectrograms[row, : len(spectrogram)] = spectrogram
        lengths[row] = len(spectrogram)
        struck[row], sounding[row] = note_frames(performance)
    arrays: dict[str, np.ndarray] = {
        "spectrogram": spectrograms,
        "struck": struck,
        "sounding": np.packbits(sounding, axis=2),
        "lengths": lengths,
    }
    draft = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    draft.mkdir(exist_ok=True)
    for name, array in arrays.items():
        np.save(draft / f"{name}.npy", array, allow_pickle=False)
    draft.rename(folder)
    return rows


def played(clips: Sequence[Clip], performances: Sequence[MidiPerformance]) -> list[np.ndarray]:
    """The clips' samples, peak-normalised: each sound source plays all of its clips at once."""
    from espr.training.midlevel.conditions import HELD_OUT, record
    from espr.training.midlevel.pianos import render
    from espr.training.midlevel.sound_sources import get_source

    samples: dict[int, np.ndarray] = {}
    for sound in sorted({clip.sound for clip in clips}):
        chosen = [row for row, clip in enumerate(clips) if clip.sound == sound]
        played = render(
            [performances[row] for row in chosen], get_source(sound), seed=clips[chosen[0]].seed
        )
        samples.update(zip(chosen, played, strict=True))
    made = []
    for row, clip in enumerate(clips):
        rng = np.random.default_rng(clip.seed)
        sound_of = samples[row]
        if clip.condition == "random":
            sound_of = record(sound_of, rng)
        elif clip.condition != "clean":
            sound_of = HELD_OUT[clip.condition](sound_of, rng)
        peak = np.abs(sound_of).max() if len(sound_of) else 0.0
        made.append((sound_of / max(peak, 1e-6)).astype(np.float32))
    return made


def lengthened(performance: MidiPerformance) -> MidiPerformance:
    """A performance of at least 15 s: a shorter one is played again, as the encoder wraps it."""
    if performance.end >= WINDOW:
        return performance
    length = max(performance.end, 1.0)
    times = int(np.ceil(WINDOW / length))
    shifts = np.arange(times) * length

    def repeated(rows: np.ndarray, columns: int) -> np.ndarray:
        moved = np.tile(rows, (times, 1))
        moved[:, :columns] += np.repeat(shifts, len(rows))[:, None]
        return moved

    return MidiPerformance(
        notes=repeated(performance.notes, 2),
        pedal=repeated(performance.pedal, 1),
        name=performance.name,
        piece=performance.piece,
        work=performance.work,
        source=performance.source,
        composer=performance.composer,
    ).between(0.0, WINDOW + 1.0)


def note_frames(performance: MidiPerformance) -> tuple[np.ndarray, np.ndarray]:
    """Struck and sounding keys of every step, shape=(320, 88) each, uint8."""
    steps = FRAMES // STEP
    struck = np.zeros((steps, PITCHES), np.uint8)
    sounding = np.zeros((steps, PITCHES), np.uint8)
    ends = performance.sounding_ends()
    for (onset, _, pitch, velocity), end in zip(performance.notes, ends, strict=True):
        key = int(pitch) - LOWEST_PITCH
        first, last = _step(onset), _step(end)
        if 0 <= key < PITCHES and 0 <= first < steps:
            struck[first, key] = max(struck[first, key], int(velocity))
            sounding[first : max(last, first + 1), key] = 1
    return struck, sounding


def _step(time: float) -> int:
    return round((time * FRAME_RATE - _CENTRE) / STEP)
