"""Word-vector files of the user's: every format, the converted form, and what is refused."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import pickle
import stat
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gensim.models import FastText, KeyedVectors
from gensim.models.fasttext import save_facebook_model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from espr.embeddings import user_vectors as vector_files
from espr.embeddings import vector_conversion
from espr.embeddings.encoder import load_text_encoder
from espr.embeddings.user_vectors import load_vector_file
from espr.embeddings.vector_formats import inspect
from espr.embeddings.vector_records import LONGEST_WORD
from espr.errors import WRONG_INPUT, EsprError
from espr.folding import fold_word
from tests.typed import PATIENCE
from tests.unprivileged import open_to_all, without_privileges

WORDS = ["the", "soft", "Loud", "naïve", "staccato", "shy", "delicate", "音楽"]
ROWS = np.random.default_rng(0).normal(0, 0.4, (len(WORDS), 5)).astype(np.float32)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("ESPR_CACHE", str(folder))
    monkeypatch.delenv("ESPR_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return folder


def text(words=WORDS, rows=ROWS, header=False) -> bytes:
    lines = [f"{len(words)} {rows.shape[1]}"] * header
    lines += [
        f"{word} " + " ".join(repr(float(number)) for number in row)
        for word, row in zip(words, rows, strict=True)
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def binary(words=WORDS, rows=ROWS, end=b"\n") -> bytes:
    head = f"{len(words)} {rows.shape[1]}\n".encode()
    packed = (
        word.encode() + b" " + row.astype("<f4").tobytes() + end
        for word, row in zip(words, rows, strict=True)
    )
    return head + b"".join(packed)


def written(folder: Path, content: bytes, name: str = "words.txt") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def as_published(vectors, words=WORDS) -> np.ndarray:
    folded = [fold_word(word) for word in words]
    return np.array([vectors.vector(word) + vectors.mean for word in folded])


# Formats


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (text(), "GloVe text"),
        (text(header=True), "word2vec text"),
        (text(header=True).replace(b"\n", b" \n"), "word2vec text"),  # as fastText ends lines
        (text().replace(b"\n", b"\r\n"), "GloVe text"),
        (text().replace(b" ", b"\t"), "GloVe text"),
        (text() + b"\n\n", "GloVe text"),
        (text().removesuffix(b"\n"), "GloVe text"),
        (b"\xef\xbb\xbf" + text(), "GloVe text"),
        (b"\xef\xbb\xbf" + text(header=True), "word2vec text"),
        (binary(), "word2vec binary"),
        (binary(end=b""), "word2vec binary"),  # as gensim writes it
        (gzip.compress(text()), "GloVe text, gzip"),
        (gzip.compress(text(header=True)), "word2vec text, gzip"),
        (gzip.compress(binary()), "word2vec binary, gzip"),
        (gzip.compress(text()[:100]) + gzip.compress(text()[100:]), "GloVe text, gzip"),
    ],
)
def test_formats(tmp_path: Path, content: bytes, form: str) -> None:
    vectors = load_vector_file(written(tmp_path, content))
    assert vectors.source.format == form
    assert vectors.words == ["the", "soft", "loud", "naive", "staccato", "shy", "delicate", "音楽"]
    np.testing.assert_allclose(as_published(vectors), ROWS, atol=1e-6)
    assert vectors.vector("shy").dtype == np.float32
    assert vectors.notes == ()


def test_floats_whose_bytes_are_letters(tmp_path: Path) -> None:
    rows = np.frombuffer("Äöß, these are letters in UTF-8 ".encode()[:32], "<f4").reshape(2, 4)
    form = inspect(written(tmp_path, binary(["a", "b"], rows)))
    assert form.name == "word2vec binary"


def test_what_fasttext_and_gensim_without_header_write(tmp_path: Path) -> None:
    gensim = KeyedVectors(5)
    gensim.add_vectors(WORDS, ROWS)
    gensim.save_word2vec_format(str(tmp_path / "plain.txt"), write_header=False)
    assert load_vector_file(tmp_path / "plain.txt").source.format == "GloVe text"
    fasttext = FastText(vector_size=5, min_count=1, epochs=1)
    fasttext.build_vocab([WORDS] * 3)
    fasttext.wv.save_word2vec_format(str(tmp_path / "fast.vec"))
    vectors = load_vector_file(tmp_path / "fast.vec")
    expected = np.array([fasttext.wv[word] for word in WORDS])
    np.testing.assert_allclose(as_published(vectors), expected, atol=1e-6)
    save_facebook_model(fasttext, str(tmp_path / "fast.bin"))
    with pytest.raises(EsprError, match=r"fastText's own binary model; give the \.vec"):
        load_vector_file(tmp_path / "fast.bin")


@pytest.mark.parametrize("is_binary", [False, True])
def test_what_gensim_writes_is_read_as_gensim_reads_it(tmp_path: Path, is_binary: bool) -> None:
    gensim = KeyedVectors(5)
    gensim.add_vectors(WORDS, ROWS)
    path = tmp_path / "gensim"
    gensim.save_word2vec_format(str(path), binary=is_binary)
    again = KeyedVectors.load_word2vec_format(str(path), binary=is_binary)
    read, duplicates = vector_conversion.read_vectors(inspect(path), tmp_path / "copy")
    assert (read.index_to_key, duplicates) == (again.index_to_key, 0)
    np.testing.assert_array_equal(read.vectors, again.vectors)


NUMBERS = st.floats(-(2.0**59), 2.0**59, width=32)
NAMES = st.text(st.characters(exclude_categories=("Z", "C")), min_size=1, max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_words_and_numbers(tmp_path: Path, data: st.DataObject) -> None:
    words = data.draw(st.lists(NAMES, min_size=1, max_size=6, unique=True))
    numbers = data.draw(st.lists(NUMBERS, min_size=3 * len(words), max_size=3 * len(words)))
    rows = np.array(numbers, np.float32).reshape(-1, 3)
    for content, is_binary in (
        (text(words, rows, header=True), False),
        (binary(words, rows), True),
    ):
        # told: the bytes of three floats may be text by chance, those of fifty are not
        form = replace(inspect(written(tmp_path, content)), binary=is_binary)
        read, duplicates = vector_conversion.read_vectors(form, tmp_path / "copy")
        assert (read.index_to_key, duplicates) == (words, 0)
        np.testing.assert_array_equal(read.vectors, rows)


def test_many_blocks(tmp_path: Path) -> None:
    words = [f"w{number}" for number in range(2500)]
    rows = np.random.default_rng(1).normal(size=(2500, 3)).astype(np.float32)
    for content in (text(words, rows), binary(words, rows)):
        vectors = load_vector_file(written(tmp_path, content))
        np.testing.assert_allclose(as_published(vectors, words), rows, atol=1e-6)


def test_a_word_of_several_parts(tmp_path: Path) -> None:
    content = text() + b". . . 0.1 0.2 0.3 0.4 0.5\n"  # as in GloVe 840B
    assert ". . ." in load_vector_file(written(tmp_path, content))


# What is made of the words


def test_centred_on_the_mean_of_the_most_frequent_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_conversion, "MEAN_OVER", 3)
    vectors = load_vector_file(written(tmp_path, text()))
    np.testing.assert_allclose(vectors.mean, ROWS[:3].mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(vectors.vector("shy"), ROWS[5] - ROWS[:3].mean(axis=0), atol=1e-6)


def test_folded_words_prefer_the_one_written_so(tmp_path: Path) -> None:
    words = ["Turkey", "turkey", "US", "Us", "café", "Straße", "strasse"]
    vectors = load_vector_file(written(tmp_path, text(words, ROWS[: len(words)])))
    assert vectors.words == ["turkey", "us", "cafe", "strasse"]
    expected = ROWS[[1, 2, 4, 6]]
    np.testing.assert_allclose(as_published(vectors, vectors.words), expected, atol=1e-6)
    assert (vectors.counts.variants, vectors.counts.duplicates) == (3, 0)


@pytest.mark.parametrize("make", [text, binary])
def test_repeated_words_and_zero_vectors_are_counted(tmp_path: Path, make) -> None:
    words = ["a", "b", "a", "zero", "c", "a", "zero"]
    rows = ROWS[: len(words)].copy()
    rows[[3, 6]] = 0
    path = written(tmp_path, make(words, rows))
    for _ in range(2):  # the counts are kept with the converted form
        vectors = load_vector_file(path)
        assert vectors.words == ["a", "b", "c"]
        np.testing.assert_allclose(as_published(vectors, vectors.words), rows[[0, 1, 4]], atol=1e-6)
        assert (vectors.counts.words, vectors.counts.duplicates, vectors.counts.zeros) == (3, 3, 1)
        assert vectors.notes == (
            f"{path}: repeated words, the first of each kept: 3",
            f"{path}: words with a zero vector, left out: 1",
        )


def test_queries_in_any_vocabulary(tmp_path: Path) -> None:
    encoder = load_text_encoder(written(tmp_path, binary(), "My Words.bin"))
    assert encoder.name == "my-words"
    assert encoder.dimension == 5
    terms = encoder.parse("very NAÏVE, not loud, Stacatto", exclude=["soft"])
    assert [term.words for term in terms] == [("naive",), ("loud",), (), ("soft",)]
    assert terms[2].suggestions == ("staccato",)
    np.testing.assert_allclose(
        encoder.embed("shy, not delicate"),
        encoder.vectors.vector("shy") - encoder.vectors.vector("delicate"),
        atol=1e-6,
    )
    with pytest.raises(EsprError, match="no word of the query is known: 'qzxv'"):
        encoder.embed("qzxv")


def test_nearest_words_are_those_that_gensim_finds(tmp_path: Path) -> None:
    vectors = load_vector_file(written(tmp_path, text()))
    gensim = KeyedVectors(5)
    gensim.add_vectors(vectors.words, [vectors.vector(word) for word in vectors.words])
    cosines = vectors.cosines(vectors.vector("shy"), 100)
    nearest = gensim.similar_by_vector(vectors.vector("shy"), topn=len(WORDS))
    assert [vectors.words[row] for row in np.argsort(-cosines)] == [word for word, _ in nearest]
    np.testing.assert_allclose(np.sort(cosines)[::-1], [cosine for _, cosine in nearest], atol=1e-5)
    assert not vectors.cosines(np.zeros(5), 3).any()


def test_nothing_to_suggest(tmp_path: Path) -> None:
    vectors = load_vector_file(written(tmp_path, text(["1", "音楽"], ROWS[:2])))
    assert vectors.suggest("soft") == ()


# Names and ids


def test_the_id_is_the_content(tmp_path: Path) -> None:
    path = written(tmp_path, text())
    digest = hashlib.sha256(text()).hexdigest()
    assert load_text_encoder(str(path)).id == f"words/{digest[:12]}"
    path.write_bytes(text(rows=ROWS * 2))
    assert load_text_encoder(str(path)).id != f"words/{digest[:12]}"


@pytest.mark.parametrize("variable", [True, False])
def test_ewe_where_the_user_has_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: bool
) -> None:
    folder = tmp_path / "data" / "espr"
    if variable:
        folder = tmp_path / "elsewhere"
        monkeypatch.setenv("ESPR_DATA", str(folder))
    folder.mkdir(parents=True)
    path = written(folder, text(), "ewe_uni.txt")
    encoder = load_text_encoder("ewe")
    assert encoder.id == load_text_encoder(path).id == f"ewe/{encoder.vectors.source.sha256[:12]}"


def test_ewe_that_is_not_there(tmp_path: Path) -> None:
    place = tmp_path / "data" / "espr" / "ewe_uni.txt"
    with pytest.raises(EsprError, match=f"put it at {place}, or give its path") as raised:
        load_text_encoder("ewe")
    assert raised.value.exit_code == WRONG_INPUT


@pytest.mark.parametrize("name", ["", "word2vec", "\0", "~nobody-of-this-name"])
def test_a_name_that_is_none(name: str) -> None:
    names = "emotion, glove, ewe"
    with pytest.raises(EsprError, match=rf"no text encoder .*; there is {names}, or give a path"):
        load_text_encoder(name)


# The converted form


def places(cache: Path) -> list[Path]:
    return list((cache / "word-vectors").iterdir())


def forbid_converting(monkeypatch: pytest.MonkeyPatch) -> None:
    def convert(*_: object) -> None:
        raise AssertionError("converted again")

    monkeypatch.setattr(vector_files, "convert", convert)


def test_converted_once(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, text())
    first = load_vector_file(path)
    (place,) = places(cache)
    digest = hashlib.sha256(text()).hexdigest()
    files = {f"{digest[:12]}.npy", f"{digest[:12]}.txt", "source.json"}
    assert {file.name for file in place.iterdir()} == files
    record = json.loads((place / "source.json").read_text())
    status = path.stat()
    assert record["source"] == {
        "path": str(path),
        "size": status.st_size,
        "mtime_ns": status.st_mtime_ns,
        "sha256": digest,
        "format": "GloVe text",
    }
    if os.name == "posix":
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    forbid_converting(monkeypatch)
    second = load_vector_file(path)
    assert isinstance(second._rows.base, np.memmap)
    assert (second.words, second.id) == (first.words, first.id)
    np.testing.assert_array_equal(second.vector("shy"), first.vector("shy"))


def test_a_touched_file_is_read_through_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, text())
    load_vector_file(path)
    os.utime(path, ns=(1, 1))
    forbid_converting(monkeypatch)
    assert load_vector_file(path).words[0] == "the"
    monkeypatch.setattr(vector_files, "file_sha256", None)
    assert load_vector_file(path).words[0] == "the"


def test_a_changed_file_takes_the_place_of_the_old(tmp_path: Path, cache: Path) -> None:
    path = written(tmp_path, text())
    old = load_vector_file(path)
    path.write_bytes(text(WORDS[:4], ROWS[:4]))
    new = load_vector_file(path)
    assert (len(old), len(new)) == (8, 4)
    assert len(list(places(cache)[0].iterdir())) == 3
    assert old.vector("shy").shape == (5,)  # what is mapped stays readable


def test_a_changed_file_of_the_same_size(tmp_path: Path) -> None:
    path = written(tmp_path, b"a 1 2\nb 3 4\n")
    load_vector_file(path)
    path.write_bytes(b"a 1 2\nc 3 5\n")
    os.utime(path, ns=(1, 1))
    assert load_vector_file(path).words == ["a", "c"]


@pytest.mark.parametrize("file", ["source.json", "*.npy", "*.txt"])
@pytest.mark.parametrize("damage", ["cut", "gone", "other", "empty"])
def test_a_damaged_cache_is_made_again(tmp_path: Path, cache: Path, file: str, damage: str) -> None:
    path = written(tmp_path, text())
    load_vector_file(path)
    (victim,) = places(cache)[0].glob(file)
    if damage == "gone":
        victim.unlink()
    else:
        content = victim.read_bytes()
        victim.write_bytes({"cut": content[: len(content) // 2], "empty": b""}.get(damage, b"[]"))
    np.testing.assert_allclose(as_published(load_vector_file(path)), ROWS, atol=1e-6)


def test_what_a_killed_conversion_left_is_swept_after_a_day(tmp_path: Path, cache: Path) -> None:
    path = written(tmp_path, text())
    load_vector_file(path)
    old, fresh = places(cache)[0] / "part-old", places(cache)[0] / "part-fresh"
    for folder in (old, fresh):
        folder.mkdir()
        (folder / "vectors.raw").write_bytes(b"half")
    os.utime(old, (0, 0))
    path.write_bytes(text(WORDS[:4], ROWS[:4]))
    load_vector_file(path)
    assert (old.exists(), fresh.exists()) == (False, True)


def test_a_failed_conversion_leaves_nothing(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(EsprError):
        load_vector_file(written(tmp_path, text() + b"ragged 1\n"))
    assert list(places(cache)[0].iterdir()) == []


def test_processes_that_convert_at_the_same_time(tmp_path: Path, cache: Path) -> None:
    words = [f"w{number}" for number in range(4000)]
    rows = np.random.default_rng(1).normal(size=(4000, 20)).astype(np.float32)
    path = written(tmp_path, text(words, rows))
    program = "import sys, espr; print(espr.load_text_encoder(sys.argv[1]).embed('w7')[0])"
    started = [
        subprocess.Popen([sys.executable, "-c", program, path], stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    told = {process.communicate(timeout=PATIENCE)[0] for process in started}
    assert [process.returncode for process in started] == [0] * 3
    assert len(told) == 1
    assert len(list(places(cache)[0].iterdir())) == 3


def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, text())

    def convert(*arguments):
        counts = vector_conversion.convert(*arguments)
        os.utime(path, ns=(1, 1))
        return counts

    monkeypatch.setattr(vector_files, "convert", convert)
    with pytest.raises(EsprError, match="changed while it was read; try again"):
        load_vector_file(path)


def test_a_cache_that_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESPR_CACHE", str(written(tmp_path, b"", "cache-file")))
    with pytest.raises(EsprError, match=r"cannot keep the vectors .*; ESPR_CACHE names another"):
        load_vector_file(written(tmp_path, text()))


def test_a_cache_that_may_not_be_written(tmp_path: Path, cache: Path) -> None:
    path = written(tmp_path, text())
    open_to_all(tmp_path)
    with without_privileges(), pytest.raises(EsprError, match="cannot keep the vectors"):
        load_vector_file(path)


# What is refused, each with one line

FIVE = b" 1 2 3 4 5\n"
HEAD = b"3 5\n"
TOO_LONG = b"w" * (LONGEST_WORD + 1)


class Bomb:
    """What would write a file if it were unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self):
        return (Path.touch, (self.target,))


