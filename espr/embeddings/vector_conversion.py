"""A word-vector file, read by gensim and written in the form that is memory-mapped: once per file.

Words are folded as the query grammar folds them (case and accents). Of words that fold to the
same, the one that was written so already is kept ("turkey" before "Turkey"), else the first,
which is the most frequent. Of a word that stands twice the first is kept. Zero vectors are
dropped: a word that says nothing is better unknown. From every row the mean over the most
frequent ``MEAN_OVER`` words, the first rows, is subtracted, because h has no intercept; rare
words are left out of it since they are many, and near the mean of nothing in particular.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from espr.embeddings.vector_formats import Form
from espr.embeddings.vector_records import are_sound, name_wrong_line, write_checked
from espr.errors import EsprError
from espr.folding import fold_word

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

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
    """Write the array ``vectors`` (.npy) and the list ``words`` (one per line, row by row).

    The array is float32, shape=(words + 1, dimension): centred rows in the order of the file,
    then the mean that was subtracted.

    Raises
    ------
    EsprError
        When the file cannot be read (see :func:`read_vectors`) or has no two vectors that differ.
    """
    read, duplicates = read_vectors(form, vectors.with_suffix(".checked"))
    known = list(read.key_to_index)  # its index_to_key has gaps at the end for repeated words
    is_filled = read.vectors[: len(known)].any(axis=1)
    row_of: dict[str, int] = {}
    named = 0
    for row, word in enumerate(known):
        key = fold_word(word)
        if is_filled[row] and key.strip():
            named += 1
            if word == key or key not in row_of:
                row_of[key] = row
    if not row_of:
        raise EsprError(f"{form.path} holds no word whose vector is not zero")
    keys = sorted(row_of, key=row_of.__getitem__)
    _write_centred(form, read.vectors, np.array([row_of[key] for key in keys]), vectors)
    words.write_bytes("".join(f"{key}\n" for key in keys).encode())
    return Counts(len(keys), duplicates, int((~is_filled).sum()), named - len(keys))


def read_vectors(form: Form, copy: Path) -> tuple[KeyedVectors, int]:
    """The words of a file with their vectors, float32, and how many repeated ones are left out.

    ``copy`` is where the checked records are written, for gensim to read.

    Raises
    ------
    EsprError
        When a record is wrong (see :func:`espr.embeddings.vector_records.write_checked`), or a
        line holds what is no number, is not finite or is beyond ``LARGEST``.
    """
    from gensim.models import KeyedVectors

    words = write_checked(form, copy)
    logging.getLogger("gensim").setLevel(logging.ERROR)  # repeated words are counted, not listed
    try:
        with np.errstate(over="ignore"):  # what is infinite is refused below
            read = KeyedVectors.load_word2vec_format(str(copy), binary=form.binary)
    except ValueError:
        name_wrong_line(form)
        raise
    copy.unlink()
    blocks = range(0, len(read), _ROWS_AT_ONCE)
    if not all(are_sound(read.vectors[start : start + _ROWS_AT_ONCE]) for start in blocks):
        name_wrong_line(form)
    return read, words - len(read.key_to_index)


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
