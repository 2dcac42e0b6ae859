"""Synthetic performances: a score played in a manner drawn at random.

The parts of a manner are drawn independently, so that the targets are not correlated by what
pianists usually do together (fast and loud and staccato). What a manner consists of follows the
cues of Juslin & Laukka (Psychological Bulletin 2003) and the KTH rules (Friberg, Bresin & Sundberg,
Advances in Cognitive Psychology 2006): tempo, phrase arcs and final slowing, articulation,
dynamics, melody lead, asynchrony, pedal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from espr.midi.harmony import key_of
from espr.midi.performance import MidiPerformance
from espr.training.midlevel.scores import Score, corpus_scores, generated_score

CLIP = 20.0  # s
_GENERATED = 0.5  # share of the passages that are textures made by rule
_USUAL_RATE = 4.0  # onsets a second at tempo factor 1
_PEDALS = ("none", "none", "none", "bar", "half bar", "long", "syncopated")
_GRID = 0.25  # quarter notes of the tempo curve


@dataclass(frozen=True, slots=True)
class Manner:
    """How a score is played.

    Attributes
    ----------
    tempo : float
        Factor of 4 onsets a second.
    articulation, other_articulation : float
        Of the top voice and of the rest: how long keys are held, as a share of the written
        duration. 0.15 is staccato, 1.15 overlaps.
    velocity : float
        Of the accompaniment; ``lead`` is added in the top voice, ``accent`` on first beats,
        ``arc`` at the height of a phrase of four bars, ``touch`` is the standard deviation of
        single notes.
    pedal : str
        ``none``, or changed every ``bar``, ``half bar``, two bars (``long``), or every bar after
        the beat (``syncopated``).
    pedal_length : float
        Share of that for which it stays down.
    rubato, walk : float
        Depth of the phrases' tempo arcs and standard deviation of the random walk, as
        logarithms of tempo; 0 is metronomic.
    spread : float
        Seconds over which a chord's keys follow each other, from below.
    jitter : float
        Standard deviation of single onsets, s.
    transposition : int
        Semitones.
    other_mode : bool
        Played in the parallel minor or major key.
    """

    tempo: float = 1.0
    articulation: float = 0.9
    other_articulation: float = 0.9
    velocity: float = 60.0
    lead: float = 10.0
    accent: float = 0.0
    arc: float = 0.0
    touch: float = 3.0
    pedal: str = "none"
    pedal_length: float = 1.0
    rubato: float = 0.0
    walk: float = 0.0
    spread: float = 0.0
    jitter: float = 0.0
    transposition: int = 0
    other_mode: bool = False

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Manner:
        articulation = float(rng.uniform(0.15, 1.15))
        alike = rng.random() < 0.6
        metronomic = rng.random() < 0.2
        return cls(
            tempo=float(2.0 ** rng.uniform(np.log2(0.4), np.log2(2.5))),
            articulation=articulation,
            other_articulation=articulation if alike else float(rng.uniform(0.15, 1.15)),
            velocity=float(rng.uniform(25.0, 105.0)),
            lead=float(rng.uniform(-5.0, 30.0)),
            accent=float(rng.choice([0.0, 0.0, 1.0]) * rng.uniform(5.0, 30.0)),
            arc=float(rng.choice([0.0, 1.0, 1.0]) * rng.uniform(0.0, 35.0)),
            touch=float(rng.uniform(1.0, 9.0)),
            pedal=str(rng.choice(_PEDALS)),
            pedal_length=float(rng.choice([1.0, rng.uniform(0.15, 0.9)])),
            rubato=0.0 if metronomic else float(rng.uniform(0.0, 0.35)),
            walk=0.0 if metronomic else float(rng.choice([0.0, 1.0]) * rng.uniform(0.0, 0.25)),
            spread=float(rng.choice([0.0, 1.0]) * rng.uniform(0.0, 0.04)),
            jitter=0.0 if metronomic else float(rng.uniform(0.0, 0.02)),
            transposition=int(rng.integers(-6, 7)),
            other_mode=bool(rng.random() < 0.3),
        )


def perform(
    score: Score, rng: np.random.Generator, manner: Manner | None = None
) -> MidiPerformance:
    """``score`` from its beginning, in ``manner`` or one drawn by ``rng``.

    The tempo is such that a score's onsets come 4 times the manner's factor a second.
    """
    manner = manner or Manner.drawn(rng)
    onsets, durations, pitches, voices = score.notes.T
    beats, seconds = _time_map(score, manner, rng)
    begins = np.interp(onsets, beats, seconds)
    written = np.interp(onsets + durations, beats, seconds) - begins
    top = voices == 0
    held = written * np.where(top, manner.articulation, manner.other_articulation)
    held = np.maximum(held * rng.normal(1.0, 0.05, len(held)).clip(0.8, 1.2), 0.03)
    begins = begins + _asynchrony(onsets, pitches, manner, rng)
    first = begins.min()
    pedal = _pedal(score, manner, beats, seconds, rng)
    keys = np.clip(_modulated(score, manner) + manner.transposition, 21, 108)
    velocities = _velocities(score, manner, rng)
    notes = np.column_stack([begins - first, begins - first + held, keys, velocities])
    return MidiPerformance(
        notes=_struck_once(notes),
        pedal=pedal - np.array([first, 0.0]),
        name=score.name,
        piece=score.name,
        work=score.work,
        source="synthetic",
        composer=score.composer,
    )


def synthetic_performances(count: int, seed: int) -> Iterator[MidiPerformance]:
    """Performances of ``count`` passages, each played in 3 or 4 ways; clips of up to 20 s.

    A piece is a passage. Its performances differ in every part of their manner, but in tempo
    mostly no more than pianists do: a fifth either way, one passage in four excepted.
    """
    music = corpus_scores()
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        if rng.random() < _GENERATED:
            score = generated_score(rng, number)
        else:
            score = music[rng.integers(len(music))]
            if rng.random() < 0.6:  # composers alike, of whom Bach has most of the scores
                composer = rng.choice(sorted({score.composer for score in music}))
                of_composer = [score for score in music if score.composer == composer]
                score = of_composer[rng.integers(len(of_composer))]
        usual = Manner.drawn(rng).tempo
        free = rng.random() < 0.25
        score = _passage(score, round(CLIP * _USUAL_RATE * usual), rng)
        for way in range(int(rng.integers(3, 5))):
            manner = Manner.drawn(rng)
            if not free:
                manner = replace(manner, tempo=float(usual * 2.0 ** rng.normal(0.0, 0.25)))
            performance = perform(score, rng, manner)
            piece = f"{number}:{score.name}"
            yield replace(performance.between(0.0, CLIP), name=f"{piece}#{way}", piece=piece)


def _passage(score: Score, groups: int, rng: np.random.Generator) -> Score:
    """About ``groups`` onsets from a bar line on; a score too short begins again."""
    notes = score.notes
    bars = np.unique(np.floor(notes[:, 0] / score.bar))
    begin = float(rng.choice(bars[: max(1, len(bars) // 2)])) * score.bar
    notes = notes[notes[:, 0] >= begin - 1e-6]
    notes = notes - np.array([begin, 0.0, 0.0, 0.0])
    length = np.ceil(np.max(notes[:, 0] + notes[:, 1]) / score.bar) * score.bar
    distinct = np.unique(notes[:, 0].round(3))
    times = -(-groups // len(distinct))
    again = [notes + np.array([n * length, 0.0, 0.0, 0.0]) for n in range(times)]
    notes = np.vstack(again)
    distinct = np.unique(notes[:, 0].round(3))
    last = distinct[min(groups, len(distinct)) - 1]
    return replace(score, notes=notes[notes[:, 0] <= last + 1e-3])


def _time_map(
    score: Score, manner: Manner, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Quarter notes and the seconds at which they are played."""
    onsets = score.notes[:, 0]
    end = float(np.max(onsets + score.notes[:, 1]))
    rate = len(np.unique(onsets.round(3))) / max(end, 1.0)  # onsets a quarter note
    beats = np.arange(0.0, end + 2 * _GRID, _GRID)
    phrase = 4.0 * score.bar
    within = (beats % phrase) / phrase
    slowing = np.maximum(0.0, 1.0 - (end - beats) / (2.0 * score.bar)) ** 2
    # fastest in the middle of a phrase (Todd 1985), slower towards its end
    curve = manner.rubato * (1.0 - 4.0 * (within - 0.45) ** 2 - 1.5 * slowing)
    if manner.walk:
        steps = np.cumsum(rng.normal(0.0, 1.0, len(beats)))
        trend = np.linspace(steps[0], steps[-1], len(steps))
        bridge = steps - trend
        curve = curve + manner.walk * bridge / max(float(bridge.std()), 1e-6)
    pace = np.exp(-(curve - curve.mean())) * rate / (_USUAL_RATE * manner.tempo)
    return beats, np.append(0.0, np.cumsum(pace * _GRID))[:-1]


