"""Which words mean the same and which the opposite: WordNet's relations between words.

Synonyms share a synset, are a head adjective and its satellite ("similar to"), or an adverb and
the adjective that it is made of; antonyms are WordNet's own pairs, and a head's satellites
against the head on the other side (Miller's indirect antonyms). Taken are the first
``SENSES`` senses of a word, which WordNet orders by how often they are meant.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

SENSES = 3
_MARKER = re.compile(r"\([a-z]+\)$")  # of an adjective's position: "galore(ip)"
# These pairs are reported in the model card, as a check of the vectors: never an input.
CHECKED_PAIRS = frozenset(
    frozenset(pair.split("/"))
    for pair in (
        "happy/sad calm/nervous gentle/aggressive happy/joyful sad/melancholic shy/delicate "
        "tender/gentle"
    ).split()
)

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Synset:
    words: tuple[str, ...]
    pointers: tuple[tuple[str, str, int, int], ...]  # symbol, synset, from word, to word (0: all)


@dataclass(frozen=True, slots=True)
class Relations:
    """Pairs of words, each once, in alphabetical order."""

    synonyms: Pairs
    antonyms: Pairs


def read_relations(folder: Path, vocabulary: Collection[str]) -> Relations:
    """The pairs among ``vocabulary``; ``folder`` holds WordNet's ``data.*`` and ``index.*``."""
    synsets: dict[str, _Synset] = {}
    senses: dict[tuple[str, str], list[str]] = {}
    for part, letter in (("adj", "a"), ("adv", "r"), ("noun", "n"), ("verb", "v")):
        synsets.update(_read_synsets(folder / f"data.{part}", letter))
        for lemma, offsets in _read_senses(folder / f"index.{part}"):
            senses[letter, lemma] = [letter + offset for offset in offsets[:SENSES]]

    def meant(key: str) -> list[str]:
        words = (w.lower() for w in synsets[key].words)
        return [w for w in words if w in vocabulary and key in senses.get((key[0], w), ())]

    synonyms: set[frozenset[str]] = set()
    antonyms: set[frozenset[str]] = set()
    for key, synset in synsets.items():
        words = meant(key)
        synonyms |= _across(words, words)
        for symbol, other, source, target in synset.pointers:
            if symbol == "&" or (symbol == "\\" and key[0] == "r"):
                synonyms |= _across(words, meant(other))
            elif symbol == "!":
                left, right = synset.words[source - 1], synsets[other].words[target - 1]
                antonyms |= _across([left.lower()], [right.lower()], vocabulary)
                satellites = (o for s, o, *_ in synset.pointers if s == "&")
                for satellite in satellites:
                    antonyms |= _across(meant(satellite), [right.lower()], vocabulary)
    synonyms -= antonyms
    return Relations(_ordered(synonyms), _ordered(antonyms))


def _read_synsets(path: Path, letter: str) -> Iterable[tuple[str, _Synset]]:
    for line in path.read_text("utf-8").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split("|", 1)[0].split()
        count = int(fields[3], 16)
        words = tuple(_MARKER.sub("", fields[4 + 2 * k]) for k in range(count))
        at = 5 + 2 * count
        pointers = []
        for k in range(int(fields[at - 1])):
            symbol, offset, part, ends = fields[at + 4 * k : at + 4 * k + 4]
            # satellites are of part "s" and stand among the adjectives
            other = ("a" if part == "s" else part) + offset
            pointers.append((symbol, other, int(ends[:2], 16), int(ends[2:], 16)))
        yield letter + fields[0], _Synset(words, tuple(pointers))


def _read_senses(path: Path) -> Iterable[tuple[str, list[str]]]:
    for line in path.read_text("utf-8").splitlines():
        if not line.startswith(" "):
            fields = line.split()
            yield fields[0], fields[-int(fields[2]) :]


def _across(
    left: Iterable[str], right: Iterable[str], vocabulary: Collection[str] | None = None
) -> set[frozenset[str]]:
    return {
        frozenset((a, b))
        for a in left
        for b in right
        if a != b and (vocabulary is None or (a in vocabulary and b in vocabulary))
    }


def _ordered(pairs: Iterable[frozenset[str]]) -> Pairs:
    left_out = CHECKED_PAIRS
    return sorted((min(pair), max(pair)) for pair in pairs if pair not in left_out)