BAD = {
    "empty": (b"", "is empty"),
    "blank": (b"\n \n", "is empty"),
    "empty gzip": (gzip.compress(b""), "is empty"),
    "prose": (b"Dear Sir,\nhello\n", "line 1: a word followed by 1 to 16384 numbers is expected"),
    "only a header": (HEAD, "line 1: promises 3 words, but there are 0"),
    "narrow": (b"a" + FIVE + b"b 1 2 3 4\n", "line 2: 4 numbers after the word instead of 5"),
    "one number": (b"a" + FIVE + b"b 1\n", "line 2: 1 numbers after the word instead of 5"),
    "no number": (b"a" + FIVE + b"b\n", "line 2: 0 numbers after the word instead of 5"),
    "no numbers at all": (b"2 5\na\nb\n", "line 2: 0 numbers after the word instead of 5"),
    "wide": (b"a" + FIVE + b"b 0" + FIVE, "line 2: 6 numbers after the word instead of 5"),
    "no word": (b"a" + FIVE + b" 1 2 3 4 5\n", "line 2: no word before the numbers"),
    "another width": (HEAD + b"a 1 2\n" * 3, "line 2: 2 numbers after the word instead of 5"),
    "blank lines count": (b"a" + FIVE + b"\n\nb 1\n", "line 4: 1 numbers"),
    "truncated": (text()[:-20], "line 8: 4 numbers after the word instead of 5; is the file com"),
    "no number in it": (b"a" + FIVE + b"b 1 2 x 4 5\n", "line 2: 'x' is not a number"),
    "number with a tail": (b"a" + FIVE + b"b 1 2 3 4 5x\n", "line 2: '5x' is not a number"),
    "NaN": (
        b"a" + FIVE + b"b 1 nan 3 4 5\n",
        "line 2 ('b'): a number that is NaN, infinite or beyond 1e+18",
    ),
    "infinite": (b"a" + FIVE + b"b 1 -inf 3 4 5\n", "line 2 ('b'): a number that is NaN"),
    "too large": (
        b"a" + FIVE + b"b 1 -2e18 3 4 5\n",
        "line 2 ('b'): a number that is NaN, infinit",
    ),
    "beyond float32": (b"a" + FIVE + b"b 1 1e39 3 4 5\n", "line 2 ('b'): a number that is NaN"),
    "not UTF-8": (b"a" + FIVE + b"caf\xe9" + FIVE, "line 2: bytes that are not UTF-8"),
    "not UTF-8 at first": (b"caf\xe9" + FIVE, "line 1: bytes that are not UTF-8"),
    "not UTF-8 after a header": (HEAD + b"caf\xe9" + FIVE, "line 2: bytes that are not UTF-8"),
    "UTF-16": ("a 1 2\nb 3 4\n".encode("utf-16"), "line 1: bytes that are not UTF-8"),
    "random bytes": (np.random.default_rng(0).bytes(5000), "line 1: bytes that are not UTF-8"),
    "huge word": (b"a" + FIVE + TOO_LONG + FIVE, "line 2: a word of 1,001 bytes; at most 1000"),
    "endless line": (b"a" + FIVE + b"x" * 2_000_000, "line 2: longer than 1,049,576 bytes"),
    "fewer than promised": (HEAD + b"a" + FIVE, "line 1: promises 3 words, but there are 1"),
    "more than promised": (HEAD + b"a" + FIVE.join((b"", b"b", b"c", b"d", b"")), "there are more"),
    "many more than there are": (b"9" * 18 + b" 5\na" + FIVE, "words, but there are 1"),
    "a header too large": (b"9" * 40 + b" 5\na" + FIVE, "line 1: no file has so many"),
    "a dimension too large": (b"3 999999\na" + FIVE, "line 1: promises 3 words of 999999 numbers"),
    "prose after a header": (HEAD + b"Dear Sir, this is a letter", "word 1 ('Dear'): a number"),
    "no dimension": (b"3 0\na\n", "line 1: promises 3 words of 0 numbers"),
    "no words": (b"0 5\n", "line 1: promises 0 words"),
    "fewer than none": (b"-3 5\na" + FIVE, "line 1: promises -3 words of 5 numbers"),
    "binary, a negative dimension": (b"-".join((b"8 ", binary()[2:])), "words of -5 numbers"),
    "all zero": (b"a 0 0\nb 0 0\n", "holds no word whose vector is not zero"),
    "one word": (b"a 1 2\n", "has no two words whose vectors differ"),
    "all the same": (b"a 1 2\nb 1 2\n", "has no two words whose vectors differ"),
    "cut gzip": (gzip.compress(text())[:-20], "its gzip data are cut off or damaged"),
    "damaged gzip": (gzip.compress(text())[:60] + b"\0" * 200, "its gzip data are cut off or dam"),
    "no gzip": (b"\x1f\x8b" + b"\0" * 50, "its gzip data are cut off or damaged"),
    "binary, truncated": (binary()[:-9], "promises 8 words, but there are 7"),
    "binary, cut in a word": (binary()[: len(binary()) - 23], "but there are 7"),
    "binary, more": (binary() + b"x", "promises 8 words, but there are more"),
    "binary, promising more": (b"9" + binary(), "promises 98 words, but there are 8"),
    "binary, NaN": (binary(rows=ROWS * np.float32("nan")), "word 1 ('the'): a number that is NaN"),
    "binary, not UTF-8": (binary().replace(b"soft", b"s\xffft"), "word 2: bytes that are not UTF"),
    "binary, huge word": (binary(["a", "b" * 2000], ROWS[:2]), "word 2: longer than 1000 bytes"),
    "binary, a line in a word": (binary(["a", "b\nc"], ROWS[:2]), "word 2: no word where one"),
    "zip": (b"PK\x03\x04" + b"\0" * 50, "is a zip archive"),
    "fastText's model": (b"\xba\x16\x4f\x2f\x0c\0\0\0" + b"\0" * 50, "fastText's own binary model"),
    "safetensors": (
        b'\x58\0\0\0\0\0\0\0{"a":{"dtype":"F32"}} 1234',
        "line 1: a word followed by 1 to 16384 numbers is expected",
    ),
    "npy": (b"\x93NUMPY\x01\x00", "is a bare array without words"),
}


