"""The words that get a vector, and which of them describe."""

from __future__ import annotations

from pathlib import Path

from espr.text.embeddings import Vectors
from espr.text.lexicon import Entry
from espr.training.vocabulary import (
    GOEMOTIONS_TIMES,
    MUSICCAPS_TIMES,
    WordNet,
    frequent,
    read_goemotions,
    read_musiccaps,
)


def vocabulary(glove: Vectors, lexicon: list[Entry]) -> list[str]:
    """The words of ``glove``, the most frequent first, then the lexicon's other terms."""
    return [*glove.words, *(entry.key for entry in lexicon if entry.key not in glove)]


def describing(words: list[str], lexicon: list[Entry], wordnet: WordNet, texts: Path) -> list[str]:
    """Those that describe: adjectives, adverbs, the lexicon's, and what people say of music.

    Participles are among them where WordNet has them as adjectives; ``texts`` is the folder of MusicCaps
    and GoEmotions.
    """
    said = frequent(read_musiccaps(texts), MUSICCAPS_TIMES)
    said |= frequent(read_goemotions(texts), GOEMOTIONS_TIMES)
    said |= {entry.key for entry in lexicon} | {word for entry in lexicon for word in entry.gloss}
    return [word for word in words if word in said or wordnet.describes(word)]
