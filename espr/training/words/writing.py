"""Writes vectors as :mod:`espr.embeddings.word_vectors` reads them: int8 rows, scales, axes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from espr.checksums import file_sha256
from espr.training.words.emotion import AXES, ridge

VERSION = 5


def quantised(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int8 rows and float32 scales, shape=(words,): ``rows`` is about ``int8 * scale``."""
    scales = (np.abs(rows).max(axis=1) / 127).astype(np.float32)
    scales[scales == 0] = 1.0
    return np.rint(rows / scales[:, None]).astype(np.int8), scales


def axes_of(rows: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Directions whose inner product with a row is near its score, of unit standard deviation.

    ``scores``, shape=(words, axes), are z-scores. The shape of the result is (axes, dimension).
    """
    weights = ridge(rows, scores, 0.001)
    directions: np.ndarray = (weights / (rows @ weights).std(axis=0)).T.astype(np.float32)
    return directions


def rotation(dimension: int) -> np.ndarray:
    """A fixed rotation: it spreads a row over its numbers, so that int8 loses less."""
    drawn = np.random.default_rng(0).standard_normal((dimension, dimension))
    orthogonal: np.ndarray = np.linalg.qr(drawn)[0]
    return orthogonal


def write_vectors(out: Path, words: list[str], rows: np.ndarray, scores: np.ndarray) -> float:
    """Write ``emotion.*`` into ``out``.

    The mean word and the axes are those of the first words, of which ``scores`` are: the others
    are foreign terms.

    Returns the greatest difference of a cosine that int8 makes, among a million pairs.
    """
    rows = rows @ rotation(rows.shape[1])
    mean = rows[: len(scores)].mean(axis=0)
    centred = rows - mean
    stored, scales = quantised(np.vstack([centred, mean]))
    out.mkdir(parents=True, exist_ok=True)
    np.save(out / "emotion.npy", stored)
    np.save(out / "emotion.scales.npy", scales)
    np.save(out / "emotion.axes.npy", axes_of(centred[: len(scores)], scores[:, : len(AXES)]))
    (out / "emotion.txt").write_text("\n".join(words) + "\n", "utf-8", newline="\n")
    (out / "emotion.toml").write_text(_entry(out, len(words), rows.shape[1]), "utf-8")
    pairs = np.random.default_rng(0).integers(0, len(words), (2, 1_000_000))
    exact, kept = _cosines(centred, pairs), _cosines(stored[:-1].astype(np.float32), pairs)
    return float(np.abs(exact - kept).max())


def write_text_vectors(path: Path, words: list[str], rows: np.ndarray) -> None:
    """As GloVe's files, for ``--text FILE``; words with a space are left out."""
    with path.open("w", encoding="utf-8") as file:
        for word, row in zip(words, rows, strict=True):
            if " " not in word:
                print(word, *(f"{number:.5f}" for number in row), file=file)


def _cosines(rows: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    unit = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    parts = np.array_split(pairs, 100, axis=1)
    return np.concatenate([np.einsum("ij,ij->i", unit[a], unit[b]) for a, b in parts])


def _entry(out: Path, words: int, dimension: int) -> str:
    files = [f"emotion.{end}" for end in ("npy", "scales.npy", "axes.npy", "txt")]
    digests = "\n".join(f'"{file}" = "{file_sha256(out / file)}"' for file in files)
    axes = ", ".join(f'"{axis}"' for axis in AXES)
    return f"""\
# Written by `espr train words`; the model card is emotion.md.
name = "emotion"
version = {VERSION}
words = {words}
dimension = {dimension}
axes = [{axes}]
licence = "Apache-2.0 (vectors); sources: PDDL-1.0, Apache-2.0, WordNet, MIT, see emotion.md"
source = "GloVe 6B, all-mpnet-base-v2, GoEmotions, VADER, WordNet 3.0, ESPR's lexicon"
homepage = "https://www.sbert.net"
citation = "Reimers & Gurevych: Sentence-BERT. EMNLP 2019; Demszky et al.: GoEmotions. ACL 2020"

[sha256]
{digests}
"""
