"""What a figure could at least and at best be: controls beneath and above a system.

Beneath, *random words*: every word has a vector drawn at random, everything else is the system's
own; the mean of ten seeds. What is left above chance comes from how answers are counted and read,
not from what words mean.

Above, *listeners*: descriptions by other listeners stand in for the sound. For single answers one
listener is left out: their answer looks for the performance among the summed answers of all
others. For whole descriptions half of the listeners look for what the other half described; the
mean of ten halvings. Both sides are summed word vectors, every answer at length 1, the stand-ins
minus their piece's mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from espr.datasets.benchmark import Benchmark, Description
from espr.embeddings.encoder import WordVectorEncoder
from espr.embeddings.word_vectors import Vectors
from espr.errors import EsprError
from espr.evaluation.corpus import Corpus
from espr.evaluation.encoders import text_encoder
from espr.evaluation.folds import Fold
from espr.evaluation.metrics import METRICS, Rank, join_ranks, mean_metrics, rank_of
from espr.evaluation.system import System, evaluate
from espr.evaluation.text_cache import TermCache
from espr.evaluation.word_texts import WordTexts
from espr.query_language.parser import Term
from espr.retrieval.amounts import Amounts
from espr.retrieval.query_model import QueryModel
from espr.retrieval.ranking import cosine, unit

SEEDS = 10


@dataclass(frozen=True, slots=True)
class Control:
    """The figures of a control, and what it is in one line."""

    name: str
    what: str
    figures: dict[str, float]


def random_words(
    system: System,
    corpus: Corpus,
    benchmark: Benchmark,
    wanted: Sequence[Description],
    folds: Sequence[Fold],
    advance: Callable[[], None] = lambda: None,
) -> Control | None:
    """A system whose words have random vectors; None when its text encoder has no words.

    Parameters
    ----------
    corpus : Corpus
        The system's own: its profiles, pieces and works are taken.
    wanted : sequence of Description
        The queries.
    """
    encoder = text_encoder(system.text)
    if not isinstance(encoder, WordVectorEncoder):
        return None
    targets = np.array([one.performance for one in wanted])
    terms = TermCache(encoder)
    read_apart = (term for one in benchmark.descriptions for term, _ in one.terms)
    terms.add([*(one.text for one in wanted), *read_apart])
    found = []
    for seed in range(SEEDS):
        random = _RandomWords(encoder, seed, terms)
        texts = WordTexts(random, benchmark, kept=False, terms=terms)
        answers, described = texts.training(whole=False)
        expressions, term_targets = texts.expression_terms(corpus.space)
        own = replace(
            corpus,
            answers=answers,
            described=described,
            terms=expressions,
            term_targets=term_targets,
        )
        rows = [texts.embed(one) for one in wanted]
        queries = np.array([np.zeros(texts.dimension) if row is None else row for row in rows])
        read = partial(_read, texts, wanted)
        outcomes = evaluate(system, own, queries, targets, folds, read=read)
        found.append(mean_metrics([one.rank for one in outcomes]))
        advance()
    what = f"{system.pair} with a random vector for every word, mean of {SEEDS} seeds"
    return Control("random words", what, _mean(found))


def _read(
    texts: WordTexts, wanted: Sequence[Description], h: QueryModel, query: int
) -> tuple[np.ndarray, Amounts] | None:
    return texts.read(wanted[query], h)


def listeners(
    text: str, benchmark: Benchmark, wanted: Sequence[Description], mode: str
) -> Control | None:
    """How well descriptions by other listeners find a performance; None where none is named.

    Parameters
    ----------
    wanted : sequence of Description
        The queries: single answers, or whole descriptions.
    mode : str
        Their query mode.
    """
    encoder = text_encoder(text)
    names = sorted({one.listener for one in benchmark.descriptions} - {""})
    if len(names) < 2 or not isinstance(encoder, WordVectorEncoder):
        return None
    texts = WordTexts(encoder, benchmark)
    rows = [texts.embed(one) for one in benchmark.descriptions]
    answers = unit(np.array([np.zeros(texts.dimension) if row is None else row for row in rows]))
    if mode == "performance":
        wanted_performances = {one.performance for one in wanted}
        found = [
            mean_metrics(list(_halves(benchmark, answers, names, wanted_performances, seed)))
            for seed in range(SEEDS)
        ]
        what = f"half of the listeners find what the other half described, {SEEDS} halvings"
        return Control("listeners", what, _mean(found))
    ranks = join_ranks(list(_one_left_out(benchmark, answers, texts, wanted)))
    figures = {name: float(np.mean(metric(ranks))) for name, metric in METRICS.items()}
    what = "descriptions by all other listeners in place of the sound"
    return Control("listeners", what, figures)


def _one_left_out(
    benchmark: Benchmark, answers: np.ndarray, texts: WordTexts, wanted: Sequence[Description]
) -> Iterator[Rank]:
    by = np.array([one.listener for one in benchmark.descriptions])
    others = {name: _summed(benchmark, answers, by != name) for name in np.unique(by).tolist()}
    for query in wanted:
        stand_ins = others[query.listener]
        embedding = texts.embed(query)
        row = np.zeros(texts.dimension) if embedding is None else embedding
        yield _rank(benchmark, row, query.performance, stand_ins)


def _halves(
    benchmark: Benchmark,
    answers: np.ndarray,
    names: Sequence[str],
    wanted: set[int],
    seed: int,
) -> Iterator[Rank]:
    shuffled = np.random.default_rng(seed).permutation(names)
    first = np.isin([one.listener for one in benchmark.descriptions], shuffled[::2])
    asking, described = (_summed(benchmark, answers, chosen) for chosen in (first, ~first))
    for performance in sorted(wanted):
        if asking[performance].any():
            yield _rank(benchmark, asking[performance], performance, described)


def _summed(benchmark: Benchmark, answers: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The chosen answers of each performance summed, shape=(performances, dimension)."""
    summed = np.zeros((len(benchmark.performances), answers.shape[1]))
    described = np.array([one.performance for one in benchmark.descriptions])
    np.add.at(summed, described[chosen], answers[chosen])
    return summed


def _rank(benchmark: Benchmark, query: np.ndarray, performance: int, stand_ins: np.ndarray) -> Rank:
    piece = benchmark.performances[performance].piece
    candidates = [n for n, one in enumerate(benchmark.performances) if one.piece == piece]
    profiles = unit(stand_ins[candidates])
    scores = cosine(query, profiles - profiles.mean(axis=0))
    return rank_of(candidates.index(performance), scores)


def _mean(found: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([one[name] for one in found])) for name in METRICS}


class _RandomWords(WordVectorEncoder):
    """A text encoder that reads as another does, its words' vectors drawn at random."""

    def __init__(self, encoder: WordVectorEncoder, seed: int, terms: TermCache) -> None:
        own = encoder.vectors
        rng = np.random.default_rng(seed)
        rows = rng.normal(size=(len(own), own.dimension)).astype(np.float32)
        mean = rows.mean(axis=0)
        name = f"random-{seed}-of-{own.name}"
        super().__init__(Vectors(name, own.version, own.words, rows - mean, mean))
        self._terms = terms

    def parse(self, text: str, *, exclude: Sequence[str] = ()) -> tuple[Term, ...]:
        if not (terms := self._terms[text]):
            raise EsprError(f"no word is known: {text!r}")
        return terms
