"""The tempo of a benchmark's performances: by their notes, and by nothing else."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from espr.audio.encoder import DEFAULT_AUDIO
from espr.datasets.con_espressione import read_con_espressione
from espr.evaluation import piece_tempos as module
from espr.evaluation.encodings import Encodings
from espr.evaluation.feature_cache import id_of, place_of, write_notes
from espr.evaluation.piece_tempos import piece_tempos
from espr.evaluation.system import System
from espr.features import MIDLEVEL_PLUS
from tests.synthetic_evaluation import PERFORMERS, TEMPOS

TEMPO = MIDLEVEL_PLUS.index("tempo")
SYSTEM = System("glove", "signal", "midlevel+", "best", "piece", reading="grammar")


@pytest.fixture
def benchmark(game):
    return read_con_espressione(game)


def test_they_are_those_of_the_notes(benchmark):
    mean = np.prod(list(TEMPOS.values())) ** (1 / len(TEMPOS))
    expected = [TEMPOS[one.performer] / mean for one in benchmark.performances]
    found = piece_tempos(benchmark.performances)
    assert [found[place] for place in range(len(expected))] == pytest.approx(expected, rel=0.04)


def test_the_order_of_performances_changes_nothing(benchmark):
    found = piece_tempos(benchmark.performances)
    shuffled = np.random.default_rng(1).permutation(len(benchmark.performances)).tolist()
    again = piece_tempos([benchmark.performances[place] for place in shuffled])
    assert {shuffled[place]: tempo for place, tempo in again.items()} == found


def test_labels_change_nothing(benchmark):
    """What was said of one performance, said of another: tempo and features stay."""
    rng = np.random.default_rng(2)
    places = rng.permutation(len(benchmark.performances)).tolist()
    said = tuple(
        replace(one, performance=places[one.performance]) for one in benchmark.descriptions
    )
    plain, permuted = (
        Encodings(one).corpus(SYSTEM) for one in (benchmark, replace(benchmark, descriptions=said))
    )
    assert (plain.described != permuted.described).any()
    np.testing.assert_array_equal(plain.profiles, permuted.profiles)
    assert plain.profiles[:, TEMPO].std() > 0.05


def test_pairs_are_aligned_once(benchmark, monkeypatch):
    found = piece_tempos(benchmark.performances)
    monkeypatch.setattr(module, "compare", None)  # it would raise
    assert piece_tempos(benchmark.performances) == found


def test_what_is_alone_or_plays_something_else_has_none(benchmark):
    first, second, *others = benchmark.performances
    apart = [replace(first, piece="alone"), second, *others]
    assert 0 not in piece_tempos(apart)
    nobody_knows = [replace(one, piece="") for one in benchmark.performances]
    assert piece_tempos(nobody_knows) == {}
    write_notes(place_of(first.audio, id_of(DEFAULT_AUDIO)), np.zeros((0, 2)))
    assert set(piece_tempos(benchmark.performances)) == set(range(1, len(others) + 2))


def test_systems_are_compared_without_it(run_evaluate):
    arguments = ("--audio", "signal", "--model", "best", "--without", "tempo", "--json")
    document = json.loads(run_evaluate(*arguments))
    assert [(one["space"], one["without"]) for one in document["systems"]] == [
        ("midlevel", []),
        ("midlevel+", []),
        ("midlevel+", ["tempo"]),
    ]
    pairs = {(one["a"], one["b"]) for one in document["comparisons"]}
    assert any("(midlevel+ without tempo)" in b and "(midlevel+)" in a for a, b in pairs)
    assert len(PERFORMERS) == 3


def test_a_feature_that_there_is_not_is_an_error(run_evaluate):
    assert "no feature 'swing'" in run_evaluate("--without", "swing", fails=True)
