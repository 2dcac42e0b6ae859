"""Fitting the network: losses, the schedule, checkpoints, what validation says.

Three losses are added: notes (which keys are struck, how hard, which sound; of every frame), the
outputs of the window (Huber, standardised), and the same as deviations from the mean of the
passage, in standard deviations within a passage: this is what retrieval within a piece sees, and
where the piano, the room and the decade must make no difference.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from espr.audio.midlevel.front_end import HALO, STEP
from espr.training.midlevel.batches import Batch, batches_of
from espr.training.midlevel.corpus import WINDOW_FRAMES, Corpus
from espr.training.midlevel.network import Frames, MidlevelNetwork

_HELD = HALO // STEP  # steps of context on either side


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a training depends on besides the corpus."""

    channels: int = 16
    epochs: int = 16
    rate: float = 2e-3
    decay: float = 0.01
    notes: float = 1.0
    within: float = 1.0
    rated: float = 0.5
    seed: int = 0
    share: float = 1.0  # of the groups: a proxy run takes a quarter
    sources: tuple[str, ...] = ()  # all


@dataclass(frozen=True, slots=True)
class Scales:
    """Constants that outputs are standardised with, from the training clips.

    Attributes
    ----------
    mean, deviation : np.ndarray, shape=(outputs,)
    within : np.ndarray, shape=(outputs,)
        Standard deviation within a passage over that of all clips.
    """

    mean: np.ndarray
    deviation: np.ndarray
    within: np.ndarray


def scales_of(corpus: Corpus, rows: np.ndarray) -> Scales:
    """Measure the constants; NaN (no rating) does not count."""
    values = np.concatenate([corpus.targets[rows, 0], corpus.ratings[rows]], axis=1)
    mean, deviation = np.nanmean(values, axis=0), np.nanstd(values, axis=0) + 1e-6
    groups = corpus.groups[rows]
    residuals, weights = [], []
    for group in np.unique(groups):
        members = values[groups == group]
        names = {corpus.clips[row].name for row in rows[groups == group]}
        if len(names) > 1:
            with np.errstate(invalid="ignore"):
                known = np.isfinite(members).all(axis=0)
            residuals.append(np.where(known, (members - members.mean(axis=0)) ** 2, 0.0).sum(0))
            weights.append(known * (len(members) - 1.0))
    within = np.sqrt(np.sum(residuals, axis=0) / np.maximum(np.sum(weights, axis=0), 1.0))
    return Scales(mean, deviation, np.clip(within / deviation, 0.1, 1.0))


def losses(
    frames: Frames, outputs: Tensor, batch: Batch, scales: Scales, symbolic: int
) -> dict[str, Tensor]:
    """The three losses and the ratings' own."""
    struck = (batch.struck > 0).float()
    # one frame in a thousand is an onset: weighted, so that it is heard at all
    onset = functional.binary_cross_entropy_with_logits(
        frames.onsets, struck, pos_weight=torch.tensor(4.0)
    )
    sounding = functional.binary_cross_entropy_with_logits(frames.sounding, batch.sounding)
    velocity = ((frames.velocities - batch.struck) ** 2 * struck).sum() / (struck.sum() + 1.0)
    mean = torch.from_numpy(scales.mean).float()
    wanted = (batch.targets - mean) / torch.from_numpy(scales.deviation).float()
    known = torch.isfinite(wanted)
    wanted = torch.where(known, wanted, outputs.detach())
    error = functional.huber_loss(outputs, wanted, reduction="none")
    spread = outputs - wanted
    centred = spread - _of_group(spread, batch.groups)
    within = functional.huber_loss(
        centred / torch.from_numpy(scales.within).float(),
        torch.zeros_like(centred),
        reduction="none",
    )
    return {
        "notes": 20.0 * onset + 5.0 * sounding + 20.0 * velocity,
        "window": error[:, :symbolic].mean(),
        "within": within[:, :symbolic].mean(),
        "rated": within[:, symbolic:].sum() / (known[:, symbolic:].sum() + 1.0),
    }


def _of_group(values: Tensor, groups: Tensor) -> Tensor:
    """Every row's group mean."""
    member = functional.one_hot(groups).float()
    means = (member.T @ values) / member.sum(dim=0)[:, None]
    return means[groups]


