"""Builds the vectors from their sources, and writes them as ``espr/assets`` has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from espr.query_language.grammar_tables import MODIFIERS
from espr.query_language.inflection import SIBILANTS, bases
from espr.query_language.score_terms import Entry
from espr.training.words import emotion
from espr.training.words.attract_repel import Pull, attract_repel, carried_over
from espr.training.words.base import block, components, joined, units
from espr.training.words.constraints import Constraints, Pair
from espr.training.words.forms import read_relations, related

DIMENSION = 300
_FORMS = ("s", "ly", "ness")  # of a term, that mean what it means: "accents", "crisply"

_NO_FORMS = MODIFIERS | {"supply"}  # of "bare" and "supple"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What :mod:`espr.training.words.checks` was used to choose; the defaults are what ships."""

    glove: float = 0.15  # weight of GloVe beside the sentence encoder's 1
    removed_glove: int = 3
    removed_contexts: int = 0
    emotions: float = 0.05  # weight of the 28 emotions together
    valence: float = 0.05
    arousal: float = 0.05
    gloss: float = 0.5  # share of its gloss in an English term
    attract: float = 0.3  # strength of synonyms and glosses; 0 and no repel: no attract-repel
    repel: float = 0.3
    attract_margin: float = 0.7
    repel_margin: float = 0.0
    indirect: float = 0.5  # of ``repel``, for indirect antonyms
    similar: float = 0.5  # of ``attract``, for "similar to"
    carried: float = 0.5
    forms: bool = True  # the last step


@dataclass(frozen=True, slots=True)
class Material:
    """What the recipe is made of; rows are words."""

    words: list[str]  # English, and those foreign ones that GloVe has
    glove: np.ndarray
    contexts: Sequence[np.ndarray]  # one a template
    comments: np.ndarray
    comment_targets: np.ndarray
    vader: dict[str, float]
    lexicon: list[Entry]
    constraints: Constraints
    wordnet: Path


def base_of(material: Material, recipe: Recipe) -> np.ndarray:
    """Step 2, unit rows."""
    count = len(material.contexts)
    blocks = [(1.0 / count, block(rows, recipe.removed_contexts)) for rows in material.contexts]
    if recipe.glove:
        blocks.append((recipe.glove, block(material.glove, recipe.removed_glove)))
    return joined(blocks)


def emotions_of(material: Material, base: np.ndarray) -> np.ndarray:
    """Step 3: z-scores, shape=(words, 2 + 28): valence, arousal, the emotions."""
    words = material.words
    contexts = np.mean([units(rows - rows.mean(axis=0)) for rows in material.contexts], axis=0)
    scores = emotion.emotions_of(contexts, material.comments, material.comment_targets)
    rated = emotion.spread(base, words, material.vader)
    valence = emotion.z_scores(scores[:, :1] + rated[:, None])
    poles = dict.fromkeys(emotion.AROUSED, 1.0) | dict.fromkeys(emotion.UNAROUSED, -1.0)
    arousal = emotion.spread(base, words, poles)
    return np.hstack([valence, arousal[:, None], scores[:, 1:]])


def enriched(base: np.ndarray, scores: np.ndarray, recipe: Recipe) -> np.ndarray:
    """The base with emotion as further coordinates, unit rows."""
    emotions = scores[:, 2:] / np.sqrt(scores.shape[1] - 2)
    columns = [
        base,
        np.sqrt(recipe.valence) * np.clip(scores[:, :1], -3, 3),
        np.sqrt(recipe.arousal) * np.clip(scores[:, 1:2], -3, 3),
        np.sqrt(recipe.emotions) * np.clip(emotions, -3, 3),
    ]
    return units(np.hstack(columns))


