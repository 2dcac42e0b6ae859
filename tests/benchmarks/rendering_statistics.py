"""Real recordings beside rendered ones: do the latter surround the former?

Of a clip: mean and standard deviation over time of log10(1 + magnitude), in eight groups of the
149 bands. ``python -m tests.benchmarks.rendering_statistics DATA`` prints them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from espr.audio.decode import SAMPLE_RATE, decode
from espr.audio.spectrogram import log_filterbank, log_frame_starts, log_spectrogram
from espr.errors import EsprError

GROUPS = 8
_LONGEST = 20 * SAMPLE_RATE


def clip_statistics(samples: np.ndarray) -> np.ndarray:
    """Mean and standard deviation of each group of bands, shape=(2, 8).

    Parameters
    ----------
    samples : np.ndarray, shape=(n,), float32, 22.05 kHz
        The first 20 s are heard, peak-normalised.
    """
    heard = samples[:_LONGEST] / np.abs(samples[:_LONGEST]).max()
    spectrogram = log_spectrogram(heard, log_frame_starts(0, len(heard)))
    groups = np.array_split(spectrogram, GROUPS, axis=1)
    return np.array(
        [[group.mean() for group in groups], [group.std(axis=0).mean() for group in groups]]
    )


def share_inside(real: np.ndarray, rendered: np.ndarray) -> np.ndarray:
    """The share of real clips within the 5th to 95th percentile of rendered ones.

    Parameters
    ----------
    real, rendered : np.ndarray, shape=(clips, 2, 8)

    Returns
    -------
    np.ndarray, shape=(2, 8)
    """
    low, high = np.percentile(rendered, [5.0, 95.0], axis=0)
    share: np.ndarray = np.mean((real >= low) & (real <= high), axis=0)
    return share


def compare_statistics(data: Path, *, clips: int = 240, seed: int = 0) -> str:
    """A table of real clips, clean rendered ones and recorded ones.

    Parameters
    ----------
    data : Path
        Holds ``con-espressione`` (the real clips) and ``percepiano`` (what is rendered).
    clips : int
        Of PercePiano, drawn at random; the sources of training take turns.

    Raises
    ------
    EsprError
        When data or a sound source are missing.
    """
    paths = sorted((data / "con-espressione" / "audio").glob("*.mp3"))
    if not paths:
        raise EsprError(f"{data / 'con-espressione' / 'audio'} has no MP3 files")
    real = np.array([clip_statistics(_decoded(path)) for path in paths])
    clean, recorded = _rendered(data / "percepiano", clips, seed)
    _, centres = log_filterbank()
    first = [group[0] for group in np.array_split(centres, GROUPS)]
    inside = share_inside(real, clean), share_inside(real, recorded)
    lines = [f"{len(real)} real clips, {len(clean)} clean and {len(recorded)} recorded renderings"]
    for row, name in enumerate(("mean", "standard deviation")):
        lines.append(f"{name} over time of log10(1 + magnitude): mean over clips ± spread")
        lines.append("    from Hz  real         clean        recorded     real inside 5-95 % of:")
        for group in range(GROUPS):
            cells = [
                f"{table[:, row, group].mean():5.2f} ± {table[:, row, group].std():4.2f}"
                for table in (real, clean, recorded)
            ]
            shares = [f"{share[row, group]:4.0%}" for share in inside]
            lines.append(
                f"    {first[group]:7.0f}  {'  '.join(cells)}  {' clean, '.join(shares)} recorded"
            )
        before, after = (share[row].mean() for share in inside)
        lines.append(f"    on average {before:.0%} inside clean, {after:.0%} inside recorded")
    return "\n".join(lines)


def _rendered(folder: Path, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    from espr.training.midlevel.conditions import record
    from espr.training.midlevel.performances import percepiano_performances
    from espr.training.midlevel.pianos import render
    from espr.training.midlevel.sound_sources import training_sources

    rng = np.random.default_rng(seed)
    performances = list(percepiano_performances(folder))
    chosen = [performances[row] for row in rng.permutation(len(performances))[:count]]
    sources = training_sources()
    clean: list[np.ndarray] = []
    for place, source in enumerate(sources):
        clean += render(chosen[place :: len(sources)], source, seed=seed)
    return (
        np.array([clip_statistics(samples) for samples in clean]),
        np.array([clip_statistics(record(samples, rng)) for samples in clean]),
    )


def _decoded(path: Path) -> np.ndarray:
    parts = [samples for _, samples in decode(path, end=22.0).chunks(_LONGEST, 0)]
    return np.concatenate(parts)


def main(arguments: Sequence[str]) -> int:
    try:
        (folder,) = arguments
    except ValueError:
        print("usage: python -m tests.benchmarks.rendering_statistics DATA", file=sys.stderr)
        return 2
    try:
        print(compare_statistics(Path(folder)))
    except EsprError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
