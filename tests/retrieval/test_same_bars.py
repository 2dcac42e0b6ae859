"""The same bars of two recordings of a library, from what is stored of them."""

from __future__ import annotations

import numpy as np
import pytest

from espr.alignment.recording_comparison import compare
from espr.audio.encoder import Analysis, Windows
from espr.catalog.catalog import Catalog
from espr.catalog.models import ScannedFile
from espr.catalog.recordings import store_analysis
from espr.catalog.sound import store_comparisons
from espr.features import MIDLEVEL
from espr.retrieval.same_bars import piece_tempo_curves, time_map
from espr.works.tags import Tags
from tests.played_notes import perform, score

PLAYED = (
    perform(score(1), 1.0, seed=1),
    perform(score(1), 1.2, seed=2),
    perform(score(1), 0.9, seed=3) - [0.0, 1.0],  # tuned a semitone lower
    perform(score(2), 1.0, seed=4),
    None,  # of an encoder that writes no notes
)


@pytest.fixture
def catalog(tmp_path):
    with Catalog.open(tmp_path / "library.espr", write=True) as opened:
        for number, notes in enumerate(PLAYED, 1):
            windows = Windows(np.array([[0.0, 15.0]]), np.zeros((1, 8), np.float32), MIDLEVEL)
            analysis = Analysis(windows, 60.0, f"{number:032x}", {}, notes)
            source = ScannedFile(f"/music/{number}.flac", 0.0, None, 1, 1)
            store_analysis(opened, source, Tags(), analysis, "noting/1")
        yield opened


@pytest.mark.parametrize("stored", [True, False])
def test_a_moment_leads_to_the_other_performance(catalog, stored):
    if stored:
        (comparison,) = compare(PLAYED[0], [PLAYED[1]])
        store_comparisons(catalog.connection, 1, {2: comparison})
    there = time_map(catalog, 1, 2)
    back = time_map(catalog, 2, 1)
    assert there.at(30.5) == pytest.approx(25.5, abs=1.0)
    assert back.at(there.at(30.5)) == pytest.approx(30.5, abs=0.1)
    assert time_map(catalog, 1, 3).at(30.5) == pytest.approx(33.8, abs=1.0)


@pytest.mark.parametrize("other", [4, 5, 99])
def test_there_is_no_map_to_other_music_nor_to_unknown_notes(catalog, other):
    assert not time_map(catalog, 1, other)


def test_curves_of_all_that_can_be_compared(catalog):
    curves = piece_tempo_curves(catalog, [1, 2, 3, 4, 5])
    assert set(curves.tempos) == {1, 2, 3}
    medians = {one: float(np.nanmedian(tempo)) for one, tempo in curves.tempos.items()}
    mean = (1.0 * 1.2 * 0.9) ** (1 / 3)
    assert medians == pytest.approx({1: 1 / mean, 2: 1.2 / mean, 3: 0.9 / mean}, rel=0.05)
    assert piece_tempo_curves(catalog, [1, 4]) is None
    assert piece_tempo_curves(catalog, []) is None
