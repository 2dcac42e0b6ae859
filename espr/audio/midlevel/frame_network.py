"""The network of the `midlevel` encoder: what is played in every frame, run by ONNX Runtime.

Its shape and its training are in :mod:`espr.training.midlevel.network`, the export to ONNX in
:mod:`espr.training.midlevel.onnx_export`. It is convolutional and runs over the whole recording,
stretch by stretch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from espr.audio.midlevel.front_end import STEP
from espr.errors import EsprError


@dataclass(frozen=True, slots=True)
class Frames:
    """What the network says of ``t`` frames of 64 ms; every array is float32.

    Attributes
    ----------
    states : np.ndarray, shape=(64, t)
    pulses : np.ndarray, shape=(4, 2 t)
        At the rate of the spectrogram.
    onsets, sounding : np.ndarray, shape=(88, t)
        Posteriors, 0 to 1, of a key being struck in the frame, of a string sounding.
    velocities : np.ndarray, shape=(88, t)
        MIDI velocity / 127 of the note that is struck, where one is.
    """

    states: np.ndarray
    pulses: np.ndarray
    onsets: np.ndarray
    sounding: np.ndarray
    velocities: np.ndarray

    def __len__(self) -> int:
        return int(self.states.shape[1])

    def between(self, start: int, end: int) -> Frames:
        """The frames of a span."""
        return Frames(
            self.states[:, start:end],
            self.pulses[:, STEP * start : STEP * end],
            self.onsets[:, start:end],
            self.sounding[:, start:end],
            self.velocities[:, start:end],
        )

    def followed_by(self, later: Frames) -> Frames:
        """These frames and those of the next stretch."""
        return Frames(
            *(
                np.concatenate([getattr(self, one.name), getattr(later, one.name)], axis=1)
                for one in fields(Frames)
            )
        )


# From a whitened stretch, shape=(149, 2 t), to its frames; float32.
FrameNetwork = Callable[[np.ndarray], Frames]


def load_onnx_network(model: bytes) -> FrameNetwork:
    """The network of an ONNX file, to run on one thread, as recordings are analysed one a core.

    Raises
    ------
    EsprError
        When ONNX Runtime cannot run it.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # stretches differ in length: a plan of the memory for each would only take memory
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises classes of its own, each an Exception
        reason = " ".join(str(error).split())
        raise EsprError(f"the network of the midlevel encoder cannot be run: {reason}") from error
    names = [one.name for one in fields(Frames)]

    def run(stretch: np.ndarray) -> Frames:
        pairs = np.stack([stretch[:, place::STEP] for place in range(STEP)])
        return Frames(*session.run(names, {"whitened": pairs}))

    return run
