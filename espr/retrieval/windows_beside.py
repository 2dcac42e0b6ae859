"""The windows of a piece's other performances, laid over the time of one of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from espr.catalog.catalog import Catalog, Recording
from espr.retrieval.performances import profiles_beside, windows_of
from espr.retrieval.query_model import QueryModel
from espr.retrieval.same_bars import time_map

MOST_MAPPED = 40  # performances; of more, none is mapped by its notes


@dataclass(frozen=True, slots=True)
class WindowsBeside:
    """Windows of another performance.

    Attributes
    ----------
    moments : np.ndarray, shape=(n,)
        The middle of each window, in seconds of the recording that it is laid over; nan where that
        plays nothing of the kind.
    deviations : np.ndarray, shape=(n, d)
    """

    recording: Recording
    moments: np.ndarray
    deviations: np.ndarray


def windows_beside(
    catalog: Catalog, model: QueryModel, recording: Recording
) -> list[WindowsBeside]:
    """The windows of all other performances of the piece of ``recording``.

    By their notes where these are known, else by the share of the whole length.
    """
    beside = profiles_beside(catalog, recording, model)
    own = beside.row(recording)
    others = [one for row, one in enumerate(beside.recordings) if row != own]
    found = []
    for other in others:
        windows = windows_of(catalog, other, model)
        middles = windows.times.mean(axis=1)
        there = time_map(catalog, other.id, recording.id) if len(others) <= MOST_MAPPED else None
        moments = there.at_all(middles) if there else middles * recording.duration / other.duration
        found.append(WindowsBeside(other, moments, beside.deviations(windows.features)))
    return found
