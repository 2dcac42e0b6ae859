"""``espr query`` as it is typed: tables, JSON, CSV, playlists, batches, and errors."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys

import pytest

from espr import library as facade
from espr.errors import NO_LIBRARY, NOTHING_MATCHED, WRONG_INPUT
from espr.features import get_space
from espr.indexing.run import index_folders
from tests.analyse_here import analyse_here
from tests.shared_data import CON_ESPRESSIONE, needs_con_espressione
from tests.synthetic_library import (
    MANNERS,
    ask,
    build,
    vector,
)
from tests.typed import Espr

BLOCKS = set("█▌▐│")


@pytest.fixture
def builder(tmp_path):
    builder = build(tmp_path / "library.espr")
    yield builder
    builder.close()


@pytest.fixture
def espr(builder, monkeypatch, capsys):
    """Type a command; get its exit code, output and errors. Words are the features' poles."""
    ask(builder.path, monkeypatch)
    return Espr(monkeypatch, capsys)


def test_the_table_says_who_fits_why_and_where_to_listen(espr):
    code, out, _ = espr("query", "legato, soft", "--piece", "prelude")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "prelude, 4 performances"
    assert lines[1].startswith('"legato, soft" asks for ')
    assert {"legato", "soft"} == set(lines[1].rpartition(" asks for ")[2].split(", "))
    first = next(line for line in lines if "Arrau" in line)
    assert first.split()[0] == "1"
    assert "more legato, as asked" in first
    assert "best at 0:00–0:15" in out
    assert max(len(line) for line in lines) <= 80


def test_the_printed_contributions_add_up_to_the_printed_score(espr):
    _, out, _ = espr("query", "legato,", "soft", "-p", "prelude", "--not", "hard")
    scores, parts = [], []
    for line in out.splitlines():
        if ranked := re.match(r" ?\d+  .*? (-?\d\.\d\d) ", line):
            scores.append(float(ranked[1]))
            parts.append(0.0)
        if part := re.search(r"([-+]\d\.\d\d) (more|the other|\w+er,)", line):
            parts[-1] += float(part[1])
    assert len(scores) == 4
    assert parts == pytest.approx(scores, abs=1e-9)


@pytest.mark.parametrize("columns", ["80", "120"])
def test_nothing_essential_is_cut_off(espr, builder, monkeypatch, columns):
    name = "Arturo Benedetti Michelangeli and the Orchestra of a Very Long Name"
    builder.add("prelude", name, vector(articulation=-1.0, tonal_stability=-2.0))
    monkeypatch.setenv("COLUMNS", columns)
    _, out, _ = espr("query", "wandering", "--piece", "prelude")
    assert "…" not in out
    flat = " ".join(line[:28].strip() for line in out.splitlines())
    assert all(part in flat or part in out for part in name.split())
    assert "more wandering, as asked" in out


def test_verbose_shows_every_feature_and_the_path(espr, builder):
    _, out, _ = espr("query", "legato, soft, sparse, dark", "-p", "prelude", "-n", "1", "-v")
    assert [out.count(word) for word in ("more legato", "softer", "sparser", "darker")] == [1] * 4
    assert str(builder.path.parent / "prelude_Arrau.flac") in out


def test_weights_negations_and_unknown_words_are_told(espr):
    _, out, _ = espr(
        "query",
        "very soft, not dense, stacatto, stacccato, soft than usual",
        *("-p", "prelude", "--weight", "loudness=2"),
    )
    assert "words: soft x1.5, not dense" in out
    assert "not known and left out: stacatto; did you mean staccato" in out
    assert "  'stacccato' read as 'staccato'\n" in out
    assert "  left out: than usual, which compares with what is not named\n" in out
    assert "weighted: loudness x2" in out


def test_performances_of_the_same_name_are_told_apart_by_their_files(espr, builder):
    builder.add("prelude", "Gould", vector(onset_density=2.0), name="prelude_1955.flac")
    _, out, _ = espr("query", "dense", "-p", "prelude")
    assert "prelude_1955" in out and "prelude_Gould" in out


def test_without_a_piece_the_best_of_the_library_come_piece_by_piece(espr):
    code, out, _ = espr("query", "dense")
    assert code == 0
    assert out.startswith("The best of the whole library (8 recordings), piece by piece")
    assert out.index("toccata, 4 performances") < out.index("prelude, 4 performances")


def test_names_cannot_steer_the_terminal(espr, builder):
    builder.add("prelude", "Evil\x1b[31m\u202e[bold]", vector(loudness=-5.0), name="evil.flac")
    _, out, _ = espr("query", "soft", "-p", "prelude")
    assert "\x1b" not in out and "\u202e" not in out
    assert "[bold]" in out


def test_json_is_one_document(espr):
    code, out, _ = espr("query", "soft", "--piece", "prelude", "--json", "--top", "2")
    document = json.loads(out)
    assert code == 0
    assert out.count("\n") == 1
    assert document["query"]["words"][0]["word"] == "soft"
    assert [result["rank"] for result in document["results"]] == [1, 2]


