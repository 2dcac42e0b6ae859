"""Which words belong together and which apart: WordNet's synonyms and antonyms, and the lexicon.

WordNet (Fellbaum 1998): adjectives and adverbs of one synset attract each other, a satellite
and its head adjective ("similar to") too; antonyms repel each other, and so do an adjective's
satellites and its antonym (indirect antonyms: "brisk" is near "fast", so it is apart from "slow").
An English term of the lexicon and each word of its gloss attract each other.

The words of ``NAMED_PAIRS``, by which the model card judges the vectors, stand in no constraint.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, field
from pathlib import Path

from espr.query_language.score_terms import CHECKED, Entry

NAMED_PAIRS = (
    ("happy", "sad"),
    ("calm", "nervous"),
    ("gentle", "aggressive"),
    ("happy", "joyful"),
    ("sad", "melancholic"),
    ("shy", "delicate"),
    ("tender", "gentle"),
)
Pair = tuple[str, str]


@dataclass
class Constraints:
    """Pairs of words in alphabetical order; ``glosses`` maps a term to words of its gloss."""

    synonyms: set[Pair] = field(default_factory=set)
    similar: set[Pair] = field(default_factory=set)
    antonyms: set[Pair] = field(default_factory=set)
    indirect: set[Pair] = field(default_factory=set)
    glosses: set[Pair] = field(default_factory=set)

    def without(self, words: Container[str]) -> Constraints:
        """Those that hold none of ``words``."""
        return Constraints(
            *(
                {pair for pair in pairs if pair[0] not in words and pair[1] not in words}
                for pairs in (
                    self.synonyms,
                    self.similar,
                    self.antonyms,
                    self.indirect,
                    self.glosses,
                )
            )
        )


@dataclass(frozen=True)
class _Synset:
    words: tuple[str, ...]
    similar: tuple[str, ...]
    antonyms: tuple[tuple[int, str, int], ...]  # own word, other synset, its word


def _synsets(path: Path) -> dict[str, _Synset]:
    """The synsets of a part of speech by offset; the format is wndb(5WN)."""
    found = {}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split("|", 1)[0].split()
        count = int(fields[3], 16)
        words = tuple(
            re.sub(r"\([a-z]+\)$", "", fields[4 + 2 * k]).replace("_", " ").lower()
            for k in range(count)
        )
        at = 5 + 2 * count
        similar, antonyms = [], []
        for k in range(int(fields[at - 1])):
            symbol, offset, part, ends = fields[at + 4 * k : at + 4 * k + 4]
            if symbol == "&":
                similar.append(offset)
            elif symbol == "!" and part in "asrnv":
                antonyms.append((int(ends[:2], 16) - 1, offset, int(ends[2:], 16) - 1))
        found[fields[0]] = _Synset(words, tuple(similar), tuple(antonyms))
    return found


def read_constraints(
    wordnet: Path, lexicon: list[Entry], vocabulary: Container[str]
) -> Constraints:
    """The constraints among words of the vocabulary; ``wordnet`` is the folder of ``data.*``."""
    found = Constraints()

    def add(pairs: set[Pair], a: str, b: str) -> None:
        if a != b and a in vocabulary and b in vocabulary and not {a, b} & CHECKED:
            pairs.add((min(a, b), max(a, b)))

    for part in ("adj", "adv", "noun", "verb"):
        synsets = _synsets(wordnet / f"data.{part}")
        for synset in synsets.values():
            if part in ("adj", "adv"):
                for i, word in enumerate(synset.words):
                    for other in synset.words[:i]:
                        add(found.synonyms, word, other)
                # the head's first word stands for the synset: the later ones are rarer senses
                for offset in synset.similar:
                    for other in synsets[offset].words[:1]:
                        for word in synset.words:
                            add(found.similar, word, other)
            for own, offset, at in synset.antonyms:
                opposite = synsets[offset].words[at]
                add(found.antonyms, synset.words[own], opposite)
                for near in synset.similar:
                    for word in synsets[near].words:
                        add(found.indirect, word, opposite)
    for entry in lexicon:
        if not entry.is_english:
            continue
        for word in entry.meanings:
            add(found.glosses, entry.key, word)
    # a word may be the like of another in one sense and its opposite in another
    opposed = found.antonyms | found.indirect
    found.synonyms -= opposed
    found.similar -= opposed | found.synonyms
    found.glosses -= found.antonyms
    return found
