"""Batches for the training: clips of the corpus, cropped, disturbed and whitened.

A batch holds whole groups: performances of the same passage through different pianos, rooms and
decades, since within a piece is where the network is asked to hear a difference.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from espr.audio.midlevel.front_end import (
    BANDS,
    HALO,
    PITCHES,
    STEP,
    whitened,
    whitening_factors,
)
from espr.training.midlevel.corpus import STARTS, WINDOW_FRAMES, Corpus

GROUP = 4  # clips of the same passage in a batch
GROUPS = 4
_QUEUE = 3  # batches made ahead


@dataclass(frozen=True, slots=True)
class Batch:
    """Clips as the network sees them, and what it should say.

    Attributes
    ----------
    whitened : torch.Tensor, shape=(b, 149, frames)
        With ``HALO`` frames on either side.
    struck : torch.Tensor, shape=(b, 88, t)
        MIDI velocity / 127 where a key is struck, else 0.
    sounding : torch.Tensor, shape=(b, 88, t)
        0 or 1.
    targets : torch.Tensor, shape=(b, outputs)
        NaN where nothing is known.
    groups : torch.Tensor, shape=(b,), int
        What is the same passage.
    """

    whitened: torch.Tensor
    struck: torch.Tensor
    sounding: torch.Tensor
    targets: torch.Tensor
    groups: torch.Tensor


def grouped_rows(groups: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """The rows of a corpus in batches of whole groups, in random order."""
    chunks = []
    for group in np.unique(groups):
        rows = rng.permutation(np.flatnonzero(groups == group))
        chunks += np.array_split(rows, max(1, round(len(rows) / GROUP)))
    order = rng.permutation(len(chunks))
    batches, current = [], []
    for place in order:
        current.append(chunks[place])
        if sum(map(len, current)) >= GROUP * GROUPS:
            batches.append(np.concatenate(current))
            current = []
    return batches


def batches_of(
    corpus: Corpus, rows: np.ndarray, rng: np.random.Generator, *, disturb: bool
) -> Iterator[Batch]:
    """An epoch over ``rows`` of the corpus, made ahead in another thread."""
    wanted = [rows[batch] for batch in grouped_rows(corpus.groups[rows], rng)]
    ready: queue.Queue[Batch | BaseException | None] = queue.Queue(_QUEUE)
    seeds = rng.integers(0, 2**31, len(wanted))
    stop = threading.Event()

    def make() -> None:
        try:
            for chosen, seed in zip(wanted, seeds, strict=True):
                made = make_batch(corpus, chosen, np.random.default_rng(seed), disturb=disturb)
                while not stop.is_set():
                    try:
                        ready.put(made, timeout=0.5)
                        break
                    except queue.Full:
                        continue
                if stop.is_set():
                    return
            ready.put(None)
        except BaseException as error:
            ready.put(error)

    threading.Thread(target=make, daemon=True).start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()


def make_batch(
    corpus: Corpus, rows: np.ndarray, rng: np.random.Generator, *, disturb: bool
) -> Batch:
    """The clips ``rows``, each at one of its windows."""
    span = WINDOW_FRAMES + 2 * HALO
    stretches = np.zeros((len(rows), BANDS, span), np.float32)
    struck = np.zeros((len(rows), WINDOW_FRAMES // STEP, PITCHES), np.uint8)
    sounding = np.zeros((len(rows), WINDOW_FRAMES // STEP, PITCHES), np.uint8)
    targets = []
    for place, row in enumerate(rows):
        known = np.flatnonzero(np.isfinite(corpus.targets[row, :, 0]))
        window = int(rng.choice(known)) if disturb else int(known[0])
        begin = STARTS[window]
        magnitudes = corpus.magnitudes(row)
        gain = 1.0
        if disturb:
            magnitudes, gain = disturbed(magnitudes, rng), 10.0 ** rng.normal(0.0, 0.2)
        spectrogram = whitened(magnitudes, np.float32(gain) * whitening_factors([magnitudes]))
        first, last = begin - HALO, begin + WINDOW_FRAMES + HALO
        inside = slice(max(first, 0), min(last, len(magnitudes)))
        stretches[place, :, inside.start - first : inside.stop - first] = spectrogram[inside].T
        steps = slice(begin // STEP, (begin + WINDOW_FRAMES) // STEP)
        struck[place] = corpus.struck(row)[steps]
        sounding[place] = corpus.sounding(row)[steps]
        targets.append(np.concatenate([corpus.targets[row, window], corpus.ratings[row]]))
    _, groups = np.unique(corpus.groups[rows], return_inverse=True)
    return Batch(
        whitened=torch.from_numpy(stretches),
        struck=torch.from_numpy(struck).transpose(1, 2).float() / 127.0,
        sounding=torch.from_numpy(sounding).transpose(1, 2).float(),
        targets=torch.from_numpy(np.array(targets, np.float32)),
        groups=torch.from_numpy(groups),
    )


def disturbed(magnitudes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A clip (frames, 149) as another chain of recording would have left it.

    What conditions in the audio (:mod:`~espr.training.midlevel.conditions`) do once a clip, this
    does every time it is seen: equalisation, companding, a noise floor, lost bands.
    """
    if rng.random() < 0.5:
        magnitudes = magnitudes * 10.0 ** _curve(rng, 0.3)  # standard deviation 6 dB
    if rng.random() < 0.35:
        magnitudes = magnitudes ** np.float32(rng.uniform(0.85, 1.15))
    if rng.random() < 0.35:
        floor = magnitudes.mean() * 10.0 ** rng.uniform(-2.7, -0.9) * 10.0 ** _curve(rng, 0.3)
        noise = rng.standard_exponential(magnitudes.shape, np.float32)
        magnitudes = magnitudes + floor * np.sqrt(noise)  # Rayleigh: a magnitude of noise
    lost = np.ones(BANDS, np.float32)
    if rng.random() < 0.2:
        lost[rng.integers(100, BANDS) :] = 0.03
    if rng.random() < 0.1:
        lost[: rng.integers(5, 30)] = 0.1
    made: np.ndarray = (magnitudes * lost).astype(np.float32)
    return made


def _curve(rng: np.random.Generator, deviation: float) -> np.ndarray:
    """A smooth random curve over the bands, log10."""
    knots = rng.normal(0.0, deviation, 7)
    curve: np.ndarray = np.interp(np.linspace(0, 6, BANDS), np.arange(7), knots)
    return curve.astype(np.float32)
