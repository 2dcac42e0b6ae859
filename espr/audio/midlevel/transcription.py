"""From the network's frames to notes: when a key is struck, how hard, how long it sounds.

A struck key is a local maximum of the onset posterior, its time refined by a parabola; it sounds
until its own posterior falls, or until it is struck again. What the pedal does is in how long
strings sound: a note's release is the end of its sound.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from espr.audio.decode import SAMPLE_RATE
from espr.audio.midlevel.network import STEP
from espr.audio.midlevel.window_head import LOWEST_PITCH
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


def transcribed(
    onsets: np.ndarray, sounding: np.ndarray, velocities: np.ndarray
) -> MidiPerformance:
    """The notes of a stretch of frames, in seconds from its start.

    Parameters
    ----------
    onsets, sounding : np.ndarray, shape=(88, t)
        Posteriors, 0 to 1, of frames of 64 ms.
    velocities : np.ndarray, shape=(88, t)
        MIDI velocity / 127, where a key is struck.
    """
    keys, steps = _strokes(onsets, sounding)
    times = (steps + _vertex(onsets, keys, steps)) * STEP + _CENTRE
    ends = _falls(sounding < SOUNDS)[keys, steps] * STEP + _CENTRE
    again = np.full(len(keys), np.inf)
    same = np.flatnonzero(keys[1:] == keys[:-1])
    again[same] = times[same + 1]
    times, ends, again = times / FRAME_RATE, ends / FRAME_RATE, again / FRAME_RATE
    ends = np.minimum(np.maximum(ends, times + _SHORTEST), again)
    loudness = np.clip(velocities[keys, steps] * 127.0, 1.0, 127.0)
    notes = np.stack([times, ends, keys + float(LOWEST_PITCH), loudness], axis=1)
    notes = notes[np.argsort(notes[:, 0], kind="stable")]
    return MidiPerformance(notes, np.zeros((0, 2)), "", "", "", "heard", "")


def sure_onsets(onsets: np.ndarray, sounding: np.ndarray) -> np.ndarray:
    """The notes of which there is little doubt, for alignment.

    Parameters
    ----------
    onsets, sounding : np.ndarray, shape=(88, t)
        As in :func:`transcribed`.

    Returns
    -------
    np.ndarray, shape=(n, 2)
        Onset in seconds from the start of the frames, and MIDI pitch; by onset.
    """
    keys, steps = _strokes(onsets, sounding)
    sure = onsets[keys, steps] > SURELY_STRUCK
    keys, steps = keys[sure], steps[sure]
    times = ((steps + _vertex(onsets, keys, steps)) * STEP + _CENTRE) / FRAME_RATE
    order = np.argsort(times, kind="stable")
    return np.stack([times, keys + float(LOWEST_PITCH)], axis=1)[order]


def _strokes(onsets: np.ndarray, sounding: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keys and frames of what may have been struck; by key, then by time."""
    peaks = (onsets > STRUCK) & (onsets >= ndimage.maximum_filter1d(onsets, 3, axis=1))
    # what does not sound then or a frame later is no key but a speck, of which a codec makes more
    following = np.concatenate([sounding[:, 1:], sounding[:, -1:]], axis=1)
    peaks &= np.maximum(sounding, following) >= SOUNDS
    keys, steps = np.nonzero(peaks)
    return keys, steps


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
