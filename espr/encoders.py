"""Audio encoders by name: those that ESPR ships, and the published ones that a user may add."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espr.audio.encoder import AUDIO_ENCODERS, DEFAULT_AUDIO
from espr.errors import EsprError

if TYPE_CHECKING:
    from espr.audio.encoder import AudioEncoder
    from espr.audio.note_writer import NoteWriter


def load_noting_encoder(name: str = DEFAULT_AUDIO) -> AudioEncoder:
    """The audio encoder called ``name``, that writes the notes down, too.

    Where it is not `midlevel` itself, the network of that listens beside it.
    """
    return load_audio_encoder(name, notes=True)


def load_audio_encoder(name: str = DEFAULT_AUDIO, *, notes: bool = False) -> AudioEncoder:
    """The audio encoder called ``name``; with ``notes`` as :func:`load_noting_encoder`."""
    if name == "signal":
        from espr.audio.signal_encoder import SignalEncoder

        return SignalEncoder(_note_writer() if notes else None)
    if name == "midlevel":
        from espr.audio.midlevel.encoder import load_midlevel
        from espr.audio.network_encoder import NetworkEncoder

        return NetworkEncoder(load_midlevel())
    if name == "cp-resnet":
        from espr.published.cp_resnet.encoder import load_cp_resnet

        return load_cp_resnet(_note_writer() if notes else None)
    raise EsprError(f"no audio encoder {name!r}; there is " + ", ".join(AUDIO_ENCODERS))


def _note_writer() -> NoteWriter:
    from espr.audio.midlevel.encoder import load_midlevel

    return load_midlevel()
