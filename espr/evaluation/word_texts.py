"""Texts of a benchmark as summed words, read by ESPR's grammar or plainly.

``grammar`` is how `espr query` reads: phrases, negations, degrees, spelling. ``plain`` is the
paper's (sec. 4.1): words between commas, blanks, ``_`` and ``-``, in lower case, the vectors of the
known ones summed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

from espr.datasets.benchmark import Benchmark, Description
from espr.embeddings.encoder import TextEncoder, WordVectorEncoder
from espr.embeddings.word_vectors import Vectors
from espr.errors import EsprError
from espr.evaluation.expression_terms import expression_terms
from espr.evaluation.text_cache import TermCache, TextCache, Track, do_not_track
from espr.features import Space
from espr.retrieval.amounts import Amounts, between_opposites, query_amounts
from espr.retrieval.query_model import QueryModel
from espr.retrieval.query_profile import query_parts

GRAMMAR, PLAIN = "grammar", "plain"
READINGS = (PLAIN, GRAMMAR)

_BETWEEN_WORDS = re.compile(r"[,\s_-]+")


def plain_words(text: str) -> list[str]:
    """The words of a text, as the paper splits them.

    >>> plain_words("Clear_phrasing, well-shaped")
    ['clear', 'phrasing', 'well', 'shaped']
    """
    return [word for word in _BETWEEN_WORDS.split(text.lower()) if word]


class WordTexts:
    """Embeddings of descriptions: the sum of their terms', each embedded once.

    Parameters
    ----------
    encoder : TextEncoder
    benchmark : Benchmark
    reading : str
        ``grammar`` or, for word vectors, ``plain``.
    centred : bool
        Each word minus the mean word, as h takes them; else the vectors as they are published.
        Of other encoders than word vectors there is the encoder's own alone.
    kept : bool
        Whether embeddings are kept on disk.
    terms : TermCache, optional
        Terms of whole queries; by default the encoder's own.
    track : callable
        Shows the progress of embedding.
    """

    def __init__(
        self,
        encoder: TextEncoder,
        benchmark: Benchmark,
        reading: str = GRAMMAR,
        *,
        centred: bool = True,
        kept: bool = True,
        terms: TermCache | None = None,
        track: Track = do_not_track,
    ) -> None:
        way = reading
        if not centred and isinstance(encoder, WordVectorEncoder):
            encoder = WordVectorEncoder(_PublishedVectors(encoder.vectors))
            way += "-published"
        self._encoder = encoder
        self._benchmark = benchmark
        self._reading = reading
        self._track = track
        self._embedded: dict[Description, np.ndarray | None] = {}
        self._cache = TextCache(encoder.id, way, encoder.dimension, kept=kept)
        self._terms = TermCache(encoder) if terms is None else terms
        self.learn(benchmark.descriptions)

    @property
    def id(self) -> str:
        return self._encoder.id

    @property
    def dimension(self) -> int:
        return self._encoder.dimension

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know of the encoder's file, one line each."""
        return self._encoder.notes

    def parse(self, queries: Iterable[Description]) -> None:
        """Read queries, all at once, as :meth:`read` needs them."""
        self._terms.add(query.text for query in queries if self._is_read_whole(query))

    def learn(self, descriptions: Iterable[Description]) -> None:
        """Embed the terms of descriptions, all at once."""
        terms = (term for description in descriptions for term, _ in description.terms)
        self._cache.add(terms, self._rows, self._track)

    def embed(self, description: Description) -> np.ndarray | None:
        """The summed embedding, shape=(dimension,); None when no word is known."""
        if description not in self._embedded:
            rows = [weight * self._cache[term] for term, weight in description.terms]
            summed = np.sum(rows, axis=0)
            self._embedded[description] = summed if summed.any() else None
        return self._embedded[description]

    def read(self, description: Description, h: QueryModel) -> tuple[np.ndarray, Amounts] | None:
        """A query's profile, shape=(d,), and its amounts, as `espr query` reads it for ``h``.

        None for the plain reading, for ratings, and when no word is known.
        """
        if not self._is_read_whole(description):
            return None
        read = self._terms[description.text]
        if not read:
            return None
        terms, parts = between_opposites(read, query_parts(h, self._encoder, read))
        return parts.sum(axis=0), query_amounts(terms, parts)

    def _is_read_whole(self, description: Description) -> bool:
        is_plain = all(weight == 1.0 for _, weight in description.terms)
        return self._reading == GRAMMAR and is_plain

    def training(self, *, whole: bool) -> tuple[np.ndarray, np.ndarray]:
        """Embeddings of the answers with a known word, and their performances.

        Parameters
        ----------
        whole : bool
            Makes no difference: a whole description is the sum of its answers.
        """
        found = [(self.embed(one), one.performance) for one in self._benchmark.descriptions]
        known = [(row, performance) for row, performance in found if row is not None]
        rows = np.array([row for row, _ in known]).reshape(-1, self.dimension)
        return rows, np.array([performance for _, performance in known], int)

    def expression_terms(self, space: Space) -> tuple[np.ndarray, np.ndarray]:
        """Known expression terms: embeddings, shape=(n, dimension), and targets, shape=(n, d)."""
        known = [
            (term, target)
            for term, target in expression_terms(space)
            if term in self._encoder.vocabulary
        ]
        self._cache.add((term for term, _ in known), self._rows, self._track)
        rows = np.array([self._cache[term] for term, _ in known]).reshape(-1, self.dimension)
        targets = np.array([target for _, target in known]).reshape(-1, len(space))
        return rows, targets

    def _rows(self, texts: list[str]) -> Iterator[np.ndarray]:
        read = self._read_plainly if self._reading == PLAIN else self._read_by_grammar
        return map(read, texts)

    def _read_plainly(self, text: str) -> np.ndarray:
        if not isinstance(self._encoder, WordVectorEncoder):
            raise EsprError("--reading plain needs word vectors")
        vectors = self._encoder.vectors
        row = np.zeros(self.dimension, np.float32)
        for word in plain_words(text):
            if word in vectors:
                row += vectors.vector(word)
        return row

    def _read_by_grammar(self, text: str) -> np.ndarray:
        try:
            return self._encoder.embed(text)
        except EsprError:  # no word is known
            return np.zeros(self.dimension, np.float32)


class _PublishedVectors(Vectors):
    """Vectors as they were published: each word's own, the mean word not taken off."""

    def __init__(self, centred: Vectors) -> None:
        self.__dict__.update(centred.__dict__)

    def vector(self, word: str) -> np.ndarray:
        published: np.ndarray = super().vector(word) + self.mean
        return published
