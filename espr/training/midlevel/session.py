"""From the data to the shipped files: plan, corpus, network, validation, weights."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import safetensors.torch
import soundfile
import torch

from espr.audio.decode import SAMPLE_RATE
from espr.audio.encoder import WINDOW
from espr.audio.midlevel.encoder import Readout
from espr.audio.midlevel.network_outputs import network_outputs
from espr.audio.signal_encoder import SignalEncoder
from espr.features import AUDIO_SPACE
from espr.midi.features import NAMES
from espr.training.midlevel.corpus import Corpus, build, lengthened, played
from espr.training.midlevel.fitting import Settings, correlations, fit, training_rows
from espr.training.midlevel.network import MidlevelNetwork
from espr.training.midlevel.onnx_export import write_onnx
from espr.training.midlevel.performances import percepiano_performances
from espr.training.midlevel.performer import synthetic_performances
from espr.training.midlevel.plan import PASSAGES, make_plan
from espr.training.midlevel.readout import MEASURED, make_readout, output_names

VERSION = "2"
LICENCE = "Apache-2.0"
LICENCE_WITH_ASAP = "CC BY-NC-SA 4.0"

_OUTPUTS = "outputs.json"
_STANDARDISING = 400  # clips
_MEASURED = 150  # of them, rendered again
_RATED = ("percepiano",)  # sources that `espr evaluate` measures on


def prepare(data: Path, work: Path, seed: int, *, jobs: int, track: Callable[..., object]) -> None:
    """Build the corpus in ``work``, or what of it is missing."""
    (clips, performances, ratings), qualities = make_plan(data, seed)
    build(work / "corpus", clips, performances, ratings, jobs, track)  # type: ignore[arg-type]
    (work / _OUTPUTS).write_text(json.dumps([*NAMES, *qualities]), encoding="utf-8")


def rebuild(
    data: Path,
    work: Path,
    out: Path,
    settings: Settings,
    *,
    asap: bool,
    report: Callable[[dict[str, object]], None],
) -> list[Path]:
    """Train on the corpus in ``work`` and write what is shipped to ``out``; return the files."""
    torch.set_num_threads(os.cpu_count() or 1)
    corpus = Corpus(work / "corpus")
    outputs = tuple(json.loads((work / _OUTPUTS).read_text(encoding="utf-8")))
    network = fit(corpus, outputs, len(NAMES), settings, work / "run", report)
    rows = training_rows(corpus, settings)
    chosen = np.random.default_rng(settings.seed).permutation(rows)[:_STANDARDISING]
    measured = measured_clips(data, corpus, chosen[:_MEASURED], settings.seed)
    readout = make_readout(outputs, outputs_of(network.eval(), corpus, chosen), measured)
    history = json.loads((work / "run" / "history.json").read_text(encoding="utf-8"))
    figures = {"validation": validated(network, corpus, outputs), "history": history}
    works = sorted({corpus.clips[row].work for row in rows if corpus.clips[row].source in _RATED})
    weights = export(network, readout, settings.channels, out, asap=asap, trained_on=works)
    document = out / "midlevel.figures.json"
    document.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    written = [weights, write_onnx(network, weights), weights.with_suffix(".toml"), document]
    curve = learning_curve(history, out / "midlevel.learning.png")
    return [*written, curve] if curve else written


def outputs_of(network: MidlevelNetwork, corpus: Corpus, rows: np.ndarray) -> np.ndarray:
    """What the network says of the first windows of clips, shape=(rows, n)."""
    first, head = np.array([[0.0, WINDOW]]), network.window_head()
    found = [
        network_outputs(network.one_recording, head, corpus.magnitudes(row), first)[0]
        for row in rows
    ]
    return np.concatenate(found)


def measured_clips(data: Path, corpus: Corpus, rows: np.ndarray, seed: int) -> np.ndarray:
    """What `signal` measures in the first windows of clips, shape=(rows, 12).

    The corpus keeps no sound: these are rendered once more.
    """
    known = {
        performance.name: performance
        for performance in (
            *percepiano_performances(data / "percepiano"),
            *synthetic_performances(PASSAGES, seed),
        )
    }
    clips = [corpus.clips[row] for row in rows if corpus.clips[row].name in known]
    sounds = played(clips, [lengthened(known[clip.name]) for clip in clips])
    encoder = SignalEncoder()
    features = []
    with tempfile.TemporaryDirectory(prefix="espr-") as folder:
        file = Path(folder) / "clip.wav"
        for sound in sounds:
            soundfile.write(file, sound, SAMPLE_RATE, subtype="FLOAT")
            features.append(encoder.encode(file).features[0])
    return np.array(features)


def validated(
    network: MidlevelNetwork, corpus: Corpus, outputs: tuple[str, ...]
) -> dict[str, dict[str, float]]:
    """Correlations with the targets of every split that training never saw.

    By what is correlated: an output (``network:``) or the feature of the transcribed notes
    (``notes:``). Over all clips; of PercePiano also within a segment.
    """
    found = {}
    names = [name for name in output_names(outputs) if not name.startswith("signal:")]
    for split in sorted({clip.split for clip in corpus.clips} - {"training"}):
        rows = corpus.rows(split)
        says = outputs_of(network, corpus, rows)
        known = dict(zip(outputs, _targets(corpus, rows).T, strict=True))
        wanted = np.stack([known[name.partition(":")[2]] for name in names], axis=1)
        found[split] = _rounded(names, correlations(says, wanted))
        groups = corpus.groups[rows]
        if len(np.unique(groups)) < len(rows) / 2:
            within = correlations(says, wanted, groups)
            found[f"{split}, within a segment"] = _rounded(names, within)
    return found


def _targets(corpus: Corpus, rows: np.ndarray) -> np.ndarray:
    return np.concatenate([corpus.targets[rows, 0], corpus.ratings[rows]], axis=1)


def _rounded(names: list[str], values: np.ndarray) -> dict[str, float]:
    return {
        name: round(float(value), 3)
        for name, value in zip(names, values, strict=True)
        if np.isfinite(value)
    }


def export(
    network: MidlevelNetwork,
    readout: Readout,
    channels: int,
    out: Path,
    *,
    asap: bool,
    trained_on: list[str],
) -> Path:
    """Write ``midlevel.safetensors`` and ``midlevel.toml``; return the first."""
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    for name, values in asdict(readout).items():
        tensors[f"readout.{name}"] = torch.from_numpy(values)
    data = safetensors.torch.save(tensors)
    out.mkdir(parents=True, exist_ok=True)
    file = out / "midlevel.safetensors"
    file.write_bytes(data)
    file.with_suffix(".toml").write_text(
        f'name = "midlevel"\nversion = "{VERSION}"\n'
        f'licence = "{LICENCE_WITH_ASAP if asap else LICENCE}"\n'
        f'sha256 = "{hashlib.sha256(data).hexdigest()}"\n'
        f"dimension = {len(AUDIO_SPACE)}\nchannels = {channels}\n"
        f"measured = {json.dumps(MEASURED)}\ntrained_on = {json.dumps(trained_on)}\n",
        encoding="utf-8",
    )
    return file


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
