"""``espr show``: a performance against its piece, through time, and in words."""

from __future__ import annotations

import csv
import io
import json
from itertools import chain

import numpy as np
import pytest

from espr.cli.output.charts import ASCII, BLOCKS, bar, marks, sparkline
from espr.embeddings.encoder import load_text_encoder
from espr.embeddings.word_vectors import load_vectors
from espr.errors import NO_LIBRARY, NOTHING_MATCHED, WRONG_INPUT
from espr.features import get_space
from espr.printable import clock
from espr.retrieval.explanation import heard_as
from espr.retrieval.query_model import load_query_model
from espr.retrieval.recording_profile import describing_words, nearest_words, playing_words
from tests.synthetic_library import (
    MANNERS,
    ask,
    build,
    identity_model,
    pole_words,
    vector,
)
from tests.typed import Espr


@pytest.fixture
def builder(tmp_path):
    builder = build(tmp_path / "library.espr")
    rising = [vector(loudness=value) for value in np.linspace(-2.0, 2.0, 40)]
    builder.add("prelude", "Sviatoslav Richter", vector(tonal_stability=-1.5), rising)
    yield builder
    builder.close()


@pytest.fixture
def espr(builder, monkeypatch, capsys):
    """Type a command; get its exit code, output and errors."""
    ask(builder.path, monkeypatch)
    return Espr(monkeypatch, capsys)


def test_a_performance_is_shown_against_its_piece(espr):
    code, out, _ = espr("show", "richter")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "Sviatoslav Richter: prelude, 3:30"
    assert "the mean of its 5 performances" in lines[2]
    tonal = next(line for line in lines if line.startswith("tonal stability"))
    assert "-1.2" in tonal and "more wandering" in tonal  # -1.5 against the mean of -1.5 / 6
    assert max(len(line) for line in lines[2:]) <= 80


def test_its_windows_are_charted_over_time(espr):
    _, out, _ = espr("show", "richter")
    loudness = next(line for line in out.splitlines() if line.startswith("loudness"))
    chart = [BLOCKS.heights.index(cell) for cell in loudness.split()[-1]]
    assert chart == sorted(chart) and chart[-1] - chart[0] >= 5
    assert "over time, 0:00–3:30" in out


@pytest.mark.parametrize(
    "words",
    [["Richter", "prelude"], ["prelude_Sviatoslav-Richter.flac"], ["prelude_Sviatoslav-Richter"]],
)
def test_a_recording_is_found_by_words_or_by_its_file_name(espr, words):
    code, out, _ = espr("show", *words)
    assert code == 0
    assert out.startswith("Sviatoslav Richter")


def test_json_is_one_document(espr, builder):
    path = str(builder.path.parent / "prelude_Arrau.flac")
    _, out, _ = espr("show", path, "--json")
    document = json.loads(out)
    assert document["schema"] == "espr.show/1"
    assert document["recording"] == path
    assert document["piece"] == {
        "id": "prelude",
        "title": "prelude",
        "composer": "",
        "performances": 5,
    }
    mean = (sum(MANNERS.values()) + vector(tonal_stability=-1.5)) / 6
    expected = MANNERS["Arrau"] - mean
    assert list(document["profile"].values()) == pytest.approx(expected, abs=1e-4)
    assert len(document["windows"]) == 12
    assert document["windows"][1]["start"] == 5.0
    assert document["windows"][1]["features"]["articulation"] == -2.0


@pytest.mark.parametrize(
    ("cents", "words"),
    [
        (-38.2, "Tuning: about A = 430 Hz"),
        (29.0, "Tuning: about A = 447 Hz"),
        (-48.0, "Tuning: about a quarter tone off A = 440 Hz"),
        (8.0, None),
        (None, None),
    ],
)
def test_a_tuning_is_named_where_it_is_far_from_440_hz(espr, builder, cents, words):
    builder.add("prelude", "Gieseking", vector(attack=1.0), tuning=cents)
    _, out, _ = espr("show", "gieseking")
    assert (words in out.splitlines()) if words else "Tuning" not in out
    document = json.loads(espr("show", "gieseking", "--json").out)
    assert document["tuning_cents"] == (None if cents is None else round(cents))


