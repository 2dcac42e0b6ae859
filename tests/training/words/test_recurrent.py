"""The recurrent enrichment, on a corpus of two emotions whose answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from espr.training.words.base import units
from espr.training.words.recurrent import (
    Comments,
    extended,
    read_labelled,
    trained,
)

COUNT, DIMENSION = 80, 10
UNSEEN = 20  # the first words stand in no comment


def alike(rows: np.ndarray, chosen: slice) -> tuple[float, float]:
    """Mean cosine of two words of one emotion, and of two emotions."""
    rows = units(rows[chosen])
    happy, sad = rows[::2], rows[1::2]
    count = len(happy)
    within = ((happy @ happy.T).sum() - count) / (count * (count - 1))
    return float(within), float(np.mean(happy @ sad.T))


@pytest.fixture(scope="module")
def corpus() -> tuple[np.ndarray, Comments]:
    """Even words stand in comments of one emotion, odd ones in the other's; they start alike.

    Which emotion a word is of shows in the first of its numbers, and faintly: ±0.3.
    """
    rng = np.random.default_rng(1)
    before = rng.normal(0, 0.2, (COUNT, DIMENSION)) + 0.3
    before[:, 0] = np.where(np.arange(COUNT) % 2, -0.3, 0.3)
    emotion = rng.integers(0, 2, 600)
    words = [
        [int(2 * rng.integers(UNSEEN // 2, COUNT // 2) + e) for _ in range(4)] for e in emotion
    ]
    return before, Comments(words, np.eye(2, dtype=np.float32)[emotion])


def test_opposite_words_part_and_unseen_words_go_along(corpus: tuple[np.ndarray, Comments]) -> None:
    before, comments = corpus
    learned = np.arange(COUNT) >= UNSEEN
    after, cost = trained(before, comments, comments, rate=0.03, epochs=4)
    assert cost < 0.1  # two emotions guessed would be 0.69
    np.testing.assert_allclose(after[~learned], before[~learned], atol=1e-6)
    rows = extended(before, after, learned)
    assert np.array_equal(rows[learned], after[learned])
    for chosen in (slice(UNSEEN, None), slice(UNSEEN)):
        (within_before, across_before), (within, across) = (
            alike(r, chosen) for r in (before, rows)
        )
        assert across < across_before - 0.1
        assert within - across > within_before - across_before + 0.1


def test_the_same_every_time_and_still_epochs_move_no_word(
    corpus: tuple[np.ndarray, Comments],
) -> None:
    before, comments = corpus
    first, again = (trained(before, comments, comments, 0.01, 1)[0] for _ in range(2))
    assert np.array_equal(first, again)
    assert np.abs(first - before).max() > 0.01
    still, _ = trained(before, comments, comments, 0.01, 1, still=1)
    np.testing.assert_allclose(still, before, atol=1e-6)


def test_two_labels_count_half_each_and_comments_of_unknown_words_are_left_out(
    tmp_path: Path,
) -> None:
    (tmp_path / "goemotions_labels.txt").write_text("anger\njoy\nneutral\n")
    (tmp_path / "goemotions_dev.tsv").write_text(
        '"Glad [NAME], so glad\t0,1\ta\nzzz\t2\tb\nnot mean\t2\tc\n'
    )
    comments = read_labelled(tmp_path, "dev", ["glad", "name", "mean", "not"])
    assert comments.words == [[0, 0], [3, 2]]
    assert comments.labels.tolist() == [[0.5, 0.5, 0], [0, 0, 1]]
