"""How fast performances are within their piece; a recording on its own has no tempo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from espr.alignment.relative_tempo import relative_tempos
from espr.catalog.sound import alignments_of
from espr.features import TEMPO, Space

if TYPE_CHECKING:
    from espr.catalog.catalog import Catalog, Recording

_SAME = 0.5  # per cent: a difference that is called none


def piece_tempos(catalog: Catalog, performances: Sequence[Recording]) -> dict[int, float]:
    """Recording id → how many times as fast as the mean of these performances of a piece.

    What was not compared, or matched too poorly, is left out.
    """
    ids = {one.id for one in performances}
    return relative_tempos(
        [
            (found.one, found.other, tempo)
            for found in alignments_of(catalog, sorted(ids))
            if {found.one, found.other} <= ids
            and (tempo := found.comparison.sure_tempo) is not None
        ]
    )


def join_tempo(
    space: Space, measured: np.ndarray, recordings: Sequence[int], tempos: Mapping[int, float]
) -> np.ndarray:
    """Profiles or windows with their tempo, the logarithm of the ratio; 0 where it is not known.

    Parameters
    ----------
    measured : np.ndarray, shape=(n, m)
        What an audio encoder measured.
    recordings : sequence of int
        The recording of each row, as ``tempos`` names them.
    tempos : mapping
        Recording to how many times as fast it is as the mean of its piece.

    Returns
    -------
    np.ndarray, shape=(n, d)
        As they are where the space has no tempo.
    """
    if TEMPO not in space.features:
        return measured
    logarithms = np.log([tempos.get(recording, 1.0) for recording in recordings])
    logarithms = np.round(logarithms, 9) + 0.0  # what least squares leave of 0 is no tempo
    return np.column_stack([measured[:, : len(space.measured)], logarithms])


def tempo_in_words(tempo: float, against: str = "the mean of the performances") -> str:
    """ "12 % faster than the mean of the performances"."""
    if is_same_tempo(tempo):
        return f"as fast as {against}"
    return f"{tempo_difference(tempo)} than {against}"


def tempo_in_brief(tempo: float) -> str:
    """ "12 % faster"."""
    return "as fast" if is_same_tempo(tempo) else tempo_difference(tempo)


def is_same_tempo(tempo: float) -> bool:
    """Whether the difference is called none."""
    return abs(tempo - 1.0) * 100.0 < _SAME


def tempo_difference(tempo: float) -> str:
    """ "12 % faster", of a tempo that is not the same."""
    percent = abs(tempo - 1.0) * 100.0
    return f"{percent:.{0 if percent >= 2.0 else 1}f} % {'faster' if tempo > 1.0 else 'slower'}"
