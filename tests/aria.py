"""Two performances of an aria that can be played and share their notes, as a library."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from espr.alignment.recording_comparison import compare
from espr.catalog.catalog import Catalog
from espr.catalog.sound import store_comparisons, store_notes
from tests.played_notes import perform, score
from tests.synthetic_library import AUDIO, Builder, vector

RATE = 8_000
SECONDS = 62


def write_aria(folder: Path, names: tuple[str, str] = ("P0", "P1")) -> Path:
    """``0.wav`` and ``1.wav``, the second 1.25 times as fast and louder; the library's path."""
    builder = Builder(folder / "library.espr")
    ids = []
    for number, name in enumerate(names):
        file = folder / f"{number}.wav"
        soundfile.write(file, np.zeros(SECONDS * RATE), RATE)
        loudness = vector(loudness=2.0 * number - 1.0)
        ids.append(builder.add("aria", name, loudness, name=file.name))
    builder.close()
    notes = [perform(score(1), tempo, seed=1) for tempo in (1.0, 1.25)]
    (comparison,) = compare(notes[0], [notes[1]])
    with Catalog.open(builder.path, write=True) as catalog, catalog.transaction() as connection:
        for identity, played in zip(ids, notes, strict=True):
            store_notes(connection, identity, AUDIO, played, None)
        store_comparisons(connection, ids[0], {ids[1]: comparison})
    return builder.path
