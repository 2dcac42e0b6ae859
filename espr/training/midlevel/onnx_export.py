"""The trained network as an ONNX graph, which recordings are analysed with.

The graph is written down operator by operator (https://onnx.ai/onnx/operators): PyTorch's own
exporters are deprecated or need a package more. A test compares both. ``onnx`` (Apache-2.0) is in
the extra ``train``: it writes the file, ONNX Runtime reads it.

``python -m espr.training.midlevel.onnx_export [WEIGHTS]`` exports the network of a
``midlevel.safetensors``, by default the shipped one, without training.
"""

from __future__ import annotations

import copy
import hashlib
import re
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import safetensors.torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from espr.audio.midlevel.frame_network import Frames
from espr.audio.midlevel.front_end import BANDS, PITCHES, STEP
from espr.paths import ASSETS
from espr.training.midlevel.network import MidlevelNetwork, Residual, Temporal, harmonic_stack
from espr.training.midlevel.window_head import PULSES

_OPSET = 17
_FORMAT = 9  # of ONNX files: read by ONNX Runtime 1.15 and newer
_DIGEST = re.compile(r'^onnx_sha256 = ".*"\n', re.MULTILINE)


class _Graph:
    """Operators and constants in the order in which they are added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, values: np.ndarray | list[int]) -> str:
        array = np.array(values, np.int64) if isinstance(values, list) else values
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        name = output or f"{operator.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def reshape(self, x: str, shape: list[int], output: str = "") -> str:
        return self.add("Reshape", x, self.constant(shape), output=output)

    def convolve(self, x: str, layer: nn.Conv1d | nn.Conv2d) -> str:
        weights = [layer.weight] if layer.bias is None else [layer.weight, layer.bias]
        return self.add(
            "Conv",
            x,
            *(self.constant(_numpy(one)) for one in weights),
            strides=list(layer.stride),
            pads=[*layer.padding, *layer.padding],
            dilations=list(layer.dilation),
        )

    def block(self, x: str, residual: Residual) -> str:
        beside = x if residual.shortcut is None else self.convolve(x, residual.shortcut)
        x = self.add("Relu", self.convolve(x, residual.conv1))
        return self.add("Relu", self.add("Add", self.convolve(x, residual.conv2), beside))


def onnx_of(network: MidlevelNetwork) -> bytes:
    """The file: even and odd frames of a whitened stretch, shape=(2, 149, t), to frames."""
    network = copy.deepcopy(network).fused()
    graph = _Graph()
    x = graph.add("Relu", _stem(graph, network.stem))
    x = graph.block(graph.block(x, network.stage1), network.stage2)
    notes = graph.add("Add", graph.convolve(x, network.notes), graph.constant(_numpy(network.keys)))
    for place, (name, function) in enumerate(
        {"onsets": "Sigmoid", "sounding": "Sigmoid", "velocities": "Identity"}.items()
    ):
        row = graph.add("Gather", notes, graph.constant([place]), axis=1)
        graph.add(function, graph.reshape(row, [PITCHES, -1]), output=name)
    # a kernel as high as the keyboard is a product of matrices
    gather = _numpy(network.gather.weight).reshape(network.gather.out_channels, -1)
    x = graph.reshape(x, [gather.shape[1], -1])
    x = graph.add("MatMul", graph.constant(gather), x)
    assert network.gather.bias is not None  # of the norm that it took up
    x = graph.add("Add", x, graph.constant(_numpy(network.gather.bias)[:, None]))
    x = graph.reshape(graph.add("Relu", x), [1, len(gather), -1])
    for temporal in network.context:
        assert isinstance(temporal, Temporal)
        x = graph.add("Add", graph.add("Relu", graph.convolve(x, temporal.conv)), x)
    states = graph.add("Relu", graph.convolve(x, network.states))
    graph.reshape(states, [network.states.out_channels, -1], output="states")
    pulses = graph.add("Softplus", graph.convolve(x, network.pulses))
    pulses = graph.add("Transpose", graph.reshape(pulses, [PULSES, STEP, -1]), perm=[0, 2, 1])
    graph.reshape(pulses, [PULSES, -1], output="pulses")
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "midlevel",
            [helper.make_tensor_value_info("whitened", TensorProto.FLOAT, [STEP, BANDS, "t"])],
            [
                helper.make_tensor_value_info(one.name, TensorProto.FLOAT, [None, None])
                for one in fields(Frames)
            ],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        producer_name="espr",
        ir_version=_FORMAT,
    )
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def _stem(graph: _Graph, stem: nn.Conv2d) -> str:
    """The first convolution, over the harmonic stack of even and of odd frames side by side.

    It has a stride of two frames: as one of stride 1 over pairs, with channels of a multiple of
    eight, ONNX Runtime takes half the time.
    """
    stack = harmonic_stack()
    weights = _numpy(stem.weight)  # (channels, harmonics, keys, frames -3 to 3)
    out, harmonics, keys, _ = weights.shape
    planes = -(-harmonics // 4) * 4
    rows = np.zeros((planes, PITCHES, BANDS), np.float32)
    rows[:harmonics] = stack
    pairs = np.zeros((out, STEP, planes, keys, 4), np.float32)  # pairs -2 to 1: frames -4 to 3
    pairs[:, 0, :harmonics, :, 1:] = weights[..., 1::2]
    pairs[:, 1, :harmonics] = weights[..., ::2]
    x = graph.add("MatMul", graph.constant(rows.reshape(-1, BANDS)), "whitened")
    x = graph.reshape(x, [1, STEP * planes, PITCHES, -1])
    assert stem.bias is not None  # of the norm that it took up
    kernel = graph.constant(pairs.reshape(out, STEP * planes, keys, 4))
    return graph.add("Conv", x, kernel, graph.constant(_numpy(stem.bias)), pads=[1, 2, 1, 1])


def load_network(weights: Path, channels: int) -> MidlevelNetwork:
    """The network of a ``midlevel.safetensors``, to be run by torch."""
    tensors = safetensors.torch.load(weights.read_bytes())
    kept = {name: one for name, one in tensors.items() if not name.startswith("readout.")}
    network = MidlevelNetwork(len(kept["head.out.bias"]), channels)
    network.load_state_dict(kept)
    return network.eval()


def write_onnx(network: MidlevelNetwork, weights: Path) -> Path:
    """Write the network beside its weights, and its digest into the card's ``.toml``."""
    content = onnx_of(network)
    file = weights.with_suffix(".onnx")
    file.write_bytes(content)
    card = weights.with_suffix(".toml")
    digest = f'onnx_sha256 = "{hashlib.sha256(content).hexdigest()}"\n'
    card.write_text(_DIGEST.sub("", card.read_text("utf-8")) + digest, "utf-8")
    return file


def _numpy(tensor: Tensor) -> np.ndarray:
    array: np.ndarray = tensor.detach().numpy()
    return array


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else ASSETS / "midlevel.safetensors"
    print(write_onnx(load_network(chosen, channels=16), chosen))
