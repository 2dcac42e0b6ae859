"""A portrait of one performance: how it stands out from its piece, through time, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from espr.catalog.catalog import Catalog, Piece, Recording
from espr.catalog.sound import tuning_of
from espr.embeddings.encoder import TextEncoder
from espr.features import Space
from espr.paths import shipped_words
from espr.query_language.parser import Term
from espr.retrieval.explanation import heard_as, unlike_reference
from espr.retrieval.pedal import pedal_deviations
from espr.retrieval.performances import profiles_beside, windows_of
from espr.retrieval.query_model import QueryModel
from espr.retrieval.ranking import cosine
from espr.retrieval.results import DIGITS, named, piece_document

SCHEMA = "espr.show/1"
WORDS = 8  # named as nearest


@dataclass(frozen=True, slots=True)
class Portrait:
    """One performance as it was heard.

    Attributes
    ----------
    piece, performances
        The piece and how many distinct performances of it there are.
    profile : np.ndarray, shape=(d,)
        Deviation from the piece's mean, in standard deviations within a piece; from the
        reference set when the recording is the only one.
    times : np.ndarray, shape=(n, 2)
        Start and end of each window in seconds.
    features : np.ndarray, shape=(n, m)
        The windows, what was measured of them, in the encoder's own units.
    windows : np.ndarray, shape=(n, d)
        The windows as ``profile`` is.
    words : tuple of (str, float)
        Words of a pianist whose profile is nearest, with their cosines, the nearest first.
    unlike_reference : bool
        Whether it does not sound like the music that the words were learned on.
    tempo : float or None
        How many times as fast it is as the mean of the piece's performances, where that is known.
    tuning : int or None
        Cents above A = 440 Hz, -50 to 50, where that is known.
    pedal : np.ndarray or None, shape=(n,)
        How much pedal the windows have, as ``profile`` is; None where it is not known.
    taught : int
        How many descriptions of recordings the library was taught; 0 where the shipped h speaks.
    notes : tuple of str
        What a user should know of the words, one line each.
    """

    recording: Recording
    piece: Piece | None
    performances: int
    space: Space
    audio: str
    centring: str
    profile: np.ndarray
    times: np.ndarray
    features: np.ndarray
    windows: np.ndarray
    words: tuple[tuple[str, float], ...]
    unlike_reference: bool
    tempo: float | None
    tuning: int | None
    pedal: np.ndarray | None = None
    taught: int = 0
    notes: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """The portrait as ``espr show --json`` prints it."""
        source = self.recording
        return {
            "schema": SCHEMA,
            "space": self.space.name,
            "audio": self.audio.partition("/")[0],
            "encoders": {"audio": self.audio},
            "centring": self.centring,
            "taught": self.taught,
            "recording": source.path,
            "start": round(source.start, 3),
            "end": None if source.end is None else round(source.end, 3),
            "duration": round(source.duration, 3),
            "performer": source.performer,
            "title": source.title,
            "piece": piece_document(self.piece, self.performances),
            "profile": named(self.space, self.profile),
            "words": [{"word": word, "score": round(fit, DIGITS)} for word, fit in self.words],
            "unlike_reference": self.unlike_reference,
            "tempo": None if self.tempo is None else round(self.tempo, DIGITS),
            "tuning_cents": self.tuning,
            "pedal": None if self.pedal is None else round(float(self.pedal.mean()), DIGITS),
            "notes": list(self.notes),
            "windows": [
                {
                    "start": round(start, 3),
                    "end": round(end, 3),
                    "features": named(self.space.measured, row),
                    "pedal": None if pedal is None else round(pedal, DIGITS),
                }
                for (start, end), row, pedal in zip(
                    self.times.tolist(),
                    self.features,
                    [None] * len(self.times) if self.pedal is None else self.pedal.tolist(),
                    strict=True,
                )
            ],
        }


def portray(
    catalog: Catalog, words: TextEncoder, model: QueryModel, recording: Recording
) -> Portrait:
    """The portrait of a recording, seen from the other performances of its piece."""
    beside = profiles_beside(catalog, recording, model)
    alone = len(beside.recordings) == 1
    if alone:  # nothing to stand out from but the reference set
        beside = profiles_beside(catalog, recording, model, relative=False)
    heard = windows_of(catalog, recording, model)
    raw = heard.profile[None]
    profile = beside.deviations_of(recording, raw)[0]
    unlike = bool(unlike_reference(model, raw)[0])
    pedal = None if unlike else pedal_deviations(catalog, [recording], [heard], beside.recordings)
    return Portrait(
        recording=recording,
        piece=beside.piece,
        performances=len(beside.recordings),
        space=model.space,
        audio=model.audio,
        centring="none" if alone else model.centring,
        profile=profile,
        times=heard.times,
        features=heard.features[:, : len(model.space.measured)],
        windows=beside.deviations_of(recording, heard.features),
        words=nearest_words(profile, words, model),
        unlike_reference=unlike,
        tempo=beside.tempos.get(recording.id),
        tuning=tuning_of(catalog, recording.id),
        pedal=pedal[0] if pedal else None,
        taught=model.taught,
    )


def nearest_words(
    profile: np.ndarray, encoder: TextEncoder, model: QueryModel, count: int = WORDS
) -> tuple[tuple[str, float], ...]:
    """Words of a pianist whose profiles are nearest to ``profile``, shape=(d,), with cosines.

    Of each quality that stands out most (:func:`espr.retrieval.explanation.heard_as`), the nearest
    word that means it, too, is among them, so that they do not all say one thing.
    """
    words = dict.fromkeys((*model.own_words, *playing_words()))
    known = [word for word in words if word in encoder.vocabulary]
    terms = [Term(word, (word,), 1.0, known=True) for word in known]
    if not terms:
        return ()
    profiles = model.word_profiles(encoder.embed_terms(terms))
    fits = cosine(profile, profiles)
    nearest = [row for row in np.argsort(-fits, kind="stable").tolist() if fits[row] > 0]
    poles = {row: heard_as(model.space, profiles[row]) for row in nearest}
    meant = (
        next((row for row in nearest if pole in poles[row]), None)
        for pole in heard_as(model.space, profile)
    )
    chosen = dict.fromkeys((*(row for row in meant if row is not None), *nearest))
    rows = sorted([*chosen][:count], key=lambda row: -fits[row])
    return tuple((known[row], float(fits[row])) for row in rows)


def playing_words() -> list[str]:
    """What one says of a pianist's playing, one word each: our own list, by quality."""
    return shipped_words("playing_words")


def describing_words() -> list[str]:
    """What people say of music, one word each; chosen by ``training/describing_words.py``."""
    return shipped_words("describing_words")