def test_csv_is_one_line_a_performance_and_safe_for_spreadsheets(espr, builder):
    builder.add("prelude", '=HYPERLINK("http://x")', vector(loudness=-9.0), name="x.flac")
    code, out, _ = espr("query", "-soft", "--piece", "prelude", "--csv")
    if code == WRONG_INPUT:  # a leading dash is an option to the shell's user: use --
        code, out, _ = espr("query", "--piece", "prelude", "--csv", "--", "-soft")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0 and len(rows) == 5
    assert rows[0]["performer"] == '\'=HYPERLINK("http://x")'
    assert rows[0]["query"] == "'-soft"
    assert float(rows[-1]["score"]) < 0  # a number, not text
    parts = [float(rows[0][name]) for name in get_space("midlevel+").names]
    assert round(sum(parts), 4) == float(rows[0]["score"])


def test_a_playlist_has_the_recordings_in_their_order(espr, builder, tmp_path):
    builder.add("prelude", "Öre", vector(loudness=-9.0), name=os.fsdecode(b"na\xefve.flac"))
    playlist = tmp_path / "best.m3u8"
    code, out, _ = espr("query", "soft", "-p", "prelude", "--m3u", str(playlist))
    lines = playlist.read_bytes().splitlines()
    assert code == 0 and "Öre" in out
    assert lines[0] == b"#EXTM3U"
    assert lines[1] == "#EXTINF:15,Öre - prelude".encode()
    assert lines[3] == os.fsencode(tmp_path) + b"/na\xefve.flac"
    assert lines[6].endswith(b"prelude_Arrau.flac")
    assert len(lines) == 1 + 3 * 5


def test_a_playlist_that_cannot_be_written_is_wrong_input(espr, tmp_path):
    code, _, err = espr("query", "soft", "-p", "prelude", "--m3u", str(tmp_path / "no" / "x.m3u"))
    assert code == WRONG_INPUT
    assert err.startswith("espr: cannot write the playlist")


def test_a_playlist_replaces_a_playlist_but_never_a_recording(espr, tmp_path):
    target = tmp_path / "target"
    target.write_bytes(b"#EXTM3U\nold.flac\n")
    assert espr("query", "soft", "-p", "prelude", "--m3u", str(target))[0] == 0
    assert b"old.flac" not in target.read_bytes()
    target.write_bytes(b"ID3 music")
    code, _, err = espr("query", "soft", "-p", "prelude", "--m3u", str(target))
    assert code == WRONG_INPUT and "no playlist" in err
    assert target.read_bytes() == b"ID3 music"


def test_like_takes_a_recording_instead_of_words(espr):
    code, out, _ = espr("query", "--like", "prelude_Gould.flac", "--piece", "toccata")
    assert code == 0
    assert out.splitlines()[1].startswith("like prelude_Gould.flac asks for")
    assert " 1  Gould" in out


def test_a_batch_answers_every_line(espr, tmp_path):
    queries = tmp_path / "queries.txt"
    queries.write_text("soft\n\n  loud  \n", encoding="utf-8")
    code, out, _ = espr("query", "--queries", str(queries), "--piece", "prelude", "--json")
    assert code == 0
    assert [json.loads(line)["query"]["text"] for line in out.splitlines()] == ["soft", "loud"]


def test_a_batch_of_csv_names_pieces_and_one_bad_line_does_not_cost_the_others(espr, tmp_path):
    queries = tmp_path / "queries.csv"
    queries.write_text(
        '\ufeffpiece,query\nprelude,"legato, soft"\nnowhere,soft\ntoccata,loud\n', encoding="utf-8"
    )
    code, out, _ = espr("query", "--queries", str(queries), "--json")
    documents = [json.loads(line) for line in out.splitlines()]
    assert code == NOTHING_MATCHED
    assert documents[0]["query"]["text"] == "legato, soft"
    assert "nowhere" in documents[1]["error"]
    assert documents[2]["piece"]["id"] == "toccata"
    code, out, err = espr("query", "--queries", str(queries), "--csv")
    assert code == NOTHING_MATCHED
    assert len(out.splitlines()) == 1 + 4 + 4
    assert err.startswith("espr: line 3: no piece 'nowhere'")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["soft", "-p", "tocata"], NOTHING_MATCHED, "toccata"),
        (["stacatto", "-p", "prelude"], WRONG_INPUT, "staccato"),
        (["the", "of"], WRONG_INPUT, ""),
        ([], WRONG_INPUT, "nothing to look for"),
        (["soft", "--top", "0"], WRONG_INPUT, ""),
        (["soft", "--weight", "speed=2"], WRONG_INPUT, "no feature 'speed'"),
        (["soft", "--weight", "loudness"], WRONG_INPUT, "FEATURE=FACTOR"),
        (["soft", "--space", "nine"], WRONG_INPUT, "no space 'nine'"),
        (["soft", "--like", "nobody"], NOTHING_MATCHED, "nobody"),
        (["soft", "--like", "Gould"], WRONG_INPUT, "2 recordings"),
        (["soft", "--json", "--csv"], WRONG_INPUT, ""),
        (["soft", "-p", "prelude", "--relative"], WRONG_INPUT, "--relative"),
        (["--queries", "no-such-file"], WRONG_INPUT, "no-such-file"),
        (["soft", "--queries", "x"], WRONG_INPUT, "--queries"),
        (["soft", "--library", "no-such-library"], NO_LIBRARY, "espr index"),
    ],
)
def test_every_error_is_one_clear_line_with_its_code(espr, arguments, code, said):
    left, out, err = espr("query", *arguments)
    assert left == code
    assert out == ""
    assert said in err
    assert "Traceback" not in err
    if err.startswith("espr: "):
        assert err.count("\n") == 1


