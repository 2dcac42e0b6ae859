"""Notes as a piano that training never heard, on any machine: TimGM6mb, without FluidSynth.

The sound font is the one that the package pretty_midi carries, the player midirenderer
(RustySynth, MIT): its tones have the attacks of FluidSynth's to 2 ms and their levels to 2 dB.
"""

from __future__ import annotations

import importlib.util
import io
from dataclasses import replace
from functools import cache
from pathlib import Path

import mido
import numpy as np
import soundfile
import soxr

from espr.audio.decode import SAMPLE_RATE
from espr.demo.manners import Manner, perform
from espr.demo.scores import Score

_TICKS = 5_000  # a beat of half a second


def take(score: Score, manner: Manner) -> tuple[np.ndarray, np.ndarray]:
    """Notes and pedal of a demo's take, its tempo such that it lasts about 50 s."""
    lasts = perform(score, manner).notes[-1].onset
    played = perform(score, replace(manner, tempo=manner.tempo * lasts / 50.0))
    notes = [(n.onset, n.onset + n.duration, n.pitch, n.velocity) for n in played.notes]
    pedal = [(down, 127.0) for down, _ in played.pedal] + [(up, 0.0) for _, up in played.pedal]
    return np.array(notes), np.array(sorted(pedal)).reshape(-1, 2)


@cache
def _sound_font() -> bytes:
    spec = importlib.util.find_spec("pretty_midi")  # importing it would take a second
    assert spec is not None and spec.origin is not None, "pip install pretty_midi"
    return (Path(spec.origin).parent / "TimGM6mb.sf2").read_bytes()


def render_notes(notes: np.ndarray, pedal: np.ndarray | None = None) -> np.ndarray:
    """The sound of notes as ESPR hears it; see :func:`render_stereo`.

    Returns
    -------
    np.ndarray, shape=(samples,), float32, mono, 22.05 kHz
    """
    stereo, rate = render_stereo(notes, pedal)
    return np.asarray(soxr.resample(stereo.mean(axis=1), rate, SAMPLE_RATE), np.float32)


def render_stereo(notes: np.ndarray, pedal: np.ndarray | None = None) -> tuple[np.ndarray, int]:
    """The sound of notes, from time 0 to half a second after the last key is up.

    Parameters
    ----------
    notes : np.ndarray, shape=(n, 4)
        Onset and release of the key in seconds, MIDI pitch, velocity.
    pedal : np.ndarray, shape=(m, 2), optional
        Time in seconds and value of CC 64.

    Returns
    -------
    samples : np.ndarray, shape=(samples, 2), float32
    rate : int
        Samples a second.
    """
    import midirenderer

    end = float(notes[:, 1].max()) + 0.5
    events = [
        (0.0, 0, mido.Message("control_change", control=number, value=0))
        for number in (91, 93)  # neither reverberation nor chorus
    ]
    for onset, release, pitch, velocity in notes:
        key = int(pitch)
        events.append((release, 1, mido.Message("note_off", note=key)))
        events.append((onset, 3, mido.Message("note_on", note=key, velocity=int(velocity))))
    for time, value in np.zeros((0, 2)) if pedal is None else pedal:
        events.append((time, 2, mido.Message("control_change", control=64, value=int(value))))
    midi = io.BytesIO()
    midi_of(events).save(file=midi)
    wave = midirenderer.render_wave_from(_sound_font(), midi.getvalue())
    stereo, rate = soundfile.read(io.BytesIO(wave), dtype="float32")
    return stereo[: round(end * rate)], rate


def midi_of(events: list[tuple[float, int, mido.Message]]) -> mido.MidiFile:
    """A MIDI file of events: their seconds, what is first of those at one time, messages."""
    track = mido.MidiTrack()
    ticks = 0
    for seconds, _, message in sorted(events, key=lambda event: event[:2]):
        now = round(seconds * 2 * _TICKS)
        track.append(message.copy(time=now - ticks))
        ticks = now
    track.append(mido.MetaMessage("end_of_track", time=_TICKS))
    return mido.MidiFile(ticks_per_beat=_TICKS, tracks=[track])
