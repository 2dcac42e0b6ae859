"""Damaged and invented inputs for every reader: ``EsprError`` or a right result, nothing else.

Bounded and always the same; ``make fuzz`` goes on for as long as you like.
"""

from __future__ import annotations

import csv
import io
import json
import os
from importlib.util import find_spec
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from espr.errors import EsprError
from tests.fuzz import targets
from tests.fuzz.guided import guided
from tests.fuzz.mutations import mutated
from tests.fuzz.targets import TARGETS, Target
from tests.fuzz.watching import watched

INPUTS = {"audio": 80, "query": 100, "checkpoint": 50}  # the others 200
bounded = settings(
    derandomize=True,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ESPR_CACHE", str(tmp_path))  # the targets name their own: it is put back


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_files(name, tmp_path):
    done = watched(name, seed=0, inputs=INPUTS.get(name, 200), seconds=600, keep=tmp_path)
    assert not done["findings"], done["findings"][:5]
    # damage to something that was never right would find nothing; the second CUE sheet names a
    # file outside of its folder
    whole = done["whole"]
    assert len(whole) == len(TARGETS[name].make_seeds())
    assert sum(whole) >= 0.9 * len(whole) or (name == "cue" and whole[0])
    assert done["peak_mb"] < 600


def test_a_crash_and_a_hang_are_found(tmp_path, monkeypatch):
    """The watcher itself: a process that dies is a finding, and the next input is tried."""
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import os, sys\n"
        "if 'tests.fuzz.process' in sys.orig_argv:\n"
        "    from tests.fuzz import targets\n"
        "    def read(path):\n"
        "        n = int((path.parent / 'at').read_text())\n"
        "        os.abort() if n == 3 else None\n"
        "        raise ZeroDivisionError if n == 5 else ValueError() if n == 6 else "
        "targets.EsprError('no')\n"
        "    targets.TARGETS['cue'] = targets.Target(targets.TARGETS['cue'].make_seeds, read)\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{folder}{os.pathsep}{os.getcwd()}")
    done = watched("cue", seed=0, inputs=8, seconds=60, keep=tmp_path / "kept")
    numbers = [number for number, _ in done["findings"]]
    assert numbers == [3, 5, 6]
    assert "SIGABRT" in done["findings"][0][1]
    assert "ZeroDivisionError" in done["findings"][1][1]
    assert len(list((tmp_path / "kept").iterdir())) == 3
    assert done["inputs"] == 8


@pytest.mark.skipif(not find_spec("atheris"), reason="atheris is the extra `fuzz`")
@pytest.mark.parametrize("name", ["tags", "cue", "query-model"])
def test_guided_by_coverage(name, tmp_path):
    done = guided(name, 3.0, tmp_path)
    assert not done["findings"]
    assert done["inputs"] > 100


def test_mutations_are_a_function_of_the_seed():
    whole = bytes(range(256)) * 8
    first = [mutated(whole, Random(number)) for number in range(200)]
    assert first == [mutated(whole, Random(number)) for number in range(200)]
    assert sum(one != whole for one in first) > 190
    assert min(map(len, first)) < len(whole) < max(map(len, first))


# What is well-formed but strange: made by rule, not by damage.

LETTERS = st.characters(codec="utf-8") | st.sampled_from("\0\t\r\n\x1b\u202e\u2066\u2028²٣,;\"'=")
TEXT = st.text(LETTERS, max_size=40)
WORDS = st.sampled_from(
    "Sonata No. 1 2 9999999999 Op. BWV 846 K. 331 I. II: in C major minor - ( ) [Live] / Prelude "
    "and Fugue Bach Bach-Busoni Allegro ² \u202e".split(" ")
)
PHRASE = st.lists(WORDS, max_size=12).map(" ".join) | TEXT


def read_all(target: Target, path, data: bytes) -> None:
    try:
        target.try_one(path, data)
    except EsprError as error:
        assert str(error)


@bounded
@given(st.lists(PHRASE.map(lambda text: text.replace("\n", " ")), min_size=1, max_size=14))
def test_tags_of_any_text(tmp_path, values):
    read_all(TARGETS["titles"], tmp_path / "tags.txt", "\n".join(values).encode())


CUE_LINES = st.one_of(
    st.builds('FILE "{}" WAVE'.format, TEXT | st.sampled_from(["album.flac", "../secret.wav"])),
    st.builds("TRACK {} AUDIO".format, st.integers(0, 10**6)),
    st.builds(
        "INDEX {:02} {:02}:{:02}:{:02}".format,
        *(st.integers(0, high) for high in (2, 10**7, 60, 75)),
    ),
    st.builds('{} "{}"'.format, st.sampled_from(["TITLE", "PERFORMER", "REM DATE"]), TEXT),
    TEXT,
)


@bounded
@given(st.lists(CUE_LINES, max_size=20))
def test_cue_sheets_of_any_lines(tmp_path, lines):
    folder = tmp_path / "album"
    folder.mkdir(exist_ok=True)
    read_all(TARGETS["cue"], folder / "album.cue", "\n".join(lines).encode())


def table(columns: str) -> st.SearchStrategy[bytes]:
    names = columns.split(",")
    rows = st.lists(st.lists(PHRASE, max_size=len(names) + 1), max_size=6)

    def written(cells: list[list[str]]) -> bytes:
        lines = io.StringIO()
        csv.writer(lines).writerows([names, *cells])
        return lines.getvalue().encode()

    return rows.map(written)


@bounded
@given(table("path,piece,performer"))
def test_manifests_of_any_cells(tmp_path, data):
    read_all(TARGETS["manifest"], tmp_path / "pieces.csv", data)


ANSWERS = "music_id,answer_group,answer,timecode,performer,piece_name,performance_name"


@bounded
@given(st.one_of(*map(table, (ANSWERS, "recording,text", "audio,text,piece,work", "query,piece"))))
def test_tables_of_any_cells(tmp_path, data):
    read_all(TARGETS["tables"], tmp_path / "table.csv", data)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=12) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)
FIELDS = tuple(json.loads(targets.seeds.query_model()))


@bounded
@given(st.dictionaries(st.sampled_from(FIELDS[1:]), JSON, min_size=1, max_size=3))
def test_query_models_of_any_values(tmp_path, changed):
    document = json.loads(targets.seeds.query_model()) | changed
    read_all(TARGETS["query-model"], tmp_path / "model.json", json.dumps(document).encode())


@bounded
@given(st.lists(PHRASE | st.sampled_from("not very calm , and a bit of n't".split()), max_size=30))
def test_queries_of_any_words(tmp_path, words):
    read_all(TARGETS["query"], tmp_path / "query.txt", " ".join(words).encode())


NUMBERS = st.floats(width=32).map(str) | st.sampled_from(["nan", "1e39", "-0", "x", "1e18"])


@bounded
@given(st.integers(1, 5), st.lists(st.tuples(PHRASE, st.lists(NUMBERS, max_size=5)), max_size=8))
def test_vectors_of_any_words_and_numbers(tmp_path, dimension, lines):
    text = "\n".join(" ".join([word, *numbers]) for word, numbers in lines)
    for header in ("", f"{len(lines)} {dimension}\n"):
        read_all(TARGETS["vectors"], tmp_path / "words.txt", (header + text).encode())
