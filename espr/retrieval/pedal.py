"""How much pedal performances have: shown and compared, and no feature that a query asks for.

The network of `midlevel` hears it; as a feature it found performances no better. It was trained on
pianos and says nothing of other instruments: of what is unlike the piano music that words were
learned on, no pedal is shown. A room that rings counts as pedal, so that little can be said of two
recordings, and more of the course of one. What was analysed before pedal was kept has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from espr.catalog.sound import pedal_of

if TYPE_CHECKING:
    from espr.audio.encoder import Windows
    from espr.catalog.catalog import Catalog, Recording

# Standard deviation of the performances of a piece, in those of the clips that the network was
# trained on (tests/benchmarks/pedal_heard.py),
WITHIN = 0.21
CLEAR = 2.5  # and how many of them are more than another room or piano


def pedal_deviations(
    catalog: Catalog,
    recordings: Sequence[Recording],
    windows: Sequence[Windows],
    performances: Sequence[Recording],
) -> list[np.ndarray] | None:
    """How much more pedal the windows of recordings have than the mean of some performances.

    Parameters
    ----------
    windows : sequence of Windows
        Of each of ``recordings``, by any encoder.
    performances : sequence of Recording
        Of the piece; one alone is compared with the clips that the network was trained on.

    Returns
    -------
    list of np.ndarray, shape=(n,)
        In standard deviations within a piece, or of those clips. None where the pedal of a
        recording is not known, or of no other performance.
    """
    known = pedal_of(catalog, [one.id for one in (*recordings, *performances)])
    if any(one.id not in known for one in recordings):
        return None
    mean, deviation = 0.0, 1.0
    if len(performances) > 1:
        means = [known[one.id][:, 1].mean() for one in performances if one.id in known]
        if len(means) < 2:
            return None
        mean, deviation = float(np.mean(means)), WITHIN
    return [
        (np.interp(of_one.times[:, 0], *known[one.id].T) - mean) / deviation
        for one, of_one in zip(recordings, windows, strict=True)
    ]
