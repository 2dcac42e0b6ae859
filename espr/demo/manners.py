"""Manners of playing: a written score in, played notes and pedal in seconds out.

A performance is made by the usual parametric rules of expression: tempo falls towards
phrase ends along a parabola (Todd, "A model of expressive timing in tonal music", Music
Perception 1985) and drifts like a person's; loudness arches over the phrase, with accents
on the bar and the melody above the rest; articulation is the sounding share of a note's
written value. MIDI velocities run from 1 to 127.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

import numpy as np

from espr.demo.scores import BASS, MELODY, Score

_DRIFT_MEMORY = 0.8  # from beat to beat, of the tempo's random walk


@dataclass(frozen=True, slots=True)
class PlayedNote:
    """A note as the fingers play it: seconds, MIDI pitch, velocity 1 to 127."""

    onset: float
    duration: float
    pitch: int
    velocity: float


@dataclass(frozen=True, slots=True)
class PlayedScore:
    """The played notes, in order of onset, and the pedal's (down, up) times in seconds."""

    notes: tuple[PlayedNote, ...]
    pedal: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Manner:
    """How a piece is played; every number is about the score, none about a sound's features.

    Attributes
    ----------
    name : str
        The performer's part of a file name, ``piece_performer.wav``.
    listener : str
        What a listener would say of it.
    tempo : float
        Factor of the score's tempo.
    phrase_rubato, drift : float
        Depth of the tempo's arch over a phrase, and of its random walk, in log tempo.
    articulation : float
        Share of a note's written value for which the key is held; above 1 it overlaps.
    holding : bool
        Whether notes longer than the pulse are held out, or cut to the pulse.
    velocity, dynamics : float
        Mean MIDI velocity, and the range over which it arches in a phrase.
    melody, bass, accent : float
        Velocity added to the top voice, to the bass, and to the first beat of a bar.
    unevenness : float
        Standard deviation of the velocity from note to note.
    timing, lead : float
        Standard deviation of onsets in seconds, and by how much the melody comes early.
    pedal : float
        Share of each harmony for which the pedal is down.
    """

    name: str
    listener: str
    tempo: float
    articulation: float
    velocity: float
    phrase_rubato: float = 0.0
    drift: float = 0.0
    holding: bool = True
    dynamics: float = 0.0
    melody: float = 0.0
    bass: float = 0.0
    accent: float = 0.0
    unevenness: float = 0.0
    timing: float = 0.0
    lead: float = 0.0
    pedal: float = 0.0


DEADPAN = Manner("deadpan", "a machine", tempo=1.0, articulation=0.9, velocity=70)
DELICATE_LEGATO = Manner(
    "delicate-legato",
    "soft, delicate, singing",
    tempo=0.9,
    articulation=1.05,
    velocity=40,
    phrase_rubato=0.12,
    drift=0.02,
    dynamics=10,
    melody=8,
    bass=-4,
    unevenness=2.5,
    timing=0.006,
    lead=0.012,
    pedal=0.95,
)
DRY_STACCATO = Manner(
    "dry-staccato",
    "dry, short notes",
    tempo=1.05,
    articulation=0.35,
    velocity=68,
    phrase_rubato=0.03,
    drift=0.008,
    holding=False,
    dynamics=6,
    melody=4,
    accent=4,
    unevenness=3,
    timing=0.005,
)
RUSHED_AND_LOUD = Manner(
    "rushed-and-loud",
    "hasty, loud, aggressive",
    tempo=1.5,
    articulation=0.85,
    velocity=104,
    phrase_rubato=0.05,
    drift=0.05,
    dynamics=8,
    melody=4,
    accent=8,
    unevenness=6,
    timing=0.012,
    pedal=0.4,
)
FREE_ROMANTIC = Manner(
    "free-romantic",
    "free in tempo, expressive",
    tempo=0.85,
    articulation=1.0,
    velocity=62,
    phrase_rubato=0.5,
    drift=0.12,
    dynamics=34,
    melody=12,
    unevenness=4,
    timing=0.012,
    lead=0.03,
    pedal=0.9,
)
SLOW_AND_DARK = Manner(
    "slow-and-dark",
    "slow, dark, heavy",
    tempo=0.6,
    articulation=1.0,
    velocity=46,
    phrase_rubato=0.06,
    drift=0.02,
    dynamics=8,
    melody=-4,
    bass=12,
    unevenness=3,
    timing=0.01,
    pedal=1.0,
)
MANNERS = (
    DEADPAN,
    DELICATE_LEGATO,
    DRY_STACCATO,
    RUSHED_AND_LOUD,
    FREE_ROMANTIC,
    SLOW_AND_DARK,
)


def perform(score: Score, manner: Manner, seed: int = 0) -> PlayedScore:
    """Play ``score`` in a ``manner``; another seed is the same pianist on another day."""
    rng = np.random.default_rng([seed, crc32(f"{score.slug} {manner.name}".encode())])
    beats, seconds = _tempo_map(score, manner, rng)
    notes = []
    for note in score.notes:
        held = note.duration if manner.holding else min(note.duration, score.pulse)
        onset, release = np.interp(
            [note.onset, note.onset + manner.articulation * held], beats, seconds
        )
        melody = note.voice == MELODY
        velocity = (
            manner.velocity
            + manner.dynamics * (_phrase_arch(score, note.onset) - 0.5)
            + manner.melody * melody
            + manner.bass * (note.voice == BASS)
            + manner.accent * (note.onset in score.bars)
            + manner.unevenness * rng.standard_normal()
        )
        moved = onset + manner.timing * rng.standard_normal() - manner.lead * melody
        notes.append(
            PlayedNote(
                onset=max(0.0, float(moved)),
                duration=float(release - onset),
                pitch=note.pitch,
                velocity=float(np.clip(velocity, 1.0, 127.0)),
            )
        )
    pedal = []
    for down, up in score.pedal:
        if manner.pedal > 0:
            down_time, up_time = np.interp(
                [down, down + manner.pedal * (up - down)], beats, seconds
            )
            # Syncopated: the foot goes down just after the hands, or the last harmony stays.
            pedal.append((float(down_time) + 0.06, float(up_time)))
    return PlayedScore(tuple(sorted(notes, key=lambda note: note.onset)), tuple(pedal))


def _tempo_map(
    score: Score, manner: Manner, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Beats and their times in seconds, each shape=(k,), a little past the end of the score."""
    step = score.pulse / 4
    beats = np.arange(0.0, score.end + 4 * step + 4.0, step)
    walk = rng.standard_normal(len(beats))
    drift = np.zeros(len(beats))
    keep = _DRIFT_MEMORY**step
    for place in range(1, len(beats)):
        drift[place] = keep * drift[place - 1] + np.sqrt(1 - keep**2) * walk[place]
    arch = np.array([_phrase_arch(score, beat) for beat in beats])
    log_tempo = (
        np.log(manner.tempo * score.tempo / 60)
        + manner.phrase_rubato * (arch - arch.mean())
        + manner.drift * drift
    )
    seconds = np.concatenate([[0.0], np.cumsum(step / np.exp(log_tempo[:-1]))])
    return beats, seconds


def _phrase_arch(score: Score, beat: float) -> float:
    """1 at two fifths of the phrase, 0 at its end: speed and loudness follow it."""
    for start, end in pairwise(score.phrases):
        if start <= beat < end:
            place = (beat - start) / (end - start)
            return 1.0 - ((place - 0.4) / 0.6) ** 2
    return 0.0
