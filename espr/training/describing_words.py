"""Chooses the words among which ``espr show`` names those nearest to a performance.

The nearest of all 38,000 words of the vocabulary are noise: most of them nobody would say of
music. Taken are the words of the vocabulary that

1. WordNet knows as adjectives and not as nouns, and
2. five or more of MusicCaps' 5,521 descriptions of music use, and
3. these descriptions use at least twice as often as general English does, whose
   frequencies follow from GloVe's order by Zipf's law (1 / rank).

Rebuild (sources as in :mod:`espr.training.vocabulary`; the same bytes every time)::

    python -m espr.training.describing_words --wordnet wordnet/usr/share/wordnet \\
        --words ../shared/data/words
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from espr.paths import ASSETS, shipped_words
from espr.training.vocabulary import WordNet, read_musiccaps

DESCRIPTIONS = 5
TIMES_GENERAL_ENGLISH = 2.0

_SPOKEN = re.compile(r"[a-z]+(?:['’-][a-z]+)*")


def choose_describing_words(
    vocabulary: Sequence[str], wordnet: WordNet, descriptions: Sequence[str]
) -> list[str]:
    """The words to name, in the order of the vocabulary, which is by frequency."""
    counts = Counter(word for text in descriptions for word in set(_SPOKEN.findall(text.lower())))
    said = sum(counts.values())
    harmonic = sum(1.0 / rank for rank in range(1, len(vocabulary) + 1))
    chosen = []
    for rank, word in enumerate(vocabulary, start=1):
        classes = wordnet.classes.get(word, set())
        is_adjective = "adj.all" in classes and not any(c.startswith("noun") for c in classes)
        expected = said / (rank * harmonic)
        enough = max(DESCRIPTIONS, TIMES_GENERAL_ENGLISH * expected)
        if is_adjective and counts[word] >= enough:
            chosen.append(word)
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser(description="Rebuild the list of describing words.")
    parser.add_argument("--wordnet", type=Path, required=True, help="folder of WordNet's data.*")
    parser.add_argument("--words", type=Path, required=True, help="folder of the word sources")
    parser.add_argument("--out", type=Path, default=ASSETS)
    options = parser.parse_args()
    vocabulary = shipped_words("glove")
    chosen = choose_describing_words(
        vocabulary, WordNet(options.wordnet), read_musiccaps(options.words)
    )
    target = options.out / "describing_words.txt"
    target.write_text("\n".join(chosen) + "\n", "utf-8", newline="\n")


if __name__ == "__main__":
    main()