def _asynchrony(
    onsets: np.ndarray, pitches: np.ndarray, manner: Manner, rng: np.random.Generator
) -> np.ndarray:
    """Delay of each note behind its chord, s."""
    delay = rng.normal(0.0, manner.jitter, len(onsets)) if manner.jitter else np.zeros(len(onsets))
    if manner.spread:
        _, chord = np.unique(onsets.round(3), return_inverse=True)
        lowest = np.full(chord.max() + 1, np.inf)
        highest = np.full(chord.max() + 1, -np.inf)
        np.minimum.at(lowest, chord, pitches)
        np.maximum.at(highest, chord, pitches)
        width = np.maximum(highest - lowest, 1.0)[chord]
        delay = delay + manner.spread * (pitches - lowest[chord]) / width
    return np.asarray(delay)


def _velocities(score: Score, manner: Manner, rng: np.random.Generator) -> np.ndarray:
    onsets, _, _, voices = score.notes.T
    phrase = 4.0 * score.bar
    within = (onsets % phrase) / phrase
    velocity = np.full(len(onsets), manner.velocity)
    velocity += np.where(voices == 0, manner.lead, 0.0)
    velocity += np.where(np.abs(onsets / score.bar % 1.0) < 1e-3, manner.accent, 0.0)
    velocity += manner.arc * (0.5 - 4.0 * (within - 0.55) ** 2)
    velocity += rng.normal(0.0, manner.touch, len(onsets))
    return np.asarray(np.clip(velocity.round(), 5.0, 124.0))


