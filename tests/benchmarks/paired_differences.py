"""How far windows of performances lie apart beside each other, once their means are equal.

The figures are ``USUAL`` in :mod:`espr.retrieval.differences`: medians over the performances of a
library, each against the mean of the others of its piece.

Run: python -m tests.benchmarks.rendered_performances ASAP_FOLDER FOLDER
     espr index FOLDER --library FILE && python -m tests.benchmarks.paired_differences FILE
"""

from __future__ import annotations

import sys

import numpy as np

from espr.library import Library
from espr.retrieval.differences import from_others, paired_variance
from espr.retrieval.performances import piece_profiles


def main(library: str) -> None:
    deviations = []
    with Library.open(library) as opened:
        for piece in opened.catalog.pieces():
            if piece.count < 2:
                continue
            beside = piece_profiles(opened.catalog, piece, opened.model)
            windows = [
                beside.deviations(opened.catalog.windows(one.id, opened.model.audio).features)
                for one in beside.recordings
            ]
            for row in range(len(windows)):
                pairs = from_others(windows, row)
                if len(pairs) > 1:
                    deviations.append(np.sqrt(paired_variance(pairs)))
        print(f"{len(deviations)} performances: 10 %, median, 90 %")
        for name, values in zip(opened.model.space.names, np.transpose(deviations), strict=True):
            print(f"{name:<20}" + "".join(f"{p:6.2f}" for p in np.percentile(values, [10, 50, 90])))


if __name__ == "__main__":
    main(sys.argv[1])
