"""Grouping of metadata that others published, where it lies beside the checkout."""

import pytest

from tests.benchmarks.published_pieces import PIECES, agreement_of, wrong_minimal_cases

pytestmark = pytest.mark.skipif(
    not PIECES.is_dir(),
    reason=f"published metadata is measured, not copied into the repo: {PIECES}",
)


def test_no_minimal_case_is_wrong() -> None:
    assert wrong_minimal_cases() == []


@pytest.mark.parametrize(
    ("name", "precision", "recall"),
    [
        ("atepp by tags", 0.995, 0.985),
        ("atepp, title under composer", 0.995, 0.90),
        ("atepp, composer - title - performer", 0.99, 0.985),
        ("atepp, composer/performer/NN - title", 0.99, 0.95),
        ("asap by paths", 0.98, 0.90),
        ("musicnet by tags", 0.99, 0.95),
    ],
)
def test_published_metadata_is_grouped(name: str, precision: float, recall: float) -> None:
    found = agreement_of(name)
    assert found.precision >= precision
    assert found.recall >= recall
