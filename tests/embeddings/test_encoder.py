"""The text encoder: rows that add up, and what it imports."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from espr.embeddings.encoder import load_text_encoder
from espr.errors import WRONG_INPUT, EsprError

ENCODER = load_text_encoder("glove")


def test_what_it_is() -> None:
    assert (ENCODER.name, ENCODER.id, ENCODER.dimension) == ("glove", "glove/1", 100)


def test_an_embedding_is_the_sum_of_its_words() -> None:
    together = ENCODER.embed("shy, delicate")
    apart = ENCODER.embed("shy") + ENCODER.embed("delicate")
    assert together.shape == (100,)
    assert together.dtype == np.float32
    np.testing.assert_allclose(together, apart, rtol=1e-5)


def test_rows_hold_the_weights_and_add_up() -> None:
    terms = ENCODER.parse("very soft, not mechanical, clear phrasing, qzxv", exclude=["fast"])
    rows = ENCODER.embed_terms(terms)
    assert rows.shape == (len(terms), 100) == (5, 100)
    np.testing.assert_allclose(rows[0], 1.5 * ENCODER.embed("soft"), rtol=1e-5)
    np.testing.assert_allclose(rows[1], -ENCODER.embed("mechanical"), rtol=1e-5)
    np.testing.assert_allclose(rows[2], ENCODER.embed("clear, phrasing"), rtol=1e-5)
    assert not rows[3].any()  # unknown
    np.testing.assert_allclose(rows[4], -ENCODER.embed("fast"), rtol=1e-5)
    text = "very soft, not mechanical, clear phrasing, not fast"
    np.testing.assert_allclose(rows.sum(axis=0), ENCODER.embed(text), rtol=1e-4, atol=1e-5)


def test_no_terms_no_rows() -> None:
    assert ENCODER.embed_terms([]).shape == (0, 100)


@pytest.mark.parametrize("text", ["", "the", "qzxv", "🎹", "\x00"])
def test_never_a_silent_zero(text: str) -> None:
    with pytest.raises(EsprError) as raised:
        ENCODER.embed(text)
    assert raised.value.exit_code == WRONG_INPUT


def test_an_unknown_encoder() -> None:
    with pytest.raises(EsprError, match="no text encoder 'word2vec'; there is emotion, glove"):
        load_text_encoder("word2vec")


def test_it_imports_numpy_and_nothing_heavier() -> None:
    program = (
        "import sys, espr.embeddings.encoder as e\n"
        "assert 'numpy' not in sys.modules\n"
        "e.load_text_encoder().embed('shy')\n"
        "heavy = {'torch', 'librosa', 'gensim', 'scipy', 'numba', 'sklearn', 'pandas', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (run.stdout.strip(), run.stderr) == ("[]", "")
