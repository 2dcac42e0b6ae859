"""Performers, pieces and durations that a text mentions."""

from __future__ import annotations

import pytest

from espr.errors import NOTHING_MATCHED, EsprError
from espr.retrieval.mentions import Mentions, capital_runs, possible_names, read_mentions
from tests.synthetic_library import build

PERFORMERS = [
    "Glenn Gould",
    "Sviatoslav Richter",
    "Hélène Grimaud",
    "Kathleen Long",
    "Eric Heidsieck",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("like Glenn Gould", Mentions("", like=("Glenn Gould",))),
        ("something like gould, but softer", Mentions("something , but softer", ("Glenn Gould",))),
        ("in the style of Richter", Mentions("", like=("Sviatoslav Richter",))),
        ("slower than Richter", Mentions("slower", beyond="Sviatoslav Richter")),
        ("more Grimaud than Gould", Mentions("", ("Hélène Grimaud",), ("Glenn Gould",))),
        ("not like Gould", Mentions("", unlike=("Glenn Gould",))),
        ("less like Gould", Mentions("", unlike=("Glenn Gould",))),
        ("more like Gould", Mentions("", like=("Glenn Gould",))),
        ("less Gould than Richter", Mentions("", ("Sviatoslav Richter",), ("Glenn Gould",))),
        ("less like Gould than Richter", Mentions("", ("Sviatoslav Richter",), ("Glenn Gould",))),
        ("nothing like Gould", Mentions("", unlike=("Glenn Gould",))),
        ("it doesn’t sound at all like Gould", Mentions("it", unlike=("Glenn Gould",))),
        ("not slow, like Gould", Mentions("not slow,", like=("Glenn Gould",))),
        ("unlike helene grimaud it is dark", Mentions("it is dark", unlike=("Hélène Grimaud",))),
        ("a long line", Mentions("a long line")),
        ("darker than Long", Mentions("darker", beyond="Kathleen Long")),
        ("Gould hums", Mentions("Gould hums")),
        ("slow, under 4 minutes", Mentions("slow,", longest=240)),
        ("slow and longer than ten minutes", Mentions("slow and", shortest=600)),
        ("no longer than 90 seconds, calm", Mentions(", calm", longest=90)),
    ],
)
def test_mentions(text: str, expected: Mentions) -> None:
    assert read_mentions(text, PERFORMERS) == expected


def test_a_surname_that_two_bear_asks_which() -> None:
    both = ["Rudolf Serkin", "Peter Serkin"]
    with pytest.raises(EsprError, match="'Serkin' names 2 performers: Peter Serkin, Rudolf"):
        read_mentions("like Serkin", both)
    assert read_mentions("like Peter Serkin", both).like == ("Peter Serkin",)
    assert read_mentions("as Serkin hums", both).like == ()


def test_possible_names() -> None:
    assert possible_names("Gould") == ["gould"]
    assert possible_names("The slow movement, slower than Sviatoslav richter") == [
        "sviatoslav",
        "richter",
    ]
    assert possible_names("a slow and sad one") == []


def test_capital_runs() -> None:
    assert capital_runs("the slowest Moonlight") == ["Moonlight"]
    assert capital_runs("A calm Sonata Op 27 please") == ["Sonata Op 27"]
    assert capital_runs("Für Elise, slow") == ["Für Elise", "Elise"]
    assert capital_runs("Slow and sad") == []


@pytest.fixture
def library(tmp_path):
    builder = build(tmp_path / "library.espr")
    with builder.library() as opened:
        yield opened
    builder.close()


def test_a_performer_is_one_to_sound_like(library) -> None:
    spoken = library.query("like Gould", "prelude")
    asked = library.query("", "prelude", like="Gould")
    assert [r.performer for r in spoken.results] == [r.performer for r in asked.results]
    assert [r.score for r in spoken] == pytest.approx([r.score for r in asked])
    assert "Gould is left out: the one to sound like." in spoken.notes


def test_a_comparison_counts_from_the_performer(library) -> None:
    ranking = library.query("legato than Gould", "prelude")
    scores = {result.performer: result.score for result in ranking.results}
    assert scores["Gould"] == 0
    assert scores["Arrau"] == max(scores.values()) > 0
    assert sum(ranking.results[0].contributions) == pytest.approx(ranking.results[0].score)


def test_a_comparison_needs_the_piece(library) -> None:
    with pytest.raises(EsprError, match="add --piece") as raised:
        library.query("legato than Gould")
    assert raised.value.exit_code == NOTHING_MATCHED


def test_a_note_on_what_is_not_told_apart_leaves_out_who_is_compared_with(library) -> None:
    ranking = library.query("legato than Lipatti", "prelude")
    assert not any("Lipatti" in note for note in ranking.notes)


@pytest.mark.parametrize(
    "text", ["like Gulda", "unlike Gulda", "in the style of Gulda", "more Gulda than Richter"]
)
def test_a_performer_who_is_not_in_the_library_alone(library, text: str) -> None:
    with pytest.raises(EsprError, match="the library has no performer 'Gulda'") as raised:
        library.query(text, "prelude")
    assert raised.value.exit_code == NOTHING_MATCHED


@pytest.mark.parametrize(
    "text", ["like Gulda, legato", "legato, in the manner of Gulda", "legato than Gulda"]
)
def test_a_performer_who_is_not_in_the_library_beside_words(library, text: str) -> None:
    ranking, plain = library.query(text, "prelude"), library.query("legato", "prelude")
    assert [r.score for r in ranking] == pytest.approx([r.score for r in plain])
    assert "The library has no performer 'Gulda'; the name was left out." in ranking.notes
    assert ranking.document()["query"]["mentions"]["not_in_library"] == ["Gulda"]


def test_a_piece_in_the_words_is_the_one_that_is_ranked(library) -> None:
    ranking = library.query("the most legato Prelude")
    assert ranking.piece is not None
    assert ranking.piece.slug == library.query("legato", "prelude").piece.slug


def test_a_duration_filters(library) -> None:
    with pytest.raises(EsprError, match="as long as asked"):
        library.query("legato, longer than 9 minutes", "prelude")
    assert len(library.query("legato, under 9 minutes", "prelude").results) == 4
