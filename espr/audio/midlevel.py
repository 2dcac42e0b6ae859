"""The `midlevel` encoder: a trained network of ESPR's own (:mod:`espr.audio.network`).

Its weights and model card are shipped (``espr/assets/midlevel.*``); ``espr train midlevel`` made
them. Features are in standard deviations of the training clips. What the network cannot hear
better than `signal` measures it is measured (``READOUT`` in :mod:`espr.training.midlevel.readout`
says which, the model card why).
"""

from __future__ import annotations

import hashlib
import tomllib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from espr.errors import EsprError
from espr.space import MIDLEVEL_PLUS

if TYPE_CHECKING:
    import torch

    from espr.audio.kept_spectrogram import KeptSpectrogram
    from espr.audio.network import MidlevelNetwork

NAME = "midlevel"
ASSETS = Path(__file__).parent.parent / "assets"
_TOGETHER = 36  # windows, three minutes: what the network runs over at once


class Midlevel:
    """The shipped network; a :class:`espr.audio.network_encoder.Network`.

    Torch is imported when the first recording is heard.

    Parameters
    ----------
    weights : Path
        A ``.safetensors`` file with the card's ``.toml`` beside it.
    """

    name = NAME
    space = MIDLEVEL_PLUS

    def __init__(self, weights: Path) -> None:
        self._weights = weights
        card = weights.with_suffix(".toml")
        try:
            self._card = tomllib.loads(card.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise EsprError(f"{card} cannot be read: {error}; install ESPR again") from error

    @property
    def id(self) -> str:
        return f"{NAME}/{self._card['version']}"

    @property
    def measured(self) -> tuple[str, ...]:
        return tuple(self._card["measured"])

    @cached_property
    def _loaded(self) -> tuple[MidlevelNetwork, torch.Tensor]:
        """The network and its readout, shape=(features, outputs)."""
        import safetensors.torch

        from espr.audio.network import MidlevelNetwork

        data = self._weights.read_bytes()
        if hashlib.sha256(data).hexdigest() != self._card["sha256"]:
            raise EsprError(
                f"{self._weights} is not the file that was published; install ESPR again"
            )
        tensors = safetensors.torch.load(data)
        readout = tensors.pop("readout")
        network = MidlevelNetwork(readout.shape[1], int(self._card["channels"]))
        network.load_state_dict(tensors)
        return network.eval(), readout

    def windows(self, spectrogram: KeptSpectrogram, spans: np.ndarray) -> np.ndarray:
        """The features of windows, shape=(n, 12), float32; what is measured is left at 0."""
        import torch

        from espr.audio.network import magnitudes_of, whitening_factors

        network, readout = self._loaded
        factors = whitening_factors(
            magnitudes_of(spectrogram[start : start + 4096])
            for start in range(0, len(spectrogram), 4096)
        )
        rows = []
        with torch.inference_mode():
            for start in range(0, len(spans), _TOGETHER):
                rows.append(_outputs(network, spectrogram, factors, spans[start:][:_TOGETHER]))
        features: np.ndarray = (torch.cat(rows) @ readout.T).numpy()
        return features


def _outputs(
    network: MidlevelNetwork,
    spectrogram: KeptSpectrogram,
    factors: np.ndarray,
    spans: np.ndarray,
) -> torch.Tensor:
    """What the network says of some consecutive windows, run over once, shape=(n, outputs)."""
    import torch

    from espr.audio.network import HALO, STEP, STEP_RATE, magnitudes_of

    steps = np.round(spans * STEP_RATE).astype(int)
    first, last = int(steps[0, 0]), int(steps[:, 1].max())
    begin, end = STEP * first - HALO, STEP * last + HALO
    whitened = np.zeros((1, spectrogram.shape[1], end - begin), np.float32)
    inside = slice(max(begin, 0), min(end, len(spectrogram)))
    heard = np.log10(1.0 + factors * magnitudes_of(spectrogram[inside]))
    whitened[0, :, inside.start - begin : inside.stop - begin] = heard.T
    held = HALO // STEP
    frames = network.frames(torch.from_numpy(whitened)).between(held, held + last - first)
    return torch.cat(
        [network.windows(frames.between(a - first, b - first)) for a, b in steps.tolist()]
    )


def load_midlevel(weights: Path | None = None) -> Midlevel:
    """The shipped network, or another that ``espr train midlevel`` made."""
    weights = weights or ASSETS / f"{NAME}.safetensors"
    if not weights.is_file():
        raise EsprError(f"{weights} is not there; espr train midlevel makes it")
    return Midlevel(weights)
