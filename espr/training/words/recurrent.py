"""The paper's way of enriching vectors with emotion, to compare ours with; it does not ship.

Agrawal, An & Papagelis ("Learning emotion-enriched word representations", COLING 2018) start an
embedding layer from plain vectors, train an LSTM above it to tell the emotions of texts, and take
the layer as it is then. Here the texts are GoEmotions' 43,000 training comments; words in fewer
than ``TIMES`` of them move as a ridge regression predicts from how the others moved.

Compared with ours: figures, and files of vectors for ``espr evaluate --text``::

    python -m espr.training.words.recurrent --data-dir DIR --sources DIR --cache DIR --out DIR
"""

from __future__ import annotations

import argparse
import csv
import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from espr.embeddings.word_vectors import Vectors
from espr.training.words.base import units
from espr.training.words.building import Recipe, build
from espr.training.words.checks import check
from espr.training.words.constraints import read_constraints
from espr.training.words.emotion import ridge
from espr.training.words.sources import WORDNET, read_material
from espr.training.words.writing import write_text_vectors

TIMES = 5
HIDDEN, BATCH = 128, 64
PENALTY = 0.3  # of the ridge regression, as for VADER's ratings in espr.training.words.emotion
SETTINGS = ((0.001, 4, 0), (0.003, 4, 0), (0.001, 6, 3))  # rate, epochs, still; 0 tells dev best


class Comments(NamedTuple):
    words: list[list[int]]  # positions in the vocabulary
    labels: np.ndarray  # shape=(comments, 28), rows sum to 1


def read_labelled(folder: Path, part: str, vocabulary: list[str]) -> Comments:
    """``part`` ("train", "dev") of GoEmotions; comments without a known word are left out."""
    emotions = range(len((folder / "goemotions_labels.txt").read_text("utf-8").split()))
    place = {word: position for position, word in enumerate(vocabulary)}
    words, labels = [], []
    with (folder / f"goemotions_{part}.tsv").open(encoding="utf-8", newline="") as file:
        for text, numbers, _ in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            tokens = re.findall(r"[a-z]+", text.replace("[NAME]", " ").lower())
            if known := [place[token] for token in tokens if token in place]:
                words.append(known)
                labels.append([str(emotion) in numbers.split(",") for emotion in emotions])
    stacked = np.array(labels, dtype=np.float32)
    return Comments(words, stacked / stacked.sum(axis=1, keepdims=True))


def trained(
    before: np.ndarray, train: Comments, test: Comments, rate: float, epochs: int, still: int = 0
) -> tuple[np.ndarray, float]:
    """The rows after training, shape as ``before``, and the mean cross-entropy of ``test``, nats.

    Vectors are scaled to a mean square of 1; in the first ``still`` epochs only the LSTM learns.
    """
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_sequence

    torch.manual_seed(0)
    scale = np.sqrt(np.mean(before**2))
    start = torch.tensor(before / scale, dtype=torch.float32)
    embedding = nn.Embedding(len(start), start.shape[1], sparse=True, _weight=start)
    lstm = nn.LSTM(before.shape[1], HIDDEN)
    emotions = nn.Sequential(nn.Dropout(0.5), nn.Linear(HIDDEN, train.labels.shape[1]))
    above = torch.optim.Adam([*lstm.parameters(), *emotions.parameters()], rate)
    below: torch.optim.Optimizer = torch.optim.SparseAdam(embedding.parameters(), rate)

    def loss_of(comments: Comments, batch: np.ndarray) -> torch.Tensor:
        texts = [torch.tensor(comments.words[number]) for number in batch]
        rows = embedding(torch.cat(texts)).split([len(text) for text in texts])
        _, (state, _) = lstm(pack_sequence(rows, enforce_sorted=False))
        labels = torch.from_numpy(comments.labels[batch])
        return nn.functional.cross_entropy(emotions(state[-1]), labels)

    generator = np.random.default_rng(0)
    for epoch in range(epochs):
        order = generator.permutation(len(train.words))
        for at in range(0, len(order), BATCH):
            above.zero_grad()
            below.zero_grad()
            loss_of(train, order[at : at + BATCH]).backward()  # type: ignore[no-untyped-call]
            above.step()
            if epoch >= still:
                below.step()
    emotions.eval()
    with torch.inference_mode():
        cost = float(loss_of(test, np.arange(len(test.words))))
    return embedding.weight.detach().numpy() * scale, cost


def extended(before: np.ndarray, after: np.ndarray, learned: np.ndarray) -> np.ndarray:
    """``after`` where ``learned``, shape=(words,), is true; elsewhere the predicted movement."""
    moved = (after - before)[learned]
    centre, mean = before[learned].mean(axis=0), moved.mean(axis=0)
    predicted = mean + (before - centre) @ ridge(before[learned] - centre, moved - mean, PENALTY)
    return np.where(learned[:, None], after, before + predicted)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare two ways to enrich vectors with emotion.")
    for option in ("--data-dir", "--sources", "--cache", "--out"):
        parser.add_argument(option, type=Path, required=True, help="folder")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    material = read_material(options.sources, options.data_dir / "words", options.cache)
    words, recipe = material.words, replace(Recipe(), attract=0.0, repel=0.0)
    comments = options.data_dir / "words" / "goemotions"
    train, dev = (read_labelled(comments, part, words) for part in ("train", "dev"))
    places = [place for comment in train.words for place in set(comment)]
    learned = np.bincount(places, minlength=len(words)) >= TIMES
    print(f"{len(train.words)} comments; {learned.sum()} words in {TIMES} or more")

    def recurrent(before: np.ndarray, number: int) -> np.ndarray:
        after, cost = trained(before, train, dev, *SETTINGS[number])
        rows = extended(before, after, learned)
        moves = np.linalg.norm(rows - before, axis=1) / np.linalg.norm(before, axis=1)
        moved = [f"{np.median(moves[which]):.3f}" for which in (learned, ~learned)]
        print(f"setting {number}: dev {cost:.3f} nats; seen, unseen words move", *moved, flush=True)
        return rows

    base, _ = build(material, replace(recipe, emotions=0.0, valence=0.0, arousal=0.0))
    ways = {"base": base, "regression": build(material, recipe)[0], "glove": material.glove}
    for number in range(len(SETTINGS)):
        ways[f"recurrent-{number}"] = units(recurrent(base, number))
    ways["glove-recurrent-0"] = recurrent(material.glove, 0)
    constraints = read_constraints(options.sources / WORDNET, material.lexicon, set(words))
    for name, rows in ways.items():
        write_text_vectors(options.out / f"{name}.txt", words, rows)
        mean = rows.mean(axis=0)
        print(name)
        for what, figure in check(Vectors(name, 1, words, rows - mean, mean), constraints).items():
            print(f"  {figure:6.3f}  {what}")


if __name__ == "__main__":
    main()
