"""Measures word vectors on pairs and groups of words that were no constraint of theirs.

- ``groups.csv``: words that listeners group. ``hevner``: the eight adjective groups of Hevner
  (American Journal of Psychology 1936); ``gems``: the nine factors of the Geneva Emotional Music
  Scale (Zentner, Grandjean & Scherer, Emotion 2008), single words; ``playing``: 21 groups of
  terms for playing, our own, written before any vectors were looked at. The measure is the AUC: how
  often a pair within a group has a greater cosine than a pair across groups.
- WordNet's adjectives whose words were held out of the constraints: synonyms against random pairs,
  and synonyms against antonyms, again as AUC.
- EmoBank's sentences (Buechel & Hahn, EACL 2017; CC BY-SA 4.0; used for this check only): rank
  correlation of readers' valence and arousal with the mean of the words'.
- the share of the words of listeners' answers that a query understands.
- ``forms.csv``: forms of a word, and opposites by a prefix or suffix, written before any vectors
  were looked at: the median cosine, and the share that falls short (forms below 0.5, opposites
  above 0).
- the named pairs.

Usage: ``python -m espr.training.words.checks NAME-OR-FILE...`` (see also ``--help``).
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from espr.embeddings.encoder import WordVectorEncoder
from espr.embeddings.word_vectors import Vectors
from espr.query_language.grammar_tables import BREAKS
from espr.query_language.tokenizer import tokenise
from espr.training.words.constraints import NAMED_PAIRS, Constraints, Pair

GROUPS = Path(__file__).with_name("groups.csv")
FORMS = Path(__file__).with_name("forms.csv")
HELD_OUT_SHARE = 0.1

Cosine = Callable[[str, str], float]


def held_out(word: str) -> bool:
    """Whether a word of WordNet stays out of the constraints, so that pairs with it can test."""
    first = hashlib.sha256(word.encode()).digest()[0]
    return first < 256 * HELD_OUT_SHARE


def auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """P(a positive > a negative) + ½ P(equal), the area under the ROC curve."""
    both = np.concatenate([positive, negative])
    _, inverse, counts = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]  # ties share their mean rank
    n, m = len(positive), len(negative)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


def read_groups(path: Path = GROUPS) -> dict[str, dict[str, list[str]]]:
    """Words by source and group."""
    groups: dict[str, dict[str, list[str]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            groups.setdefault(row["source"], {})[row["group"]] = row["words"].split()
    return groups


def group_auc(groups: dict[str, list[str]], cosine: Cosine, known: Callable[[str], bool]) -> float:
    """AUC of pairs within a group against pairs across; words of two groups count in the first."""
    of = {word: name for name, words in reversed(groups.items()) for word in words if known(word)}
    within: list[float] = []
    across: list[float] = []
    for a, b in combinations(sorted(of), 2):
        (within if of[a] == of[b] else across).append(cosine(a, b))
    return auc(within, across)


def cosine_of(vectors: Vectors) -> Cosine:
    units: dict[str, np.ndarray] = {}

    def unit(word: str) -> np.ndarray:
        if word not in units:
            vector = vectors.vector(word)
            units[word] = vector / (np.linalg.norm(vector) or 1.0)
        return units[word]

    return lambda a, b: float(unit(a) @ unit(b))


def check(vectors: Vectors, constraints: Constraints | None = None) -> dict[str, float]:
    """Every figure by name."""
    cosine, known = cosine_of(vectors), vectors.__contains__
    figures = {
        f"groups of {source}, AUC": group_auc(groups, cosine, known)
        for source, groups in read_groups().items()
    }
    if constraints is not None:
        figures |= _wordnet(vectors, constraints, cosine)
    for a, b in NAMED_PAIRS:
        figures[f"{a} / {b}"] = cosine(a, b) if known(a) and known(b) else float("nan")
    figures |= _forms(vectors, cosine)
    described = sorted({w for g in read_groups().values() for ws in g.values() for w in ws})
    pairs = combinations([word for word in described if known(word)], 2)
    figures["mean pair of these groups' words"] = float(np.mean([cosine(a, b) for a, b in pairs]))
    return figures


def _forms(vectors: Vectors, cosine: Cosine) -> dict[str, float]:
    with FORMS.open(encoding="utf-8", newline="") as file:
        pairs = [(row["kind"], *row["words"].split()) for row in csv.DictReader(file)]
    cosines: dict[str, list[float]] = {"form": [], "opposite": []}
    for kind, one, other in pairs:
        if one in vectors and other in vectors:
            cosines[kind].append(cosine(one, other))
    return {
        "forms of a word, median": float(np.median(cosines["form"])),
        "forms of a word, share below 0.5": float(np.mean(np.array(cosines["form"]) < 0.5)),
        "opposites by affix, median": float(np.median(cosines["opposite"])),
        "opposites by affix, share above 0": float(np.mean(np.array(cosines["opposite"]) > 0)),
    }


def emobank(vectors: Vectors, table: Path) -> dict[str, float]:
    """Spearman's correlation of EmoBank's ``V`` and ``A`` with the mean over a sentence's words.

    Common words say little of emotion: a word counts 0.001 / (0.001 + its frequency).
    """
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sentences = [[w for w in tokenise(row["text"]) if w in vectors] for row in rows]
    counts = Counter(word for sentence in sentences for word in sentence)
    words = sorted(counts)
    frequencies = np.array([counts[word] for word in words]) / counts.total()
    weights = dict(zip(words, 1e-3 / (1e-3 + frequencies), strict=True))
    figures = {}
    for axis, column in (("valence", "V"), ("arousal", "A")):
        emotion = {
            word: weights[word] * (vectors.vector(word) @ vectors.axes[axis]) for word in words
        }
        means = [np.mean([emotion[word] for word in s]) if s else 0.0 for s in sentences]
        rated = [float(row[column]) for row in rows]
        figures[f"EmoBank, {axis}, Spearman"] = float(spearmanr(means, rated)[0])
    return figures


def understood(encoder: WordVectorEncoder, table: Path) -> float:
    """Share of the tokens of the Con Espressione answers that a query understands, 0 to 1.

    Words that say nothing of a performance ("it") are understood: the query says so.
    """
    with table.open(encoding="utf-8", newline="") as file:
        answers = [row["answer"] for row in csv.DictReader(file)]
    tokens = sum(token not in BREAKS for answer in answers for token in tokenise(answer))
    # with a known word beside it, so that no answer is refused as a whole
    read = (term for answer in answers for term in encoder.parse(f"{answer}, slow"))
    return 1.0 - sum(not term.known and not term.note for term in read) / tokens


def _wordnet(vectors: Vectors, constraints: Constraints, cosine: Cosine) -> dict[str, float]:
    def cosines(pairs: Iterable[Pair]) -> list[float]:
        tested = sorted(p for p in pairs if held_out(p[0]) or held_out(p[1]))
        return [cosine(a, b) for a, b in tested if a in vectors and b in vectors]

    synonyms, antonyms = cosines(constraints.synonyms), cosines(constraints.antonyms)
    words = sorted({word for pair in constraints.synonyms for word in pair if word in vectors})
    drawn = np.random.default_rng(0).choice(words, (20_000, 2))
    random = [cosine(a, b) for a, b in drawn if a != b]
    return {
        "held-out synonyms against random pairs, AUC": auc(synonyms, random),
        "held-out synonyms against antonyms, AUC": auc(synonyms, antonyms),
    }


def main() -> None:
    from espr.embeddings.encoder import load_text_encoder
    from espr.query_language.score_terms import read_lexicon
    from espr.training.words.constraints import read_constraints

    parser = argparse.ArgumentParser(description="Measure word vectors on unseen pairs and groups.")
    parser.add_argument("names", nargs="+", help="as of espr query --text")
    parser.add_argument("--wordnet", type=Path, help="folder of WordNet's data.*")
    parser.add_argument("--emobank", type=Path, help="EmoBank's emobank.csv")
    parser.add_argument("--answers", type=Path, help="con_espressione_game_answers.csv")
    options = parser.parse_args()
    for name in options.names:
        encoder = load_text_encoder(name)
        if not isinstance(encoder, WordVectorEncoder):
            raise SystemExit(f"'{name}' has no vectors of words")
        constraints = None
        if options.wordnet:
            constraints = read_constraints(options.wordnet, read_lexicon(), encoder.vectors)
        print(name)
        figures = check(encoder.vectors, constraints)
        if options.emobank and encoder.vectors.axes:
            figures |= emobank(encoder.vectors, options.emobank)
        if options.answers:
            figures["words of answers understood"] = understood(encoder, options.answers)
        for what, figure in figures.items():
            print(f"  {figure:6.3f}  {what}")


if __name__ == "__main__":
    main()