def test_csv_holds_the_windows_in_measured_units(espr):
    _, out, _ = espr("show", "richter", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert list(rows[0]) == ["start", "end", *get_space("midlevel+").measured.names]
    assert (float(rows[-1]["start"]), float(rows[-1]["end"])) == (195.0, 210.0)
    assert float(rows[0]["loudness"]) == -2.0
    assert float(rows[0]["tonal_stability"]) == -1.5


def test_a_copy_is_shown_like_its_original(espr, builder):
    original = builder.add("prelude", "Pires", vector(attack=1.0))
    builder.add("prelude", "Pires", vector(attack=1.0), name="reissue.flac", copy_of=original)
    _, first, _ = espr("show", "prelude_Pires.flac", "--json")
    _, second, _ = espr("show", "reissue.flac", "--json")
    assert json.loads(first)["profile"] == json.loads(second)["profile"]


def test_the_only_performance_is_shown_against_the_reference(espr, builder):
    builder.add("solo", "Pires", vector(loudness=-2.0))
    code, out, _ = espr("show", "solo_Pires.flac", "--json")
    assert code == 0
    assert json.loads(out)["centring"] == "none"
    assert json.loads(out)["profile"]["loudness"] == -2.0
    assert "The only performance of its piece" in espr("show", "solo_Pires.flac")[1]


def test_music_unlike_the_reference_is_noted(espr, builder):
    builder.add("noise", "A", np.full(12, 9.0))
    assert "does not sound like the solo piano music" in espr("show", "noise_A.flac")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nobody"], NOTHING_MATCHED, "nobody"),
        (["Gould"], WRONG_INPUT, "2 recordings"),
        (["Arrau", "--json", "--csv"], WRONG_INPUT, "--json"),
        (["Arrau", "--space", "nine"], WRONG_INPUT, "no space"),
        (["Arrau", "--library", "no-such-library"], NO_LIBRARY, "espr index"),
        ([], WRONG_INPUT, ""),
    ],
)
def test_every_error_is_one_clear_line_with_its_code(espr, arguments, code, said):
    left, out, err = espr("show", *arguments)
    assert (left, out) == (code, "")
    assert said in err and "Traceback" not in err


def test_the_nearest_words_are_those_that_mean_the_same():
    words = nearest_words(vector(loudness=-1.0), pole_words(), identity_model())
    assert words[0] == ("soft", pytest.approx(1.0))


def test_the_words_say_what_stands_out_most():
    encoder, model = load_text_encoder(), load_query_model()
    profiles = [vector(**{name: sign}) for name in model.space.names for sign in (-1.0, 1.0)]
    for profile in [*profiles, *MANNERS.values()]:
        words = [word for word, _ in nearest_words(profile, encoder, model)]
        meant = [heard_as(model.space, model.profile(encoder.embed(word))) for word in words]
        strongest = heard_as(model.space, profile)[:2]
        assert set(strongest) <= set(chain(*meant)), (strongest, words)
        assert set(words) <= set(playing_words())


def test_a_dry_performance_is_called_dry():
    encoder, model = load_text_encoder(), load_query_model()
    for said, expected in (("staccato, hard", "dry"), ("free, legato", "flowing")):
        words = nearest_words(model.profile(encoder.embed(said)), encoder, model)
        assert expected in [word for word, _ in words], words


def test_playing_words_are_known_and_stand_once():
    words = playing_words()
    assert len(words) == len(set(words)) > 200
    vectors = load_text_encoder().vocabulary
    assert len([word for word in words if word not in vectors]) < 10


def test_describing_words_are_words_of_the_vocabulary():
    words = describing_words()
    vectors = load_vectors()
    assert len(words) == len(set(words)) > 200
    assert all(word in vectors for word in words)


def test_a_bar_shows_sign_and_size():
    assert bar(1.0, 1.0, 3, BLOCKS) == "   │███"
    assert bar(-0.5, 1.0, 3, BLOCKS) == " ▐█│   "
    assert bar(0.0, 1.0, 3, BLOCKS) == "   │   "
    assert bar(0.5, 1.0, 3, ASCII) == "   |## "
    assert bar(1.0, 0.0, 3, BLOCKS) == "   │   "


def test_marks_are_what_the_encoding_can_print():
    assert marks("utf-8") is BLOCKS
    assert all(marks(encoding) is ASCII for encoding in ("ascii", "latin-1", "nonsense", None))
    assert "".join((ASCII.full, ASCII.axis, ASCII.heights, ASCII.dash)).isascii()


def test_a_sparkline_averages_what_does_not_fit():
    assert sparkline([-9.0, 0.0, 9.0], 1.0, 10, BLOCKS) == "▁▅█"
    assert sparkline([-1.0, 1.0] * 50, 1.0, 10, BLOCKS) == "▅" * 10
    assert len(sparkline([0.0] * 37, 1.0, 10, BLOCKS)) == 10
    assert sparkline([], 1.0, 10, BLOCKS) == ""


def test_a_clock_reads_as_players_show_it():
    assert [clock(s) for s in (0, 35.4, 59.6, 600, 3725)] == [
        "0:00",
        "0:35",
        "1:00",
        "10:00",
        "1:02:05",
    ]


def test_takes_of_nobody_known_are_called_by_what_differs_between_them(builder, espr):
    for year, tempo in (("1955", -1.0), ("1981", 1.0)):
        name = f"{year}/01.flac"
        builder.add("aria", "", vector(tonal_stability=tempo), name=name, title="Aria")
    _, ranked, _ = espr("query", "wandering", "--piece", "aria")
    _, listed, _ = espr("pieces", "show", "aria")
    _, shown, _ = espr("show", "1981/01.flac")
    assert "1955" in ranked and "1981" in ranked
    assert "Aria" not in "".join(ranked.splitlines()[2:])  # all takes share it
    takes = [line.split()[1] for line in listed.splitlines() if "01.flac" in line]
    assert takes == ["1955", "1981"]
    assert shown.startswith("01, 1981: ")
