"""What systems share: every recording heard once, every description embedded once an encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from espr.datasets.benchmark import Benchmark, Description, Performance
from espr.datasets.described_recordings import Augmentation
from espr.embeddings.encoder import TextEncoder, WordVectorEncoder, load_text_encoder
from espr.errors import EsprError
from espr.evaluation.augmentation_rows import AugmentationRows, join_rows
from espr.evaluation.corpus import Corpus, embed_description, make_corpus
from espr.evaluation.embedded_texts import (
    EmbeddedTexts,
    embedded_recordings,
    is_embedded,
    is_table,
)
from espr.evaluation.feature_cache import id_of, profiles
from espr.evaluation.joint_texts import TowerTexts
from espr.evaluation.system import UNNAMED, ZERO_SHOT, System
from espr.features import Feature, Space, get_space
from espr.published.joint_encoder import is_tower
from espr.query_language.parser import Term

Texts = TextEncoder | EmbeddedTexts | TowerTexts
Track = Callable[[Iterable[np.ndarray], int], Iterable[np.ndarray]]


class Encodings:
    """Encodes the performances and texts of a benchmark, and remembers them.

    Parameters
    ----------
    benchmark : Benchmark
    augmentations : mapping
        By the names that systems call them.
    track : callable
        Shows the progress of hearing; see :func:`espr.evaluation.feature_cache.profiles`.
    """

    def __init__(
        self,
        benchmark: Benchmark,
        augmentations: Mapping[str, Augmentation] | None = None,
        track: Track = lambda rows, _: rows,
    ) -> None:
        self._benchmark = benchmark
        self._augmentations = augmentations or {}
        self._track = track
        self._profiles: dict[tuple[str, str], np.ndarray] = {}
        self._augmentation_rows: dict[tuple[str, str, str, str, bool], AugmentationRows] = {}
        self._texts: dict[tuple[str, bool], Texts] = {}
        self._corpora: dict[tuple[str, str, str, str], Corpus] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What the files of the word vectors lost when they were read, one line each."""
        told = [text.notes for text in self._texts.values() if isinstance(text, WordVectorEncoder)]
        return tuple(dict.fromkeys(note for notes in told for note in notes))

    def corpus(self, system: System) -> Corpus:
        """The corpus as the system's model takes it: plain word vectors for ``paper``."""
        key = (system.text, system.audio, system.space, system.model)
        if key not in self._corpora:
            heard = self._heard(system.audio, "", self._benchmark.performances)
            self._corpora[key] = self._corpus(system, heard)
        return self._corpora[key]

    def _corpus(self, system: System, heard: np.ndarray) -> Corpus:
        space = _space(system, heard)
        audio = system.audio if is_table(system.audio) else id_of(system.audio)
        text = self._text(system)
        performances = self._benchmark.performances
        if isinstance(text, EmbeddedTexts | TowerTexts):
            answers, described = np.zeros((0, text.dimension)), np.zeros(0, int)
            if system.model != ZERO_SHOT:
                answers, described = text.training(whole=system.model == "paper")
            return Corpus(
                text=system.text,
                audio=audio,
                space=space,
                profiles=heard[:, : len(space)],
                pieces=np.array([performance.piece for performance in performances]),
                works=np.array([performance.work for performance in performances]),
                answers=answers,
                described=described,
                terms=np.zeros((0, text.dimension)),
                term_targets=np.zeros((0, len(space))),
            )
        if not is_embedded(system.audio):
            return make_corpus(self._benchmark, text, audio, space, heard)
        # the expression terms' cues are named features: of unnamed ones they say nothing
        named = make_corpus(self._benchmark, text, audio, get_space("midlevel"), heard)
        nothing = np.zeros((0, text.dimension)), np.zeros((0, len(space)))
        return replace(
            named, space=space, profiles=heard, terms=nothing[0], term_targets=nothing[1]
        )

    def queries(
        self, system: System, wanted: Sequence[Description]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Embeddings, shape=(queries, dimension), zeros where no word is known, and targets."""
        text = self._text(system)
        rows = np.zeros((len(wanted), text.dimension))
        for row, description in zip(rows, wanted, strict=True):
            embedding = _embedding(text, description)
            if embedding is not None:
                row[:] = embedding
        return rows, np.array([description.performance for description in wanted])

    def augmentation(self, system: System) -> AugmentationRows | None:
        """What augments the system, as numbers; None when nothing does."""
        if not system.augmentation:
            return None
        return join_rows(self._augmented(system, name) for name in system.augmentation)

    def _augmented(self, system: System, name: str) -> AugmentationRows:
        key = (name, system.text, system.audio, system.space, system.model == "paper")
        if key not in self._augmentation_rows:
            added = self._augmentations[name]
            heard = self._heard(system.audio, name, added.performances)
            size = len(_space(system, heard))
            tested = self._heard(system.audio, "", self._benchmark.performances)
            # what sounds exactly like a recording of the benchmark is that recording
            known = set(map(bytes, tested))
            text = self._text(system)
            rows = [
                (embedding, description.performance)
                for description in added.descriptions
                if bytes(heard[description.performance]) not in known
                and (embedding := _embedding(text, description)) is not None
            ]
            if not rows:
                raise EsprError(f"the augmentation {name!r} has no recording with a known word")
            used = np.unique([place for _, place in rows])
            performances = [added.performances[place] for place in used]
            self._augmentation_rows[key] = AugmentationRows(
                profiles=heard[used, :size],
                sources=np.array([name] * len(used)),
                groups=np.array([f"{name}/{one.piece}" for one in performances]),
                works=np.array([one.work for one in performances]),
                embeddings=np.array([embedding for embedding, _ in rows]),
                described=np.searchsorted(used, [place for _, place in rows]),
            )
        return self._augmentation_rows[key]

    def _heard(self, audio: str, source: str, performances: Sequence[Performance]) -> np.ndarray:
        """Profiles, shape=(performances, d); the source of the benchmark's own is empty."""
        if (audio, source) not in self._profiles and is_table(audio):
            self._profiles[audio, source] = embedded_recordings(audio, performances)
        if (audio, source) not in self._profiles:
            self._profiles[audio, source] = profiles(performances, audio, track=self._track)
        return self._profiles[audio, source]

    def _text(self, system: System) -> Texts:
        key = (system.text, system.model == "paper" and not is_embedded(system.text))
        if key not in self._texts:
            text: Texts
            if is_table(system.text):
                text = EmbeddedTexts(system.text, self._benchmark)
            elif is_tower(system.text):
                text = TowerTexts(system.text, self._benchmark)
            else:
                text = load_text_encoder(system.text)
            if key[1] and isinstance(text, WordVectorEncoder):
                text = _PlainWords(text.vectors)
            self._texts[key] = text
        return self._texts[key]


def _embedding(text: Texts, description: Description) -> np.ndarray | None:
    if isinstance(text, EmbeddedTexts | TowerTexts):
        return text.embed(description)
    return embed_description(text, description)


def _space(system: System, heard: np.ndarray) -> Space:
    """The system's space; that of embeddings made elsewhere has no names for its features."""
    if system.space != UNNAMED:
        return get_space(system.space)
    features = (Feature(f"dimension {n + 1}", "less", "more", "") for n in range(heard.shape[1]))
    return Space(UNNAMED, tuple(features))


class _PlainWords(WordVectorEncoder):
    """Summed word vectors as they are published, the mean word not taken off (sec. 4.1)."""

    def embed_terms(self, terms: Sequence[Term]) -> np.ndarray:
        words = np.array([term.weight * len(term.words) for term in terms], np.float32)
        rows: np.ndarray = super().embed_terms(terms) + words[:, None] * self.vectors.mean
        return rows
