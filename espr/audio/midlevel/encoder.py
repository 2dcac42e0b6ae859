"""The `midlevel` encoder: a trained network of ESPR's own (:mod:`espr.audio.midlevel.network`).

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
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from espr.errors import EsprError
from espr.features import MIDLEVEL_PLUS
from espr.paths import ASSETS

if TYPE_CHECKING:
    from espr.audio.midlevel.network import MidlevelNetwork
    from espr.audio.spooled_spectrogram import KeptSpectrogram

NAME = "midlevel"
_FURTHEST = 4.0  # standard deviations: a window of two notes says nothing more extreme
_TOGETHER = 16  # windows, a minute and a half: more at once is no faster, and takes memory
_BORDER = 3  # network frames beside a stretch: a note is where its neighbours are lower


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

    def features(self, said: np.ndarray) -> np.ndarray:
        """The features of windows, shape=(windows, features), float32."""
        standardised = np.clip((said - self.mean) / self.deviation, -_FURTHEST, _FURTHEST)
        features: np.ndarray = (standardised @ self.weights.T).astype(np.float32)
        return features


class Midlevel:
    """The shipped network; a :class:`espr.audio.network_encoder.Network`.

    Torch is imported when the first recording is analysed.

    Parameters
    ----------
    weights : Path
        A ``.safetensors`` file with the card's ``.toml`` beside it.
    """

    name = NAME
    space = MIDLEVEL_PLUS

    def __init__(self, weights: Path) -> None:
        card = weights.with_suffix(".toml")
        try:
            self._card = tomllib.loads(card.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise EsprError(f"{card} cannot be read: {error}; install ESPR again") from error
        # now, not when the first recording is analysed: it is not to blame
        self._verified = weights.read_bytes()
        if hashlib.sha256(self._verified).hexdigest() != self._card["sha256"]:
            raise EsprError(f"{weights} is not the file that was published; install ESPR again")

    @property
    def id(self) -> str:
        return f"{NAME}/{self._card['version']}"

    @property
    def measured(self) -> tuple[str, ...]:
        return tuple(self._card["measured"])

    @cached_property
    def _loaded(self) -> tuple[MidlevelNetwork, Readout]:
        import safetensors.torch

        from espr.audio.midlevel.network import MidlevelNetwork
        from espr.midi.features import NAMES

        tensors = safetensors.torch.load(self._verified)
        readout = Readout(*(tensors.pop(f"readout.{one.name}").numpy() for one in fields(Readout)))
        outputs = readout.weights.shape[1] - len(NAMES) - len(MIDLEVEL_PLUS)
        network = MidlevelNetwork(outputs, int(self._card["channels"]))
        network.load_state_dict(tensors)
        return network.fused(), readout

    def windows(
        self, spectrogram: KeptSpectrogram, spans: np.ndarray, measured: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The features of windows, what is measured left at 0, and the notes of them all."""
        network, readout = self._loaded
        says, notes = said_and_played(network, spectrogram, spans)
        return readout.features(np.concatenate([says, measured], axis=1)), notes


def said(
    network: MidlevelNetwork, spectrogram: KeptSpectrogram | np.ndarray, spans: np.ndarray
) -> np.ndarray:
    """What the network says of windows, and what its notes amount to.

    Parameters
    ----------
    spectrogram : shape=(frames, 149)
        Of the whole recording: it is whitened as a whole.
    spans : np.ndarray, shape=(n, 2)
        Seconds.

    Returns
    -------
    np.ndarray, shape=(n, outputs + 17), float32
        The outputs, then :func:`espr.midi.features.symbolic_features` of the notes.
    """
    return said_and_played(network, spectrogram, spans)[0]


def said_and_played(
    network: MidlevelNetwork, spectrogram: KeptSpectrogram | np.ndarray, spans: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """:func:`said`, and the onsets and pitches of the whole, shape=(n, 2)."""
    import torch

    from espr.audio.midlevel.network import magnitudes_of, whitening_factors

    factors = whitening_factors(
        magnitudes_of(spectrogram[start : start + 4096])
        for start in range(0, len(spectrogram), 4096)
    )
    with torch.inference_mode():
        starts = range(0, len(spans), _TOGETHER)
        parts = [
            _said_of(network, spectrogram, factors, spans[start : start + _TOGETHER])
            for start in starts
        ]
    # consecutive parts overlap: the notes of each until the next one begins
    bounds = [*spans[starts, 0], np.inf]
    notes = [
        part[(part[:, 0] >= begin) & (part[:, 0] < end)]
        for (_, part), (begin, end) in zip(parts, pairwise(bounds), strict=True)
    ]
    return np.concatenate([rows for rows, _ in parts]), np.concatenate(notes)


def _said_of(
    network: MidlevelNetwork,
    spectrogram: KeptSpectrogram | np.ndarray,
    factors: np.ndarray,
    spans: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The same of some consecutive windows, which the network runs over once."""
    import torch

    from espr.audio.midlevel.network import HALO, STEP, STEP_RATE, Frames, magnitudes_of
    from espr.audio.midlevel.transcription import sure_onsets, transcribed
    from espr.midi.features import symbolic_features

    steps = np.round(spans * STEP_RATE).astype(int)
    first, last = int(steps[0, 0]), int(steps[:, 1].max())
    begin, end = STEP * first - HALO, STEP * last + HALO
    whitened = np.zeros((1, spectrogram.shape[1], end - begin), np.float32)
    inside = slice(max(begin, 0), min(end, len(spectrogram)))
    bands = np.log10(1.0 + factors * magnitudes_of(spectrogram[inside]))
    whitened[0, :, inside.start - begin : inside.stop - begin] = bands.T
    held = HALO // STEP
    heard_around = network.frames(torch.from_numpy(whitened))
    frames = heard_around.between(held, held + last - first)
    bordered = heard_around.between(held - _BORDER, held + last - first + _BORDER)
    onsets = torch.sigmoid(bordered.onsets[0]).numpy()
    sounding = torch.sigmoid(bordered.sounding[0]).numpy()
    notes = transcribed(onsets, sounding, bordered.velocities[0].numpy())
    sure = sure_onsets(onsets, sounding)
    sure[:, 0] += (first - _BORDER) / STEP_RATE
    spans_within = (steps - first).tolist()
    outputs = np.zeros((len(spans), 0), np.float32)
    for length in np.unique(steps[:, 1] - steps[:, 0]):
        alike = [n for n, (start, stop) in enumerate(spans_within) if stop - start == length]
        heard_together = network.windows(
            Frames.stacked([frames.between(*spans_within[n]) for n in alike])
        ).numpy()
        if not outputs.shape[1]:
            outputs = np.zeros((len(spans), heard_together.shape[1]), np.float32)
        outputs[alike] = heard_together
    played = [
        symbolic_features(notes, (start + _BORDER) / STEP_RATE, (stop + _BORDER) / STEP_RATE)
        for start, stop in spans_within
    ]
    return np.concatenate([outputs, np.array(played, np.float32)], axis=1), sure


def load_midlevel(weights: Path | None = None) -> Midlevel:
    """The shipped network, or another that ``espr train midlevel`` made."""
    weights = weights or ASSETS / f"{NAME}.safetensors"
    if not weights.is_file():
        raise EsprError(f"{weights} is not there; espr train midlevel makes it")
    return Midlevel(weights)
