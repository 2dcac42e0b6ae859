"""What people write about performances points the way that a pianist expects."""

from __future__ import annotations

from pathlib import Path

import pytest

from espr.embeddings.encoder import load_text_encoder
from espr.retrieval.query_model import load_query_model
from tests.benchmarks.phrases import OWN, measure
from tests.shared_data import DATA

SHARED = DATA / "phrases"


@pytest.mark.parametrize(("path", "least"), [*zip(OWN, (0.95, 0.92, 0.95), strict=True)])
def test_own_phrases(path: Path, least: float) -> None:
    directions, whole = measure(path, load_text_encoder(), load_query_model(), verbose=True)
    assert directions >= least
    assert whole >= least - 0.01


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the phrases are not in the repo: {SHARED}")
@pytest.mark.parametrize(
    ("name", "least", "least_whole"), [("phrases", 0.95, 0.85), ("poles", 0.97, 0.97)]
)
def test_phrases_of_reviews(name: str, least: float, least_whole: float) -> None:
    path = SHARED / f"{name}.csv"
    directions, whole = measure(path, load_text_encoder(), load_query_model(), verbose=True)
    assert directions >= least
    assert whole >= least_whole
