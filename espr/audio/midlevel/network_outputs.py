"""From the spectrogram of a recording to what the network says of its windows, and to its notes.

The network runs over the recording once, stretch by stretch: windows overlap by two thirds, and of
the stretch before only the frames that the next windows need are kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

import numpy as np

from espr.audio.midlevel.front_end import HALO, STEP, STEP_RATE, whitened, whitening_factors
from espr.audio.midlevel.transcription import Strokes, find_strokes, sure_onsets, transcribe
from espr.midi.features import NAMES, symbolic_features

if TYPE_CHECKING:
    from espr.audio.midlevel.frame_network import FrameNetwork, Frames
    from espr.audio.spooled_spectrogram import KeptSpectrogram

_TOGETHER = 16  # windows, a minute and a half: more at once is no faster, and takes memory
_BORDER = 3  # network frames beside a stretch: a note is where its neighbours are lower
_BLOCK = 4096  # frames of the spectrogram that are read at once


class Head(Protocol):
    """What reads windows from frames; see :class:`espr.audio.midlevel.window_head.WindowHead`."""

    def read(self, frames: Frames, spans: np.ndarray) -> np.ndarray: ...


def network_outputs(
    network: FrameNetwork,
    head: Head,
    magnitudes: KeptSpectrogram | np.ndarray,
    spans: np.ndarray,
    names: Collection[str] = NAMES,
) -> tuple[np.ndarray, np.ndarray]:
    """What the network says of windows, what its notes amount to, and the notes.

    Parameters
    ----------
    magnitudes : shape=(frames, 149)
        Of the whole recording: it is whitened as a whole.
    spans : np.ndarray, shape=(n, 2)
        Seconds.
    names : collection of str
        The features of the notes that are wanted.

    Returns
    -------
    outputs : np.ndarray, shape=(n, outputs + 17), float32
        The outputs, then :func:`espr.midi.features.symbolic_features` of the notes.
    notes : np.ndarray, shape=(m, 2)
        Onset in seconds and MIDI pitch of the sure ones, by onset.
    """
    rows, notes = [], []
    for frames, bounds, within, begin in _stretches(network, magnitudes, spans):
        strokes = find_strokes(frames)
        played = transcribe(frames, strokes)
        seconds = (within / STEP_RATE).tolist()
        amounts = [symbolic_features(played, one, other, names) for one, other in seconds]
        rows.append(np.concatenate([head.read(frames, within), amounts], axis=1))
        notes.append(_notes_until_next(frames, strokes, bounds, begin))
    return np.concatenate(rows).astype(np.float32), np.concatenate(notes)


def recording_notes(
    network: FrameNetwork, magnitudes: KeptSpectrogram | np.ndarray, spans: np.ndarray
) -> np.ndarray:
    """The notes that :func:`network_outputs` finds, without the features."""
    return np.concatenate(
        [
            _notes_until_next(frames, find_strokes(frames), bounds, begin)
            for frames, bounds, _, begin in _stretches(network, magnitudes, spans)
        ]
    )


def _stretches(
    network: FrameNetwork, magnitudes: KeptSpectrogram | np.ndarray, spans: np.ndarray
) -> Iterator[tuple[Frames, tuple[float, float], np.ndarray, float]]:
    """The recording in stretches of some windows.

    Yields
    ------
    frames : Frames
        With ``_BORDER`` of them on either side.
    bounds : tuple of float
        When the first window of the stretch begins, and that of the next stretch, in seconds.
    within : np.ndarray, shape=(m, 2), int
        The windows, in frames of the stretch.
    begin : float
        When the first frame begins, in seconds.
    """
    factors = whitening_factors(
        magnitudes[start : start + _BLOCK] for start in range(0, len(magnitudes), _BLOCK)
    )
    steps = np.round(spans * STEP_RATE).astype(int)
    frames: Frames | None = None
    begin = end = 0  # of the frames
    for start, following in pairwise([*range(0, len(spans), _TOGETHER), len(spans)]):
        part = steps[start:following]
        first, last = int(part[0, 0]) - _BORDER, int(part[:, 1].max()) + _BORDER
        if frames is None:
            frames = _run(network, magnitudes, factors, first, last)
        else:
            later = _run(network, magnitudes, factors, end, last)
            frames = frames.between(first - begin, end - begin).followed_by(later)
        begin, end = first, last
        until = spans[following, 0] if following < len(spans) else np.inf
        yield frames, (spans[start, 0], until), part - begin, begin / STEP_RATE


def _notes_until_next(
    frames: Frames, strokes: Strokes, bounds: tuple[float, float], begin: float
) -> np.ndarray:
    """The sure notes of a stretch until the next one begins: stretches overlap."""
    notes = sure_onsets(frames, strokes)
    notes[:, 0] += begin
    return notes[(notes[:, 0] >= bounds[0]) & (notes[:, 0] < bounds[1])]


def _run(
    network: FrameNetwork,
    magnitudes: KeptSpectrogram | np.ndarray,
    factors: np.ndarray,
    first: int,
    last: int,
) -> Frames:
    """The frames from ``first`` until ``last``; beyond the recording there is silence."""
    begin, end = STEP * first - HALO, STEP * last + HALO
    inside = slice(max(begin, 0), min(end, len(magnitudes)))
    stretch = np.zeros((magnitudes.shape[1], end - begin), np.float32)
    bands = whitened(magnitudes[inside], factors)
    stretch[:, inside.start - begin : inside.stop - begin] = bands.T
    return network(stretch).between(HALO // STEP, HALO // STEP + last - first)
