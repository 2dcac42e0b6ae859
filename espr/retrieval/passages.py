"""Passages of recordings to listen to, in file time: what playlists, clips and players share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from espr.catalog.catalog import Recording
from espr.retrieval.in_words import names_of
from espr.retrieval.ranking import cosine

if TYPE_CHECKING:
    from espr.retrieval.recording_profile import Portrait
    from espr.retrieval.results import Ranking
    from espr.retrieval.side_by_side import SideBySide


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a recording.

    Attributes
    ----------
    name : str
        Who plays: fit to print.
    start, end : float
        Seconds into the file, of which the recording may be a track.
    """

    recording: Recording
    name: str
    start: float
    end: float

    @property
    def title(self) -> str:
        """Who plays what."""
        known = filter(None, (self.recording.performer, self.recording.title))
        return " - ".join(known) or self.name


def passages_of(stretches: Iterable[tuple[Recording, float, float]]) -> list[Passage]:
    """Passages from recordings and seconds that count from the beginning of each."""
    listed = list(stretches)
    names = names_of([recording for recording, _, _ in listed])
    return [
        Passage(recording, name, recording.start + start, recording.start + end)
        for (recording, start, end), name in zip(listed, names, strict=True)
    ]


def best_passages(ranking: Ranking) -> list[Passage]:
    """The best window of each performance, the best performance first; all where none is known."""
    return passages_of(
        (result.source, window.start, window.end)
        if (window := result.best_window)
        else (result.source, 0.0, result.source.duration)
        for result in ranking.results
    )


def differing_passages(compared: SideBySide) -> list[Passage]:
    """Of each performance, the passage that shows best how it differs; of two, the same bars."""
    return passages_of((one.recording, *one.passage) for one in compared.performances)


def typical_passages(portrait: Portrait, most: int = 3) -> list[Passage]:
    """The windows that are most like the profile of a recording, apart from each other."""
    chosen: list[tuple[float, float]] = []
    for row in np.argsort(-cosine(portrait.profile, portrait.windows), kind="stable").tolist():
        start, end = (float(time) for time in portrait.times[row])
        if all(end <= other or start >= until for other, until in chosen):
            chosen.append((start, end))
    return passages_of((portrait.recording, *times) for times in chosen[:most])


def whole_recordings(recordings: Iterable[Recording]) -> list[Passage]:
    """Each recording from its beginning to its end."""
    return passages_of((recording, 0.0, recording.duration) for recording in recordings)
