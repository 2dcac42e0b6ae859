"""``espr demo``: its winners hold for other pianos, rooms and days, and in other words.

Below are all words that were tried for the demo's three questions and the first ones tried for
each other manner, also those that do not find the take that a listener would choose: these
are marked with the reason. The first list was written before
the features and h existed, but its answers were seen while h's expression terms were chosen;
the fresh list was written after them, and nothing was changed when its answers were seen. The third
question was "slow and sad" until it failed on one of the five seeds with `midlevel` and `emotion`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import partial

import pytest

from espr.catalog.locations import VARIABLE
from espr.cli.demo import LIBRARY, QUESTIONS
from espr.demo import takes
from espr.demo.manners import MANNERS
from espr.demo.scores import SCORES
from espr.indexing.run import index_folders
from espr.library import Library
from tests.analyse_here import analyse_here
from tests.typed import Espr

# espr demo itself plays seed 0; make soak tries five others
SEEDS = tuple(range(1, 1 + int(os.environ.get("ESPR_SEEDS", "2"))))

BACH, ELISE = (score.slug for score in SCORES)
_PLAY = f"""
import sys
from espr.demo.takes import write_takes
for seed, folder in zip({SEEDS}, sys.argv[1:], strict=True):
    write_takes(folder, seed)
"""
STACCATO, LOUD, DARK = (question.winner for question in QUESTIONS)


def missed(*values, reason):
    return pytest.param(*values, marks=pytest.mark.xfail(raises=AssertionError, reason=reason))


FIRST_LIST = [
    ("dry, staccato", BACH, STACCATO),
    ("short, detached notes", BACH, STACCATO),
    ("crisp and dry", BACH, STACCATO),
    ("choppy, staccato", BACH, STACCATO),
    ("fast and aggressive", ELISE, LOUD),
    ("hectic, loud", ELISE, LOUD),
    ("wild, energetic", ELISE, LOUD),
    ("hasty and forceful", ELISE, LOUD),
    ("slow and sad", BACH, DARK),
    ("dark, heavy", BACH, DARK),
    ("gloomy, melancholic", BACH, DARK),
    ("slow", BACH, DARK),
    missed("soft and delicate", BACH, "delicate-legato", reason="free-romantic, too: 4 of 5"),
    missed("mechanical, boring", BACH, "deadpan", reason="dry-staccato is as mechanical"),
    missed(
        "mechanical, boring", ELISE, "deadpan", reason="dry-staccato is mechanical, too: 4 of 5"
    ),
    ("free, romantic", BACH, "free-romantic"),
]
FRESH_LIST = [
    ("crisp, detached", BACH, STACCATO),
    ("very short and dry", BACH, STACCATO),
    ("without pedal, dry", BACH, STACCATO),
    ("pointed, staccato", BACH, STACCATO),
    ("rushed, violent", ELISE, LOUD),
    ("hurried and angry", ELISE, LOUD),
    ("very fast, furious", ELISE, LOUD),
    ("frantic", ELISE, LOUD),
    ("slow, mournful", BACH, DARK),
    ("sorrowful", BACH, DARK),
    ("very slow and gloomy", BACH, DARK),
    ("slow, depressed", BACH, DARK),
]


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    """One library a seed: another piano, another room, another day."""
    folders = [tmp_path_factory.mktemp(f"seed{seed}") for seed in SEEDS]
    # In a process of its own: two threads of BLAS wait for each other when the cores are busy.
    subprocess.run(
        [sys.executable, "-c", _PLAY, *map(str, folders)],
        check=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    opened = []
    with pytest.MonkeyPatch.context() as patch:
        analyse_here(patch)
        for folder in folders:
            summary = index_folders([folder], folder / LIBRARY)
            assert summary.counts["indexed"] == len(SCORES) * len(MANNERS)
            opened.append(Library.open(folder / LIBRARY))
    yield opened
    for library in opened:
        library.close()


def winners(libraries, words, piece):
    file_names = (
        os.path.basename(library.query(words, piece).results[0].recording) for library in libraries
    )
    return [name.removesuffix(".wav").partition("_")[2] for name in file_names]


def test_the_takes_are_two_pieces(libraries):
    for library in libraries:
        counts = [piece.count for piece in library.catalog.pieces()]
        assert counts == [len(MANNERS)] * len(SCORES)


@pytest.mark.parametrize(("words", "piece", "manner"), FIRST_LIST + FRESH_LIST)
def test_the_winner_holds_for_other_seeds(libraries, words, piece, manner):
    name = "elise" if piece == ELISE else "bach"
    assert winners(libraries, words, name) == [manner] * len(SEEDS)


def test_the_demo_asks_what_is_tested_here():
    tested = {case for case in FIRST_LIST if type(case) is tuple}  # those not marked
    for question in QUESTIONS:
        (slug,) = [score.slug for score in SCORES if question.piece in score.slug]
        assert (question.words, slug, question.winner) in tested


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The whole demo in a process of its own, once: its folder, and what it printed."""
    folder = tmp_path_factory.mktemp("demo") / "kept takes"
    done = subprocess.run(
        [sys.executable, "-m", "espr", "demo", "--keep", str(folder)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
        env={
            **os.environ,
            VARIABLE: str(folder.parent / "mine.espr"),
            "COLUMNS": "80",
            "PYTHONIOENCODING": "utf-8",
        },
    )
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


@pytest.fixture
def espr(tmp_path, monkeypatch, capsys):
    """Type a command in this process; temporary folders are made in ``tmp_path/temporary``."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setenv(VARIABLE, str(tmp_path / "mine.espr"))
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setenv("COLUMNS", "80")
    return Espr(monkeypatch, capsys)


def test_the_demo_answers(kept):
    folder, printed = kept
    answers = printed.split("$ espr query ")[1:]
    assert len(answers) == len(QUESTIONS)
    for answer, question in zip(answers, QUESTIONS, strict=True):
        first = next(line for line in answer.splitlines() if line.startswith(" 1 "))
        assert question.winner in first
    assert "espr index ~/Music" in printed
    assert not (folder.parent / "mine.espr").exists()


def test_the_demo_leaves_nothing_behind(espr, tmp_path, monkeypatch):
    """Of fewer takes: how many there are does not matter."""
    winners = [manner for manner in MANNERS if manner.name in (STACCATO, LOUD, DARK)]
    monkeypatch.setattr(takes, "write_takes", partial(takes.write_takes, manners=winners))
    analyse_here(monkeypatch)
    page = tmp_path / "page.html"
    done = espr("demo", "--html", page)
    assert done.code == 0, done.err
    assert done.out.endswith(f"\nOpen this, and listen: {page}\n")
    assert page.read_text("utf-8").count("data:audio/") == 3
    assert "indexed 6 " in done.out
    assert done.out.count("$ espr query ") == len(QUESTIONS)
    assert "espr index ~/Music" in done.out
    assert not list((tmp_path / "temporary").iterdir())
    assert not (tmp_path / "mine.espr").exists()


def test_keep_keeps_what_was_played(kept, espr):
    folder, _ = kept
    assert len(list(folder.glob("*_*.wav"))) == len(SCORES) * len(MANNERS)
    with Library.open(folder / LIBRARY) as library:
        assert len(library.query("mechanical, boring", "elise").results) == len(MANNERS)
    again = espr("demo", "--keep", folder)
    assert again.code == 2
    assert again.err == f"espr: the folder {folder} is not empty; name a new one\n"


def test_a_file_is_no_folder(espr, tmp_path):
    (tmp_path / "file").write_text("mine")
    done = espr("demo", "--keep", tmp_path / "file")
    assert done.code == 2
    assert done.err.startswith("espr: cannot use the folder")
    assert (tmp_path / "file").read_text() == "mine"
