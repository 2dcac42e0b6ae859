"""The notes that the network writes down for alignment, against those that were played.

Of the recordings of :mod:`tests.benchmarks.rendered_performances` the first minute is analysed, at
the pitch that they have and as tapes that run at another speed, with their tuning measured and as
if they were in tune. A note is *found* when one of its
pitch was written down within 50 ms, each once (mir_eval's transcription metric without offsets):
precision = found / written, recall = found / played, F1 their harmonic mean, over all notes.

Run: python -m tests.benchmarks.notes_found ASAP_FOLDER RENDERED_FOLDER [RECORDINGS]
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np
import soundfile
import soxr

from espr.audio import tuning
from espr.audio.midlevel import transcription
from espr.encoders import load_audio_encoder
from espr.training.midlevel.performances import read_midi
from tests.benchmarks.rendered_performances import TRUTH

THRESHOLDS = (0.35, 0.45, 0.6, 0.7)
CENTS = (50, -50, 35, -35, 0, 25, -25, 20, -20, 60, -60)
_SECONDS = 60.0
_TOLERANCE = 0.05  # s


def matched(written: np.ndarray, played: np.ndarray) -> int:
    """How many notes are the same, shape=(n, 2) each: onset in seconds and MIDI pitch."""
    found = 0
    for pitch in np.unique(played[:, 1]):
        these = np.sort(played[played[:, 1] == pitch, 0])
        those = np.sort(written[written[:, 1] == pitch, 0])
        one = other = 0
        while one < len(these) and other < len(those):
            if abs(these[one] - those[other]) <= _TOLERANCE:
                found, one, other = found + 1, one + 1, other + 1
            elif these[one] < those[other]:
                one += 1
            else:
                other += 1
    return found


def detuned(file: Path, cents: float, target: Path) -> None:
    """Write the first minute of a recording, played on a tape that runs too fast."""
    with soundfile.SoundFile(file) as source:
        rate = source.samplerate
        samples = source.read(round(_SECONDS * rate), dtype="float32")
    if cents:
        samples = soxr.resample(samples, rate * 2.0 ** (cents / 1200), rate)
    soundfile.write(target, samples, rate)


def score(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> str:
    """Precision, recall and F1 of written and played notes."""
    found = sum(matched(*pair) for pair in pairs)
    written, played = (sum(len(pair[side]) for pair in pairs) for side in (0, 1))
    precision, recall = found / written, found / played
    f1 = 2 * precision * recall / (precision + recall)
    return f"precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}"


def main(asap: Path, folder: Path, count: int) -> None:
    encoder = load_audio_encoder("midlevel")
    with (folder / TRUTH).open(newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table))[:count]
    played = []
    for row in rows:
        notes, _ = read_midi(asap / row["midi"])
        played.append(notes[notes[:, 0] < _SECONDS][:, [0, 2]])

    errors: list[float] = []

    def written(cents: float) -> list[tuple[np.ndarray, np.ndarray]]:
        errors.clear()
        speed = 2.0 ** (cents / 1200)
        pairs = []
        with tempfile.TemporaryDirectory() as temporary:
            file = Path(temporary) / "recording.wav"
            for row, truth in zip(rows, played, strict=True):
                detuned(folder / row["file"], cents, file)
                heard = encoder.hear(file)
                assert heard.notes is not None
                semitones = 0  # that the notes are written too high
                if heard.tuning is not None:
                    semitones = round((cents - heard.tuning) / 100.0)
                    errors.append(abs(heard.tuning - cents + 100.0 * semitones))
                pairs.append((heard.notes * [speed, 1.0] - [0.0, semitones], truth))
        return pairs

    for cents in CENTS:
        found = score(written(cents))
        print(
            f"{cents:+d} cents: {found}; tuning of {len(errors)} of {len(rows)}, "
            f"off by {np.median(errors):.1f}, at most {max(errors):.1f} cents",
            flush=True,
        )
        with patch.object(tuning, "_WITNESSES", np.inf):  # none is believed
            print(f"{cents:+d} cents, as if in tune: {score(written(cents))}", flush=True)

    for threshold in THRESHOLDS:
        with patch.object(transcription, "SURELY_STRUCK", threshold):
            print(f"threshold {threshold}: {score(written(0.0))}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if sys.argv[3:] else 60)
