"""What the network is to hear: mid-level features, computed from the keys and the pedal.

The first seven follow what raters of Aljanaki & Soleymani (ISMIR 2018) were asked; where MIDI
allows a definition from the literature, that is used, and its source stands at its function. All
are of a window in seconds and finite for any number of notes; what is skewed is a logarithm.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from espr.midi.harmony import dissonance, minorness, sounding_keys, tonal_stability
from espr.midi.performance import PEDAL_DOWN, MidiPerformance
from espr.midi.timing import (
    group_starts,
    rhythm_complexity,
    rhythm_stability,
    tempo_variation,
)

CHORD = 0.05  # s: what begins within this of a chord's first note belongs to it
_REST = 2.0  # s: after a longer interval a note is followed by a rest, not by its neighbour


@dataclass(frozen=True)
class Window:
    """The notes that begin in a window, and how they are grouped.

    Attributes
    ----------
    onsets, releases, ends, pitches, velocities : np.ndarray, shape=(n,)
        Seconds from the window's start; ``ends`` of sounding, with the pedal.
    starts : np.ndarray, shape=(g,), int
        The first note of each onset group: notes within ``CHORD`` count once.
    group : np.ndarray, shape=(n,), int
    span : float
        Seconds of the window in which there is a performance.
    """

    onsets: np.ndarray
    releases: np.ndarray
    ends: np.ndarray
    pitches: np.ndarray
    velocities: np.ndarray
    pedal: np.ndarray
    starts: np.ndarray
    group: np.ndarray
    span: float

    @classmethod
    def of(cls, performance: MidiPerformance, start: float, end: float) -> Window:
        part = performance.between(start, end)
        onsets, releases, pitches, velocities = part.notes.T
        ends = np.minimum(part.sounding_ends(), end - start)
        starts = group_starts(onsets, CHORD)
        sizes = np.diff(np.append(starts, len(onsets)))
        span = min(end - start, float(ends.max())) if len(ends) else end - start
        return cls(
            onsets=onsets,
            releases=releases,
            ends=ends,
            pitches=pitches,
            velocities=velocities,
            pedal=part.pedal,
            starts=starts,
            group=np.repeat(np.arange(len(starts)), sizes),
            span=max(span, 0.1),
        )

    @cached_property
    def top(self) -> np.ndarray:
        """The notes of the top voice: the highest of each group, unless a higher key is held.

        Uitdenbogerd & Zobel, "Melodic matching techniques for large music databases", ACM
        Multimedia 1999 ("all-mono"), which listeners found to give the melody most often.
        """
        order = np.lexsort((-self.pitches, self.group))
        tops = order[self.starts]
        onset, pitch = self.onsets[tops], self.pitches[tops]
        # a held note hides a lower one for its first second, then it has faded into the chord
        hidden = (
            (onset[None, :] < onset[:, None] - CHORD)
            & (self.releases[tops][None, :] > onset[:, None] + CHORD)
            & (onset[None, :] > onset[:, None] - 1.0)
            & (pitch[None, :] > pitch[:, None] + 2)
        ).any(axis=1)
        return np.asarray(tops[~hidden])

    @cached_property
    def intervals(self) -> np.ndarray:
        """Seconds until the next note of the voice, the next within a third; inf without one."""
        later = self.onsets[None, :] - self.onsets[:, None]
        near = np.abs(self.pitches[None, :] - self.pitches[:, None]) <= 4
        found: np.ndarray = np.where((later > CHORD) & near, later, np.inf).min(axis=1)
        return found

    @cached_property
    def sounding(self) -> np.ndarray:
        """See :func:`espr.midi.harmony.sounding_keys`."""
        return sounding_keys(self.onsets, self.ends, self.pitches, self.velocities, self.span)


def top_voice_emphasis(window: Window) -> float:
    """How much louder the top voice is than the rest, in MIDI velocities.

    Goebl, "Melody lead in piano performance", JASA 2001: pianists play the principal voice
    louder by some 20 velocities.
    """
    top = window.top
    others = np.ones(len(window.onsets), bool)
    others[top] = False
    if not others.any():
        return 0.0
    return float(window.velocities[top].mean() - window.velocities[others].mean())


def melodiousness(window: Window) -> float:
    """How singable the top voice is: louder than the rest, stepwise, in range, in no hurry.

    Steps and range after Huron, Sweet Anticipation, 2006, ch. 5 (small intervals, central
    tessitura), the emphasis after Goebl 2001; what raters were asked is which excerpt they would
    rather sing along to. The parts are scaled to about one standard deviation in PercePiano
    and ASAP and added.
    """
    top = window.top
    intervals = np.abs(np.diff(window.pitches[top]))
    steps = (np.sum(intervals <= 2) + 1.0) / (len(intervals) + 2.0)
    leap = np.minimum(intervals, 24.0).mean() if len(intervals) else 3.0
    # singers' common range A3 to C6, as a pianist writes melodies
    pitch = window.pitches[top]
    outside = np.maximum(np.maximum(57.0 - pitch, pitch - 84.0), 0.0).mean()
    rate = len(top) / window.span
    hurry = max(0.0, np.log2(max(rate, 0.1) / 3.0))
    emphasis = np.clip(top_voice_emphasis(window), -20.0, 40.0)
    return float(
        emphasis / 8.0 + (steps - 0.5) / 0.2 - (leap - 4.0) / 2.5 - outside / 3.0 - hurry / 0.5
    )


def detachment(window: Window, ends: np.ndarray) -> float:
    """How early notes end before the next of their voice begins, as a share of the interval.

    The key detached ratio of Bresin & Battel, "Articulation strategies in expressive piano
    performance", J. New Music Research 2000, negative where notes overlap (their key overlap
    ratio; counted up to one half), mean over notes. 0 is legato, 0.5 a note that sounds half its
    time. Notes followed by a rest are not asked.
    """
    asked = window.intervals < _REST
    if not asked.any():
        return 0.0
    ratio = (ends - window.onsets)[asked] / window.intervals[asked]
    return float(1.0 - np.minimum(ratio, 1.5).mean())


def articulation(window: Window) -> float:
    """Legato (low) to staccato (high): :func:`detachment`, half of what sounds, half of the keys.

    Of 64 variants (keys, sound with the pedal, or mixtures; next note within a third, a fifth,
    an octave or any; ratios or their logarithms, mean or median) the sound alone follows
    PercePiano's raters best (short-long within a segment: 0.43, this half 0.40, over people's
    renditions), but is little else than the pedal (-0.76, this half -0.51).
    """
    return 0.5 * (detachment(window, window.ends) + detachment(window, window.releases))


def loudness(window: Window) -> float:
    """Mean MIDI velocity of the notes."""
    return float(window.velocities.mean())


def dynamic_range(window: Window) -> float:
    """Standard deviation over half seconds of the mean velocity."""
    bins = (window.onsets / 0.5).astype(int)
    counts = np.bincount(bins)
    sums = np.bincount(bins, weights=window.velocities)
    return float(np.std(sums[counts > 0] / counts[counts > 0]))


def accents(window: Window) -> float:
    """How far single chords stand out from the 2 s around: mean |velocity - local mean|."""
    loudest = np.maximum.reduceat(window.velocities, window.starts)
    onsets = window.onsets[window.starts]
    totals = np.append(0.0, np.cumsum(loudest))
    first, last = np.searchsorted(onsets, onsets - 1.0), np.searchsorted(onsets, onsets + 1.0)
    return float(np.abs(loudest - (totals[last] - totals[first]) / (last - first)).mean())


def pedal_share(window: Window) -> float:
    """Share of the time for which the pedal is down."""
    if not len(window.pedal):
        return 0.0
    times = np.minimum(np.append(window.pedal[:, 0], window.span), window.span)
    down = window.pedal[:, 1] >= PEDAL_DOWN
    return float(np.sum(np.diff(times) * down) / window.span)


def pitch_height(window: Window) -> float:
    """Mean MIDI pitch, each note weighted by how long it sounds (up to 2 s)."""
    weights = np.minimum(window.ends - window.onsets, 2.0) + 1e-3
    return float(np.average(window.pitches, weights=weights))


def texture(window: Window) -> float:
    """Notes per onset group, in octaves: 0 is one voice, 2 chords of four."""
    return float(np.log2(len(window.onsets) / len(window.starts)))


_FEATURES: dict[str, Callable[[Window], float]] = {
    "melodiousness": melodiousness,
    "articulation": articulation,
    "rhythm_stability": lambda one: rhythm_stability(one.onsets, one.velocities, one.span),
    "rhythm_complexity": lambda one: rhythm_complexity(one.onsets, one.pitches),
    "dissonance": lambda one: dissonance(one.sounding),
    "tonal_stability": lambda one: tonal_stability(one.sounding),
    "minorness": lambda one: minorness(one.sounding),
    "onset_density": lambda one: len(one.starts) / one.span,
    "loudness": loudness,
    "dynamic_range": dynamic_range,
    "accents": accents,
    "pedal": pedal_share,
    "key_detachment": lambda one: detachment(one, one.releases),
    "tempo_variation": lambda one: tempo_variation(one.onsets, one.velocities, one.span),
    "top_voice_emphasis": top_voice_emphasis,
    "pitch_height": pitch_height,
    "texture": texture,
}
NAMES = tuple(_FEATURES)


def symbolic_features(
    performance: MidiPerformance, start: float, end: float, names: Collection[str] = NAMES
) -> np.ndarray:
    """The features ``NAMES`` of the window from ``start`` to ``end`` in seconds, shape=(17,).

    Those that are not among ``names`` are not computed, and 0.
    """
    window = Window.of(performance, start, end)
    found = np.zeros(len(NAMES))
    if len(window.onsets):  # in silence nothing is struck, nothing stands out
        for place, name in enumerate(NAMES):
            if name in names:
                found[place] = _FEATURES[name](window)
    return found
