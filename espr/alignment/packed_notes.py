"""The notes of a recording as the catalog keeps them: three bytes a note, some 2 kB a minute.

A note is the milliseconds since the one before it (16 bits, little-endian) and its MIDI pitch
(8 bits). A pause of more than 65 s is bridged by entries of pitch 0, which are no notes. One
more of them at the end, with no note after it, says how the recording is tuned. Entries above 127
are no notes, either: one for the beginning of each window says how much pedal it has, -4 to 4
standard deviations of the clips that the network was trained on, in steps of 1/16.
"""

from __future__ import annotations

import numpy as np

from espr.errors import EsprError

_ENTRY = np.dtype([("wait", "<u2"), ("pitch", "u1")])
_LONGEST = 0xFFFF  # ms
_REST = 0  # pitch of an entry that is no note
_IN_TUNE = 100  # of the entry at the end: this, plus cents
_PEDAL, _MIDDLE, _STEPS = 128, 64, 16.0  # the first such entry, places above it, steps of 1


def pack_notes(
    notes: np.ndarray, tuning: float | None = None, pedal: np.ndarray | None = None
) -> bytes:
    """Pack notes.

    Parameters
    ----------
    notes : np.ndarray, shape=(n, 2)
        Onset in seconds and MIDI pitch; by onset.
    tuning : float, optional
        Cents above A = 440 Hz, -50 to 50, where it is known.
    pedal : np.ndarray, shape=(k, 2), optional
        Beginning of windows in seconds, and how much pedal they have.
    """
    rows = notes
    if pedal is not None:
        coded = np.clip(np.round(pedal[:, 1] * _STEPS) + _MIDDLE, 0, 127) + _PEDAL
        rows = np.concatenate([np.stack([pedal[:, 0], coded], axis=1), notes])
        rows = rows[np.argsort(rows[:, 0], kind="stable")]
    times = np.round(np.maximum(rows[:, 0], 0.0) * 1000.0).astype(np.int64)
    waits = np.diff(times, prepend=0)
    rests = waits // (_LONGEST + 1)
    entries = np.zeros(len(rows) + int(rests.sum()), _ENTRY)
    places = np.arange(len(rows)) + np.cumsum(rests)
    entries["wait"] = _LONGEST
    entries["pitch"] = _REST
    entries["wait"][places] = waits - rests * _LONGEST
    entries["pitch"][places] = rows[:, 1]
    of_tuning = [] if tuning is None else [(_IN_TUNE + round(tuning), _REST)]
    return entries.tobytes() + np.array(of_tuning, _ENTRY).tobytes()


def unpack_notes(packed: bytes) -> np.ndarray:
    """Onset in seconds and MIDI pitch of each note, shape=(n, 2), float64.

    Raises
    ------
    EsprError
        When these are no packed notes.
    """
    rows = _rows(packed)
    notes: np.ndarray = rows[(rows[:, 1] != _REST) & (rows[:, 1] < _PEDAL)]
    return notes


def unpack_pedal(packed: bytes) -> np.ndarray:
    """Beginning of windows in seconds, and how much pedal they have, shape=(k, 2).

    Raises
    ------
    EsprError
        As :func:`unpack_notes`.
    """
    rows = _rows(packed)
    pedal = rows[rows[:, 1] >= _PEDAL]
    pedal[:, 1] = (pedal[:, 1] - _PEDAL - _MIDDLE) / _STEPS
    return pedal


def unpack_tuning(packed: bytes) -> int | None:
    """Cents above A = 440 Hz; None where it is not known, or the notes are of an older version.

    Raises
    ------
    EsprError
        When these are no packed notes.
    """
    last = _entries(packed)[-1:]
    return int(last["wait"][0]) - _IN_TUNE if (last["pitch"] == _REST).any() else None


def _rows(packed: bytes) -> np.ndarray:
    """The time and the pitch of each entry."""
    entries = _entries(packed)
    times = np.cumsum(entries["wait"], dtype=np.int64) / 1000.0
    rows: np.ndarray = np.stack([times, entries["pitch"].astype(np.float64)], axis=1)
    return rows


def _entries(packed: bytes) -> np.ndarray:
    if len(packed) % _ENTRY.itemsize:
        raise EsprError("notes of a recording are not what was written")
    return np.frombuffer(packed, _ENTRY)
