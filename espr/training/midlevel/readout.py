"""From what the network says to the features: which outputs a feature is read from.

The network is taught symbolic features and, besides, what PercePiano's raters said; a feature is
a sum of the outputs that mean it, in standard deviations. Features that no output follows better
than the signal does are measured.
"""

from __future__ import annotations

import numpy as np

from espr.space import MIDLEVEL_PLUS

# Feature: outputs and their weights. Rated qualities are named by PercePiano's columns.
READOUT: dict[str, dict[str, float]] = {
    "melodiousness": {"melodiousness": 1.0},
    "articulation": {"articulation": 1.0},
    "rhythm_stability": {"rhythm_stability": 1.0},
    "rhythm_complexity": {"rhythm_complexity": 1.0},
    "dissonance": {"dissonance": 1.0},
    "tonal_stability": {"tonal_stability": 1.0},
    "minorness": {"minorness": 1.0},
    "loudness": {"loudness": 1.0},
    "dynamic_range": {"dynamic_range": 1.0},
}
MEASURED = tuple(name for name in MIDLEVEL_PLUS.names if name not in READOUT)


def readout_matrix(outputs: tuple[str, ...]) -> np.ndarray:
    """The weights, shape=(features, outputs), float32; rows of measured features are zero."""
    matrix = np.zeros((len(MIDLEVEL_PLUS), len(outputs)), np.float32)
    for feature, weights in READOUT.items():
        for output, weight in weights.items():
            matrix[MIDLEVEL_PLUS.index(feature), outputs.index(output)] = weight
    return matrix
