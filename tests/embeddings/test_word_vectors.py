"""The shipped vectors: their bytes, their numbers, their suggestions, their making."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from espr.embeddings.suggestion import Speller, tolerance
from espr.embeddings.word_vectors import load_vectors
from espr.errors import WRONG_INPUT, EsprError
from espr.paths import ASSETS
from espr.training import vocabulary

VECTORS = load_vectors()
FILES = ("glove.npy", "glove.txt", "glove.toml")


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_size() -> None:
    assert len(VECTORS) == len(VECTORS.words) == 38_000
    assert VECTORS.dimension == 100
    assert VECTORS.id == "glove/1"
    assert sum((ASSETS / file).stat().st_size for file in FILES) < 15e6


def test_vectors_are_centred() -> None:
    rows = np.array([VECTORS.vector(word) for word in VECTORS.words])
    assert rows.dtype == np.float32
    assert np.abs(rows.mean(axis=0)).max() < 1e-4
    assert np.isfinite(rows).all()


def test_plus_the_mean_they_are_glove_as_published() -> None:
    # the first numbers of glove.6B.100d.txt
    published = {
        "soft": [-0.65892, 0.78152, -0.11128, -0.13389],
        "legato": [-0.010072, -0.45938, -0.37045, 0.031583],
    }
    for word, numbers in published.items():
        restored = VECTORS.vector(word) + VECTORS.mean
        np.testing.assert_allclose(restored[: len(numbers)], numbers, atol=0.002)


def test_words_are_plain_and_unique() -> None:
    assert len(set(VECTORS.words)) == len(VECTORS)
    assert all(word.isascii() and word == word.lower() for word in VECTORS.words)
    assert not any(letter.isdigit() for word in VECTORS.words for letter in word)


@pytest.mark.parametrize(
    "word",
    "shy delicate legato staccato rubato cantabile dolce mechanical dreamy passionate timbre "
    "dissonance loudness hesitant rushed singing hammered".split(),
)
def test_words_of_music_and_people_are_there(word: str) -> None:
    assert word in VECTORS


@pytest.mark.parametrize("word", ["london", "beethoven", "xxiv", "2", "", "Shy"])
def test_names_and_numbers_are_not(word: str) -> None:
    assert word not in VECTORS


def test_an_unknown_word_raises() -> None:
    with pytest.raises(EsprError, match="'glove' have no word 'qzxv'"):
        VECTORS.vector("qzxv")


def test_what_vector_returns_is_a_copy() -> None:
    before = VECTORS.vector("shy")
    VECTORS.vector("shy")[:] = 0
    np.testing.assert_array_equal(VECTORS.vector("shy"), before)


# Damaged assets


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    for file in FILES:
        shutil.copy(ASSETS / file, tmp_path / file)
    return tmp_path


def refusal(folder: Path) -> str:
    with pytest.raises(EsprError) as raised:
        load_vectors("glove", folder)
    assert raised.value.exit_code == WRONG_INPUT
    message = str(raised.value)
    assert "pip install --force-reinstall" in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("file", ["glove.npy", "glove.txt"])
def test_one_flipped_bit_is_noticed(assets: Path, file: str) -> None:
    content = bytearray((assets / file).read_bytes())
    content[len(content) // 2] ^= 1
    (assets / file).write_bytes(content)
    assert f"'{file}' is damaged" in refusal(assets)


@pytest.mark.parametrize("file", ["glove.npy", "glove.txt", "glove.toml"])
def test_an_empty_file(assets: Path, file: str) -> None:
    (assets / file).write_bytes(b"")
    assert "damaged" in refusal(assets)


@pytest.mark.parametrize("file", ["glove.npy", "glove.txt", "glove.toml"])
def test_a_missing_file(assets: Path, file: str) -> None:
    (assets / file).unlink()
    assert file in refusal(assets)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"= =", b"sha256 = 3", b"[sha256]\n"])
def test_a_damaged_registry_entry(assets: Path, content: bytes) -> None:
    (assets / "glove.toml").write_bytes(content)
    refusal(assets)


def test_a_pickle_is_never_executed(assets: Path) -> None:
    np.save(assets / "glove.npy", np.array([{}], dtype=object), allow_pickle=True)
    entry = (assets / "glove.toml").read_text()
    old = hashlib.sha256((ASSETS / "glove.npy").read_bytes()).hexdigest()
    new = hashlib.sha256((assets / "glove.npy").read_bytes()).hexdigest()
    (assets / "glove.toml").write_text(entry.replace(old, new))
    refusal(assets)


# Suggestions


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("stacatto", "staccato"),
        ("delciate", "delicate"),
        ("expresive", "expressive"),
        ("rythmic", "rhythmic"),
        ("melancholly", "melancholy"),
        ("fst", "fast"),
        ("dremy", "dreamy"),
    ],
)
def test_suggestions(typed: str, meant: str) -> None:
    assert meant in VECTORS.suggest(typed)


@pytest.mark.parametrize("typed", ["", "x", "qqqzzzxxx", "a" * 65_536, "音楽", "\0"])
def test_no_suggestion(typed: str) -> None:
    assert VECTORS.suggest(typed) == ()


def test_the_more_frequent_word_is_suggested_first() -> None:
    assert Speller(["cold", "colt", "bolt"]).suggest("colx") == ("cold", "colt")
    assert Speller(["colt", "cold", "bolt"]).suggest("colx") == ("colt", "cold")


def alignment_distance(a: str, b: str) -> int:
    """The textbook recursion, to check what is suggested against."""
    table = {(i, 0): i for i in range(len(a) + 1)} | {(0, j): j for j in range(len(b) + 1)}
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            table[i, j] = min(
                table[i - 1, j] + 1,
                table[i, j - 1] + 1,
                table[i - 1, j - 1] + (a[i - 1] != b[j - 1]),
            )
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(a), len(b)]


LETTERS = st.text("abc", min_size=2, max_size=11)


@settings(deadline=None)
@given(LETTERS, st.lists(LETTERS, min_size=1, max_size=8, unique=True))
def test_suggested_are_the_nearest_by_alignment_distance(word: str, others: list[str]) -> None:
    distances = {other: alignment_distance(word, other) for other in others}
    limit = min(tolerance(word), min(distances.values()) + 1)
    expected = {other for other, distance in distances.items() if distance <= limit}
    suggested = Speller(others).suggest(word, len(others))
    assert set(suggested) == expected
    assert [distances[other] for other in suggested] == sorted(distances[o] for o in expected)


# How the shipped vectors are made, on a small source


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, Path]:
    """A source in the form of wink's JSON, a WordNet of six synsets, two texts."""
    words = "the london gentle 12 piano xi gently singing legato flutter stone stones dolce".split()
    vectors = {word: [float(n), n * n / 8, 0.125, 1.0, n] for n, word in enumerate(words)}
    head = {"precision": 8, "dimensions": 3, "words": words}
    source = tmp_path / "wink.json"
    source.write_text(json.dumps({**head, "vectors": vectors}, separators=(",", ":")))
    wordnet = tmp_path / "wordnet"
    wordnet.mkdir()
    synsets = {
        "noun": "00000001 15 n 01 London 0 000 | a town\n"
        "00000002 06 n 01 piano 0 000 | it is played with keys\n"
        "00000003 17 n 01 stone 0 000 | a hard thing\n"
        "00000004 11 n 01 flutter 0 000 | a wavering sound\n",
        "verb": "00000005 39 v 01 sing 0 000 | produce tones\n",
        "adj": "00000006 00 s 01 gentle(a) 0 000 | mild\n",
        "adv": "",
    }
    for part, lines in synsets.items():
        (wordnet / f"data.{part}").write_text("  1 the licence\n" + lines)
        (wordnet / f"{part}.exc").write_text("")
    texts = tmp_path / "texts"
    (texts / "musiccaps").mkdir(parents=True)
    rows = "".join("a piano played legato in London,\"['legato']\"\n" for _ in range(3))
    (texts / "musiccaps" / "musiccaps-public.csv").write_text("caption,aspect_list\n" + rows)
    (texts / "goemotions").mkdir()
    for part in ("train", "dev", "test"):
        (texts / "goemotions" / f"goemotions_{part}.tsv").write_text("a stone\t0\tid\n" * 2)
    return {"source": source, "wordnet": wordnet, "texts": texts}


