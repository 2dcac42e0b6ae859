"""What systems share: every recording heard once, every description embedded once an encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from espr.audio.encoder import load_audio_encoder
from espr.errors import EsprError
from espr.evaluation.augmentation import Augmentation
from espr.evaluation.benchmark import Benchmark, Description, Performance
from espr.evaluation.further import Further, joined
from espr.evaluation.profiles import profiles
from espr.evaluation.systems import System
from espr.space import get_space
from espr.text.encoder import TextEncoder, WordVectorEncoder, load_text_encoder
from espr.text.tokens import Term
from espr.training.query_model import Corpus, embedded, make_corpus

Track = Callable[[Iterable[np.ndarray], int], Iterable[np.ndarray]]


class Encodings:
    """Encodes the performances and texts of a benchmark, and remembers them.

    Parameters
    ----------
    benchmark : Benchmark
    augmentations : mapping
        By the names that systems call them.
    track : callable
        Shows the progress of hearing; see :func:`espr.evaluation.profiles.profiles`.
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
        self._further: dict[tuple[str, str, str, str, bool], Further] = {}
        self._texts: dict[tuple[str, bool], TextEncoder] = {}
        self._corpora: dict[tuple[str, str, str, bool], Corpus] = {}

    def corpus(self, system: System) -> Corpus:
        """The corpus as the system's model takes it: plain word vectors for ``paper``."""
        key = (system.text, system.audio, system.space, system.model == "paper")
        if key not in self._corpora:
            self._corpora[key] = make_corpus(
                self._benchmark,
                self._text(system),
                load_audio_encoder(system.audio).id,
                get_space(system.space),
                self._heard(system.audio, "", self._benchmark.performances),
            )
        return self._corpora[key]

    def queries(
        self, system: System, wanted: Sequence[Description]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Embeddings, shape=(queries, dimension), zeros where no word is known, and targets."""
        text = self._text(system)
        rows = np.zeros((len(wanted), text.dimension))
        for row, description in zip(rows, wanted, strict=True):
            embedding = embedded(text, description)
            if embedding is not None:
                row[:] = embedding
        return rows, np.array([description.performance for description in wanted])

    def further(self, system: System) -> Further | None:
        """What augments the system, as numbers; None when nothing does."""
        if not system.augmentation:
            return None
        return joined(self._augmented(system, name) for name in system.augmentation)

    def _augmented(self, system: System, name: str) -> Further:
        key = (name, system.text, system.audio, system.space, system.model == "paper")
        if key not in self._further:
            added = self._augmentations[name]
            size = len(get_space(system.space))
            heard = self._heard(system.audio, name, added.performances)
            tested = self._heard(system.audio, "", self._benchmark.performances)
            # what sounds exactly like a recording of the benchmark is that recording
            known = set(map(bytes, tested))
            text = self._text(system)
            rows = [
                (embedding, description.performance)
                for description in added.descriptions
                if bytes(heard[description.performance]) not in known
                and (embedding := embedded(text, description)) is not None
            ]
            if not rows:
                raise EsprError(f"the augmentation {name!r} has no recording with a known word")
            used = np.unique([place for _, place in rows])
            performances = [added.performances[place] for place in used]
            self._further[key] = Further(
                profiles=heard[used, :size],
                sources=np.array([name] * len(used)),
                groups=np.array([f"{name}/{one.piece}" for one in performances]),
                works=np.array([one.work for one in performances]),
                embeddings=np.array([embedding for embedding, _ in rows]),
                described=np.searchsorted(used, [place for _, place in rows]),
            )
        return self._further[key]

    def _heard(self, audio: str, source: str, performances: Sequence[Performance]) -> np.ndarray:
        """Profiles, shape=(performances, d); the source of the benchmark's own is empty."""
        if (audio, source) not in self._profiles:
            files = [performance.audio for performance in performances]
            self._profiles[audio, source] = profiles(files, audio, track=self._track)
        return self._profiles[audio, source]

    def _text(self, system: System) -> TextEncoder:
        key = (system.text, system.model == "paper")
        if key not in self._texts:
            text = load_text_encoder(system.text)
            if key[1] and isinstance(text, WordVectorEncoder):
                text = _PlainWords(text.vectors)
            self._texts[key] = text
        return self._texts[key]


class _PlainWords(WordVectorEncoder):
    """Summed word vectors as they are published, the mean word not taken off (sec. 4.1)."""

    def embed_terms(self, terms: Sequence[Term]) -> np.ndarray:
        words = np.array([term.weight * len(term.words) for term in terms], np.float32)
        rows: np.ndarray = super().embed_terms(terms) + words[:, None] * self.vectors.mean
        return rows
