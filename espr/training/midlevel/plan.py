"""What is rendered how: the plan of the corpus, drawn from a seed.

Training uses Schubert's D 960 from PercePiano, ESPR's own synthetic performances and, where
asked, ASAP. It never uses Beethoven's WoO 80 (PercePiano's other work), the composers of
``UNSEEN``, the works on which ESPR is judged, the sound font TimGM6mb or the room of
:data:`espr.training.midlevel.conditions.HELD_OUT`: these are for validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from espr.datasets.percepiano import RATINGS, read_ratings
from espr.midi.performance import MidiPerformance
from espr.training.midlevel.corpus import CLIP, Clip
from espr.training.midlevel.performances import (
    asap_performances,
    percepiano_performances,
)

UNSEEN_WORK = "Beethoven_WoO80"
UNSEEN = ("Balakirev", "Brahms", "Debussy", "Glinka", "Mozart", "Prokofiev", "Scriabin")
UNSEEN_SOUND = "timgm6mb"

# Shares of the sound sources: by how real they sound, and how fast they are.
SOUNDS = {
    "salamander": 0.75,
    "fluid-grand": 0.1,
    "fluid-bright": 0.05,
    "musescore-grand": 0.04,
    "musescore-bright": 0.03,
    "musescore-mellow": 0.03,
}

RENDERINGS = 3  # of a clip of PercePiano
PASSAGES = 450  # synthetic, each played several ways
EXCERPTS = 3  # of a performance of ASAP

Planned = tuple[list[Clip], list[MidiPerformance], np.ndarray]


class Plan:
    """Collects clips, the performances that they render and their ratings."""

    def __init__(self, sounds: Mapping[str, float], qualities: int, seed: int) -> None:
        self.clips: list[Clip] = []
        self.performances: list[MidiPerformance] = []
        self.ratings: list[np.ndarray] = []
        self._sounds, self._shares = list(sounds), list(sounds.values())
        self._unrated = np.full(qualities, np.nan, np.float32)
        self._rng = np.random.default_rng(seed)

    def add(
        self,
        performance: MidiPerformance,
        split: str = "training",
        ratings: np.ndarray | None = None,
        sound: str = "",
        condition: str = "random",
    ) -> None:
        chosen = str(self._rng.choice(self._sounds, p=self._shares))
        self.clips.append(
            Clip(
                performance.name,
                performance.piece,
                performance.work,
                performance.composer,
                performance.source,
                sound or chosen,
                condition,
                int(self._rng.integers(2**31)),
                split,
            )
        )
        self.performances.append(performance)
        self.ratings.append(self._unrated if ratings is None else ratings)

    def excerpts(self, performance: MidiPerformance, count: int) -> list[MidiPerformance]:
        """Some 20 s of a long performance, no two overlapping."""
        slots = max(1, int(performance.end // CLIP))
        starts = self._rng.permutation(slots)[:count] * CLIP
        found = []
        for start in sorted(starts):
            excerpt = performance.between(start, start + CLIP)
            if len(excerpt.notes) >= 10:
                found.append(_named(excerpt, f"{performance.name}@{start:.0f}"))
        return found

    def planned(self) -> Planned:
        """Everything, by sound source: a sound font takes seconds to load."""
        order = sorted(self._rng.permutation(len(self.clips)), key=lambda n: self.clips[n].sound)
        return (
            [self.clips[n] for n in order],
            [self.performances[n] for n in order],
            np.array([self.ratings[n] for n in order], np.float32),
        )


def _named(performance: MidiPerformance, name: str) -> MidiPerformance:
    from dataclasses import replace

    return replace(performance, name=name, piece=name)


def make_plan(data: Path, seed: int) -> tuple[Planned, list[str]]:
    """The plan, and the names of the rated qualities.

    Parameters
    ----------
    data : Path
        Holds ``percepiano`` and, perhaps, ``asap``: rendered whether or not a training uses it,
        so that one corpus serves to compare them.
    """
    from espr.training.midlevel.performer import synthetic_performances

    rated = read_ratings(data / "percepiano" / RATINGS)
    qualities = rated.reliable
    columns = [list(rated.reliability).index(quality) for quality in qualities]
    of_clip = {
        clip: row[columns].astype(np.float32)
        for clip, row in zip(rated.clips, rated.deviations, strict=True)
    }
    plan = Plan(SOUNDS, len(qualities), seed)
    for performance in percepiano_performances(data / "percepiano"):
        ratings = of_clip.get(performance.name)
        if performance.work == UNSEEN_WORK:
            plan.add(performance, "unseen work", ratings, UNSEEN_SOUND, "clean")
            plan.add(performance, "unseen room", ratings, "salamander", "held_out_room")
            continue
        for _ in range(RENDERINGS):
            plan.add(performance, "training", ratings)
    for performance in synthetic_performances(PASSAGES, seed):
        plan.add(performance)
    if (data / "asap").is_dir():
        for performance in asap_performances(data / "asap"):
            if performance.composer in UNSEEN:
                for excerpt in plan.excerpts(performance, EXCERPTS):
                    plan.add(excerpt, "unseen composer", None, UNSEEN_SOUND, "clean")
                    plan.add(excerpt, "unseen composer, random chain")
            else:
                for excerpt in plan.excerpts(performance, EXCERPTS):
                    plan.add(excerpt)
    return plan.planned(), qualities