def build(sources: dict[str, Path], out: Path, size: int) -> list[str]:
    out.mkdir(exist_ok=True)
    vocabulary.build(**sources, size=size, out=out)
    return load_vectors("glove", out).words


def test_words_are_chosen_by_class_and_source(sources: dict[str, Path], tmp_path: Path) -> None:
    # gentle: adjective; piano, legato: captions; singing: participle; flutter: sound; dolce: score
    chosen = ["gentle", "piano", "singing", "legato", "flutter", "dolce"]
    assert build(sources, tmp_path / "out", size=6) == chosen


def test_the_most_frequent_other_words_fill_up(sources: dict[str, Path], tmp_path: Path) -> None:
    words = build(sources, tmp_path / "out", size=100)
    assert words == "gentle piano gently singing legato flutter stone stones dolce".split()


def test_the_same_bytes_every_time(sources: dict[str, Path], tmp_path: Path) -> None:
    build(sources, tmp_path / "a", size=8)
    build(sources, tmp_path / "b", size=8)
    for file in FILES:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_built_row_is_the_source_minus_the_mean(sources: dict[str, Path], tmp_path: Path) -> None:
    build(sources, tmp_path / "out", size=100)
    vectors = load_vectors("glove", tmp_path / "out")
    np.testing.assert_allclose(vectors.vector("piano") + vectors.mean, [4, 2, 0.125], atol=0.01)
    total = sum(vectors.vector(word) for word in vectors.words)
    np.testing.assert_allclose(total, 0, atol=0.02)


def test_the_shipped_score_terms_are_words() -> None:
    terms = vocabulary.read_score_terms()
    assert {"cantabile", "legato", "reverie", "innig"} <= terms
    assert all(term.isascii() and term.isalpha() and term.islower() for term in terms)
