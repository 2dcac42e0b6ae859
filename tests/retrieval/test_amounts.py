"""How much is asked for: targets, the ends, the middle, and words that cancel out."""

from __future__ import annotations

import numpy as np
import pytest

from espr.embeddings.encoder import load_text_encoder
from espr.query_language.parser import Term
from espr.retrieval.amounts import Amounts, between_opposites, query_amounts
from espr.retrieval.query_model import load_query_model
from espr.retrieval.query_profile import pull_apart, query_parts
from espr.retrieval.ranking import contributions, cosine

QUERY = np.array([1.0, 0.0])
# of a feature that is asked for, and of another one
PROFILES = np.array([[2.0, 0.3], [0.5, 0.3], [0.1, 0.3], [-1.0, 0.3]])


def test_without_amounts_equation_1_ranks() -> None:
    plain = Amounts(np.full(2, np.inf))
    assert plain.is_plain
    assert (plain.contributions(QUERY, PROFILES) == contributions(QUERY, PROFILES)).all()
    assert np.argmax(cosine(QUERY, PROFILES)) == 0


@pytest.mark.parametrize(("target", "first"), [(0.5, 1), (0.0, 2), (5.0, 0)])
def test_a_target_prefers_what_is_near_it(target: float, first: int) -> None:
    amounts = Amounts(np.array([target, np.inf]))
    scores = amounts.contributions(QUERY, PROFILES).sum(axis=1)
    assert np.argmax(scores) == first
    assert (np.abs(scores) <= 1).all()


def test_a_target_is_as_wide_as_the_performances_lie_apart() -> None:
    """Of takes up to 9 standard deviations apart, one a little on that side is a little of it."""
    profiles = np.array([[9.0, 0.1], [2.0, 0.1], [-1.0, 0.1], [-6.0, 0.1]])
    amounts = Amounts(np.array([0.5, 0.5])).among(QUERY, profiles)
    parts = amounts.contributions(QUERY, profiles)
    scores = amounts.scores(QUERY, profiles)
    assert np.argmax(scores) == 1
    assert scores[1] > 0.9 and scores[3] < 0
    np.testing.assert_allclose(parts.sum(axis=1), scores)
    assert Amounts(np.array([0.5, 0.5])).among(QUERY, PROFILES / 10).spread == 1


def test_a_target_lies_along_all_that_the_words_ask_for() -> None:
    """What a query hardly asks for costs as much as without a target."""
    query = np.array([1.0, 1.0, 0.1])
    profiles = np.array([[0.3, 0.3, 2.0], [3.0, 3.0, 0.0]])
    amounts = Amounts(np.full(3, 0.5))
    assert amounts.scores(query, profiles)[0] == pytest.approx(cosine(query, profiles)[0], abs=0.1)
    assert amounts.scores(query, profiles)[1] < 0


def test_the_ends_prefer_what_goes_furthest() -> None:
    profiles = np.array([[0.2, 0.0], [2.0, 0.5]])
    assert np.argmax(cosine(QUERY, profiles)) == 0
    ends = Amounts(np.full(2, np.inf), is_extreme=True)
    assert np.argmax(ends.contributions(QUERY, profiles).sum(axis=1)) == 1


ENCODER, MODEL = load_text_encoder(), load_query_model()


def amounts_of(text: str) -> tuple[Amounts, np.ndarray]:
    """The amounts of a query, and its profile."""
    terms = ENCODER.parse(text)
    terms, parts = between_opposites(terms, query_parts(MODEL, ENCODER, terms))
    return query_amounts(terms, parts), parts.sum(axis=0)


ONSETS = MODEL.space.index("onset_density")


@pytest.mark.parametrize(
    ("text", "sign", "target"),
    [
        ("slightly fast", 1, 0.5),
        ("a little faster", 1, 0.5),
        ("not too fast", -1, 0.5),
        ("moderately slow", -1, 0.75),
        ("fast", 1, np.inf),
        ("hardly fast", -1, np.inf),
    ],
)
def test_small_degrees_are_targets(text: str, sign: float, target: float) -> None:
    amounts, profile = amounts_of(text)
    assert np.sign(profile[ONSETS]) == sign
    assert amounts.targets[ONSETS] == pytest.approx(target)


def test_neither_nor_asks_for_the_middle() -> None:
    amounts, profile = amounts_of("neither fast nor slow")
    assert amounts.targets[ONSETS] == 0
    assert abs(profile[ONSETS]) > 0.5


def test_large_degrees_ask_for_the_ends() -> None:
    assert amounts_of("very sad")[0].is_extreme
    assert amounts_of("as fast as possible")[0].is_extreme
    assert not amounts_of("very sad, slow")[0].is_extreme


def test_what_is_like_what_is_asked_for_takes_little_from_it() -> None:
    slow = amounts_of("slow")[1][ONSETS]
    kept = amounts_of("slow but not dragging")[1][ONSETS]
    assert slow < kept < slow / 2 < 0


def test_words_that_cancel_pull_apart() -> None:
    terms = ENCODER.parse("fast and slow")
    assert pull_apart(query_parts(MODEL, ENCODER, terms))
    assert not pull_apart(query_parts(MODEL, ENCODER, ENCODER.parse("fast, dark")))


def test_an_unknown_term_has_no_amount() -> None:
    unknown = Term("qzxv", (), 0.5, known=False, target=0.5)
    assert query_amounts([unknown], np.zeros((1, 2))).is_plain
