"""An audio encoder that hears nothing but a checksum of the samples, quickly; and its accidents.

Workers load it by name, ``fake`` or ``fake/VERSION``. A file's name can ask for an accident. The
one called ``noting`` writes notes down: of the piece whose number is the name of the file's folder,
of one after the other in a folder 1+2, a semitone lower where the file's name says A415.
"""

from __future__ import annotations

import os
import signal
import time
from multiprocessing import parent_process
from os import PathLike

import numpy as np

from espr.audio.decode import decode
from espr.audio.encoder import Analysis, Windows
from espr.errors import EsprError
from espr.features import MIDLEVEL
from tests.played_notes import perform, score

SLOW_SECONDS = 0.2


class FakeEncoder:
    """Profiles that differ when the samples do."""

    space = MIDLEVEL

    def __init__(self, name: str) -> None:
        self.name = name.partition("/")[0]
        self.id = name if "/" in name else f"{name}/1"
        self.writes_notes = self.name == "noting"

    def hear(
        self, path: str | PathLike[str], start: float = 0.0, end: float | None = None
    ) -> Analysis:
        name = os.path.basename(path)
        if "crash" in name:
            os.kill(os.getpid(), signal.SIGSEGV)
        if "killed" in name:
            os.kill(os.getpid(), signal.SIGKILL)
        if "hang" in name:
            time.sleep(600)
        if "defect" in name:
            raise ZeroDivisionError("a defect")
        if "slow" in name:
            time.sleep(SLOW_SECONDS)
        sound = decode(path, start, end)
        seed = int(sound.audio_hash[:8], 16)
        rng = np.random.default_rng(seed)
        features = rng.normal(size=(2, len(self.space)))
        times = np.array([[0.0, 1.0], [1.0, 2.0]])
        windows = Windows(times, features.astype(np.float32), self.space)
        notes = tuning = None
        if self.writes_notes:
            pieces = os.path.basename(os.path.dirname(path)).split("+")
            played = [
                score(int(one)) + np.array([65.0 * place, 0.0]) for place, one in enumerate(pieces)
            ]
            notes = perform(np.concatenate(played), rng.uniform(0.8, 1.25), seed)
            notes[:, 1] -= "A415" in name
            tuning = 4.5
        pedal = np.array([[0.0, 0.5], [1.0, -0.5]]) if self.writes_notes else None
        return Analysis(windows, sound.duration, sound.audio_hash, {}, notes, tuning, pedal)

    def encode(self, path: str | PathLike[str]) -> Windows:
        return self.hear(path).windows


def load(name: str) -> FakeEncoder:
    """The fake encoder; in a worker, ``absent`` fails, ``fatal`` kills it, ``endless`` hangs."""
    worker = parent_process() is not None
    if worker and name == "absent":
        raise EsprError("no weights for 'absent'")
    if worker and name == "fatal":
        os.kill(os.getpid(), signal.SIGKILL)
    if worker and name == "endless":
        time.sleep(600)
    if worker and name == "shaky":  # the first two die
        for life in ("first", "second"):
            try:
                os.mkdir(os.path.join(os.environ["FAKE_LIVES"], life))
            except FileExistsError:
                continue
            os.kill(os.getpid(), signal.SIGKILL)
    return FakeEncoder(name)
