"""How much a word describes: "slow" wholly, "disc" hardly, "two" not at all.

``espr/assets/describing_weights.txt`` has a line per weight, from 0.0 to 0.9, followed by its
words. ``espr/training/describing_weights.py`` measured them.
"""

from __future__ import annotations

from functools import cache

from espr.paths import ASSETS


def describing_weight(word: str) -> float:
    """From 0 (says nothing of a performance) to 1; words that were not measured have 1.

    ``word`` is as a vocabulary has it: lower case, without accents.
    """
    return _weights().get(word, 1.0)


@cache
def _weights() -> dict[str, float]:
    weights: dict[str, float] = {}
    for line in (ASSETS / "describing_weights.txt").read_text("utf-8").splitlines():
        weight, *words = line.split(" ")
        weights.update(dict.fromkeys(words, float(weight)))
    return weights
