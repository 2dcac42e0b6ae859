"""Lists the English words that a query's reader must not take for slips of words it knows.

"Shimmer" is one letter from "simmer" and "dirge" from "dire", and neither is a misspelling. Listed
are WordNet's words that the vectors ``emotion`` lack and that, or an inflection of which, are one
likely slip away from a word that these have.

Rebuild (sources as in :mod:`espr.training.words.sources`; the same bytes every time)::

    python -m espr.training.other_words --wordnet wordnet
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

from espr.embeddings.word_vectors import load_vectors
from espr.paths import ASSETS
from espr.query_language.inflection import bases
from espr.query_language.word_lookup import SHORTEST_CORRECTED, is_likely_slip, is_one_edit
from espr.training.vocabulary import WordNet

_ENDINGS = ("", "s", "es", "d", "ed", "r", "er", "ing", "ly")


def choose_other_words(vocabulary: Iterable[str], lemmas: Iterable[str]) -> list[str]:
    """Those of ``lemmas`` that might be taken for slips, in alphabetical order."""
    words = {word for word in vocabulary if word.isalpha()}
    near: dict[str, set[str]] = {}
    for word in words:
        for part in _shortened(word):
            near.setdefault(part, set()).add(word)

    def is_like_a_slip(form: str) -> bool:
        found = {word for part in _shortened(form) for word in near.get(part, ())}
        return any(is_one_edit(form, word) and is_likely_slip(form, word) for word in found)

    return [
        lemma
        for lemma in sorted(set(lemmas) - words)
        if lemma.isascii() and lemma.isalpha() and any(map(is_like_a_slip, _forms(lemma)))
    ]


def _shortened(word: str) -> Iterator[str]:
    """The word, and what it is without one letter: two words one edit apart share one of them."""
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def _forms(lemma: str) -> Iterator[str]:
    """The lemma and its regular inflections that are long enough to be corrected."""
    for stem in (lemma, lemma.removesuffix("e"), lemma.removesuffix("y") + "i", lemma + lemma[-1]):
        for ending in _ENDINGS:
            form = stem + ending
            if len(form) >= SHORTEST_CORRECTED and (form == lemma or lemma in bases(form)):
                yield form


def main() -> None:
    parser = argparse.ArgumentParser(description="Rebuild the list of words that are no slips.")
    parser.add_argument("--wordnet", type=Path, required=True, help="folder of WordNet's data.*")
    parser.add_argument("--out", type=Path, default=ASSETS)
    options = parser.parse_args()
    wordnet = WordNet(options.wordnet)
    vocabulary = load_vectors("emotion").words
    chosen = choose_other_words(vocabulary, wordnet.classes.keys() | wordnet.name_classes.keys())
    target = options.out / "other_words.txt"
    target.write_text("\n".join(chosen) + "\n", "utf-8", newline="\n")


if __name__ == "__main__":
    main()
