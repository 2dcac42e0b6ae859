"""From words, a likeness and weights to the profile of a query.

The profile of the words is h of the sum of their vectors (Chowdhury & Widmer, FIRE 2023,
sec. 4.1). A recording to sound like is added at equal length, so that neither drowns the
other; weights scale the sum, never the performances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from espr.embeddings.encoder import TextEncoder
from espr.errors import EsprError
from espr.features import Space
from espr.query_language.parser import Term
from espr.retrieval.query_model import QueryModel
from espr.retrieval.ranking import unit

_ALIKE = 0.5  # cosine from which on what is negated is like what is asked for
_TAKEN = 0.25  # of what is asked for, by the negation of what is like it
# Of the words' lengths, below which they pull apart: "fast and slow" has 0.26, "bright but dark"
# 0.25; of the 183 phrasings of tests/benchmarks none has less than 0.38.
_RESULTANT = 0.3


def query_parts(
    model: QueryModel,
    encoder: TextEncoder,
    terms: Sequence[Term],
    likeness: np.ndarray | None = None,
    weights: Mapping[str, float] | None = None,
) -> np.ndarray:
    """What each term adds to the profile that performances are compared with.

    Their sum is the query's profile, because h is linear.

    Parameters
    ----------
    terms
        The words; unknown ones add nothing.
    likeness : np.ndarray, shape=(d,)
        The centred or standardised profile of a recording to sound like.
    weights
        Feature name to factor, 0 or more.

    Returns
    -------
    np.ndarray, shape=(terms, d), or (terms + 1, d) with a likeness, the last row.
    """
    parts = np.zeros((0, len(model.space)))
    if terms:
        parts = _without_self_denial(terms, model.word_profiles(encoder.embed_terms(terms)))
    if likeness is not None:
        length = float(np.linalg.norm(parts.sum(axis=0)))
        parts = np.vstack([parts / length if length else parts, unit(likeness)])
    for name, factor in (weights or {}).items():
        parts[:, model.space.index(name)] *= factor
    return parts


def with_shifts(space: Space, parts: np.ndarray, shifts: Mapping[str, float]) -> np.ndarray:
    """The parts, and a last row that moves the profile along single features.

    ``shifts``: feature name to how far; 1 is the length of the sum of ``parts``, shape=(n, d), or
    the unit of the space where there is none.
    """
    if not shifts:
        return parts
    moved = np.zeros(len(space))
    for name, shift in shifts.items():
        moved[space.index(name)] = shift
    length = float(np.linalg.norm(parts.sum(axis=0))) or 1.0
    return np.vstack([parts, length * moved])


def _without_self_denial(terms: Sequence[Term], parts: np.ndarray) -> np.ndarray:
    """ "Slow, but not dragging" stays slow: what is negated takes little from what is asked for.

    Of a negated term that is like the sum of what is asked for, all but ``_TAKEN`` of the part
    along that sum is left out. The same word asked for and negated is a contradiction, and cancels.
    """
    if all(term.weight >= 0 for term in terms):
        return parts
    wanted = [row for row, term in enumerate(terms) if term.weight > 0]
    asked = {word for row in wanted for word in terms[row].words}
    towards = unit(parts[wanted].sum(axis=0))
    parts = parts.copy()
    for row, term in enumerate(terms):
        along = float(parts[row] @ towards)
        is_alike = along < -_ALIKE * float(np.linalg.norm(parts[row]))
        if term.weight < 0 and is_alike and asked.isdisjoint(term.words):
            length = float(np.linalg.norm(parts[wanted].sum(axis=0)))
            parts[row] -= (along + _TAKEN * min(length, -along)) * towards
    return parts


def pull_apart(parts: np.ndarray) -> bool:
    """Whether what the terms ask for cancels out for the most part: "fast and slow"."""
    lengths = np.linalg.norm(parts, axis=1)
    resultant = float(np.linalg.norm(parts.sum(axis=0)))
    return int((lengths > 0).sum()) > 1 and resultant < _RESULTANT * float(lengths.sum())


def parse_weights(space: Space, given: Sequence[str]) -> dict[str, float]:
    """``articulation=2`` … as a mapping from the space's names to factors."""
    weights: dict[str, float] = {}
    for text in given:
        name, equals, number = text.partition("=")
        try:
            factor = float(number)
        except ValueError:
            factor = -1.0
        if not equals or not 0 <= factor < float("inf"):
            raise EsprError(f"--weight {text!r} is not FEATURE=FACTOR with a factor of 0 or more")
        weights[space.names[space.index(name)]] = factor
    return weights
