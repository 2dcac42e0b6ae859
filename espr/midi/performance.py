"""A performance as MIDI tells it: every key and every move of the pedal, in seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

PEDAL_DOWN = 64.0  # CC 64: the MIDI standard's limit of "on"


@dataclass(frozen=True, slots=True)
class MidiPerformance:
    """A performance on a piano.

    Attributes
    ----------
    notes : np.ndarray, shape=(n, 4)
        Onset and release of the key in seconds, MIDI pitch, velocity 1 to 127; sorted by onset.
    pedal : np.ndarray, shape=(m, 2)
        Time in seconds and the value of CC 64 from then on, 0 to 127.
    name : str
        Of this performance, unique within its source.
    piece : str
        What is the same music: performances of it are compared.
    work : str
        What must not stand on both sides of a split into training and validation.
    source : str
        ``percepiano``, ``asap`` or ``synthetic``.
    composer : str
    """

    notes: np.ndarray
    pedal: np.ndarray
    name: str
    piece: str
    work: str
    source: str
    composer: str

    @property
    def end(self) -> float:
        """When the last key is released, s; 0 without notes."""
        return float(self.notes[:, 1].max()) if len(self.notes) else 0.0

    def between(self, start: float, end: float) -> MidiPerformance:
        """The notes that begin in [``start``, ``end``), with times from ``start``.

        The pedal's state is carried in; keys are released at ``end`` at the latest.
        """
        first, last = np.searchsorted(self.notes[:, 0], [start, end])
        notes = self.notes[first:last].copy()
        notes[:, :2] -= start
        notes[:, 1] = np.minimum(notes[:, 1], end - start)
        first, last = np.searchsorted(self.pedal[:, 0], [start, end])
        pedal = self.pedal[first:last].copy()
        pedal[:, 0] -= start
        if first > 0:
            pedal = np.vstack([[0.0, self.pedal[first - 1, 1]], pedal])
        return replace(self, notes=notes, pedal=pedal)

    def sounding_ends(self) -> np.ndarray:
        """When each note ceases to sound, shape=(n,), s.

        A key's release, or with the pedal down its lifting (CC 64 below 64), but no later
        than the same key's next stroke and the strings' own decay: 15 s at A0, half as long
        every two octaves (after Fletcher & Rossing, The Physics of Musical Instruments, 1998,
        fig. 12.23: decay rate of a piano against its register).
        """
        onsets, ends, pitches = self.notes[:, 0], self.notes[:, 1].copy(), self.notes[:, 2]
        if len(self.pedal):
            times, down = self.pedal[:, 0], self.pedal[:, 1] >= PEDAL_DOWN
            state = np.searchsorted(times, ends, side="right") - 1
            # for every event, when the pedal is next up
            lifted = np.minimum.accumulate(np.where(down, np.inf, times)[::-1])[::-1]
            prolonged = (state >= 0) & down[np.maximum(state, 0)]
            ends[prolonged] = lifted[state[prolonged]]
        ends = np.minimum(ends, onsets + 15.0 * 2.0 ** (-(pitches - 21.0) / 24.0))
        by_key = np.lexsort((onsets, pitches))
        again = np.flatnonzero(pitches[by_key][:-1] == pitches[by_key][1:])
        ends[by_key[again]] = np.minimum(ends[by_key[again]], onsets[by_key[again + 1]])
        sounding: np.ndarray = np.maximum(ends, onsets)
        return sounding
