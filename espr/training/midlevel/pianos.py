"""Performances to sound: each through a piano of its own tuning, touch and place of microphones.

The same seed gives the same sound. Sound fonts are played by FluidSynth (LGPL, a separate
program) at 44.1 kHz, all performances in one process, and brought to 22.05 kHz; the Salamander
grand is played in numpy.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from espr.audio.decode import SAMPLE_RATE
from espr.errors import EsprError
from espr.midi.performance import MidiPerformance
from espr.training.midlevel.salamander import load_salamander
from espr.training.midlevel.sound_sources import SoundSource

TAIL = 0.5  # seconds after the last key is up

_FONT_RATE = 44_100  # at 22.05 kHz FluidSynth would fold what lies above 11 kHz
_GAP = 2.0  # seconds between performances, for the last one to fade
_TICKS = 5_000  # a beat, which lasts half a second: 0.1 ms
_BEND = 8192 / 200.0  # of the pitch wheel, per cent


@dataclass(frozen=True, slots=True)
class Touch:
    """What differs from one piano of a source to the next.

    Attributes
    ----------
    cents : float
        Detuning of the whole piano.
    gamma, offset : float
        Velocity becomes 127 · (velocity / 127) ** gamma + offset.
    left : float
        Share of the left channel in the mono sound.
    release : float
        Seconds in which a damper silences middle C (Salamander).
    """

    cents: float
    gamma: float
    offset: float
    left: float
    release: float

    @staticmethod
    def drawn(rng: np.random.Generator) -> Touch:
        return Touch(
            cents=float(np.clip(rng.normal(0.0, 10.0), -25.0, 25.0)),
            gamma=float(2.0 ** rng.uniform(-0.5, 0.5)),
            offset=float(rng.uniform(-8.0, 8.0)),
            left=float(rng.uniform(0.2, 0.8)),
            release=float(rng.uniform(0.15, 0.4)),
        )

    def velocities(self, velocities: np.ndarray) -> np.ndarray:
        curved = 127.0 * (velocities / 127.0) ** self.gamma + self.offset
        kept: np.ndarray = np.clip(np.round(curved), 1, 127)
        return kept


def render(
    performances: Sequence[MidiPerformance], source: SoundSource, *, seed: int
) -> list[np.ndarray]:
    """The sound of performances.

    Parameters
    ----------
    seed : int
        Of the pianos' differences: every performance has its own (:class:`Touch`).

    Returns
    -------
    list of np.ndarray, shape=(n,), float32, mono, 22.05 kHz
        One a performance, from its time 0 to half a second after the last key is up; not
        normalised.

    Raises
    ------
    EsprError
        When the source is not installed, or FluidSynth fails.
    """
    touches = [Touch.drawn(np.random.default_rng([seed, n])) for n in range(len(performances))]
    if not source.sound_font:
        return [_sampled(*pair) for pair in zip(performances, touches, strict=True)]
    return _from_font(performances, touches, source) if performances else []


def _sampled(performance: MidiPerformance, touch: Touch) -> np.ndarray:
    import soxr

    # a tape that runs at another speed, onto which everything was played that much later
    speed = 2.0 ** (touch.cents / 1200.0)
    notes, pedal = performance.notes.copy(), performance.pedal.copy()
    notes[:, :2] *= speed
    pedal[:, 0] *= speed
    notes[:, 3] = touch.velocities(notes[:, 3])
    seconds = (performance.end + TAIL) * speed
    sound = load_salamander().play(notes, pedal, seconds, touch.release)
    tuned: np.ndarray = soxr.resample(sound, SAMPLE_RATE * speed, SAMPLE_RATE)
    return _of_length(tuned, performance)


def _from_font(
    performances: Sequence[MidiPerformance], touches: Sequence[Touch], source: SoundSource
) -> list[np.ndarray]:
    import soxr

    program, font = source.find_fluidsynth(), source.find_font()
    lengths = [performance.end + TAIL + _GAP for performance in performances]
    starts = np.concatenate([[0.0], np.cumsum(lengths)])
    with tempfile.TemporaryDirectory(prefix="espr-") as folder:
        midi, raw = Path(folder, "performances.mid"), Path(folder, "sound.raw")
        _write_midi(midi, performances, touches, starts, source)
        settings = f"-ni -q -g 0.2 -R 0 -C 0 -r {_FONT_RATE} -O float -T raw".split()
        # only the samples of the preset that plays: 0.3 s instead of 6 for MuseScore_General
        settings += ["-o", "synth.dynamic-sample-loading=1"]
        done = subprocess.run(
            [program, *settings, "-F", str(raw), str(font), str(midi)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0 or not raw.is_file() or raw.stat().st_size == 0:
            raise EsprError(
                f"fluidsynth cannot play {font}: "
                + (" ".join(done.stderr.split()) or f"exit code {done.returncode}")
            )
        stereo = np.fromfile(raw, "<f4").reshape(-1, 2)
    sounds = []
    for performance, touch, start in zip(performances, touches, starts, strict=False):
        first = round(start * _FONT_RATE)
        part = stereo[first : first + round((performance.end + TAIL) * _FONT_RATE)]
        mono = part @ np.array([touch.left, 1.0 - touch.left], np.float32)
        sounds.append(_of_length(soxr.resample(mono, _FONT_RATE, SAMPLE_RATE), performance))
    return sounds


def _of_length(sound: np.ndarray, performance: MidiPerformance) -> np.ndarray:
    length = round((performance.end + TAIL) * SAMPLE_RATE)
    return np.pad(sound[:length], (0, max(length - len(sound), 0))).astype(np.float32, copy=False)


def _write_midi(
    path: Path,
    performances: Sequence[MidiPerformance],
    touches: Sequence[Touch],
    starts: np.ndarray,
    source: SoundSource,
) -> None:
    """All performances one after another, as one track."""
    import mido

    # (seconds, rank among what happens at once, message)
    events: list[tuple[float, int, mido.Message]] = [
        (0.0, 0, mido.Message("control_change", control=0, value=source.bank)),
        (0.0, 1, mido.Message("program_change", program=source.program)),
    ]
    for performance, touch, start, next_start in zip(
        performances, touches, starts[:-1], starts[1:], strict=True
    ):
        silence = next_start - 0.2
        bend = mido.Message("pitchwheel", pitch=round(touch.cents * _BEND))
        events += [
            (start, 2, bend),
            (start + performance.end + TAIL, 2, _pedal(0.0)),
            (silence, 2, mido.Message("control_change", control=120)),  # all sound off
        ]
        events += [
            (start + time, 3, _pedal(value))
            for time, value in performance.pedal
            if time < performance.end + TAIL
        ]
        notes = performance.notes
        velocities = touch.velocities(notes[:, 3]).astype(int)
        for onset, pitch, velocity in zip(notes[:, 0], notes[:, 2], velocities, strict=True):
            on = mido.Message("note_on", note=int(pitch), velocity=int(velocity))
            events.append((start + onset, 5, on))
        for end, pitch in zip(_releases(notes), notes[:, 2], strict=True):
            events.append((start + end, 4, mido.Message("note_off", note=int(pitch))))
    events.sort(key=lambda event: event[:2])
    track = mido.MidiTrack()
    ticks = 0
    for seconds, _, message in events:
        now = round(seconds * 2 * _TICKS)
        track.append(message.copy(time=now - ticks))
        ticks = now
    track.append(mido.MetaMessage("end_of_track", time=2 * _TICKS // 5))
    mido.MidiFile(ticks_per_beat=_TICKS, tracks=[track]).save(path)


def _pedal(value: float) -> object:
    import mido

    return mido.Message("control_change", control=64, value=int(np.clip(value, 0, 127)))


def _releases(notes: np.ndarray) -> np.ndarray:
    """When keys are up, at the latest when they are struck again: MIDI knows one note a key."""
    ends: np.ndarray = notes[:, 1].copy()
    by_key = np.lexsort((notes[:, 0], notes[:, 2]))
    again = np.flatnonzero(notes[by_key[:-1], 2] == notes[by_key[1:], 2])
    ends[by_key[again]] = np.minimum(ends[by_key[again]], notes[by_key[again + 1], 0])
    return ends
