"""Attract-repel: synonyms together, antonyms apart, the rest where it was (Mrkšić et al. 2017).

Mrkšić et al., "Semantic Specialization of Distributional Word Vector Spaces using Monolingual and
Cross-Lingual Constraints", TACL 2017, eqs. (1) to (4): a pair of synonyms shall be closer by a
margin than either of them is to its nearest stranger in the batch, a pair of antonyms farther by a
margin than either is from its farthest; every word is held by its own old place. AdaGrad.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Settings:
    """The margins are the paper's; we hold words harder to their places than its 1e-9."""

    attract_margin: float = 0.6
    repel_margin: float = 0.0
    hold: float = 0.1
    epochs: int = 5
    batch: int = 64
    rate: float = 0.05


def attract_repel(
    rows: np.ndarray,
    synonyms: Sequence[tuple[int, int]],
    antonyms: Sequence[tuple[int, int]],
    settings: Settings = Settings(),
    seed: int = 0,
) -> np.ndarray:
    """Move unit rows, shape=(words, dimension), by pairs of row numbers; unit rows again."""
    old = rows.astype(np.float64)
    new = old.copy()
    squares = np.full_like(old, 1e-8)
    generator = np.random.default_rng(seed)
    jobs = [
        (np.asarray(pairs), sign, margin)
        for pairs, sign, margin in (
            (antonyms, -1.0, settings.repel_margin),
            (synonyms, 1.0, settings.attract_margin),
        )
        if len(pairs)
    ]
    for _ in range(settings.epochs):
        batches = [
            (pairs[chosen], sign, margin)
            for pairs, sign, margin in jobs
            for chosen in np.array_split(
                generator.permutation(len(pairs)), max(1, len(pairs) // settings.batch)
            )
        ]
        for number in generator.permutation(len(batches)):
            pairs, sign, margin = batches[number]
            if len(pairs) > 1:
                _step(new, old, squares, pairs, sign, margin, settings)
    unit: np.ndarray = new / np.linalg.norm(new, axis=1, keepdims=True)
    return unit.astype(np.float32)


def _step(
    new: np.ndarray,
    old: np.ndarray,
    squares: np.ndarray,
    pairs: np.ndarray,
    sign: float,
    margin: float,
    settings: Settings,
) -> None:
    """One AdaGrad step on a batch; sign 1 attracts, -1 repels."""
    words = np.concatenate([pairs[:, 0], pairs[:, 1]])
    partner = np.concatenate([pairs[:, 1], pairs[:, 0]])
    here = new[words] / np.linalg.norm(new[words], axis=1, keepdims=True)
    there = np.roll(here, len(pairs), axis=0)
    among = sign * (here @ here.T)
    among[(words[:, None] == words[None]) | (partner[:, None] == words[None])] = -np.inf
    rival = among.argmax(axis=1)
    reached = among[np.arange(len(words)), rival]
    cost = margin + reached - sign * np.einsum("ij,ij->i", here, there)
    hurts = (np.isfinite(reached) & (cost > 0))[:, None]
    gradient = np.where(hurts, sign * (here[rival] - there), 0.0)  # of the word
    np.add.at(gradient, rival, np.where(hurts, sign * here, 0.0))  # of its rival
    half = len(pairs)  # of its partner
    gradient -= np.where(np.roll(hurts, half, axis=0), sign * np.roll(here, half, axis=0), 0.0)
    unique, inverse = np.unique(words, return_inverse=True)
    summed = np.zeros((len(unique), new.shape[1]))
    np.add.at(summed, inverse, gradient)
    summed += 2.0 * settings.hold * (new[unique] - old[unique])
    squares[unique] += summed**2
    new[unique] -= settings.rate * summed / np.sqrt(squares[unique])
