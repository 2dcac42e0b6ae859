"""A small library without audio: profiles that are known, queries whose answers are known.

Words are the poles of the features themselves: the embedding of "legato" is -1 on
articulation, and h is the identity, so a query's profile can be read off its words.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from espr import library as facade
from espr.alignment.comparison import Comparison
from espr.audio.encoder import Analysis, Windows
from espr.catalog.catalog import Catalog
from espr.catalog.models import ScannedFile
from espr.catalog.recordings import store_analysis
from espr.catalog.sound import store_comparisons
from espr.embeddings.encoder import WordVectorEncoder
from espr.embeddings.word_vectors import Vectors
from espr.features import AUDIO_SPACE, MIDLEVEL_PLUS, Space, get_space
from espr.library import Library
from espr.retrieval.query_model import QueryModel
from espr.works.tags import Tags

AUDIO = "signal/2"


def vector(space: Space = MIDLEVEL_PLUS, **features: float) -> np.ndarray:
    """A vector of the space, zero but for the features named."""
    values = np.zeros(len(space))
    for name, value in features.items():
        values[space.index(name)] = value
    return values


def pole_words(space: Space = MIDLEVEL_PLUS) -> WordVectorEncoder:
    """An encoder that knows the poles of the space: +1 or -1 on the feature they are of."""
    rows: dict[str, np.ndarray] = {}
    for index, feature in enumerate(space.features):
        for pole, sign in ((feature.low, -1.0), (feature.high, 1.0)):
            rows[pole] = sign * np.eye(len(space))[index]
    table = np.array(list(rows.values()), np.float32)
    return WordVectorEncoder(Vectors("glove", 1, list(rows), table, np.zeros(len(space))))


def identity_model(space: Space = MIDLEVEL_PLUS, centring: str = "piece") -> QueryModel:
    """h as the identity; features have mean 0 and standard deviation 1."""
    zeros, ones = np.zeros(len(space)), np.ones(len(space))
    return QueryModel(
        text="glove/1",
        audio=AUDIO,
        space=space,
        centring=centring,
        matrix=np.eye(len(space), len(MIDLEVEL_PLUS)),
        reference_mean=zeros,
        reference_std=ones,
        within_std=ones,
        kappa=1.0,
    )


class Builder:
    """Writes performances whose profiles are given into a library."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._catalog = Catalog.open(path, write=True)
        self._pieces: dict[str, int] = {}
        self._folder = path.parent

    def add(
        self,
        piece: str,
        performer: str,
        profile: np.ndarray,
        windows: Sequence[np.ndarray] | None = None,
        *,
        name: str | None = None,
        copy_of: int | None = None,
        title: str = "",
        span: tuple[float, float | None] = (0.0, None),
        tuning: float | None = None,
    ) -> int:
        """Store one performance; ``windows``: deviations from its profile, one a window.

        ``span``: seconds into the file, of a track of a one-file album; ``tuning``: cents, of one
        whose notes are stored, one of them.
        Of what is not measured in a recording, its tempo, nothing is stored.
        """
        profile = profile[: len(AUDIO_SPACE)]
        count = 12 if windows is None else len(windows)
        deviations = np.zeros((count, len(profile)))
        if windows is not None:
            deviations = np.array(windows)[:, : len(profile)]
        times = np.array([[5.0 * k, 5.0 * k + 15.0] for k in range(count)])
        heard = Windows(times, (profile + deviations).astype(np.float32), AUDIO_SPACE)
        path = os.path.join(self._folder, name or f"{piece}_{performer}.flac".replace(" ", "-"))
        if len(self._pieces) < 100:  # a query says which files are not there
            os.makedirs(os.path.dirname(path), exist_ok=True)
            open(path, "a").close()
        source = ScannedFile(path, *span, 1, 1)
        duration = float(times[-1, 1])
        notes = None if tuning is None else np.array([[0.0, 60.0]])
        hearing = Analysis(heard, duration, os.urandom(16).hex(), {}, notes, tuning)
        identity = store_analysis(self._catalog, source, Tags(), hearing, AUDIO)
        self._assign(identity, piece, performer, title or piece, copy_of)
        return identity

    def _assign(
        self, identity: int, piece: str, performer: str, title: str, copy_of: int | None
    ) -> None:
        with self._catalog.transaction() as connection:
            if piece not in self._pieces:
                cursor = connection.execute(
                    "INSERT INTO pieces (key, slug, title, composer, rule) VALUES (?, ?, ?, ?, ?)",
                    [f"name:{piece}", piece, title, "", "file-name"],
                )
                self._pieces[piece] = int(cursor.lastrowid or 0)
            connection.execute(
                "UPDATE recordings SET piece_id = ?, rule = ?, title = ?, performer = ?,"
                " duplicate_of = ? WHERE id = ?",
                [self._pieces[piece], "file-name", title, performer, copy_of, identity],
            )

    def compare(self, one: int, other: int, tempo: float | None, score: float = 0.5) -> None:
        """Store how many times as fast one performance was found to be as another."""
        stretch = (0.0, 60.0, 0.0, 60.0)
        found = Comparison(score, (stretch,), (1.0, 1.0), 100, 30, 0.7, tempo, 1.0)
        with self._catalog.transaction() as connection:
            store_comparisons(connection, one, {other: found})

    def close(self) -> None:
        self._catalog.close()

    def library(self, model: QueryModel | None = None) -> Library:
        """The library so far, opened for reading."""
        return Library(Catalog.open(self.path), pole_words(), model or identity_model())


MANNERS: Mapping[str, np.ndarray] = {
    "Arrau": vector(articulation=-2.0, loudness=-1.0, onset_density=-1.0),
    "Gould": vector(articulation=2.0, rhythm_stability=1.0, onset_density=1.0),
    "Hess": vector(loudness=2.0, attack=1.5, brightness=1.0),
    "Lipatti": vector(rhythm_stability=-2.0, dynamic_range=1.0),
}


def build(path: Path) -> Builder:
    """Two pieces, four performances each; the second piece is as a whole dense and bright."""
    builder = Builder(path)
    for piece, offset in (
        ("prelude", vector()),
        ("toccata", vector(onset_density=3.0, brightness=2.0)),
    ):
        for performer, manner in MANNERS.items():
            builder.add(piece, performer, offset + manner)
    return builder


def ask(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands take a library, 80 columns, and the poles of the features as their words."""
    monkeypatch.setenv("ESPR_LIBRARY", str(library))
    monkeypatch.setenv("COLUMNS", "80")
    understand_poles(monkeypatch)


def understand_poles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands take the poles of the features as their words, and each to mean its feature."""
    monkeypatch.setattr(facade, "load_text_encoder", lambda name: pole_words())
    monkeypatch.setattr(
        facade,
        "load_query_model",
        lambda text, audio, space, given: identity_model(get_space(space or "midlevel+")),
    )
