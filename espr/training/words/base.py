"""The base: plain GloVe beside a sentence encoder's vectors of each word in contexts.

A block of vectors is centred, freed of its first components, which carry how frequent a word is
and how the template sounds rather than what the word means (Mu & Viswanath, "All-but-the-Top",
ICLR 2018), and brought to unit length, so that a block counts by its weight alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def units(rows: np.ndarray) -> np.ndarray:
    """Rows of unit length; a row of zeros stays one."""
    scaled: np.ndarray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return scaled


def components(rows: np.ndarray, count: int) -> np.ndarray:
    """The first principal directions of centred rows, shape=(count, dimension)."""
    _, directions = np.linalg.eigh(rows.T.astype(np.float64) @ rows)
    first: np.ndarray = directions[:, ::-1][:, :count].T
    # of two opposite directions the one whose greatest entry is positive: the same everywhere
    greatest = np.abs(first).argmax(axis=1)
    signed: np.ndarray = first * np.sign(first[np.arange(count), greatest])[:, None]
    return signed


def block(rows: np.ndarray, removed: int) -> np.ndarray:
    """Centred, without the first ``removed`` components, each row of unit length."""
    rows = units(rows - rows.mean(axis=0))
    rows = rows - rows.mean(axis=0)
    if removed:
        first = components(rows, removed)
        rows = rows - (rows @ first.T) @ first
    return units(rows)


def joined(blocks: Sequence[tuple[float, np.ndarray]]) -> np.ndarray:
    """Blocks side by side; a cosine of the result is the mean of theirs by weight."""
    total = sum(weight for weight, _ in blocks)
    return np.hstack([np.sqrt(weight / total) * rows for weight, rows in blocks])
