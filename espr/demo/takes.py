"""The demo's recordings: every piece in every manner, written as ``piece_performer.wav``.

Each manner is one pianist with a piano and a room of their own, the same for both pieces,
as on records. Nothing in a file but its sound and its name tells the manner.
"""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from zlib import crc32

import numpy as np

from espr.demo.manners import MANNERS, Manner, perform
from espr.demo.scores import SCORES, Score
from espr.demo.synthesiser import RATE, render
from espr.errors import EsprError


def play(score: Score, manner: Manner, seed: int = 0) -> np.ndarray:
    """One take, shape=(n,), float32 mono; another seed is another day, piano and room."""
    return render(perform(score, manner, seed), crc32(f"{seed} {manner.name}".encode()))


def write_takes(
    folder: str | PathLike[str],
    seed: int = 0,
    scores: tuple[Score, ...] = SCORES,
    manners: tuple[Manner, ...] = MANNERS,
) -> list[Path]:
    """Play and write every take into ``folder``, which must exist; the paths in that order.

    Raises
    ------
    EsprError
        When a file cannot be written.
    """
    # Imported here so that a performance can be rendered without an audio file library.
    import soundfile

    paths = []
    for score in scores:
        for manner in manners:
            path = Path(folder) / f"{score.slug}_{manner.name}.wav"
            sound = play(score, manner, seed)
            try:
                soundfile.write(path, sound, RATE, subtype="PCM_16")
            except (OSError, soundfile.LibsndfileError) as error:
                raise EsprError(f"cannot write {path}: {error}") from error
            paths.append(path)
    return paths
