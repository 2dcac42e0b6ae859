"""How much words describe: what ships, and how it is measured."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest

from espr.embeddings.describing_weight import describing_weight
from espr.embeddings.word_vectors import load_vectors
from espr.training import describing_weights as measuring


@pytest.mark.parametrize(
    "word", "slow fast loud soft dry warm singing gentle sad rubato hammered thunderous".split()
)
def test_words_of_playing_describe_wholly(word: str) -> None:
    assert describing_weight(word) == 1.0


@pytest.mark.parametrize("word", "disc time youtube century minutes machine people think".split())
def test_things_and_times_hardly_describe(word: str) -> None:
    assert describing_weight(word) <= 0.2


def test_what_everybody_says_describes_less() -> None:
    assert describing_weight("good") < describing_weight("beautiful")


def test_a_word_that_was_not_measured_counts_wholly() -> None:
    assert describing_weight("qzxv") == 1.0


def test_every_word_with_a_weight_is_one_of_the_vectors() -> None:
    known = load_vectors("glove")
    weights = {word: describing_weight(word) for word in known.words}
    assert all(0.0 <= weight <= 1.0 for weight in weights.values())
    assert sum(weight < 1.0 for weight in weights.values()) > len(known) / 3


def test_what_both_corpora_say_alike_weighs_less() -> None:
    described = measuring.weight_of_corpora(300, 50, 1000, 1000)
    everyday = measuring.weight_of_corpora(10, 900, 1000, 1000)
    assert (described, everyday) == (1.0, measuring.LEAST)
    assert measuring.weight_of_corpora(0, 3, 1000, 1000) == 1.0  # too rare to tell


def test_senses_count_by_how_often_they_are_met() -> None:
    classes = SimpleNamespace(classes={"light": {"adj.all", "noun.artifact"}}, irregular={})
    adjective = {"light": Counter({"adj.all": 9})}
    noun = {"light": Counter({"noun.artifact": 9})}
    weigh = measuring.weight_of_classes
    assert weigh("light", classes, adjective) > 0.9
    assert weigh("light", classes, noun) < 0.3
    assert weigh("nothing", classes, noun) == 0.0
