"""The `midlevel` encoder: a trained network of ESPR's own, run by ONNX Runtime.

It transcribes the notes. A feature is the mean of three readings of the same
thing: the network's own output, the feature of the notes (:mod:`espr.midi.features`) and what
`signal` measures, each standardised: they err differently. Onset density, attack and brightness
are measured alone (:mod:`espr.training.midlevel.readout`). Features are in standard deviations of
training clips. The weights are shipped (``espr/assets/midlevel.*``); ``espr train midlevel`` made
them.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from espr.errors import EsprError
from espr.features import AUDIO_SPACE
from espr.paths import ASSETS

if TYPE_CHECKING:
    from espr.audio.midlevel.frame_network import FrameNetwork
    from espr.audio.midlevel.window_head import WindowHead
    from espr.audio.spooled_spectrogram import KeptSpectrogram

NAME = "midlevel"
_FURTHEST = 4.0  # standard deviations: a window of two notes says nothing more extreme


@dataclass(frozen=True, slots=True)
class Readout:
    """How features are read from what the network says, from its notes and from the signal.

    Attributes
    ----------
    mean, deviation : np.ndarray, shape=(n,)
        Of each of them over training clips.
    weights : np.ndarray, shape=(features, n)
        Rows of measured features are zero.
    """

    mean: np.ndarray
    deviation: np.ndarray
    weights: np.ndarray

    @property
    def note_features(self) -> tuple[str, ...]:
        """The features of the notes that have a weight."""
        from espr.midi.features import NAMES

        first = self.weights.shape[1] - len(AUDIO_SPACE) - len(NAMES)
        weights = self.weights[:, first : first + len(NAMES)]
        return tuple(NAMES[place] for place in np.flatnonzero(weights.any(axis=0)))

    def features(self, outputs: np.ndarray) -> np.ndarray:
        """The features of windows, shape=(windows, features), float32."""
        standardised = np.clip((outputs - self.mean) / self.deviation, -_FURTHEST, _FURTHEST)
        features: np.ndarray = (standardised @ self.weights.T).astype(np.float32)
        return features


class Midlevel:
    """The shipped network; a :class:`espr.audio.network_encoder.Network`.

    ONNX Runtime is imported when the first recording is analysed.

    Parameters
    ----------
    weights : Path
        A ``.safetensors`` file, of which head and readout are used, with the network as ``.onnx``
        and the card's ``.toml`` beside it.
    """

    name = NAME
    space = AUDIO_SPACE

    def __init__(self, weights: Path) -> None:
        card = weights.with_suffix(".toml")
        try:
            self._card = tomllib.loads(card.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise EsprError(f"{card} cannot be read: {error}; install ESPR again") from error
        # now, not when the first recording is analysed: it is not to blame
        self._weights = _verified(weights, self._card["sha256"])
        self._network = _verified(weights.with_suffix(".onnx"), self._card["onnx_sha256"])

    @property
    def id(self) -> str:
        return f"{NAME}/{self._card['version']}"

    @property
    def measured(self) -> tuple[str, ...]:
        return tuple(self._card["measured"])

    @cached_property
    def _loaded(self) -> tuple[FrameNetwork, WindowHead, Readout]:
        import safetensors.numpy

        from espr.audio.midlevel.frame_network import load_onnx_network
        from espr.audio.midlevel.window_head import WindowHead

        tensors = safetensors.numpy.load(self._weights)
        readout = Readout(*(tensors[f"readout.{one.name}"] for one in fields(Readout)))
        head = WindowHead(
            {
                name.removeprefix("head."): weights
                for name, weights in tensors.items()
                if name.startswith("head.")
            }
        )
        return load_onnx_network(self._network), head, readout

    def windows(
        self, magnitudes: KeptSpectrogram, spans: np.ndarray, measured: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The features of windows, what is measured left at 0; the notes of them all; the pedal."""
        from espr.audio.midlevel.network_outputs import network_outputs
        from espr.midi.features import NAMES

        network, head, readout = self._loaded
        outputs, notes = network_outputs(network, head, magnitudes, spans, readout.note_features)
        pedal = outputs[:, NAMES.index("pedal")]  # the outputs begin as the features of notes do
        return readout.features(np.concatenate([outputs, measured], axis=1)), notes, pedal

    def notes(self, magnitudes: KeptSpectrogram, spans: np.ndarray) -> np.ndarray:
        """The notes alone: onset in seconds and MIDI pitch, shape=(n, 2), by onset."""
        from espr.audio.midlevel.network_outputs import recording_notes

        return recording_notes(self._loaded[0], magnitudes, spans)


def _verified(file: Path, digest: str) -> bytes:
    """The content of a file that is what was published."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise EsprError(f"{file} cannot be read: {error.strerror}; install ESPR again") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise EsprError(f"{file} is not the file that was published; install ESPR again")
    return content


def load_midlevel(weights: Path | None = None) -> Midlevel:
    """The shipped network, or another that ``espr train midlevel`` made."""
    weights = weights or ASSETS / f"{NAME}.safetensors"
    if not weights.is_file():
        raise EsprError(f"{weights} is not there; espr train midlevel makes it")
    return Midlevel(weights)