def _modulated(score: Score, manner: Manner) -> np.ndarray:
    """The pitches, in the parallel mode where asked.

    The third and the sixth are exchanged; a minor seventh rises, but major keeps its leading
    note, which is that of harmonic minor.
    """
    _, durations, pitches, _ = score.notes.T
    if not manner.other_mode:
        return np.asarray(pitches)
    tonic, minor = key_of(pitches, durations)
    degree = (pitches - tonic) % 12
    if minor:
        return np.asarray(pitches + np.isin(degree, (3, 8, 10)))
    return np.asarray(pitches - np.isin(degree, (4, 9)))


def _pedal(
    score: Score,
    manner: Manner,
    beats: np.ndarray,
    seconds: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    if manner.pedal == "none":
        return np.zeros((0, 2))
    step = score.bar * {"half bar": 0.5, "long": 2.0}.get(manner.pedal, 1.0)
    changes = np.interp(np.arange(0.0, beats[-1], step), beats, seconds)
    depth = float(rng.uniform(70.0, 127.0))
    delay = 0.12 if manner.pedal == "syncopated" else 0.03
    gaps = np.diff(np.append(changes, seconds[-1]))
    pressed = np.column_stack(
        [changes + np.minimum(delay, gaps / 10), np.full(len(changes), depth)]
    )
    lifts = changes if manner.pedal_length >= 1.0 else changes + gaps * manner.pedal_length
    lifted = np.column_stack([lifts, np.zeros(len(lifts))])
    rows = np.vstack([lifted, pressed])
    return np.asarray(rows[np.argsort(rows[:, 0], kind="stable")])


def _struck_once(notes: np.ndarray) -> np.ndarray:
    """Sorted, without doubled keys, every key released before it is struck again."""
    notes = notes[np.lexsort((notes[:, 0], notes[:, 2]))]
    same = notes[1:, 2] == notes[:-1, 2]
    doubled = np.append(False, same & (np.diff(notes[:, 0]) < 0.02))
    notes = notes[~doubled]
    same = notes[1:, 2] == notes[:-1, 2]
    limit = np.where(same, notes[1:, 0] - 0.01, np.inf)
    notes[:-1, 1] = np.minimum(notes[:-1, 1], limit)
    return np.asarray(notes[np.argsort(notes[:, 0], kind="stable")])
