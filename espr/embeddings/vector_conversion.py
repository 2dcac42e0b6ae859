"""A word-vector file made into the form that is memory-mapped: once a file.

Words are folded as the query grammar folds them (case and accents). Of words that fold to the
same, the one that was written so already is kept ("turkey" before "Turkey"), else the first,
which is the most frequent. Of a word that stands twice the first is kept. Zero vectors are
dropped: a word that says nothing is better unknown. From every row the mean over the most
frequent ``MEAN_OVER`` words, the first rows, is subtracted, because h has no intercept; rare
words are left out of it since they are many, and near the mean of nothing in particular.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from espr.embeddings.vector_formats import Form
from espr.embeddings.vector_rows import Block, read_blocks
from espr.errors import EsprError

MEAN_OVER = 30_000
_ROWS_AT_ONCE = 8192


@dataclass(slots=True)
class Counts:
    """What a conversion left out, and how many words remain."""

    words: int = 0
    duplicates: int = 0
    zeros: int = 0
    variants: int = 0


def convert(form: Form, vectors: Path, words: Path) -> Counts:
    """Write the array ``vectors`` (.npy) and the list ``words`` (one a line, row by row).

    The array is float32, shape=(words + 1, dimension): centred rows in the order of the file,
    then the mean that was subtracted.

    Raises
    ------
    EsprError
        When the file cannot be read (see :func:`read_blocks`) or has no two vectors that differ.
    """
    raw = vectors.with_suffix(".raw")
    selection = _Selection()
    with raw.open("wb") as file:
        for rows in selection.new_rows(read_blocks(form)):
            file.write(rows.tobytes())
    keys, kept = selection.kept()
    if not keys:
        raise EsprError(f"{form.path} holds no word whose vector is not zero")
    source = np.memmap(raw, np.float32, "r").reshape(-1, form.dimension)
    _write_centred(form, source, kept, vectors)
    del source
    raw.unlink()
    words.write_bytes("".join(f"{key}\n" for key in keys).encode())
    return selection.counts


def fold(word: str) -> str:
    """Lower case without accents and invisible marks, as queries are folded."""
    if word.isascii():
        return word.lower()
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKD", word.casefold())
        if unicodedata.category(letter) not in ("Mn", "Me", "Cf")
    )


@dataclass(slots=True)
class _Selection:
    """Which rows are kept, and under which key."""

    counts: Counts = field(default_factory=Counts)
    _seen: set[str] = field(default_factory=set)
    _row_of: dict[str, int] = field(default_factory=dict)
    _rows: int = 0

    def new_rows(self, blocks: Iterator[Block]) -> Iterator[np.ndarray]:
        """The rows of words that were not there before and are not zero, in their order."""
        for block in blocks:
            filled: list[bool] = np.any(block.rows, axis=1).tolist()
            new = [
                self._take(word, is_filled)
                for word, is_filled in zip(block.words, filled, strict=True)
            ]
            yield block.rows[new]

    def _take(self, word: str, is_filled: bool) -> bool:
        key = fold(word)
        if word in self._seen or not is_filled or not key.strip():
            self.counts.duplicates += word in self._seen
            self.counts.zeros += word not in self._seen and not is_filled
            self._seen.add(word)
            return False
        self._seen.add(word)
        if word == key:
            self._row_of[key] = self._rows
        else:
            self._row_of.setdefault(key, self._rows)
        self._rows += 1
        return True

    def kept(self) -> tuple[list[str], np.ndarray]:
        """The keys in the order of their rows, and the rows, shape=(keys,)."""
        pairs = sorted((row, key) for key, row in self._row_of.items())
        self.counts.words = len(pairs)
        self.counts.variants = self._rows - len(pairs)
        return [key for _, key in pairs], np.array([row for row, _ in pairs], np.int64)


def _write_centred(form: Form, source: np.ndarray, kept: np.ndarray, target: Path) -> None:
    frequent = source[kept[:MEAN_OVER]]
    if (frequent == frequent[0]).all():
        # centred they would all be zero, and every query would be silently nothing
        raise EsprError(f"{form.path} has no two words whose vectors differ")
    mean = frequent.mean(axis=0, dtype=np.float64).astype(np.float32)
    shape = (len(kept) + 1, form.dimension)
    rows = np.lib.format.open_memmap(target, mode="w+", dtype=np.float32, shape=shape)
    for start in range(0, len(kept), _ROWS_AT_ONCE):
        these = kept[start : start + _ROWS_AT_ONCE]
        rows[start : start + len(these)] = source[these] - mean
    rows[-1] = mean
    rows.flush()  # to the disk: after a power cut, pages of zeros would be silent