def fit(
    corpus: Corpus,
    names: tuple[str, ...],
    symbolic: int,
    settings: Settings,
    folder: Path,
    report: Callable[[dict[str, object]], None],
) -> MidlevelNetwork:
    """Train, or go on with, a network; every epoch leaves a checkpoint in ``folder``.

    Parameters
    ----------
    names : tuple of str
        Of the outputs: symbolic features first, then rated qualities.
    symbolic : int
        How many of them are symbolic features.
    report : callable
        Is given the figures of every epoch.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = training_rows(corpus, settings)
    scales = scales_of(corpus, rows)
    torch.manual_seed(settings.seed)
    network = MidlevelNetwork(len(names), settings.channels)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=settings.rate, weight_decay=settings.decay
    )
    steps = sum(1 for _ in _batches(corpus, rows, settings, 0))
    checkpoint = folder / "checkpoint.pt"
    described = {**asdict(settings), "sources": list(settings.sources), "steps": steps}
    first, history = 0, []
    if checkpoint.is_file():
        saved = torch.load(checkpoint, weights_only=True)
        if saved["settings"] == described:
            network.load_state_dict(saved["network"])
            optimiser.load_state_dict(saved["optimiser"])
            first, history = saved["epoch"], saved["history"]
    for epoch in range(first, settings.epochs):
        since = time.perf_counter()
        network.train()
        torch.manual_seed(settings.seed * 1000 + epoch)
        sums: dict[str, float] = {}
        generator = np.random.default_rng([settings.seed, epoch])
        for step, batch in enumerate(batches_of(corpus, rows, generator, disturb=True)):
            for group in optimiser.param_groups:
                group["lr"] = settings.rate * _schedule(
                    (epoch * steps + step) / (settings.epochs * steps)
                )
            frames, outputs = forward(network, batch)
            parts = losses(frames, outputs, batch, scales, symbolic)
            loss = (
                settings.notes * parts["notes"]
                + parts["window"]
                + settings.within * parts["within"]
                + settings.rated * parts["rated"]
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            for name, value in parts.items():
                sums[name] = sums.get(name, 0.0) + float(value.detach())
        figures: dict[str, object] = {
            "epoch": epoch + 1,
            "seconds": round(time.perf_counter() - since, 1),
            **{name: round(value / (step + 1), 4) for name, value in sums.items()},
        }
        history.append(figures)
        draft = checkpoint.with_suffix(".part")
        torch.save(
            {
                "network": network.state_dict(),
                "optimiser": optimiser.state_dict(),
                "epoch": epoch + 1,
                "history": history,
                "settings": described,
            },
            draft,
        )
        draft.replace(checkpoint)
        report(figures)
    (folder / "history.json").write_text(json.dumps(history, indent=1), encoding="utf-8")
    return network


def training_rows(corpus: Corpus, settings: Settings) -> np.ndarray:
    """The rows that a training sees: those of its sources, a share of the groups."""
    rows = corpus.rows("training")
    if settings.sources:
        rows = rows[[corpus.clips[row].source in settings.sources for row in rows]]
    groups = np.unique(corpus.groups[rows])
    chosen = np.random.default_rng(settings.seed).permutation(groups)
    kept = chosen[: max(1, round(settings.share * len(chosen)))]
    return rows[np.isin(corpus.groups[rows], kept)]


def _batches(corpus: Corpus, rows: np.ndarray, settings: Settings, epoch: int) -> list[np.ndarray]:
    from espr.training.midlevel.batches import grouped_rows

    return grouped_rows(corpus.groups[rows], np.random.default_rng([settings.seed, epoch]))


def forward(network: MidlevelNetwork, batch: Batch) -> tuple[Frames, Tensor]:
    """Frames of the windows, context taken off, and the outputs."""
    with torch.autocast("cpu", torch.bfloat16):
        frames = network.frames(batch.whitened)
    frames = frames.between(_HELD, _HELD + WINDOW_FRAMES // STEP)
    return frames, network.windows(frames)


def _schedule(progress: float) -> float:
    """Warm up over a twentieth, then a half cosine down to a hundredth."""
    if progress < 0.05:
        return 0.05 + 0.95 * progress / 0.05
    return 0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * (progress - 0.05) / 0.95))


def correlations(
    outputs: np.ndarray, targets: np.ndarray, groups: np.ndarray | None = None
) -> np.ndarray:
    """Pearson's r of each output with its target, shape=(outputs,); NaN where nothing is known.

    With ``groups``, of the deviations from each group's mean.
    """
    if groups is not None:
        outputs, targets = _centred(outputs, groups), _centred(targets, groups)
    found = np.full(outputs.shape[1], np.nan)
    for n in range(outputs.shape[1]):
        known = np.isfinite(targets[:, n])
        if known.sum() > 2 and targets[known, n].std() > 0:
            found[n] = np.corrcoef(outputs[known, n], targets[known, n])[0, 1]
    return found


def _centred(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    centred = values.copy()
    for group in np.unique(groups):
        centred[groups == group] -= centred[groups == group].mean(axis=0)
    return centred
