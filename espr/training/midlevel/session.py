"""From the data to the shipped files: plan, corpus, network, validation, weights."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import safetensors.torch
import torch

from espr.audio.network import MidlevelNetwork
from espr.training.midlevel.corpus import Corpus, build
from espr.training.midlevel.fitting import Settings, correlations, fit, predicted
from espr.training.midlevel.plan import make_plan
from espr.training.midlevel.readout import MEASURED, readout_matrix
from espr.training.midlevel.targets import NAMES

VERSION = "1"
LICENCE = "CC BY 4.0"

_OUTPUTS = "outputs.json"


def prepare(
    data: Path, work: Path, seed: int, *, asap: bool, jobs: int, track: Callable[..., object]
) -> None:
    """Build the corpus in ``work``, or what of it is missing."""
    (clips, performances, ratings), qualities = make_plan(data, seed, asap=asap)
    build(work / "corpus", clips, performances, ratings, jobs, track)  # type: ignore[arg-type]
    (work / _OUTPUTS).write_text(json.dumps([*NAMES, *qualities]), encoding="utf-8")


def train(
    work: Path, settings: Settings, report: Callable[[dict[str, object]], None]
) -> tuple[MidlevelNetwork, dict[str, dict[str, float]]]:
    """Fit the network on the corpus in ``work``; return it and what validation says."""
    corpus = Corpus(work / "corpus")
    outputs = tuple(json.loads((work / _OUTPUTS).read_text(encoding="utf-8")))
    network = fit(corpus, outputs, len(NAMES), settings, work / "run", report)
    return network, validated(network, corpus, outputs)


def validated(
    network: MidlevelNetwork, corpus: Corpus, outputs: tuple[str, ...]
) -> dict[str, dict[str, float]]:
    """Correlations with the targets of every split that training never saw.

    Over all clips; of PercePiano also within a segment, where ratings are deviations.
    """
    found = {}
    for split in sorted({clip.split for clip in corpus.clips} - {"training"}):
        rows = corpus.rows(split)
        heard, wanted = predicted(network, corpus, rows)
        found[split] = _rounded(outputs, correlations(heard, wanted))
        groups = corpus.groups[rows]
        if len(np.unique(groups)) < len(rows) / 2:
            found[f"{split}, within a segment"] = _rounded(
                outputs, correlations(heard, wanted, groups)
            )
    return found


def _rounded(names: tuple[str, ...], values: np.ndarray) -> dict[str, float]:
    return {
        name: round(float(value), 3)
        for name, value in zip(names, values, strict=True)
        if np.isfinite(value)
    }


def export(network: MidlevelNetwork, outputs: tuple[str, ...], channels: int, out: Path) -> Path:
    """Write ``midlevel.safetensors`` and ``midlevel.toml``; return the first."""
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    tensors["readout"] = torch.from_numpy(readout_matrix(outputs))
    data = safetensors.torch.save(tensors)
    out.mkdir(parents=True, exist_ok=True)
    file = out / "midlevel.safetensors"
    file.write_bytes(data)
    file.with_suffix(".toml").write_text(
        f'name = "midlevel"\nversion = "{VERSION}"\nlicence = "{LICENCE}"\n'
        f'sha256 = "{hashlib.sha256(data).hexdigest()}"\n'
        f"dimension = {len(readout_matrix(outputs))}\nchannels = {channels}\n"
        f"measured = {json.dumps(MEASURED)}\n",
        encoding="utf-8",
    )
    return file


def rebuild(
    work: Path, out: Path, settings: Settings, report: Callable[[dict[str, object]], None]
) -> list[Path]:
    """Train on the corpus in ``work`` and write what is shipped to ``out``; return the files."""
    torch.set_num_threads(os.cpu_count() or 1)
    network, figures = train(work, settings, report)
    outputs = tuple(json.loads((work / _OUTPUTS).read_text(encoding="utf-8")))
    weights = export(network, outputs, settings.channels, out)
    validation = out / "midlevel.figures.json"
    history = json.loads((work / "run" / "history.json").read_text(encoding="utf-8"))
    validation.write_text(
        json.dumps({"validation": figures, "history": history}, indent=1) + "\n", encoding="utf-8"
    )
    written = [weights, weights.with_suffix(".toml"), validation]
    curve = learning_curve(history, out / "midlevel.learning.png")
    return [*written, curve] if curve else written


def learning_curve(history: list[dict[str, float]], file: Path) -> Path | None:
    """Draw the losses of every epoch; None without the extra ``figures``."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return None
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for name in ("notes", "window", "within", "rated"):
        values = [epoch[name] for epoch in history]
        axes.plot([epoch["epoch"] for epoch in history], np.array(values) / values[0], label=name)
    axes.set(xlabel="epoch", ylabel="loss, first epoch = 1", ylim=(0, None))
    axes.legend()
    figure.savefig(file, dpi=120)
    return file
