"""Terms of queries are read once, and what is kept of them is what was read."""

from __future__ import annotations

import pytest

from espr.embeddings.encoder import load_text_encoder
from espr.evaluation.text_cache import TermCache

QUERIES = ("slightly slow, not too loud", "neither fast nor slow", "qwertzuiop")


@pytest.fixture
def cache_home(tmp_path, monkeypatch):
    monkeypatch.setenv("ESPR_CACHE", str(tmp_path))
    return tmp_path


def test_terms_are_kept_as_they_were_read(cache_home):
    encoder = load_text_encoder("glove")
    first = TermCache(encoder)
    first.add(QUERIES)
    encoder.parse = None  # a second reading takes what is kept
    again = TermCache(encoder)
    again.add(QUERIES)
    expected = [load_text_encoder("glove").parse(query) for query in QUERIES[:2]]
    assert [again[query] for query in QUERIES] == [*expected, ()]


@pytest.mark.parametrize("damage", ["", "[]", '{"slow": [["slow"]]}', "{"])
def test_a_damaged_file_is_made_again(cache_home, damage):
    encoder = load_text_encoder("glove")
    TermCache(encoder).add(QUERIES)
    (kept,) = cache_home.rglob("*-terms-*.json")
    kept.write_text(damage, encoding="utf-8")
    again = TermCache(encoder)
    again.add(QUERIES)
    assert again[QUERIES[0]] == encoder.parse(QUERIES[0])
    assert QUERIES[1] in kept.read_text(encoding="utf-8")