@pytest.mark.parametrize("content", [b"", b"\n\n", b"query,piece\n", b"\xff\xfe\x00soft"])
def test_a_file_without_queries_is_wrong_input(espr, tmp_path, content):
    queries = tmp_path / "queries"
    queries.write_bytes(content)
    code, _, err = espr("query", "--queries", str(queries))
    assert code == WRONG_INPUT
    assert err.count("\n") == 1


def run_shipped(builder, *arguments, **environment):
    """The command in a process of its own, with the shipped words and query model."""
    return subprocess.run(
        [sys.executable, "-c", "from espr.cli.app import main; main()", *arguments],
        capture_output=True,
        check=False,
        env={**os.environ, "ESPR_LIBRARY": str(builder.path), **environment},
    )


def test_an_output_that_cannot_print_blocks_gets_ascii(builder):
    done = run_shipped(
        builder, "query", "soft", "-p", "prelude", PYTHONIOENCODING="ascii", PYTHONUTF8="0"
    )
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode("ascii")
    assert "|" in text and "#" in text


def test_a_pipe_gets_blocks_but_no_colour(builder):
    done = run_shipped(builder, "query", "soft", "-p", "prelude", PYTHONIOENCODING="utf-8")
    text = done.stdout.decode("utf-8")
    assert BLOCKS & set(text)
    assert "\x1b" not in text


def test_a_query_within_a_piece_imports_nothing_heavy(builder):
    program = (
        "import sys\nfrom espr.cli.app import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n"
        "    heavy = {'torch', 'librosa', 'gensim', 'scipy', 'faiss', 'soundfile', 'av'}\n"
        "    print('HEAVY', sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "query", "shy, delicate", "-p", "prelude"],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "ESPR_LIBRARY": str(builder.path)},
    )
    assert "HEAVY []" in done.stderr, done.stderr
    assert all(performer in done.stdout for performer in MANNERS)


@needs_con_espressione
def test_on_real_recordings_a_query_ranks_every_performance(tmp_path, monkeypatch):
    """The seven Bach performances, with the shipped encoders and query model."""
    library = tmp_path / "real.espr"
    bach = sorted(str(path) for path in (CON_ESPRESSIONE / "audio").glob("bach_*.mp3"))
    analyse_here(monkeypatch)
    index_folders(bach, library)
    with facade.Library.open(library) as opened:
        ranking = opened.query("shy, delicate", piece="bach")
        document = ranking.document()
        portrait = opened.show("Grimaud")
    assert [result["rank"] for result in document["results"]] == list(range(1, 8))
    assert {"Grimaud", "Gould", "MIDI"} < {result["performer"] for result in document["results"]}
    for result in document["results"]:
        assert round(sum(result["contributions"].values()), 4) == result["score"]
        window = result["best_window"]
        assert window["end"] - window["start"] == pytest.approx(15.0, abs=0.2)
    assert not any("does not sound like" in note for note in ranking.notes)
    assert portrait.performances == 7
    assert len(portrait.words) == 8


def test_explain_shows_what_each_word_adds_and_the_words_add_up(espr):
    code, out, _ = espr("query", "legato, not loud", "--piece", "prelude", "--explain")
    assert code == 0
    table = out[out.index("what the words add") :].splitlines()
    assert table[0].split()[4:] == ["legato", "not", "loud", "together"]
    rows = {line[:18].strip(): line[18:].split() for line in table[1:]}
    assert len(rows) == 13
    for legato, loud, together, _ in rows.values():
        assert float(legato) + float(loud) == pytest.approx(float(together), abs=0.011)
    assert rows["articulation"][3] == "legato"
    assert float(rows["loudness"][1]) < 0


def test_explain_folds_the_weakest_words_where_many_do_not_fit(espr):
    words = "legato, soft, steady, minor, dark, hard, sparse, complex, anchored"
    _, out, _ = espr("query", words, "--piece", "prelude", "--explain")
    table = out[out.index("what the words add") :].splitlines()
    assert "others" in table[0]
    assert max(map(len, table)) <= 80
