"""From what the network says and the notes that it hears to the features of the space.

``network:NAME`` is an output of the network, ``notes:NAME`` the symbolic feature of the notes that
were transcribed, both standardised over training clips. Which of them a feature is read from was
chosen by the correlation with the feature of the keys on works, composers, sounds and rooms that
training never heard (``validation`` in ``midlevel.figures.json``), not by retrieval.
"""

from __future__ import annotations

import numpy as np

from espr.audio.midlevel import Readout
from espr.space import MIDLEVEL_PLUS
from espr.symbolic.features import NAMES

# Feature: what it is read from; their mean. What is not here is measured as `signal` does:
# onset density so that it is the same for both encoders, attack and brightness because they are
# of the sound, not of the keys.
READOUT: dict[str, tuple[str, ...]] = {
    "melodiousness": ("network:melodiousness", "notes:melodiousness"),
    "articulation": ("network:articulation", "notes:articulation"),
    "rhythm_stability": ("notes:rhythm_stability",),
    "rhythm_complexity": ("notes:rhythm_complexity",),
    "dissonance": ("network:dissonance", "notes:dissonance"),
    "tonal_stability": ("notes:tonal_stability",),
    "minorness": ("notes:minorness",),
    "loudness": ("network:loudness", "notes:loudness"),
    "dynamic_range": ("network:dynamic_range", "notes:dynamic_range"),
}
MEASURED = tuple(name for name in MIDLEVEL_PLUS.names if name not in READOUT)


def said_names(outputs: tuple[str, ...]) -> list[str]:
    """The names of what :func:`espr.audio.midlevel.said` returns."""
    return [f"network:{name}" for name in outputs] + [f"notes:{name}" for name in NAMES]


def make_readout(outputs: tuple[str, ...], said: np.ndarray) -> Readout:
    """The readout, standardised over what is said of training clips, shape=(clips, n)."""
    names = said_names(outputs)
    weights = np.zeros((len(MIDLEVEL_PLUS), len(names)), np.float32)
    for feature, sources in READOUT.items():
        for source in sources:
            weights[MIDLEVEL_PLUS.index(feature), names.index(source)] = 1.0 / len(sources)
    return Readout(
        mean=said.mean(axis=0).astype(np.float32),
        deviation=(said.std(axis=0) + 1e-3).astype(np.float32),
        weights=weights,
    )
