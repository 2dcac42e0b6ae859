"""Encoders by name for ``all``, and what a table says of those that the user lacks."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache

from espr.datasets.benchmark import Benchmark, Description, Performance
from espr.datasets.durations import seconds_of_performance
from espr.embeddings.encoder import NAMES as SHIPPED_TEXTS
from espr.embeddings.encoder import TextEncoder, WordVectorEncoder, load_text_encoder
from espr.encoders import load_audio_encoder
from espr.errors import EsprError
from espr.evaluation.embedded_texts import is_table
from espr.paths import ASSETS
from espr.published.joint_encoder import (
    is_tower,
    load_audio_tower,
    load_text_tower,
)
from espr.published.mtr import MTR, MTR_SECONDS
from espr.published.registry import PUBLISHED
from espr.published.store import find_installed

TEXTS = ("emotion", "glove", "ewe")
AUDIOS = ("midlevel", "signal", "cp-resnet")

_NEEDS = {
    "ewe": "ewe: the published emotion-enriched vectors are not here; they are published by "
    "Agrawal, An & Papagelis (COLING 2018): --text ewe_uni.txt",
}
_ADDABLE = {
    "cp-resnet": "the published mid-level network is not here",
    MTR: "the published text-audio model is not here",
}


def text_encoder(name: str) -> TextEncoder:
    """A text encoder; what is shipped is loaded once."""
    return _shipped(name) if name in SHIPPED_TEXTS else load_text_encoder(name)


_shipped = cache(load_text_encoder)


def lacking(name: str, *, text: bool) -> str:
    """Why an encoder cannot take part, one sentence; empty when it can.

    Raises
    ------
    EsprError
        When it cannot be loaded and is none of those that a user may well lack.
    """
    if is_table(name):
        return ""
    if name in _ADDABLE and find_installed(name) is None:
        model = PUBLISHED[name]
        return (
            f"{name}: {_ADDABLE[name]}; it is published {model.published} ({model.licence}): "
            f"espr models add {name} PATH, PATH being {model.file}"
        )
    if is_tower(name):
        try:
            (load_text_tower if text else load_audio_tower)(name)
        except EsprError as error:
            if name != MTR:
                raise
            return str(error)
        return ""
    try:
        if text:
            text_encoder(name)
        else:
            load_audio_encoder(name)
    except EsprError:
        if name not in _NEEDS:
            raise
        return _NEEDS[name]
    return ""


def has_words(text: str) -> bool:
    """Whether a text encoder, which is not lacking, has a vector for each word."""
    return (
        not is_table(text)
        and not is_tower(text)
        and isinstance(text_encoder(text), WordVectorEncoder)
    )


def leave_out_trained_works(
    benchmark: Benchmark, queries: Sequence[Description], audios: Sequence[str]
) -> tuple[tuple[Description, ...], list[str]]:
    """The queries for works that no encoder was trained on, and what was left out and why.

    A shipped encoder's card names the works of a benchmark that it was trained on
    (``trained_on``); it may know them better than any other music.
    """
    notes: list[str] = []
    trained: set[str] = set()
    for audio in audios:
        for work in trained_on(audio):
            asked = [q for q in queries if benchmark.performances[q.performance].work == work]
            if asked and work not in trained:
                notes.append(f"{len(asked)} queries for {work} left out: {audio} was trained on it")
            trained.add(work)
    kept = tuple(q for q in queries if benchmark.performances[q.performance].work not in trained)
    if not kept:
        raise EsprError("; ".join(notes) + "; nothing is left to ask")
    return kept, notes


def trained_on(audio: str) -> tuple[str, ...]:
    """The works that a shipped audio encoder was trained on, as its card names them."""
    card = ASSETS / f"{audio}.toml"
    if audio not in AUDIOS or not card.is_file():
        return ()
    return tuple(tomllib.loads(card.read_text(encoding="utf-8")).get("trained_on", ()))


def notes_on_length(audios: Iterable[str], performances: Iterable[Performance]) -> tuple[str, ...]:
    """What users should know of the lengths of recordings, a sentence each."""
    if MTR not in audios:
        return ()
    lengths = [seconds_of_performance(one) for one in performances]
    short = sum(length is not None and length < MTR_SECONDS for length in lengths)
    if not short:
        return ()
    return (
        f"mtr: {short} of {len(lengths)} recordings are shorter than {MTR_SECONDS} s and were "
        "padded with silence; the published code refuses them",
    )
