"""The instrument itself: folds, systems, intervals and documents on cases with known answers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from espr.datasets.benchmark import Description, Performance, assemble_benchmark
from espr.datasets.percepiano import POLES, read_percepiano, read_ratings
from espr.errors import EsprError
from espr.evaluation.best_model import choose_settings
from espr.evaluation.corpus import Corpus
from espr.evaluation.expression_terms import expression_terms
from espr.evaluation.folds import make_folds, read_folds, write_folds
from espr.evaluation.intervals import bootstrap_interval, permutation_p
from espr.evaluation.report import CSV_COLUMNS, Evaluation, comparisons, csv_rows, document
from espr.evaluation.system import System, evaluate
from espr.features import MIDLEVEL


def corpus(dimension: int = 20, seed: int = 0) -> Corpus:
    rng = np.random.default_rng(seed)
    pieces = np.repeat([f"work{i // 2}_excerpt{i % 2}" for i in range(6)], 3)
    profiles = rng.normal(size=(18, 8))
    return Corpus(
        text="t/1",
        audio="a/1",
        space=MIDLEVEL,
        profiles=profiles,
        pieces=pieces,
        works=np.array([piece.partition("_")[0] for piece in pieces]),
        answers=profiles @ rng.normal(size=(8, dimension)) + 5.0,
        described=np.arange(18),
        terms=np.zeros((1, dimension)),
        term_targets=np.zeros((1, 8)),
    )


def benchmark(of: Corpus):
    performances = [
        Performance(str(piece), f"p{n % 3}", str(work), Path(f"{n}.wav"))
        for n, (piece, work) in enumerate(zip(of.pieces, of.works, strict=True))
    ]
    terms = [[((f"word{n}", 1.0),)] for n in range(len(performances))]
    return assemble_benchmark("con-espressione", performances, terms, [])


def test_folds_hold_out_excerpts_of_a_work_together():
    data = benchmark(corpus())
    by_work, by_piece = make_folds(data, "work"), make_folds(data, "piece")
    assert (len(by_work), len(by_piece)) == (3, 6)
    for fold in (*by_work, *by_piece):
        assert not (fold.training & fold.test).any()
    assert sum(fold.test for fold in by_work).tolist() == [1] * 18


def test_percepiano_folds_share_neither_players_nor_works():
    performances = [
        Performance(f"{work}_{n}", player, work, Path("x"))
        for work in ("schubert", "beethoven")
        for n in range(3)
        for player in "abcdef"
    ]
    data = assemble_benchmark("percepiano", performances, [[(("dry", 1.0),)]] * 36, [])
    folds = make_folds(data, seed=3)
    assert len(folds) == 4
    assert sum(fold.test for fold in folds).tolist() == [1] * 36
    for fold in folds:
        tested = [p for p, chosen in zip(performances, fold.test, strict=True) if chosen]
        trained = [p for p, chosen in zip(performances, fold.training, strict=True) if chosen]
        assert not {p.performer for p in tested} & {p.performer for p in trained}
        assert not {p.work for p in tested} & {p.work for p in trained}


def test_folds_survive_their_file(tmp_path):
    data = benchmark(corpus())
    folds = make_folds(data, "piece")
    write_folds(folds, data, tmp_path / "folds.json")
    for written, read in zip(folds, read_folds(tmp_path / "folds.json", data), strict=True):
        np.testing.assert_array_equal(written.training, read.training)
        np.testing.assert_array_equal(written.test, read.test)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["folds"][0]["test"].append("nobody/none"), "does not have"),
        (lambda d: d["folds"][0]["test"].extend(d["folds"][0]["training"]), "trains on what"),
        (lambda d: d.pop("schema"), "not a file of folds"),
    ],
)
def test_folds_that_cannot_be_used(tmp_path, change, message):
    data = benchmark(corpus())
    path = tmp_path / "folds.json"
    write_folds(make_folds(data, "piece"), data, path)
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(EsprError, match=message):
        read_folds(path, data)


def test_the_papers_regression_is_scikit_learns():
    """With fewer rows than dimensions, and with more, intercept included."""
    linear = pytest.importorskip("sklearn.linear_model", reason="scikit-learn comes with librosa")
    for dimension in (5, 20):
        data = corpus(dimension)
        training = data.works != "work0"
        held_out = np.flatnonzero(~training)
        mean, deviation = data.profiles[training].mean(0), data.profiles[training].std(0)
        standardised = (data.profiles - mean) / deviation
        theirs = linear.LinearRegression().fit(data.answers[training], standardised[training])
        system = System("t", "a", "midlevel", "paper", "none")
        folds = [f for f in make_folds(benchmark(data), "work") if f.name == "work0"]
        asked = evaluate(system, data, data.answers, np.arange(18), folds)
        predicted = theirs.predict(data.answers[held_out])
        np.testing.assert_allclose([one.profile for one in asked], predicted, atol=1e-8)


def test_rounding_of_embeddings_is_not_learned_from():
    """Descriptions of few different words span few axes; the others hold rounding alone."""
    rng = np.random.default_rng(2)
    data = corpus(20)
    words = rng.normal(size=(4, 20)).astype(np.float32)
    exact = rng.integers(0, 5, size=(18, 4)).astype(np.float32) @ words
    folds = make_folds(benchmark(data), "work")
    system = System("t", "a", "midlevel", "paper", "none")

    def profiles(answers):
        asked = evaluate(
            system, replace(data, answers=answers), np.ones((18, 20)), np.arange(18), folds
        )
        return np.array([one.profile for one in asked])

    rounded = exact * (1 + rng.normal(scale=1e-7, size=exact.shape)).astype(np.float32)
    np.testing.assert_allclose(profiles(rounded), profiles(exact), atol=1e-3)


def test_pca_with_all_components_changes_nothing_and_with_one_does():
    data = corpus(5)
    folds = make_folds(benchmark(data), "work")

    def profiles(pca):
        system = System("t", "a", "midlevel", "paper", "none", pca)
        return np.array(
            [one.profile for one in evaluate(system, data, data.answers, np.arange(18), folds)]
        )

    np.testing.assert_allclose(profiles(5), profiles(None), atol=1e-8)
    assert np.abs(profiles(1) - profiles(None)).max() > 0.1


@pytest.mark.parametrize(
    ("model", "text", "pca"),
    [("paper", "t", None), ("paper", "t", "auto"), ("best", "t", None), ("best", "t.npz", None)],
)
def test_what_is_held_out_changes_neither_the_model_nor_its_settings(model, text, pca):
    data = corpus()
    fold = next(f for f in make_folds(benchmark(data), "work") if f.name == "work1")
    disturbed = replace(data, answers=data.answers.copy(), profiles=data.profiles.copy())
    disturbed.answers[fold.test] = 7.0
    disturbed.profiles[fold.test] *= -40.0
    assert choose_settings(data, fold.training) == choose_settings(disturbed, fold.training)
    centring = "piece" if model == "best" else "none"
    system = System(text, "a", "midlevel", model, centring, pca)
    query = np.ones((18, 20))
    heard = [
        [one.profile for one in evaluate(system, of, query, np.arange(18), [fold])]
        for of in (data, disturbed)
    ]
    np.testing.assert_array_equal(*heard)


def test_a_query_without_a_known_word_is_answered_by_chance():
    data = corpus()
    system = System("t", "a", "midlevel", "paper", "none")
    folds = make_folds(benchmark(data), "work")
    for one in evaluate(system, data, np.zeros((18, 20)), np.arange(18), folds):
        assert (one.rank.above, one.rank.tied) == (0, 3)


def test_bootstrap_intervals_are_wider_over_clusters():
    clusters = np.repeat(np.arange(10), 10)
    values = clusters % 2 + 0.0  # all the variance lies between clusters
    plain, clustered = bootstrap_interval(values), bootstrap_interval(values, clusters)
    assert plain[0] < 0.5 < plain[1]
    assert clustered[1] - clustered[0] > 2 * (plain[1] - plain[0])
    # the mean of 100 coin tosses: 0.5 ± 1.96 · 0.05
    np.testing.assert_allclose(plain, (0.4, 0.6), atol=0.02)
    assert bootstrap_interval(np.ones(5)) == (1.0, 1.0)


def test_permutation_p_is_exact_enough():
    # of the 2⁵ exchanges of five equal differences 2 are as extreme: p = 1/16
    assert permutation_p(np.ones(5)) == pytest.approx(1 / 16, abs=0.01)
    assert permutation_p(np.zeros(5)) == 1.0
    assert permutation_p(np.tile([1.0, -1.0], 20)) > 0.9


@pytest.fixture
def evaluation() -> Evaluation:
    data = corpus()
    bench = benchmark(data)
    folds = make_folds(bench, "work")
    systems = (
        System("t", "a", "midlevel", "paper", "none"),
        System("t", "a", "midlevel", "best", "piece"),
    )
    outcomes = tuple(evaluate(s, data, data.answers, np.arange(18), folds) for s in systems)
    wanted = tuple(Description(n, ((f"=word{n}", 1.0),)) for n in range(18))
    return Evaluation(bench, wanted, "performance", "work", len(folds), 0, systems, outcomes)


def test_the_document_has_the_promised_fields(evaluation):
    found = json.loads(json.dumps(document(evaluation)))
    assert found["schema"] == "espr.evaluate/1"
    assert found["chance"] == pytest.approx({"top1": 1 / 3, "top2": 2 / 3, "mrr": 11 / 18})
    system = found["systems"][0]
    assert {"top1", "top2", "mrr", "ci95", "ranks", "pieces", "skipped", "pca"} <= set(system)
    assert np.mean([1 / rank["rank"] for rank in system["ranks"]]) == pytest.approx(system["mrr"])
    assert set(found["comparisons"][0]) == {"a", "b", "metric", "difference", "ci95", "p"}


def test_a_comparison_is_the_difference_of_the_figures(evaluation):
    found = document(evaluation)
    first, second = (system["mrr"] for system in found["systems"])
    row = next(row for row in comparisons(evaluation) if row["metric"] == "mrr")
    assert row["difference"] == pytest.approx(first - second)


def test_csv_has_a_row_a_system_and_query(evaluation):
    rows = csv_rows(evaluation)
    assert len(rows) == 36
    assert {len(row) for row in rows} == {len(CSV_COLUMNS)}


def percepiano(tmp_path, disagree: bool = False):
    """Two works, two segments, four players, three raters."""
    (tmp_path / "midi").mkdir()
    lines = [",".join(["user", "clip", *POLES])]
    for work in ("Schubert_D960_8bars", "Beethoven_WoO80_8bars"):
        for segment in (1, 2):
            for player in range(4):
                clip = f"{work}_{player}_{segment}"
                (tmp_path / "midi" / f"{clip}.mid").write_bytes(b"")
                for rater in range(3):
                    ratings = ["3" if not disagree else str(1 + 2 * rater)] * len(POLES)
                    ratings[0] = str(1 + 2 * (player == 3) + rater % 2)  # Timing
                    ratings[1] = "0"  # no rating
                    lines.append(",".join([str(rater), clip, *ratings]))
    (tmp_path / "ratings.csv").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_percepiano_queries_name_the_pole_that_stands_out(tmp_path):
    data = read_percepiano(percepiano(tmp_path))
    assert len(data.performances) == 16
    ratings = read_ratings(tmp_path / "ratings.csv")
    assert ratings.reliable == ["Timing_Stable_Unstable"]
    unstable = [d for d in data.descriptions if data.performances[d.performance].performer == "3"]
    assert {d.terms[0][0] for d in unstable} == {"unstable"}
    assert all(weight > 1 for d in unstable for _, weight in d.terms)


def test_percepiano_without_a_midi_file(tmp_path):
    data = percepiano(tmp_path)
    next((data / "midi").iterdir()).unlink()
    with pytest.raises(EsprError, match="lacks 1 of 16 MIDI files"):
        read_percepiano(data)


def test_percepiano_without_its_columns(tmp_path):
    (tmp_path / "ratings.csv").write_text("user,clip\n1,a\n")
    with pytest.raises(EsprError, match="no column Timing_Stable_Unstable"):
        read_ratings(tmp_path / "ratings.csv")


def test_expression_terms_name_features_of_the_space():
    from espr.features import MIDLEVEL_PLUS

    terms = dict(expression_terms(MIDLEVEL_PLUS))
    assert len(terms) > 200
    assert np.linalg.norm(terms["staccato"]) == pytest.approx(1.5)
    assert terms["slow"][MIDLEVEL_PLUS.index("onset_density")] < 0
