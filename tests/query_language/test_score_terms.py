"""The lexicon of expression: every entry can be used, and no check of the vectors is in it."""

from __future__ import annotations

from collections import Counter

from espr.embeddings.word_vectors import load_vectors
from espr.query_language.grammar_tables import DEGREES, PRE_NEGATIONS, STOP_WORDS
from espr.query_language.inflection import bases
from espr.query_language.score_terms import CHECKED, LANGUAGES, read_lexicon
from espr.query_language.word_lookup import resolve

ENTRIES = read_lexicon()
BY_KEY = {entry.key: entry for entry in ENTRIES}


def test_its_keys_are_unique_and_folded() -> None:
    assert len(BY_KEY) == len(ENTRIES) > 1000
    assert BY_KEY["sturmisch"].term == "stürmisch"
    assert BY_KEY["con fuoco"].gloss == ("fiery", "passionate")
    assert all(key.isascii() and key == key.lower() for key in BY_KEY)


def test_its_languages() -> None:
    counts = Counter(language for entry in ENTRIES for language in entry.languages)
    assert set(counts) == set(LANGUAGES)
    assert min(counts.values()) >= 900


def test_every_gloss_is_short_and_of_known_words() -> None:
    glove = load_vectors()
    for entry in ENTRIES:
        assert 1 <= len(entry.gloss) <= 4, entry
        assert len(set(entry.gloss)) == len(entry.gloss), entry
        assert all(resolve(word, glove) for word in entry.gloss), entry
        assert entry.term not in entry.gloss, entry
        # they would weigh as much as what is meant
        assert not any(word in STOP_WORDS or (word,) in DEGREES for word in entry.gloss), entry


def test_the_words_of_the_checks_are_neither_terms_nor_in_glosses() -> None:
    for entry in ENTRIES:
        for word in (*entry.term.split(), *entry.gloss):
            assert not CHECKED & {word, *bases(word)}, entry


def test_no_term_is_a_word_of_the_grammar() -> None:
    for key in BY_KEY:
        phrase = tuple(key.split())
        assert phrase not in PRE_NEGATIONS and phrase not in DEGREES, key
        assert key not in STOP_WORDS, key
