"""What ONNX Runtime and numpy hear is what torch hears, and torch is not needed for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from espr.audio.midlevel.encoder import load_midlevel
from espr.audio.midlevel.network_outputs import network_outputs
from espr.audio.midlevel.window_head import WindowHead
from espr.audio.network_encoder import NetworkEncoder
from espr.errors import EsprError
from espr.midi.features import NAMES
from espr.paths import ASSETS
from tests.signals import RATE, phrase, write

WEIGHTS = ASSETS / "midlevel.safetensors"
RECORDINGS = int(os.environ.get("ESPR_RECORDINGS", "12"))  # make soak: more


class TorchHead:
    """The head that was trained, as the encoder calls it."""

    def __init__(self, network) -> None:
        self._network = network

    def read(self, frames, spans):
        import torch
        from torch import Tensor

        from espr.training.midlevel.network import Frames

        def logit(posterior: np.ndarray) -> Tensor:
            return torch.logit(torch.from_numpy(posterior).double(), eps=1e-9).float()[None]

        rows = []
        for start, end in spans.tolist():
            one = frames.between(start, end)
            of_torch = Frames(
                torch.from_numpy(one.states)[None],
                torch.from_numpy(one.pulses)[None],
                logit(one.onsets),
                logit(one.sounding),
                torch.from_numpy(one.velocities)[None],
            )
            with torch.inference_mode():
                rows.append(self._network.windows(of_torch).numpy())
        return np.concatenate(rows)


class Reference:
    """The shipped encoder with torch in the place of ONNX Runtime and of the head in numpy."""

    def __init__(self) -> None:
        from espr.training.midlevel.onnx_export import load_network

        self._shipped = load_midlevel()
        self._readout = self._shipped._loaded[2]
        network = load_network(WEIGHTS, channels=16)
        self._head, self._frames = TorchHead(network), network.fused().one_recording

    def __getattr__(self, name: str):
        return getattr(self._shipped, name)

    def windows(self, magnitudes, spans, measured):
        outputs, notes = network_outputs(self._frames, self._head, magnitudes, spans)
        features = self._readout.features(np.concatenate([outputs, measured], axis=1))
        return features, notes, outputs[:, NAMES.index("pedal")]


def recording(number: int) -> np.ndarray:
    """Made-up music of another length, level and clarity each time."""
    rng = np.random.default_rng(number)
    sound = phrase(float(rng.uniform(3.0, 12.0)) if number else 60.0, seed=number)
    noise = rng.normal(size=len(sound)) * 10.0 ** rng.uniform(-6, -2)
    return 10.0 ** rng.uniform(-2, 0) * (sound + noise)


def by_key(notes: np.ndarray) -> np.ndarray:
    """Notes by their keys: which of two that begin together is first may turn on rounding."""
    return notes[np.lexsort(notes.T)]


def test_features_are_those_of_torch(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("onnx", reason="onnx, of the extra train, exports the network")
    shipped, reference = NetworkEncoder(load_midlevel()), NetworkEncoder(Reference())
    for number in range(RECORDINGS):
        file = write(tmp_path / f"{number}.wav", recording(number), RATE)
        one, other = shipped.hear(file), reference.hear(file)
        np.testing.assert_allclose(one.windows.features, other.windows.features, atol=1e-4)
        np.testing.assert_allclose(by_key(one.notes), by_key(other.notes), atol=1e-4)
        np.testing.assert_allclose(one.pedal, other.pedal, atol=1e-4)


def test_the_network_can_be_exported_again_without_training(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("onnx", reason="onnx, of the extra train, exports the network")
    for name in ("midlevel.safetensors", "midlevel.toml"):
        shutil.copy(ASSETS / name, tmp_path / name)
    command = [sys.executable, "-W", "error::DeprecationWarning", "-m"]
    command += ["espr.training.midlevel.onnx_export", str(tmp_path / "midlevel.safetensors")]
    subprocess.run(command, check=True, capture_output=True)
    again = NetworkEncoder(load_midlevel(tmp_path / "midlevel.safetensors"))
    shipped = NetworkEncoder(load_midlevel())
    file = write(tmp_path / "phrase.wav", phrase(8.0), RATE)
    np.testing.assert_allclose(
        again.encode(file).features, shipped.encode(file).features, atol=1e-5
    )
    card = (tmp_path / "midlevel.toml").read_text("utf-8")
    assert card.count("onnx_sha256") == 1


@pytest.mark.parametrize("name", ["midlevel.safetensors", "midlevel.onnx"])
def test_a_network_that_was_replaced_is_not_run(tmp_path: Path, name: str) -> None:
    for suffix in ("safetensors", "onnx", "toml"):
        shutil.copy(ASSETS / f"midlevel.{suffix}", tmp_path)
    content = bytearray((tmp_path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(EsprError, match=f"{name} is not the file that was published"):
        load_midlevel(tmp_path / "midlevel.safetensors")
    (tmp_path / name).unlink()
    with pytest.raises(EsprError, match=name):
        load_midlevel(tmp_path / "midlevel.safetensors")


def test_a_window_of_silence_is_read() -> None:
    """Of no notes and no onsets the logarithms and quotients stay finite."""
    from espr.audio.midlevel.frame_network import Frames

    head: WindowHead = load_midlevel()._loaded[1]
    shapes = ((64, 40), (4, 80), (88, 40), (88, 40), (88, 40))
    silence = Frames(*(np.zeros(shape, np.float32) for shape in shapes))
    assert np.isfinite(head.read(silence, np.array([[0, 20], [7, 40]]))).all()