def glossed(rows: np.ndarray, words: list[str], lexicon: list[Entry], share: float) -> np.ndarray:
    """English terms of the lexicon, and their ``_FORMS``, drawn to the mean of their gloss.

    That is their sense in music; ``share`` is the gloss's. Unit rows.
    """
    place = {word: position for position, word in enumerate(words)}
    terms = {term.key: term for term in lexicon if term.is_english}
    sources = units(rows)
    drawn = rows.copy()
    for at, word in enumerate(words):
        term = terms.get(word) or _term_of(word, terms)
        if term and (meant := [place[word] for word in term.meanings if word in place]):
            meaning = units(sources[meant].sum(axis=0, keepdims=True))[0]
            drawn[at] = (1.0 - share) * rows[at] + share * meaning
    return units(drawn)


def with_foreign_terms(
    words: Sequence[str], rows: np.ndarray, lexicon: Sequence[Entry]
) -> tuple[list[str], np.ndarray]:
    """All words, and the foreign terms of the lexicon as the mean of their gloss, unit rows.

    The sentence encoder is English, and thousands of them would draw English words to each other:
    so they are made last, of what English words have become.
    """
    place = {word: position for position, word in enumerate(words)}
    made = {
        term.key: units(rows[meant].sum(axis=0, keepdims=True))[0]
        for term in lexicon
        if not term.is_english
        and (meant := [place[word] for word in term.meanings if word in place])
    }
    added = [key for key in made if key not in place]
    rows = np.vstack([rows, *(made[key][None] for key in added)])
    for key in made.keys() & place.keys():
        rows[place[key]] = made[key]
    return [*words, *added], rows


def _term_of(form: str, terms: Mapping[str, Entry]) -> Entry | None:
    """The English term that ``form`` is a form of."""
    if not form.endswith(_FORMS) or form in _NO_FORMS:
        return None
    found = (terms.get(base) for base in bases(form) if _is_regular(form, base))
    return next((term for term in found if term), None)


def _is_regular(form: str, base: str) -> bool:
    """Whether an "e" before the plural's "s" is needed: "keyes" is no form of "key"."""
    return form != base + "es" or base.endswith(SIBILANTS)


def reduced(rows: np.ndarray) -> np.ndarray:
    """Centred and cut to ``DIMENSION`` principal components."""
    rows = rows - rows.mean(axis=0)
    cut: np.ndarray = rows @ components(rows, DIMENSION).T
    return cut


def pulls_of(words: list[str], constraints: Constraints, recipe: Recipe) -> list[Pull]:
    place = {word: position for position, word in enumerate(words)}

    def pull(pairs: set[Pair], strength: float, margin: float) -> Pull:
        at = [(place[a], place[b]) for a, b in sorted(pairs)]
        return Pull(np.array(at).reshape(-1, 2), strength, margin)

    near, far = recipe.attract, -recipe.repel
    return [
        pull(constraints.synonyms, near, recipe.attract_margin),
        pull(constraints.similar, near * recipe.similar, recipe.attract_margin),
        pull(constraints.glosses, near, recipe.attract_margin),
        pull(constraints.antonyms, far, recipe.repel_margin),
        pull(constraints.indirect, far * recipe.indirect, recipe.repel_margin),
    ]


def build(material: Material, recipe: Recipe = Recipe()) -> tuple[np.ndarray, np.ndarray]:
    """The vectors of ``material.words``, shape=(words, 300), and the emotions, (words, 2 + 28)."""
    base = base_of(material, recipe)
    scores = emotions_of(material, base)
    rows = enriched(base, scores, recipe)
    if recipe.gloss:
        rows = glossed(rows, material.words, material.lexicon, recipe.gloss)
    rows = units(reduced(rows))
    if recipe.attract or recipe.repel:
        pulls = pulls_of(material.words, material.constraints, recipe)
        moved = attract_repel(rows, pulls)
        taught = np.zeros(len(rows), bool)
        taught[np.unique(np.concatenate([pull.pairs.ravel() for pull in pulls]))] = True
        rows = carried_over(rows, moved, taught, recipe.carried)
    if recipe.forms:
        relations = read_relations(material.wordnet, material.words, rows, material.lexicon)
        rows = related(material.words, rows, relations)
    return rows, scores
