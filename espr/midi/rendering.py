"""MIDI to audio, once, through real sound sources.

FluidSynth (LGPL, a separate program) plays a sound font; both are packages of every Linux
distribution. A rendering is kept as FLAC in the cache, under the digest of the MIDI file and the
name of the sound font.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import threading
from pathlib import Path

from espr.errors import EsprError
from espr.paths import cache_folder

_PLACES = (
    Path("/usr/share/sounds/sf2"),
    Path("/usr/share/sounds/sf3"),
    Path("/usr/share/soundfonts"),
)
# The first that is there is the default; the others are for robustness.
SOUND_FONTS = ("FluidR3_GM.sf2", "MuseScore_General.sf3", "TimGM6mb.sf2")
_INSTALL = "on Debian or Ubuntu: apt install fluidsynth fluid-soundfont-gm"


def find_sound_font(name: str | None = None) -> Path:
    """A sound font by path, by name, or the first of the known ones that is installed."""
    if name and Path(name).is_file():
        return Path(name)
    for wanted in (name,) if name else SOUND_FONTS:
        for place in _PLACES:
            if (place / wanted).is_file():
                return place / wanted
    raise EsprError(f"no sound font {name or 'is installed'}; {_INSTALL}")


class Renderer:
    """Renders MIDI files with one sound font, each once."""

    def __init__(self, sound_font: str | None = None) -> None:
        self.sound_font = find_sound_font(sound_font)
        program = shutil.which("fluidsynth")
        if program is None:
            raise EsprError(f"fluidsynth is not installed; {_INSTALL}")
        self._program = program

    @property
    def name(self) -> str:
        return self.sound_font.stem

    def path_of(self, midi: Path) -> Path:
        """Where the rendering of a MIDI file is kept, whether it is there yet or not."""
        digest = hashlib.blake2b(midi.read_bytes(), digest_size=16).hexdigest()
        return cache_folder() / "renderings" / self.name / f"{digest}.flac"

    def render(self, midi: Path) -> Path:
        """The rendering of a MIDI file."""
        target = self.path_of(midi)
        if target.is_file():
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        # two clips may be the same notes, and be rendered at the same time
        draft = target.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
        command = [
            self._program,
            "-ni",
            "-q",
            "-g",
            "0.6",
            "-r",
            "22050",
            "-O",
            "s16",
            "-T",
            "flac",
        ]
        done = subprocess.run(
            [*command, "-F", str(draft), str(self.sound_font), str(midi)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0 or not draft.is_file() or draft.stat().st_size == 0:
            draft.unlink(missing_ok=True)
            raise EsprError(
                f"{midi} cannot be rendered by fluidsynth: "
                + (" ".join(done.stderr.split()) or f"exit code {done.returncode}")
            )
        draft.replace(target)
        return target
