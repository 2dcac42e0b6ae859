"""What systems share: every recording encoded once, every text embedded once an encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from espr.datasets.benchmark import Benchmark, Description, Performance
from espr.datasets.described_recordings import Augmentation
from espr.errors import EsprError
from espr.evaluation.augmentation_rows import AugmentationRows, join_rows
from espr.evaluation.corpus import Corpus
from espr.evaluation.embedded_texts import (
    EmbeddedTexts,
    embedded_recordings,
    is_embedded,
    is_table,
)
from espr.evaluation.encoders import text_encoder
from espr.evaluation.feature_cache import id_of, profiles
from espr.evaluation.joint_texts import TowerTexts
from espr.evaluation.piece_tempos import piece_tempos
from espr.evaluation.system import UNNAMED, ZERO_SHOT, Read, System
from espr.evaluation.text_cache import Track, do_not_track
from espr.evaluation.word_texts import GRAMMAR, WordTexts
from espr.features import TEMPO, Feature, Space, get_space
from espr.published.joint_encoder import is_tower
from espr.retrieval.tempo import join_tempo

Texts = WordTexts | EmbeddedTexts | TowerTexts


class Encodings:
    """Encodes the performances and texts of a benchmark, and remembers them.

    Parameters
    ----------
    benchmark : Benchmark
    augmentations : mapping
        By the names that systems call them.
    track : callable
        Shows the progress: given rows, how many there will be and what is done, gives the rows.
    """

    def __init__(
        self,
        benchmark: Benchmark,
        augmentations: Mapping[str, Augmentation] | None = None,
        track: Track = do_not_track,
    ) -> None:
        self._benchmark = benchmark
        self._augmentations = augmentations or {}
        self._track = track
        self._profiles: dict[tuple[str, str], np.ndarray] = {}
        self._tempos: dict[str, dict[int, float]] = {}
        self._augmentation_rows: dict[tuple[str, ...], AugmentationRows] = {}
        self._texts: dict[tuple[str, str, bool], Texts] = {}
        self._corpora: dict[tuple[str, ...], Corpus] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What users should know of vectors and augmentations, one line each."""
        of_texts = [text.notes for text in self._texts.values() if isinstance(text, WordTexts)]
        found = dict.fromkeys(note for notes in of_texts for note in notes)
        for (name, *_), rows in self._augmentation_rows.items():
            added = self._augmentations[name]
            count = f"{name}: {len(rows.profiles)} of {len(added.performances)} recordings used"
            found |= dict.fromkeys((f"{count}, {len(rows.embeddings)} texts", *added.notes))
        return tuple(found)

    def corpus(self, system: System) -> Corpus:
        """The corpus as the system's model takes it: vectors as published for ``paper``."""
        key: tuple[str, ...] = (system.text, system.audio, system.space, system.model)
        key += (system.reading, *system.without)
        if key not in self._corpora:
            self._corpora[key] = self._corpus(system)
        return self._corpora[key]

    def _corpus(self, system: System) -> Corpus:
        space, found = self._profiles_of(system, "", self._benchmark.performances)
        text = self._text(system)
        answers, described = np.zeros((0, text.dimension)), np.zeros(0, int)
        if system.model != ZERO_SHOT:
            answers, described = text.training(whole=system.model == "paper")
        terms, targets = np.zeros((0, text.dimension)), np.zeros((0, len(space)))
        # the expression terms' cues are named features: of unnamed ones they say nothing
        is_named = space.name != UNNAMED
        if system.model == "best" and isinstance(text, WordTexts) and is_named:
            terms, targets = text.expression_terms(space)
        performances = self._benchmark.performances
        return Corpus(
            text=text.id if isinstance(text, WordTexts) else system.text,
            audio=system.audio if is_table(system.audio) else id_of(system.audio),
            space=space,
            profiles=found,
            pieces=np.array([performance.piece for performance in performances]),
            works=np.array([performance.work for performance in performances]),
            answers=answers,
            described=described,
            terms=terms,
            term_targets=targets,
        )

    def queries(
        self, system: System, wanted: Sequence[Description]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Embeddings, shape=(queries, dimension), zeros where no word is known, and targets."""
        text = self._text(system)
        rows = np.zeros((len(wanted), text.dimension))
        for row, description in zip(rows, wanted, strict=True):
            embedding = text.embed(description)
            if embedding is not None:
                row[:] = embedding
        return rows, np.array([description.performance for description in wanted])

    def reader(self, system: System, wanted: Sequence[Description]) -> Read:
        """How `espr query` reads the queries, for :func:`espr.evaluation.system.evaluate`."""
        text = self._text(system)
        if system.model != "best" or not isinstance(text, WordTexts):
            return lambda _h, _query: None
        text.parse(wanted)
        return lambda h, query: text.read(wanted[query], h)

    def embed(self, system: System, texts: Sequence[Description]) -> list[np.ndarray]:
        """Embeddings of texts of the user's own, each shape=(dimension,).

        Raises
        ------
        EsprError
            When no word of one is known.
        """
        text = self._text(system)
        if isinstance(text, WordTexts):
            text.learn(texts)
        found = []
        for one in texts:
            embedding = text.embed(one)
            if embedding is None:
                raise EsprError(f"no word of the query is known: {one.text!r}")
            found.append(embedding)
        return found

    def augmentation(self, system: System) -> AugmentationRows | None:
        """What augments the system, as numbers; None when nothing does."""
        if not system.augmentation:
            return None
        return join_rows(self._augmented(system, name) for name in system.augmentation)

    def _augmented(self, system: System, name: str) -> AugmentationRows:
        reading = f"{system.model == 'paper'} {system.reading}"
        key = (name, system.text, system.audio, system.space, reading, *system.without)
        if key not in self._augmentation_rows:
            added = self._augmentations[name]
            _, found = self._profiles_of(system, name, added.performances)
            analysed = self._analysed(system.audio, name, added.performances)
            tested = self._analysed(system.audio, "", self._benchmark.performances)
            # what sounds exactly like a recording of the benchmark is that recording
            known = set(map(bytes, tested))
            text = self._text(system)
            if isinstance(text, WordTexts):
                text.learn(added.descriptions)
            rows = [
                (embedding, description.performance)
                for description in added.descriptions
                if bytes(analysed[description.performance]) not in known
                and (embedding := text.embed(description)) is not None
            ]
            if not rows:
                raise EsprError(f"the augmentation {name!r} has no recording with a known word")
            used = np.unique([place for _, place in rows])
            performances = [added.performances[place] for place in used]
            self._augmentation_rows[key] = AugmentationRows(
                profiles=found[used],
                sources=np.array([name] * len(used)),
                groups=np.array([f"{name}/{one.piece}" for one in performances]),
                works=np.array([one.work for one in performances]),
                embeddings=np.array([embedding for embedding, _ in rows]),
                described=np.searchsorted(used, [place for _, place in rows]),
            )
        return self._augmentation_rows[key]

    def _profiles_of(
        self, system: System, source: str, performances: Sequence[Performance]
    ) -> tuple[Space, np.ndarray]:
        """The system's space, and profiles in it, shape=(performances, d)."""
        found = self._analysed(system.audio, source, performances)
        whole = _space(system, found)
        if TEMPO in whole.features and TEMPO.name not in system.without:
            if source not in self._tempos:
                self._tempos[source] = piece_tempos(performances, self._track)
            found = join_tempo(whole, found, range(len(performances)), self._tempos[source])
        space = whole.without(system.without)
        return space, found[:, [whole.names.index(name) for name in space.names]]

    def _analysed(self, audio: str, source: str, performances: Sequence[Performance]) -> np.ndarray:
        """Profiles, shape=(performances, d); the source of the benchmark's own is empty."""
        if (audio, source) not in self._profiles and is_table(audio):
            self._profiles[audio, source] = embedded_recordings(audio, performances)
        if (audio, source) not in self._profiles:
            self._profiles[audio, source] = profiles(performances, audio, track=self._track)
        return self._profiles[audio, source]

    def _text(self, system: System) -> Texts:
        if is_embedded(system.text):
            key = (system.text, "", False)
        else:
            key = (system.text, system.reading or GRAMMAR, system.model != "paper")
        if key not in self._texts:
            self._texts[key] = self._load_text(*key)
        return self._texts[key]

    def _load_text(self, name: str, reading: str, centred: bool) -> Texts:
        if is_table(name):
            return EmbeddedTexts(name, self._benchmark)
        if is_tower(name):
            return TowerTexts(name, self._benchmark, self._track)
        encoder = text_encoder(name)
        return WordTexts(encoder, self._benchmark, reading, centred=centred, track=self._track)


def _space(system: System, found: np.ndarray) -> Space:
    """The system's space; that of embeddings made elsewhere has no names for its features."""
    if system.space != UNNAMED:
        return get_space(system.space)
    features = (Feature(f"dimension {n + 1}", "less", "more", "") for n in range(found.shape[1]))
    return Space(UNNAMED, tuple(features))