@pytest.mark.parametrize("case", BAD)
def test_refused(tmp_path: Path, case: str) -> None:
    content, message = BAD[case]
    path = written(tmp_path, content, "bad.vec")
    with pytest.raises(EsprError) as raised:
        load_vector_file(path)
    told = str(raised.value)
    assert message in told
    assert str(path) in told
    assert len(told.splitlines()) == 1
    assert raised.value.exit_code == WRONG_INPUT


@pytest.mark.parametrize("content", [text(), text(header=True), binary(), gzip.compress(binary())])
def test_damaged_anywhere(tmp_path: Path, content: bytes) -> None:
    """One byte inverted, or the rest cut off: an error of one line, or finite numbers."""
    for at in range(0, len(content), 17):
        for damaged in (
            content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :],
            content[:at],
        ):
            try:
                vectors = load_vector_file(written(tmp_path, damaged))
            except EsprError as error:
                assert len(str(error).splitlines()) == 1
            else:
                assert all(np.isfinite(vectors.vector(word)).all() for word in vectors.words)


@pytest.mark.parametrize("name", ["words.txt", "words.model", "words.kv", "words.pkl", "w.bin"])
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_pickle_is_never_opened(tmp_path: Path, name: str, protocol: int, pack) -> None:
    target = tmp_path / "executed"
    path = written(tmp_path, pack(pickle.dumps(Bomb(target), protocol)), name)
    with pytest.raises(EsprError, match="pickle" if protocol >= 2 else "not a word-vector file"):
        load_text_encoder(path)
    assert not target.exists()


