"""Recordings in chunks of one length, as models with a fixed input take them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np

from espr.audio.decode import blocks_at
from espr.errors import EsprError


def chunks(
    path: str | os.PathLike[str],
    rate: int,
    size: int,
    start: float = 0.0,
    end: float | None = None,
    least: int | None = None,
) -> Iterator[np.ndarray]:
    """Consecutive chunks that do not overlap.

    Parameters
    ----------
    rate : int
        Samples a second of the chunks.
    size : int
        Samples of a chunk.
    least : int, optional
        A remainder of so many samples is a chunk, too; it is dropped when left out. What is
        shorter than a chunk altogether is always one.

    Yields
    ------
    np.ndarray, shape=(size,), float32
        Only the last may be shorter.
    """
    rest = np.zeros(0, np.float32)
    has_any = False
    try:
        for block in blocks_at(path, rate, start, end):
            rest = np.concatenate([rest, block])
            while len(rest) >= size:
                has_any = True
                yield rest[:size]
                rest = rest[size:]
    except EsprError as error:  # begins with a verb
        raise EsprError(f"{os.fspath(path)} {error}") from error
    if not has_any and not len(rest):
        raise EsprError(f"{os.fspath(path)} holds no audio")
    if not has_any or (least is not None and len(rest) >= least):
        yield rest
