"""From what the network says, its notes and the signal to the features of the space.

``network:NAME`` is an output of the network, ``notes:NAME`` the symbolic feature of the notes that
were transcribed, ``signal:NAME`` what `signal` measures, each standardised over training clips. A
feature is the mean of all three: which of them follows best what was played differs from feature
to feature and from recording to recording, and their errors are not the same. Equal weights,
since nothing at hand could tell others apart.
"""

from __future__ import annotations

import numpy as np

from espr.audio.midlevel.encoder import Readout
from espr.features import AUDIO_SPACE
from espr.midi.features import NAMES

# What is of the sound and not of the keys is measured; onset density so that it is the same for
# both encoders.
MEASURED = ("onset_density", "attack", "brightness")
READOUT: dict[str, tuple[str, ...]] = {
    name: (f"network:{name}", f"notes:{name}", f"signal:{name}")
    for name in AUDIO_SPACE.names
    if name not in MEASURED
}


def output_names(outputs: tuple[str, ...]) -> list[str]:
    """The names of the outputs of a window, of what its notes amount to, and of measurements."""
    return [
        *(f"network:{name}" for name in outputs),
        *(f"notes:{name}" for name in NAMES),
        *(f"signal:{name}" for name in AUDIO_SPACE.names),
    ]


def make_readout(outputs: tuple[str, ...], found: np.ndarray, measured: np.ndarray) -> Readout:
    """The readout, standardised over training clips.

    Parameters
    ----------
    found : np.ndarray, shape=(clips, outputs + 17)
    measured : np.ndarray, shape=(clips, 12)
        By `signal`; of other clips, perhaps.
    """
    names = output_names(outputs)
    weights = np.zeros((len(AUDIO_SPACE), len(names)), np.float32)
    for feature, sources in READOUT.items():
        for source in sources:
            weights[AUDIO_SPACE.index(feature), names.index(source)] = 1.0 / len(sources)
    return Readout(
        mean=np.concatenate([found.mean(axis=0), measured.mean(axis=0)]).astype(np.float32),
        deviation=np.concatenate([found.std(axis=0) + 1e-3, measured.std(axis=0) + 1e-6]).astype(
            np.float32
        ),
        weights=weights,
    )
