"""Text encoders: words in, one vector out.

The embedding of a query is the sum over its words of weight × centred word vector
(Chowdhury & Widmer 2023, §4.1: summed vectors; centred so that h needs no intercept).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from espr.errors import EsprError

if TYPE_CHECKING:
    import numpy as np

    from espr.embeddings.word_vectors import Vectors
    from espr.query_language.parser import Term
    from espr.query_language.word_lookup import Vocabulary

NAMES = ("emotion", "glove")
DEFAULT_TEXT = "emotion"


class TextEncoder(Protocol):
    """What every text encoder offers."""

    @property
    def name(self) -> str:
        """The name on the command line, e.g. ``glove``."""

    @property
    def id(self) -> str:
        """Name and version, e.g. ``glove/1``: h belongs to one id."""

    @property
    def dimension(self) -> int: ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know of the file it comes from, one line each."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The words it knows, for :func:`espr.query_language.parser.parse_query`."""

    def parse(self, text: str, *, exclude: Sequence[str] = ()) -> tuple[Term, ...]:
        """The weighted terms of a query; ``exclude`` is what it should not be.

        Raises
        ------
        EsprError
            When no word is known; the message names suggestions.
        """

    def embed(self, text: str) -> np.ndarray:
        """The embedding of a query, shape=(dimension,), float32; raises as ``parse`` does."""

    def embed_terms(self, terms: Sequence[Term]) -> np.ndarray:
        """One row a term, shape=(len(terms), dimension), float32; their sum is the embedding.

        A row holds the term's weight already; the row of an unknown term is zero.
        """


class WordVectorEncoder:
    """A text encoder that sums the centred vectors of the words."""

    def __init__(self, vectors: Vectors) -> None:
        self.vectors = vectors

    @property
    def name(self) -> str:
        return self.vectors.name

    @property
    def id(self) -> str:
        return self.vectors.id

    @property
    def dimension(self) -> int:
        return self.vectors.dimension

    @property
    def notes(self) -> tuple[str, ...]:
        return self.vectors.notes

    @property
    def vocabulary(self) -> Vectors:
        return self.vectors

    def with_words(self, own: Mapping[str, np.ndarray]) -> WordVectorEncoder:
        """The encoder that knows more words, each with its vector, shape=(dimension,)."""
        return WordVectorEncoder(self.vectors.with_words(own))

    def parse(self, text: str, *, exclude: Sequence[str] = ()) -> tuple[Term, ...]:
        # here, because a command's help wants no more of this module than DEFAULT_TEXT
        from espr.query_language.parser import parse_query

        return parse_query(text, self.vectors, exclude=exclude)

    def embed(self, text: str) -> np.ndarray:
        embedding: np.ndarray = self.embed_terms(self.parse(text)).sum(axis=0)
        return embedding

    def embed_terms(self, terms: Sequence[Term]) -> np.ndarray:
        import numpy as np

        rows = np.zeros((len(terms), self.dimension), dtype=np.float32)
        for row, term in zip(rows, terms, strict=True):
            for word in term.words:
                row += np.float32(term.weight) * self.vectors.vector(word)
        return rows


def load_text_encoder(name: str | os.PathLike[str] = DEFAULT_TEXT) -> TextEncoder:
    """The text encoder called ``name``, or of the word vectors or the model at that path.

    ``emotion`` and ``glove`` are shipped; ``ewe`` is the file ``ewe_uni.txt`` of Agrawal et al.
    where the user has put it; a path is any file in GloVe, word2vec or fastText ``.vec`` form, or
    gzip of it, or a sentence-transformers folder (with the extra ``sentences``).
    """
    name = os.fspath(name)
    if name in NAMES:
        from espr.embeddings.word_vectors import load_vectors

        return WordVectorEncoder(load_vectors(name))
    from espr.embeddings.user_vectors import EWE, find_vector_file, load_vector_file

    file = find_vector_file(name)
    if file is None:
        known = ", ".join((*NAMES, EWE))
        raise EsprError(f"no text encoder {name!r}; there is {known}, or give a path")
    if file.is_dir():
        from espr.embeddings.sentence_encoder import load_sentence_encoder

        return load_sentence_encoder(file)
    return WordVectorEncoder(load_vector_file(file))
