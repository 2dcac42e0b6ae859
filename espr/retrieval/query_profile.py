"""From words, a likeness and weights to the profile of a query.

The profile of the words is h of the sum of their vectors (Chowdhury & Widmer, FIRE 2023,
sec. 4.1). A recording to sound like is added at equal length, so that neither drowns the
other; weights scale the sum, never the performances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from espr.errors import EsprError
from espr.retrieval.ranking import unit
from espr.space import Space
from espr.text.encoder import TextEncoder
from espr.text.query_model import QueryModel
from espr.text.tokens import Term


def query_profile(
    model: QueryModel,
    encoder: TextEncoder,
    terms: Sequence[Term],
    likeness: np.ndarray | None = None,
    weights: Mapping[str, float] | None = None,
) -> np.ndarray:
    """The profile, shape=(d,), that performances are compared with.

    Parameters
    ----------
    terms
        The words; unknown ones add nothing.
    likeness : np.ndarray, shape=(d,)
        The centred or standardised profile of a recording to sound like.
    weights
        Feature name to factor, 0 or more.
    """
    profile = np.zeros(len(model.space))
    if terms:
        profile = model.profile(encoder.embed_terms(terms).sum(axis=0))
    if likeness is not None:
        profile = unit(profile) + unit(likeness)
    for name, factor in (weights or {}).items():
        profile[model.space.index(name)] *= factor
    return profile


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
