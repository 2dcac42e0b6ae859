"""How fast performances are within their piece; a recording on its own has no tempo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from espr.alignment.comparison import COPY, SAME_PIECE
from espr.alignment.relative_tempo import relative_tempos
from espr.catalog.sound import alignments_of

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
            (found.one, found.other, found.comparison.tempo)
            for found in alignments_of(catalog, sorted(ids))
            if {found.one, found.other} <= ids
            and found.kind in (COPY, SAME_PIECE)
            and found.comparison.tempo is not None
        ]
    )


def tempo_in_words(tempo: float, against: str = "the mean of the performances") -> str:
    """ "12 % faster than the mean of the performances"."""
    if is_same_tempo(tempo):
        return f"as fast as {against}"
    return f"{tempo_difference(tempo)} than {against}"


def is_same_tempo(tempo: float) -> bool:
    """Whether the difference is called none."""
    return abs(tempo - 1.0) * 100.0 < _SAME


def tempo_difference(tempo: float) -> str:
    """ "12 % faster", of a tempo that is not the same."""
    percent = abs(tempo - 1.0) * 100.0
    return f"{percent:.{0 if percent >= 2.0 else 1}f} % {'faster' if tempo > 1.0 else 'slower'}"
