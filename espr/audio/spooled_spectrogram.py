"""A recording's spectrogram, kept on disk for the network: memory does not grow with length.

An hour has 67 MB. The first twenty minutes or so stay in memory; of a longer recording all lies
in an unnamed temporary file, which is gone when the process is, however it ends.
"""

from __future__ import annotations

import tempfile
from typing import IO

import numpy as np

from espr.audio.encoder import is_off_tune
from espr.audio.spectrogram import retuned
from espr.audio.tuning import TuningMeter
from espr.errors import EsprError

_IN_MEMORY = 40_000  # frames: 21 minutes, 24 MB


class KeptSpectrogram:
    """Rows that are appended once and then read by slices.

    Attributes
    ----------
    shape : tuple of int
        (frames, bands)
    meter : TuningMeter
        Of the same samples.
    """

    def __init__(self) -> None:
        self.shape = (0, 0)
        self.meter = TuningMeter()
        self._sharp = 0.0  # cents
        self._parts: list[np.ndarray] = []
        self._file: IO[bytes] | None = None

    def __len__(self) -> int:
        return self.shape[0]

    def append(self, rows: np.ndarray) -> None:
        """Add rows, shape=(n, bands), float32.

        Raises
        ------
        EsprError
            When the temporary folder has no room.
        """
        self.shape = (self.shape[0] + len(rows), rows.shape[1])
        self._parts.append(rows)
        if self._file is None and self.shape[0] <= _IN_MEMORY:
            return
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="espr-")  # noqa: SIM115
            for part in self._parts:
                self._file.write(part.astype(np.float32, copy=False).tobytes())
            self._file.flush()
        except OSError as error:
            raise EsprError(
                f"is long, and its spectrogram cannot be kept in {tempfile.gettempdir()}: "
                f"{error.strerror}; TMPDIR names another folder"
            ) from error
        self._parts.clear()

    def __getitem__(self, span: slice) -> np.ndarray:
        """Consecutive rows, shape=(n, bands), float32; a step is ignored."""
        rows = self._read(*span.indices(len(self))[:2])
        return retuned(rows, self._sharp) if self._sharp else rows

    def retune(self) -> float | None:
        """Be read from now on as if the recording were tuned to A = 440 Hz; its tuning in cents.

        Nothing happens where it is near enough for the notes, or not known.
        """
        tuning = self.meter.tuning
        if is_off_tune(tuning):
            self._sharp = tuning
        return tuning

    def _read(self, start: int, stop: int) -> np.ndarray:
        if self._file is None:
            if len(self._parts) > 1:
                self._parts = [np.concatenate(self._parts)]
            return self._parts[0][start:stop]
        bands = self.shape[1]
        self._file.seek(4 * bands * start)
        raw = self._file.read(4 * bands * max(0, stop - start))
        return np.frombuffer(bytearray(raw), np.float32).reshape(-1, bands)

    def close(self) -> None:
        """Let go of the file; the rows cannot be read any more."""
        if self._file is not None:
            self._file.close()
