"""Texts as a sentence-transformers model embeds them, for ``--text FOLDER``.

Each term of a query is embedded as it was typed ("clear phrasing"), negation and degree taken off;
its row is weight × (embedding − mean), and the rows are summed, so that "not soft" is the opposite
of "soft" and a query's contributions add up. The mean is that of the embeddings of the shipped
``assets/describing_words.txt``, 337 words that people say of music: what every word has in common
says nothing about one. Every word of letters is taken for known: a tokenizer has pieces for all.

The id is the folder's name and the first letters of the SHA-256 over configuration and weights
(``all-MiniLM-L6-v2/3f2a51c09b7e``). Nothing is fetched, and no code in the folder is run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from espr.embeddings.sentence_folders import CLS, SentenceFolder, inspect_folder
from espr.errors import EsprError
from espr.paths import shipped_words
from espr.query_language.parser import Term, parse_query

_AT_ONCE = 64  # describing words; one by one the 337 take 6 s of a small model (6 x 384), not 2
_SHOWN = 120  # letters of another library's message


class AnyWord:
    """The vocabulary of a model that reads pieces of words: every word of letters."""

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and word.replace("-", "").replace("'", "").isalpha()

    phrases: Mapping[str, str] = MappingProxyType({})  # every phrase is embedded as it stands

    def suggest(self, word: str, n: int = 3) -> tuple[str, ...]:
        return ()


class SentenceEncoder:
    """A text encoder that sums the centred embeddings of the terms.

    Parameters
    ----------
    folder : SentenceFolder
    tokenizer, model
        As ``transformers`` loads them.
    """

    def __init__(self, folder: SentenceFolder, tokenizer: Any, model: Any) -> None:
        self._folder = folder
        self._tokenizer = tokenizer
        self._model = model
        self._embeddings: dict[str, np.ndarray] = {}
        self.name = folder.name
        self.id = f"{folder.name}/{folder.digest()}"
        self.dimension = int(model.config.hidden_size)
        self.vocabulary = AnyWord()
        self.notes: tuple[str, ...] = ()

    @cached_property
    def mean(self) -> np.ndarray:
        """The mean embedding of the describing words, shape=(dimension,), float32."""
        words = shipped_words("describing_words")
        parts = [words[at : at + _AT_ONCE] for at in range(0, len(words), _AT_ONCE)]
        mean: np.ndarray = np.concatenate([self.embeddings(part) for part in parts]).mean(axis=0)
        return mean

    def parse(self, text: str, *, exclude: Sequence[str] = ()) -> tuple[Term, ...]:
        return parse_query(text, self.vocabulary, exclude=exclude)

    def embed(self, text: str) -> np.ndarray:
        embedding: np.ndarray = self.embed_terms(self.parse(text)).sum(axis=0)
        return embedding

    def embed_terms(self, terms: Sequence[Term]) -> np.ndarray:
        rows = np.zeros((len(terms), self.dimension), dtype=np.float32)
        for row, term in zip(rows, terms, strict=True):
            if term.known:
                row[:] = np.float32(term.weight) * (self._embedding(term.text) - self.mean)
        return rows

    def _embedding(self, text: str) -> np.ndarray:
        if text not in self._embeddings:
            # by itself: padding beside other texts changes the last digits
            self._embeddings[text] = self.embeddings([text])[0]
        return self._embeddings[text]

    def embeddings(self, texts: Sequence[str]) -> np.ndarray:
        """As the model gives them, not centred, shape=(len(texts), dimension), float32.

        Raises
        ------
        EsprError
            When the model fails, or gives what is no number.
        """
        import torch

        try:
            with torch.inference_mode():
                pieces = self._tokenizer(
                    [self._folder.prompt + text for text in texts],
                    padding=True,
                    truncation=True,
                    max_length=self._folder.longest,
                    return_tensors="pt",
                )
                tokens = self._model(**pieces).last_hidden_state
                if self._folder.pooling == CLS:
                    pooled = tokens[:, 0]
                else:  # padding does not count
                    shares = pieces["attention_mask"].unsqueeze(-1).to(tokens.dtype)
                    pooled = (tokens * shares).sum(dim=1) / shares.sum(dim=1)
                if self._folder.normalised:
                    pooled = torch.nn.functional.normalize(pooled, dim=1)
                rows: np.ndarray = pooled.numpy()
        except Exception as error:  # whatever a stranger's model may raise
            raise EsprError(f"{self._folder.path} cannot embed words: {_brief(error)}") from error
        if not np.isfinite(rows).all():
            raise EsprError(f"{self._folder.path} gives embeddings that are no numbers (NaN)")
        return rows


def load_sentence_encoder(path: Path) -> SentenceEncoder:
    """The encoder of a sentence-transformers folder.

    Raises
    ------
    EsprError
        When the folder cannot be followed or is damaged, or ``transformers`` is not installed.
    """
    folder = inspect_folder(path)
    try:
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging
    except ImportError as error:
        raise EsprError(
            f"{path} is a sentence-transformers folder, which needs the extra 'sentences': "
            'pip install "espr[sentences]"'
        ) from error
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    offline = {"local_files_only": True, "trust_remote_code": False}
    place = str(folder.transformer.absolute())
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, **offline)
        model, loading = AutoModel.from_pretrained(
            place, use_safetensors=True, output_loading_info=True, **offline
        )
        model = model.float().eval()
        encoder = SentenceEncoder(folder, tokenizer, model)
    except Exception as error:  # tokenizers raises bare ones, safetensors its own
        raise EsprError(f"cannot load {path}: {_brief(error)}") from error
    # what is missing would be random; the pooler is not used
    missing = sorted(key for key in loading["missing_keys"] if not key.startswith("pooler."))
    if missing:
        raise EsprError(f"the weights of {path} lack {len(missing)} parts, first {missing[0]}")
    return encoder


def _brief(error: Exception) -> str:
    """The first line of another library's message."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0] if len(lines[0]) <= _SHOWN else lines[0][: _SHOWN - 1] + "…"
