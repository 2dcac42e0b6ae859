"""The notes of a recording as the catalog keeps them: three bytes a note, some 2 kB a minute.

A note is the milliseconds since the one before it (16 bits, little-endian) and its MIDI pitch
(8 bits). A pause of more than 65 s is bridged by entries of pitch 0, which are no notes. One
more of them at the end, with no note after it, says how the recording is tuned.
"""

from __future__ import annotations

import numpy as np

from espr.errors import EsprError

_ENTRY = np.dtype([("wait", "<u2"), ("pitch", "u1")])
_LONGEST = 0xFFFF  # ms
_REST = 0  # pitch of an entry that is no note
_IN_TUNE = 100  # of the entry at the end: this, plus cents


def pack_notes(notes: np.ndarray, tuning: float | None = None) -> bytes:
    """Pack notes.

    Parameters
    ----------
    notes : np.ndarray, shape=(n, 2)
        Onset in seconds and MIDI pitch; by onset.
    tuning : float, optional
        Cents above A = 440 Hz, -50 to 50, where it is known.
    """
    times = np.round(np.maximum(notes[:, 0], 0.0) * 1000.0).astype(np.int64)
    waits = np.diff(times, prepend=0)
    rests = waits // (_LONGEST + 1)
    entries = np.zeros(len(notes) + int(rests.sum()), _ENTRY)
    places = np.arange(len(notes)) + np.cumsum(rests)
    entries["wait"] = _LONGEST
    entries["pitch"] = _REST
    entries["wait"][places] = waits - rests * _LONGEST
    entries["pitch"][places] = notes[:, 1]
    of_tuning = [] if tuning is None else [(_IN_TUNE + round(tuning), _REST)]
    return entries.tobytes() + np.array(of_tuning, _ENTRY).tobytes()


def unpack_notes(packed: bytes) -> np.ndarray:
    """Onset in seconds and MIDI pitch of each note, shape=(n, 2), float64.

    Raises
    ------
    EsprError
        When these are no packed notes.
    """
    entries = _entries(packed)
    times = np.cumsum(entries["wait"], dtype=np.int64) / 1000.0
    notes = np.stack([times, entries["pitch"].astype(np.float64)], axis=1)
    played: np.ndarray = notes[entries["pitch"] != _REST]
    return played


def unpack_tuning(packed: bytes) -> int | None:
    """Cents above A = 440 Hz; None where it is not known, or the notes are of an older version.

    Raises
    ------
    EsprError
        When these are no packed notes.
    """
    last = _entries(packed)[-1:]
    return int(last["wait"][0]) - _IN_TUNE if (last["pitch"] == _REST).any() else None


def _entries(packed: bytes) -> np.ndarray:
    if len(packed) % _ENTRY.itemsize:
        raise EsprError("notes of a recording are not what was written")
    return np.frombuffer(packed, _ENTRY)
