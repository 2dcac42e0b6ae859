"""From the network's frames to notes: when a key is struck, how hard, how long it sounds.

A struck key is a local maximum of the onset posterior, its time refined by a parabola; it sounds
until its own posterior falls, or until it is struck again. What the pedal does is in how long
strings sound: a note's release is the end of its sound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from espr.audio.decode import SAMPLE_RATE
from espr.audio.midlevel.frame_network import Frames
from espr.audio.midlevel.front_end import LOWEST_PITCH, STEP
from espr.audio.spectrogram import FRAME_LENGTH, FRAME_RATE
from espr.midi.performance import MidiPerformance

# Chosen by how well the features of the notes follow those of the keys on unseen works.
STRUCK = 0.35  # least posterior of an onset
SOUNDS = 0.4  # posterior below which a string is silent
# For alignment, where a note too many costs more than one too few: F1 against the notes that were
# played is 0.81 instead of 0.75.
SURELY_STRUCK = 0.6

_SHORTEST = 0.06  # s, of a note: about a step
_CENTRE = FRAME_LENGTH / 2 / SAMPLE_RATE * FRAME_RATE  # frames from a frame's start to its middle


@dataclass(frozen=True, slots=True)
class Strokes:
    """The keys that were struck in a stretch of frames; by key, then by time.

    Attributes
    ----------
    keys, steps : np.ndarray, shape=(n,), int
        Of the 88 and of the frames.
    times : np.ndarray, shape=(n,)
        Seconds from the start of the frames, finer than a frame.
    """

    keys: np.ndarray
    steps: np.ndarray
    times: np.ndarray


def find_strokes(frames: Frames) -> Strokes:
    """What may have been struck."""
    onsets, sounding = frames.onsets, frames.sounding
    peaks = onsets > STRUCK
    peaks[:, 1:] &= onsets[:, 1:] >= onsets[:, :-1]
    peaks[:, :-1] &= onsets[:, :-1] >= onsets[:, 1:]
    # what does not sound then or a frame later is no key but a speck, of which a codec makes more
    sounds = sounding >= SOUNDS
    sounds[:, :-1] |= sounds[:, 1:]
    keys, steps = np.nonzero(peaks & sounds)
    times = ((steps + _vertex(onsets, keys, steps)) * STEP + _CENTRE) / FRAME_RATE
    return Strokes(keys, steps, times)


def transcribe(frames: Frames, strokes: Strokes) -> MidiPerformance:
    """The notes of a stretch of frames, in seconds from its start."""
    keys, steps, times = strokes.keys, strokes.steps, strokes.times
    ends = (_falls(frames.sounding < SOUNDS)[keys, steps] * STEP + _CENTRE) / FRAME_RATE
    again = np.full(len(keys), np.inf)
    same = np.flatnonzero(keys[1:] == keys[:-1])
    again[same] = times[same + 1]
    ends = np.minimum(np.maximum(ends, times + _SHORTEST), again)
    loudness = np.clip(frames.velocities[keys, steps] * 127.0, 1.0, 127.0)
    notes = np.stack([times, ends, keys + float(LOWEST_PITCH), loudness], axis=1)
    notes = notes[np.argsort(notes[:, 0], kind="stable")]
    return MidiPerformance(notes, np.zeros((0, 2)), "", "", "", "heard", "")


def sure_onsets(frames: Frames, strokes: Strokes) -> np.ndarray:
    """The notes of which there is little doubt, for alignment.

    Returns
    -------
    np.ndarray, shape=(n, 2)
        Onset in seconds from the start of the frames, and MIDI pitch; by onset.
    """
    sure = frames.onsets[strokes.keys, strokes.steps] > SURELY_STRUCK
    times, keys = strokes.times[sure], strokes.keys[sure]
    order = np.argsort(times, kind="stable")
    return np.stack([times, keys + float(LOWEST_PITCH)], axis=1)[order]


def _vertex(onsets: np.ndarray, keys: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """How far the top of a peak lies from its step, -0.5 to 0.5 steps."""
    left = onsets[keys, np.maximum(steps - 1, 0)]
    right = onsets[keys, np.minimum(steps + 1, onsets.shape[1] - 1)]
    curvature = left - 2.0 * onsets[keys, steps] + right
    shift = np.where(curvature < 0, 0.5 * (left - right) / np.minimum(curvature, -1e-6), 0.0)
    vertex: np.ndarray = np.clip(shift, -0.5, 0.5)
    return vertex


def _falls(silent: np.ndarray) -> np.ndarray:
    """For every frame, the next one after it that is silent, shape=(88, t), int."""
    length = silent.shape[1]
    where = np.where(silent, np.arange(length), length)
    following: np.ndarray = np.minimum.accumulate(where[:, ::-1], axis=1)[:, ::-1]
    return np.concatenate([following[:, 1:], np.full((len(silent), 1), length)], axis=1)
