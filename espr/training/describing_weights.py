"""Measures how much each word of the vocabulary describes, for queries of whole sentences.

"slow" describes a performance, "disc" and "two" do not, but their vectors are as long. A weight
from 0 to 1 is the product of two:

1. by WordNet, the mean over a word's senses, each by how often it is met in tagged texts
   (``cntlist.rev``), of how much its class describes (``CLASSES``: adjectives and adverbs wholly,
   feelings wholly, movements mostly, things and times hardly; our own judgement, class by class);
2. by two corpora, what MusicCaps' descriptions of music say against what GoEmotions' comments say:
   with r the binary logarithm of the ratio of the shares of texts that hold the word, (r + 2) / 3,
   within 0.4 and 1; 1 for words that both say rarely. "good" is an adjective that everybody says
   of everything.

Terms of the lexicon, the describing words of ``espr show`` and the forms of both have 1.

Rebuild (sources as in :mod:`espr.training.vocabulary`; the same bytes every time)::

    python -m espr.training.describing_weights --wordnet wordnet/usr/share/wordnet \\
        --words ../shared/data/words
"""

from __future__ import annotations

import argparse
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from espr.paths import ASSETS, shipped_words
from espr.query_language.inflection import bases
from espr.query_language.score_terms import read_lexicon
from espr.training.vocabulary import (
    LEXICOGRAPHER_FILES,
    WordNet,
    read_goemotions,
    read_musiccaps,
)

CLASSES = {
    "adj.all": 1.0, "adv.all": 1.0, "adj.ppl": 1.0, "adj.pert": 0.5,
    "noun.feeling": 1.0, "noun.attribute": 0.8, "noun.motive": 0.7, "noun.state": 0.6,
    "noun.phenomenon": 0.4, "noun.act": 0.3, "noun.substance": 0.3, "noun.food": 0.2,
    "noun.animal": 0.2, "noun.person": 0.2, "noun.shape": 0.2, "noun.cognition": 0.2,
    "noun.communication": 0.15, "noun.artifact": 0.15, "noun.event": 0.15, "noun.object": 0.1,
    "noun.process": 0.2, "noun.plant": 0.1, "noun.body": 0.1, "noun.Tops": 0.1,
    "verb.emotion": 1.0, "verb.motion": 0.8, "verb.weather": 0.8, "verb.perception": 0.7,
    "verb.contact": 0.5, "verb.change": 0.5, "verb.body": 0.4, "verb.communication": 0.3,
    "verb.creation": 0.2, "verb.competition": 0.2, "verb.stative": 0.2, "verb.cognition": 0.1,
    "verb.social": 0.1, "verb.consumption": 0.1, "verb.possession": 0.05,
}  # fmt: skip
"""How much a class of WordNet describes, 0 to 1; a class that is not here does not."""
MET_AT_LEAST = 0.5  # times, for senses that the tagged texts lack
SAID = 30  # texts of both corpora, for a ratio to mean something
LEAST = 0.4  # of what the corpora leave of a weight

_SPOKEN = re.compile(r"[a-z]+(?:['’-][a-z]+)*")


def read_uses(wordnet: Path) -> dict[str, Counter[str]]:
    """How often each lemma is met in each class; lemmas that are never met are left out."""
    uses: dict[str, Counter[str]] = {}
    for line in (wordnet / "cntlist.rev").read_text("utf-8").splitlines():
        key, _, count = line.split()
        lemma, _, sense = key.partition("%")
        name = LEXICOGRAPHER_FILES[int(sense.split(":")[1])]
        uses.setdefault(lemma.replace("_", " "), Counter())[name] += int(count)
    return uses


def weight_of_classes(word: str, wordnet: WordNet, uses: dict[str, Counter[str]]) -> float:
    """How much a word describes by its classes, or by those of what it is a form of."""
    forms = [word] if word in wordnet.classes else [*wordnet.irregular.get(word, ()), *bases(word)]
    weighed = total = 0.0
    for form in forms:
        for name in wordnet.classes.get(form, ()):
            met = uses.get(form, Counter())[name] + MET_AT_LEAST
            weighed += met * CLASSES.get(name, 0.0)
            total += met
    return weighed / total if total else 0.0


def weight_of_corpora(describing: int, other: int, descriptions: int, comments: int) -> float:
    """The second factor, from the texts that hold a word among all texts of each corpus."""
    if describing + other < SAID:
        return 1.0
    ratio = ((describing + 0.5) / descriptions) / ((other + 0.5) / comments)
    return min(1.0, max(LEAST, (math.log2(ratio) + 2.0) / 3.0))


def measure_weights(
    words: Iterable[str],
    wordnet: WordNet,
    uses: dict[str, Counter[str]],
    descriptions: Sequence[str],
    comments: Sequence[str],
) -> dict[str, float]:
    """The weight of each word, in tenths."""
    said, written = _texts_that_hold(descriptions), _texts_that_hold(comments)
    whole = {entry.key for entry in read_lexicon()}
    whole |= set(shipped_words("describing_words"))
    weights = {}
    for word in words:
        weight = 1.0
        if whole.isdisjoint((word, *bases(word))):
            weight = weight_of_classes(word, wordnet, uses)
            weight *= weight_of_corpora(said[word], written[word], len(descriptions), len(comments))
        weights[word] = round(weight, 1)
    return weights


def _texts_that_hold(texts: Iterable[str]) -> Counter[str]:
    return Counter(word for text in texts for word in set(_SPOKEN.findall(text.lower())))


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how much each word describes.")
    parser.add_argument("--wordnet", type=Path, required=True, help="folder of WordNet's data.*")
    parser.add_argument("--words", type=Path, required=True, help="folder of the word sources")
    parser.add_argument("--out", type=Path, default=ASSETS)
    options = parser.parse_args()
    weights = measure_weights(
        shipped_words("glove"),
        WordNet(options.wordnet),
        read_uses(options.wordnet),
        read_musiccaps(options.words),
        read_goemotions(options.words),
    )
    groups: dict[float, list[str]] = {}
    for word, weight in weights.items():
        groups.setdefault(weight, []).append(word)
    lines = [f"{weight} {' '.join(groups[weight])}\n" for weight in sorted(groups) if weight < 1.0]
    (options.out / "describing_weights.txt").write_text("".join(lines), "utf-8", newline="\n")
    print({weight: len(words) for weight, words in sorted(groups.items())})


if __name__ == "__main__":
    main()
