"""Emotion learned from labelled comments, read off each word in its contexts.

GoEmotions (Demszky et al., ACL 2020): comments with the emotion that readers found in them.
The valence of an emotion is its place on the circumplex (Russell, "A circumplex model of affect",
JPSP 1980), rounded to quarters. Ridge regression on the sentence encoder's vectors of the comments
gives directions; a word's emotion is the inner product of its contexts' vector with them, as a
z-score over the words. Comments and words in contexts lie apart, so both are centred on their own
mean.

Valence is then averaged with VADER's (Hutto & Gilbert, ICWSM 2014: people's ratings of 7,500
words), spread to all words by a ridge regression on the base. Arousal is spread in the same way
from 87 words of our own choice. Arousal of the comments' emotions by their place on the circumplex
was tried: it follows valence (r = 0.33) and predicts people's ratings of sentences (EmoBank) with a
rank correlation of 0.06 against 0.17.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

# of the 27 emotions of GoEmotions, "neutral" in the middle; pleasant is above 0
VALENCE = {
    "admiration": 0.75,
    "amusement": 0.75,
    "anger": -0.75,
    "annoyance": -0.75,
    "approval": 0.5,
    "caring": 0.75,
    "confusion": -0.25,
    "curiosity": 0.25,
    "desire": 0.5,
    "disappointment": -0.75,
    "disapproval": -0.5,
    "disgust": -0.75,
    "embarrassment": -0.5,
    "excitement": 0.75,
    "fear": -0.75,
    "gratitude": 0.75,
    "grief": -1.0,
    "joy": 1.0,
    "love": 1.0,
    "nervousness": -0.5,
    "optimism": 0.75,
    "pride": 0.75,
    "realization": 0.0,
    "relief": 0.5,
    "remorse": -0.75,
    "sadness": -1.0,
    "surprise": 0.25,
    "neutral": 0.0,
}
# far from calm and near to it, whether pleasant or not; no word of the named pairs is among them
AROUSED = """
    excited energetic lively frantic furious fiery intense agitated stormy wild frenzied vigorous
    turbulent thrilling explosive ecstatic hectic panicky aroused alarmed astonished tense raging
    violent hysterical fierce loud vehement exhilarated feverish boisterous rousing electrifying
    exuberant restless startled vivid shocked screaming outraged impetuous terrified passionate
    thunderous
""".split()
UNAROUSED = """
    relaxed sleepy drowsy serene tranquil peaceful quiet placid sluggish lethargic still soothing
    languid dull weary motionless passive subdued tired droopy bored inert slow listless unhurried
    leisurely mellow muted dozing lazy apathetic unmoved sedate composed idle hushed slumbering
    dormant monotonous resting soft muffled lulling
""".split()
AXES = ("valence", "arousal")
EACH = 200  # comments an emotion: the rare ones (77 of grief) count as the common
LONGEST = 80  # characters: a short comment says one thing


def read_comments(folder: Path) -> tuple[list[str], np.ndarray]:
    """Comments of GoEmotions' training part and their targets, shape=(comments, 1 + 28).

    Taken are up to ``EACH`` short comments of one emotion, in the order of the file. The targets
    are valence and which emotion it is.
    """
    names = (folder / "goemotions_labels.txt").read_text("utf-8").split()
    left = dict.fromkeys(names, EACH)
    texts, targets = [], []
    with (folder / "goemotions_train.tsv").open(encoding="utf-8", newline="") as file:
        for text, labels, _ in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if "," in labels or len(text) > LONGEST:
                continue
            name = names[int(labels)]
            if left[name]:
                left[name] -= 1
                texts.append(text)
                targets.append((VALENCE[name], *(name == other for other in names)))
    return texts, np.array(targets, dtype=np.float32)


def ridge(x: np.ndarray, y: np.ndarray, penalty: float) -> np.ndarray:
    """The matrix of a ridge regression of centred ``y`` on centred ``x``, shape=(x's, y's)."""
    gram = x.T.astype(np.float64) @ x
    gram += penalty * np.trace(gram) / len(gram) * np.eye(len(gram))
    weights: np.ndarray = np.linalg.solve(gram, x.T @ y)
    return weights


def emotions_of(
    words: np.ndarray, comments: np.ndarray, targets: np.ndarray, penalty: float = 1.0
) -> np.ndarray:
    """z-scores over the words, shape=(words, targets): valence, each emotion."""
    weights = ridge(comments - comments.mean(axis=0), targets - targets.mean(axis=0), penalty)
    return z_scores((words - words.mean(axis=0)) @ weights)


def read_vader(path: Path) -> dict[str, float]:
    """Mean rating, −4 to 4, of each word of ``vader_lexicon.txt``."""
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines() if line.strip())
    return {row[0]: float(row[1]) for row in rows}


def spread(base: np.ndarray, words: list[str], rated: dict[str, float]) -> np.ndarray:
    """Ratings of some words carried over to all, as z-scores, shape=(words,).

    A word that was rated has the mean of its rating and of what its vector predicts.
    """
    known = np.array([word in rated for word in words])
    ratings = np.array([rated[word] for word in words if word in rated])
    ratings = (ratings - ratings.mean()) / ratings.std()
    centre = base[known].mean(axis=0)
    predicted = (base - centre) @ ridge(base[known] - centre, ratings[:, None], 0.3)[:, 0]
    predicted /= predicted[known].std()
    predicted[known] = (predicted[known] + ratings) / 2
    return z_scores(predicted[:, None])[:, 0]


def z_scores(rows: np.ndarray) -> np.ndarray:
    scored: np.ndarray = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    return scored
