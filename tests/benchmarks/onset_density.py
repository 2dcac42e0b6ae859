"""How near onset density comes to grouped onsets per second, on PercePiano rendered.

    python -m tests.benchmarks.onset_density DATA [THRESHOLD...]

For every 27th clip through two sound fonts: detected onsets over true ones (notes within 50 ms
are one), for each threshold of :mod:`espr.audio.onsets`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from espr.audio import onsets
from espr.audio.decode import decode
from espr.audio.spectrogram import ONSET_HOP, ONSET_LENGTH, onset_spectrogram
from espr.midi.rendering import Renderer
from espr.training.midlevel.performances import read_midi

_APART = 0.05  # s
_MINUTE = 6_000 * ONSET_HOP


def strength_of(path: Path) -> np.ndarray:
    """The onset strength of a recording of less than a minute, shape=(frames,)."""
    sound = decode(path)
    _, samples = next(iter(sound.chunks(_MINUTE, ONSET_LENGTH)))
    fast = onset_spectrogram(samples, -(-len(samples) // ONSET_HOP))
    return onsets.onset_strength(fast, np.repeat(fast[:1], onsets.LAG, axis=0))


def grouped(times: np.ndarray) -> int:
    """How many onsets there are when those within 50 ms are one."""
    count, last = 0, -np.inf
    for time in np.sort(times):
        if time - last >= _APART:
            count, last = count + 1, time
    return count


def main(data: Path, thresholds: list[float]) -> None:
    clips = []
    for font in ("FluidR3_GM.sf2", "TimGM6mb.sf2"):
        renderer = Renderer(font)
        for midi in sorted((data / "percepiano" / "midi").glob("*.mid"))[7::27]:
            clips.append((strength_of(renderer.render(midi)), grouped(read_midi(midi)[0][:, 0])))
    shipped = onsets._THRESHOLD
    for threshold in thresholds or [shipped]:
        onsets._THRESHOLD = threshold
        ratios = np.array([len(onsets.pick_onsets(strength)) / true for strength, true in clips])
        print(
            f"threshold {threshold:.2f}: {len(clips)} clips, detected per true onset "
            f"{ratios.mean():.3f}, a clip off by {np.abs(ratios - 1).mean():.3f} on average, "
            f"{np.median(np.abs(ratios - 1)):.3f} in the median"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), [float(one) for one in sys.argv[2:]])
