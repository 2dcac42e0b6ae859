"""Encoders by name for ``all``, and what a table says of those that the user lacks."""

from __future__ import annotations

from espr.audio.encoder import load_audio_encoder
from espr.errors import EsprError
from espr.evaluation.embedded_texts import is_table
from espr.text.encoder import load_text_encoder

TEXTS = ("emotion", "glove", "ewe")
AUDIOS = ("midlevel", "signal", "cp-resnet")

_NEEDS = {
    "emotion": "emotion: this version has no emotion-enriched word vectors",
    "ewe": "ewe: the published emotion-enriched vectors are not here; give them as "
    "--text ewe_uni.txt",
    "midlevel": "midlevel: this version has no trained mid-level network",
    "cp-resnet": "cp-resnet: the published mid-level network is not here",
}


def lacking(name: str, *, text: bool) -> str:
    """Why an encoder cannot take part, one sentence; empty when it can.

    Raises
    ------
    EsprError
        When it cannot be loaded and is none of those that a user may well lack.
    """
    if is_table(name):
        return ""
    try:
        if text:
            load_text_encoder(name)
        else:
            load_audio_encoder(name)
    except EsprError:
        if name not in _NEEDS:
            raise
        return _NEEDS[name]
    return ""