def test_a_model_that_gensim_saved(tmp_path: Path) -> None:
    gensim = KeyedVectors(5)
    gensim.add_vectors(WORDS, ROWS)
    gensim.save(str(tmp_path / "words.kv"))
    with pytest.raises(EsprError, match=r"is a Python pickle.*save_word2vec_format"):
        load_text_encoder(tmp_path / "words.kv")


def test_a_header_allocates_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, b"999999999999 16384\na \x00\xff" + b"\0" * 1000)
    tracemalloc.start()
    with pytest.raises(EsprError, match="promises 999999999999 words, but there are 0"):
        load_vector_file(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20e6


@pytest.mark.parametrize("name", ["missing.txt", "folder/missing", "a.bin"])
def test_a_missing_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(EsprError, match=f"no word-vector file at {tmp_path / name}"):
        load_text_encoder(tmp_path / name)


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(EsprError, match=f"{tmp_path} is a folder, not a word-vector file"):
        load_text_encoder(tmp_path)


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = written(tmp_path, text())
    path.chmod(0)
    open_to_all(tmp_path)
    with without_privileges(), pytest.raises(EsprError, match=f"cannot read {path}: Permission"):
        load_text_encoder(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(EsprError, match="is not a regular file"):
        load_text_encoder(tmp_path / "pipe.txt")


def test_gensim_reads_a_file_once(tmp_path: Path) -> None:
    program = (
        "import sys, espr\n"
        "espr.load_text_encoder(sys.argv[1]).embed('shy')\n"
        "heavy = {'torch', 'librosa', 'gensim', 'scipy', 'numba', 'sklearn', 'pandas', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    path = written(tmp_path, text())
    for imported in ("['gensim', 'scipy']", "[]"):
        run = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True)
        assert (run.stdout.strip(), run.stderr) == (imported, "")
