"""How fast the performances of a benchmark are within their pieces, as a library finds it.

The performances of a piece are aligned with each other, all pairs, by the notes that they play.
Nobody's description takes part, and no order of performances: what is known of a piece's candidates
when a query comes. What the alignments of a piece found is kept beside the profiles, under the
digest of its notes and of the code that aligns.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np

import espr.alignment
from espr.alignment.packed_notes import pack_notes
from espr.alignment.recording_comparison import compare
from espr.alignment.relative_tempo import relative_tempos
from espr.datasets.benchmark import Performance
from espr.evaluation.feature_cache import notes
from espr.evaluation.text_cache import Track, do_not_track
from espr.paths import cache_folder
from espr.whole_files import replace_file

Pairs = list[tuple[int, int, float]]  # see espr.alignment.relative_tempo


def piece_tempos(
    performances: Sequence[Performance], track: Track = do_not_track
) -> dict[int, float]:
    """Place of a performance → how many times as fast it is as the mean of its piece.

    A piece with one performance has no tempo, nor has what matches the others too poorly.
    """
    places = defaultdict(list)
    for place, one in enumerate(performances):
        if one.piece:  # of an augmentation it may not be known
            places[one.piece].append(place)
    pieces = [several for several in places.values() if len(several) > 1]
    compared = [place for several in pieces for place in several]
    played = dict(
        zip(compared, notes([performances[p] for p in compared], track=track), strict=True)
    )
    found: dict[int, float] = {}
    for several in pieces:
        # in an order of their own: what aligns with what must not depend on how they are given
        ordered = sorted(several, key=lambda place: pack_notes(played[place]))
        tempos = relative_tempos(_pairs([played[place] for place in ordered]))
        found |= {ordered[number]: tempo for number, tempo in tempos.items()}
    return found


def _pairs(played: Sequence[np.ndarray]) -> Pairs:
    """The relative tempo of every pair that has one, kept from one evaluation to the next."""
    digest = hashlib.blake2b(_code().encode(), digest_size=16)
    for one in played:
        packed = pack_notes(one)
        digest.update(len(packed).to_bytes(8, "little") + packed)
    place = cache_folder() / "alignments" / f"{digest.hexdigest()}.json"
    try:
        return [
            (int(one), int(other), float(t)) for one, other, t in json.loads(place.read_bytes())
        ]
    except (OSError, ValueError, TypeError):
        pairs = list(_compared(played))
        place.parent.mkdir(parents=True, exist_ok=True)
        replace_file(place, json.dumps(pairs).encode("utf-8"))
        return pairs


def _compared(played: Sequence[np.ndarray]) -> Iterator[tuple[int, int, float]]:
    for one in range(len(played) - 1):
        for further, comparison in enumerate(compare(played[one], played[one + 1 :]), one + 1):
            if (tempo := comparison.sure_tempo) is not None:
                yield one, further, tempo


@cache
def _code() -> str:
    """A digest of the code that aligns."""
    digest = hashlib.sha256()
    for file in sorted(Path(espr.alignment.__path__[0]).glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
