"""Performances that other programs put out of tune, aligned with others of their piece.

Of each piece of :mod:`tests.benchmarks.rendered_performances` the first minute of one performance
stays as it is; that of another is raised or lowered: as a tape at another speed (soxr), by SoX's
``pitch`` and by Rubber Band in FFmpeg, which keep the tempo. It is compared with the first (a true
pair) and with that of the next piece (a false one), its tuning measured, and as if it were in tune.

Run: python -m tests.benchmarks.off_tune RENDERED_FOLDER [PIECES]
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
import soundfile
import soxr

from espr.alignment.comparison import COPY, SAME_PIECE, Comparison
from espr.alignment.recording_comparison import compare_in_any_tuning
from espr.audio import tuning
from espr.encoders import load_audio_encoder
from tests.benchmarks.rendered_performances import TRUTH

CENTS = (-40, 50)
_SECONDS = 60.0


def run_tape(source: Path, cents: float, target: Path) -> None:
    samples, rate = soundfile.read(source, dtype="float32")
    soundfile.write(target, soxr.resample(samples, rate * 2.0 ** (cents / 1200.0), rate), rate)


def run_sox(source: Path, cents: float, target: Path) -> None:
    subprocess.run(["sox", "-G", source, target, "pitch", str(cents)], check=True)


def run_rubber_band(source: Path, cents: float, target: Path) -> None:
    pitch = f"rubberband=pitch={2.0 ** (cents / 1200.0)}"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", source, "-af", pitch, target], check=True)


PROGRAMS: dict[str, Callable[[Path, float, Path], None]] = {
    "tape": run_tape,
    "sox": run_sox,
    "rubberband": run_rubber_band,
}


def two_of_each(folder: Path, pieces: int) -> list[tuple[str, str]]:
    """Two files of each piece."""
    files = defaultdict(list)
    with (folder / TRUTH).open(newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            files[row["piece"]].append(row["file"])
    return [(some[0], some[1]) for some in files.values() if len(some) > 1][:pieces]


def say(what: str, true: list[Comparison], false: list[Comparison]) -> None:
    joined = [sum(one.kind in (COPY, SAME_PIECE) for one in some) for some in (true, false)]
    scores = np.array([one.score for one in true])
    print(
        f"{what}: {joined[0]} of {len(true)} true pairs joined, score {np.median(scores):.3f}, "
        f"weakest {scores.min():.3f}; {joined[1]} of {len(false)} false ones, strongest "
        f"{max(one.score for one in false):.3f}",
        flush=True,
    )


def main(folder: Path, pieces: int) -> None:
    encoder = load_audio_encoder("midlevel")
    pairs = two_of_each(folder, pieces)
    with tempfile.TemporaryDirectory() as temporary:
        clips = []
        for number, pair in enumerate(pairs):
            clips.append(tuple(Path(temporary) / f"{number}-{side}.wav" for side in range(2)))
            for name, clip in zip(pair, clips[-1], strict=True):
                with soundfile.SoundFile(folder / name) as source:
                    samples = source.read(round(_SECONDS * source.samplerate), dtype="float32")
                    soundfile.write(clip, 0.5 * samples / np.abs(samples).max(), source.samplerate)
        heard = (encoder.hear(one).notes for one, _ in clips)
        plain = [notes for notes in heard if notes is not None]
        nexts = [*plain[1:], plain[0]]
        shifted = Path(temporary) / "shifted.wav"
        for program, run in PROGRAMS.items():
            for cents in CENTS:
                found: dict[bool, list[list[Comparison]]] = {True: [], False: []}
                for (_, clip), *others in zip(clips, plain, nexts, strict=True):
                    run(clip, cents, shifted)
                    for believed, least in ((True, tuning._WITNESSES), (False, np.inf)):
                        with patch.object(tuning, "_WITNESSES", least):
                            notes = encoder.hear(shifted).notes
                        assert notes is not None
                        found[believed].append(compare_in_any_tuning(notes, others))
                for believed, compared in found.items():
                    how = "in its tuning" if believed else "as if in tune"
                    true, false = (list(some) for some in zip(*compared, strict=True))
                    say(f"{program} {cents:+d} cents, {how}", true, false)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 20)
