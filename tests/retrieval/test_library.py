"""The library's own answers, on performances whose profiles are known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from espr.errors import NOTHING_MATCHED, WRONG_INPUT, EsprError
from espr.features import MIDLEVEL, MIDLEVEL_PLUS
from espr.retrieval.query_profile import parse_weights
from tests.synthetic_library import MANNERS, Builder, build, identity_model, vector


@pytest.fixture
def builder(tmp_path):
    builder = build(tmp_path / "library.espr")
    yield builder
    builder.close()


@pytest.fixture
def library(builder):
    with builder.library() as opened:
        yield opened


def performers(ranking):
    return [result.performer for result in ranking.results]


def test_each_description_finds_the_performance_that_fits_it(library):
    answers = {
        text: performers(library.query(text, piece="prelude"))[0]
        for text in ("legato, soft", "staccato", "loud and hard", "free")
    }
    assert answers == {
        "legato, soft": "Arrau",
        "staccato": "Gould",
        "loud and hard": "Hess",
        "free": "Lipatti",
    }


def test_within_a_piece_what_all_performances_share_does_not_count(library):
    prelude, toccata = (library.query("dense", piece=p) for p in ("prelude", "toccata"))
    # The toccata's mean is shrunk towards the reference, so scores move, but not the order
    # of the performances that differ in density.
    assert performers(prelude)[0] == performers(toccata)[0] == "Gould"
    assert performers(toccata)[-1] == "Arrau"


def test_profiles_are_deviations_from_the_shrunk_mean_of_all_takes(library):
    ranking = library.query("legato", piece="prelude", top=1)
    mean = sum(MANNERS.values()) / (len(MANNERS) + 1)  # kappa is 1, the reference mean 0
    assert ranking.results[0].profile == pytest.approx(MANNERS["Arrau"] - mean, abs=1e-6)
    assert len(ranking.results) == 1
    assert ranking.performances == 4


def test_contributions_sum_to_the_score(library):
    for result in library.query("soft, not hard", piece="prelude").results:
        assert result.contributions.sum() == pytest.approx(result.score)


def test_in_the_document_the_printed_contributions_sum_to_the_printed_score(library):
    document = json.loads(json.dumps(library.query("soft, free", piece="prelude").document()))
    assert document["schema"] == "espr.query/1"
    assert document["centring"] == "piece"
    assert document["piece"]["performances"] == 4
    for result in document["results"]:
        assert round(sum(result["contributions"].values()), 4) == result["score"]
        assert list(result["profile"]) == list(MIDLEVEL_PLUS.names)
    first, second = document["results"][:2]
    assert "behind_first" not in first
    assert second["behind_first"]["difference"] > 0


def test_the_best_window_is_where_the_performance_fits_most(builder):
    deviations = [vector()] * 10
    deviations[4] = vector(articulation=-3.0)
    deviations[7] = vector(articulation=3.0)
    builder.add("prelude", "Pires", vector(brightness=0.5), deviations)
    with builder.library() as library:
        window = next(
            result.best_window
            for result in library.query("legato", piece="prelude").results
            if result.performer == "Pires"
        )
    assert (window.start, window.end) == (20.0, 35.0)
    assert window.score > 0.9


def test_a_copy_is_shown_once_and_does_not_weigh_twice(builder):
    with builder.library() as library:
        before = library.query("legato", piece="prelude")
    original = before.results[0].source.id
    builder.add("prelude", "Arrau", MANNERS["Arrau"], name="reissue.flac", copy_of=original)
    with builder.library() as library:
        after = library.query("legato", piece="prelude")
    assert performers(after) == performers(before)
    assert [r.score for r in after.results] == [r.score for r in before.results]
    assert any("1 copy" in note for note in after.notes)


def test_equal_performances_share_a_rank_in_the_order_of_performers(builder):
    builder.add("prelude", "Zimerman", MANNERS["Arrau"])
    builder.add("prelude", "Argerich", MANNERS["Arrau"])
    with builder.library() as library:
        ranking = library.query("legato", piece="prelude")
    assert [(r.rank, r.performer) for r in ranking.results[:4]] == [
        (1, "Argerich"),
        (1, "Arrau"),
        (1, "Zimerman"),
        (4, ranking.results[3].performer),
    ]
    assert "do not tell Argerich from Arrau and Zimerman" in " ".join(ranking.notes)


def test_performances_that_differ_throughout_carry_no_such_note(library):
    assert library.query("legato", piece="prelude").notes == ()


def test_a_piece_with_one_performance_is_shown_and_said_to_be_unranked(builder):
    builder.add("solo", "Pires", vector(loudness=-1.0))
    with builder.library() as library:
        ranking = library.query("soft", piece="solo")
    assert performers(ranking) == ["Pires"]
    assert "at least 2 are needed to rank" in ranking.notes[0]


def test_a_performance_without_any_deviation_scores_zero(tmp_path):
    builder = Builder(tmp_path / "library.espr")
    builder.add("blank", "Nobody", vector())
    builder.add("blank", "Anybody", vector())
    builder.close()
    with builder.library() as library:
        ranking = library.query("soft", piece="blank")
    assert [result.score for result in ranking.results] == [0.0, 0.0]


def test_music_unlike_the_reference_is_noted(builder):
    builder.add("noise", "A", np.full(12, 9.0))
    builder.add("noise", "B", np.full(12, 9.5))
    with builder.library() as library:
        assert any("does not sound like" in n for n in library.query("soft", "noise").notes)
        whole = library.query("singable", top=1)
    assert any("Unlike the solo piano music" in note for note in whole.notes)


def test_weights_scale_the_query_and_not_the_performances(library):
    plain = library.query("legato, loud", piece="prelude")
    weighted = library.query("legato, loud", piece="prelude", weights={"articulation": 3.0})
    assert performers(plain)[0] == "Hess"
    assert performers(weighted)[0] == "Arrau"
    assert np.array_equal(
        {r.performer: r.profile for r in plain.results}["Hess"],
        {r.performer: r.profile for r in weighted.results}["Hess"],
    )


@pytest.mark.parametrize(
    "text",
    ["articulation", "articulation=", "articulation=-1", "x=1", "loudness=nan", "loudness=inf"],
)
def test_a_weight_that_cannot_be_read_is_wrong_input(text):
    with pytest.raises(EsprError) as caught:
        parse_weights(MIDLEVEL, [text])
    assert caught.value.exit_code == WRONG_INPUT


def test_what_is_excluded_counts_against(library):
    ranking = library.query("loud", piece="prelude", exclude=["hard", "bright"])
    assert ranking.query.profile[MIDLEVEL_PLUS.index("attack")] == -1.0
    only = library.query("", piece="prelude", exclude=["staccato"])
    assert performers(only)[0] == "Arrau"


def test_like_finds_what_resembles_a_performance_and_leaves_it_out(builder):
    builder.add("prelude", "Pires", 0.8 * MANNERS["Arrau"])
    with builder.library() as library:
        ranking = library.query(piece="prelude", like="Arrau")
        assert performers(ranking)[0] == "Pires"
        assert "Arrau" not in performers(ranking)
        both = library.query("loud", piece="prelude", like="prelude_Arrau.flac")
        words, likeness = vector(loudness=1.0), both.query.profile - vector(loudness=1.0)
        assert np.linalg.norm(likeness) == pytest.approx(np.linalg.norm(words))


def test_like_carries_a_manner_from_one_piece_to_another(library):
    ranking = library.query(piece="toccata", like="prelude_Gould.flac")
    assert performers(ranking)[0] == "Gould"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("prelud", None, ""),
        ("tocata", NOTHING_MATCHED, "toccata"),
        ("xyzzy", NOTHING_MATCHED, "espr pieces"),
    ],
)
def test_a_piece_is_found_by_its_beginning_or_the_nearest_is_named(library, words, code, said):
    if code is None:
        assert library.query("soft", piece=words).piece.slug == "prelude"
        return
    with pytest.raises(EsprError, match=said) as caught:
        library.query("soft", piece=words)
    assert caught.value.exit_code == code


def test_an_ambiguous_piece_lists_the_candidates(builder):
    builder.add("prelude-in-c", "Pires", vector())
    builder.add("prelude-in-d", "Pires", vector())
    with builder.library() as library, pytest.raises(EsprError) as caught:
        library.query("soft", piece="prelude-in")
    assert caught.value.exit_code == WRONG_INPUT
    assert "prelude-in-c, prelude-in-d" in str(caught.value)


@pytest.mark.parametrize(
    "asked",
    [
        {"text": ""},
        {"text": "   "},
        {"text": "the of and"},
        {"text": "xyzzy"},
        {"text": "soft", "top": 0},
        {"text": "soft", "weights": {"loudness": 0.0}},
    ],
)
def test_a_query_that_asks_nothing_is_wrong_input(library, asked):
    with pytest.raises(EsprError) as caught:
        library.query(piece="prelude", **asked)
    assert caught.value.exit_code == WRONG_INPUT


def test_without_centring_profiles_are_seen_from_the_reference(builder):
    with builder.library(identity_model(centring="none")) as library:
        ranking = library.query("dense", piece="toccata")
    assert ranking.document()["centring"] == "none"
    gould = next(result for result in ranking.results if result.performer == "Gould")
    expected = MANNERS["Gould"] + vector(onset_density=3.0, brightness=2.0)
    assert gould.profile == pytest.approx(expected, abs=1e-6)


def test_a_smaller_space_reads_the_first_columns(builder):
    with builder.library(identity_model(MIDLEVEL)) as library:
        ranking = library.query("legato", piece="prelude")
    assert performers(ranking)[0] == "Arrau"
    assert len(ranking.results[0].contributions) == 8
