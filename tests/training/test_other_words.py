"""English words that are no slips: chosen from WordNet, and left alone by the query's reader."""

from __future__ import annotations

from espr.embeddings.word_vectors import load_vectors
from espr.query_language.spelling import other_words
from espr.training.other_words import choose_other_words


def test_words_like_slips_are_chosen() -> None:
    vocabulary = ["simmer", "dire", "meaning", "brilliant", "laid-back"]
    lemmas = ["shimmer", "dirge", "moan", "table", "dire", "dir_ge", "laid-bac"]
    chosen = choose_other_words(vocabulary, lemmas)
    assert chosen == ["dirge", "moan", "shimmer"]  # "moan" for the sake of "moaning"


def test_what_ships_are_words_that_the_vectors_lack() -> None:
    emotion = load_vectors("emotion")
    listed = other_words()
    assert len(listed) > 5000
    assert not [word for word in listed if word in emotion]
    assert {"knoll", "waggle", "spatter"} <= listed
