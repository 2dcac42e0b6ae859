"""The paper's way of enriching vectors with emotion, to compare ours with; it does not ship.

Agrawal, An & Papagelis ("Learning emotion-enriched word representations", COLING 2018) start an
embedding layer from plain vectors, train an LSTM above it to tell the emotions of texts, and take
the layer as it is then. Here the texts are GoEmotions' 43,000 training comments; one with two
labels counts half for each. Words that stand in fewer than ``TIMES`` of them move as a ridge
regression predicts from how the others moved. Of ``SETTINGS`` that one counts which tells the
emotions of the dev comments best.

Compared with ours: figures, and files of vectors for ``espr evaluate --text``::

    python -m espr.training.words.recurrent --data-dir DIR --sources DIR --cache DIR --out DIR
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from espr.text.embeddings import Vectors
from espr.training.words.base import units
from espr.training.words.building import Recipe, build
from espr.training.words.checks import check
from espr.training.words.constraints import read_constraints
from espr.training.words.emotion import ridge
from espr.training.words.sources import WORDNET, read_material

TIMES = 5
HIDDEN = 128
BATCH = 64
PENALTY = 0.3  # of the ridge regression, as for VADER's ratings in espr.training.words.emotion


@dataclass(frozen=True, slots=True)
class Setting:
    rate: float  # of Adam; the vectors' numbers are scaled to a mean square of 1
    epochs: int
    still: int = 0  # of these, first ones in which only the LSTM learns


SETTINGS = (Setting(0.001, 4), Setting(0.003, 4), Setting(0.001, 6, still=3))


@dataclass(frozen=True, slots=True)
class Comments:
    """``words``: positions in the vocabulary; ``labels``: shape=(comments, 28), rows sum to 1."""

    words: list[list[int]]
    labels: np.ndarray


def read_labelled(folder: Path, part: str, vocabulary: list[str]) -> Comments:
    """``part`` ("train", "dev") of GoEmotions; comments without a known word are left out."""
    names = (folder / "goemotions_labels.txt").read_text("utf-8").split()
    place = {word: position for position, word in enumerate(vocabulary)}
    words, labels = [], []
    with (folder / f"goemotions_{part}.tsv").open(encoding="utf-8", newline="") as file:
        for text, numbers, _ in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            # "[NAME]" stands for a person's name
            tokens = re.findall(r"[a-z]+", text.replace("[NAME]", " ").lower())
            if known := [place[token] for token in tokens if token in place]:
                words.append(known)
                labels.append(np.isin(np.arange(len(names)), [int(n) for n in numbers.split(",")]))
    stacked = np.array(labels, dtype=np.float32)
    return Comments(words, stacked / stacked.sum(axis=1, keepdims=True))


def trained(
    before: np.ndarray, train: Comments, test: Comments, setting: Setting
) -> tuple[np.ndarray, float]:
    """The rows after training, shape as ``before``, and the mean cross-entropy of ``test``, nats.

    Rows of words that ``train`` lacks stay as they are.
    """
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_sequence

    torch.manual_seed(0)
    scale = float(np.sqrt(np.mean(before**2)))
    start = torch.tensor(before / scale, dtype=torch.float32)
    embedding = nn.Embedding(len(start), start.shape[1], sparse=True, _weight=start)
    lstm, drop = nn.LSTM(before.shape[1], HIDDEN), nn.Dropout(0.5)
    emotions = nn.Linear(HIDDEN, train.labels.shape[1])
    above = torch.optim.Adam([*lstm.parameters(), *emotions.parameters()], setting.rate)
    below: torch.optim.Optimizer = torch.optim.SparseAdam(embedding.parameters(), setting.rate)

    def loss_of(comments: Comments, chosen: np.ndarray) -> torch.Tensor:
        texts = [torch.tensor(comments.words[i]) for i in chosen]
        rows = embedding(torch.cat(texts)).split([len(text) for text in texts])
        _, (state, _) = lstm(pack_sequence(rows, enforce_sorted=False))
        target = torch.from_numpy(comments.labels[chosen])
        return nn.functional.cross_entropy(emotions(drop(state[-1])), target)

    generator = np.random.default_rng(0)
    for epoch in range(setting.epochs):
        order = generator.permutation(len(train.words))
        for at in range(0, len(order), BATCH):
            loss = loss_of(train, order[at : at + BATCH])
            above.zero_grad()
            below.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            above.step()
            if epoch >= setting.still:
                below.step()
    drop.eval()
    with torch.inference_mode():
        cost = float(loss_of(test, np.arange(len(test.words))))
    return embedding.weight.detach().numpy() * scale, cost


def extended(before: np.ndarray, after: np.ndarray, learned: np.ndarray) -> np.ndarray:
    """``after`` where ``learned``, shape=(words,), is true; elsewhere the predicted movement."""
    moved = (after - before)[learned]
    centre, mean = before[learned].mean(axis=0), moved.mean(axis=0)
    weights = ridge(before[learned] - centre, moved - mean, PENALTY)
    rows: np.ndarray = before + mean + (before - centre) @ weights
    rows[learned] = after[learned]
    return rows


def learned_of(count: int, train: Comments) -> np.ndarray:
    """Which of ``count`` words stand in at least ``TIMES`` comments, shape=(count,)."""
    times = Counter(word for words in train.words for word in set(words))
    return np.array([times[word] >= TIMES for word in range(count)])


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare two ways to enrich vectors with emotion.")
    for option in ("--data-dir", "--sources", "--cache", "--out"):
        parser.add_argument(option, type=Path, required=True, help="folder")
    options = parser.parse_args()
    texts, wordnet = options.data_dir / "words", options.sources / WORDNET
    material = read_material(options.sources, texts, options.cache)
    words, recipe = material.words, replace(Recipe(), attract=0.0, repel=0.0)
    train, dev = (read_labelled(texts / "goemotions", part, words) for part in ("train", "dev"))
    learned = learned_of(len(words), train)
    print(f"{len(train.words)} comments; {learned.sum()} words in {TIMES} or more")

    def recurrent(before: np.ndarray, setting: Setting) -> tuple[float, np.ndarray]:
        after, cost = trained(before, train, dev, setting)
        print(f"cross-entropy of dev comments {cost:.3f} nats: {setting}", flush=True)
        return cost, extended(before, after, learned)

    base, _ = build(material, replace(recipe, emotions=0.0, valence=0.0, arousal=0.0))
    ways = {"base": base, "regression": build(material, recipe)[0], "glove": material.glove}
    found = [recurrent(base, setting) for setting in SETTINGS]
    best = min(range(len(SETTINGS)), key=lambda number: found[number][0])
    ways |= {f"recurrent-{number}": units(rows) for number, (_, rows) in enumerate(found)}
    ways[f"glove-recurrent-{best}"] = recurrent(material.glove, SETTINGS[best])[1]
    constraints = read_constraints(wordnet, material.lexicon, set(words))
    options.out.mkdir(parents=True, exist_ok=True)
    for name, rows in ways.items():
        with (options.out / f"{name}.txt").open("w", encoding="utf-8") as file:
            for word, row in zip(words, rows, strict=True):
                if " " not in word:
                    print(word, *(f"{number:.5f}" for number in row), file=file)
        mean = rows.mean(axis=0)
        print(name)
        for what, figure in check(Vectors(name, 1, words, rows - mean, mean), constraints).items():
            print(f"  {figure:6.3f}  {what}")


if __name__ == "__main__":
    main()
