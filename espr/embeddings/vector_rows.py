"""The words and numbers of a word-vector file, block by block.

Nothing is allocated because a header promises it, and what is wrong is named with its line.
gensim reads the same formats, and the tests compare with it; it is not used here because it takes
31 s instead of 5 s for 184,000 x 300 numbers of text, repeats the number of a line that has
only one, fills the memory that a header asks for, and cannot say which line is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import BinaryIO, NoReturn

import numpy as np

from espr.embeddings.vector_formats import LONGEST_LINE, Form, is_number, opened, text_of
from espr.errors import EsprError

LONGEST_WORD = 1000  # bytes; the longest of fastText's Common Crawl have some hundreds
LARGEST = 1e18  # its square is a float32 still
_BLOCK = 1000  # lines that are parsed at once
_CHUNK = 1 << 20  # bytes
_SHOWN = 40  # letters of a word in a message


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive words of a file.

    Attributes
    ----------
    words : list of str
    rows : np.ndarray, shape=(len(words), dimension), float32
        As they are in the file, within ``LARGEST``.
    """

    words: list[str]
    rows: np.ndarray


def read_blocks(form: Form) -> Iterator[Block]:
    """The words of a file in their order, repeated and zero ones included.

    Raises
    ------
    EsprError
        Naming file and line, or the number of the word in a binary file: a wrong number of
        numbers, numbers that are not finite or beyond ``LARGEST``, bytes that are not UTF-8, fewer
        or more words than the header promises, a word longer than ``LONGEST_WORD``.
    """
    with opened(form.path) as (stream, _):
        yield from (_binary_blocks if form.binary else _text_blocks)(form, stream)


# Text


def _text_blocks(form: Form, stream: BinaryIO) -> Iterator[Block]:
    words = 0
    lines = _numbered_lines(form, stream)
    while numbered := list(islice(lines, _BLOCK)):
        block = _parse(form, numbered)
        words += len(block.words)
        if form.promised is not None and words > form.promised:
            _fail_count(form, "more")
        yield block
    if form.promised is not None and words < form.promised:
        _fail_count(form, str(words))


def _numbered_lines(form: Form, stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Lines that are not blank, with their numbers from 1; the header is left out."""
    for number in count(1):
        line = stream.readline(LONGEST_LINE + 1)
        if not line:
            return
        if len(line) > LONGEST_LINE:
            raise EsprError(f"{form.path}, line {number}: longer than {LONGEST_LINE:,} bytes")
        if number == 1:
            if form.promised is not None:
                continue
            line = line.removeprefix(b"\xef\xbb\xbf")
        line = line.rstrip(b" \t\r\n").replace(b"\t", b" ")
        if line:
            yield number, line


def _parse(form: Form, numbered: list[tuple[int, bytes]]) -> Block:
    """All lines at once; one by one where that fails, to name the line that is wrong."""
    parts = [line.partition(b" ") for _, line in numbered]
    raw = [word for word, _, _ in parts]
    try:
        if not all(numbers for _, _, numbers in parts):
            raise ValueError  # loadtxt would leave the line out
        with np.errstate(over="ignore"):  # what is infinite is refused below
            rows = np.loadtxt(
                [numbers for _, _, numbers in parts], np.float32, comments=None, ndmin=2
            )
        if rows.shape != (len(numbered), form.dimension):
            raise ValueError
    except ValueError:
        raw, rows = _parse_one_by_one(form, numbered)
    words = [
        _checked_word(form.path, number, word)
        for (number, _), word in zip(numbered, raw, strict=True)
    ]
    for at in np.flatnonzero(~_is_sound(rows).all(axis=1)):
        _fail_number(f"{form.path}, line {numbered[at][0]}", words[at])
    return Block(words, rows)


def _parse_one_by_one(
    form: Form, numbered: list[tuple[int, bytes]]
) -> tuple[list[bytes], np.ndarray]:
    words: list[bytes] = []
    rows = np.empty((len(numbered), form.dimension), np.float32)
    for row, (number, line) in zip(rows, numbered, strict=True):
        fields = line.split()
        split = len(fields) - form.dimension
        # GloVe 840B has words with spaces (". . ."); a number among them is one too many
        if split < 1 or any(map(is_number, fields[1:split])):
            raise EsprError(
                f"{form.path}, line {number}: {len(fields) - 1} numbers after the word instead of "
                f"{form.dimension}; is the file complete?"
            )
        try:
            with np.errstate(over="ignore"):  # what is infinite is refused later
                row[:] = [float(field) for field in fields[split:]]
        except ValueError as error:
            wrong = next(field for field in fields[split:] if not is_number(field))
            shown = wrong[:20].decode("utf-8", "replace")
            raise EsprError(f"{form.path}, line {number}: '{shown}' is not a number") from error
        words.append(b" ".join(fields[:split]))
    return words, rows


def _checked_word(path: Path, line: int, word: bytes) -> str:
    if not word:
        raise EsprError(f"{path}, line {line}: no word before the numbers")
    if len(word) > LONGEST_WORD:
        raise EsprError(
            f"{path}, line {line}: a word of {len(word):,} bytes; at most {LONGEST_WORD} are read"
        )
    return text_of(path, line, word)


# Binary


def _binary_blocks(form: Form, stream: BinaryIO) -> Iterator[Block]:
    stream.readline(LONGEST_LINE)
    size = 4 * form.dimension
    words: list[str] = []
    rows: list[np.ndarray] = []
    buffer, at = b"", 0
    for number in range(1, (form.promised or 0) + 1):
        while (end := buffer.find(b" ", at)) < 0 or len(buffer) <= end + size:
            if end < 0 and len(buffer) - at > LONGEST_WORD:
                _fail_length(form, number)
            more = stream.read(_CHUNK)
            if not more:
                _fail_count(form, str(number - 1))
            buffer, at = buffer[at:] + more, 0
        words.append(_binary_word(form, number, buffer[at:end]))
        rows.append(np.frombuffer(buffer, "<f4", form.dimension, end + 1))
        at = end + 1 + size
        if not _is_sound(rows[-1]).all():
            _fail_number(f"{form.path}, word {number}", words[-1])
        if len(words) == _BLOCK:
            yield Block(words, np.array(rows, np.float32))
            words, rows = [], []
    if (buffer[at:] + stream.read(_CHUNK)).strip():
        _fail_count(form, "more")
    if words:
        yield Block(words, np.array(rows, np.float32))


def _binary_word(form: Form, number: int, raw: bytes) -> str:
    raw = raw.lstrip(b"\n")  # word2vec.c ends every vector with a line
    try:
        word = raw.decode()
    except UnicodeDecodeError as error:
        raise EsprError(
            f"{form.path}, word {number}: bytes that are not UTF-8; is the file damaged?"
        ) from error
    if len(raw) > LONGEST_WORD:
        _fail_length(form, number)
    if not word or "\n" in word:
        raise EsprError(f"{form.path}, word {number}: no word where one should be: damaged")
    return word


def _is_sound(rows: np.ndarray) -> np.ndarray:
    sound: np.ndarray = np.abs(rows) <= LARGEST  # NaN is not
    return sound


def _fail_length(form: Form, number: int) -> NoReturn:
    raise EsprError(
        f"{form.path}, word {number}: longer than {LONGEST_WORD} bytes; is the file damaged?"
    )


def _fail_count(form: Form, found: str) -> NoReturn:
    raise EsprError(
        f"{form.path}, line 1: promises {form.promised} words, but there are {found}; "
        "is the file complete?"
    )


def _fail_number(where: str, word: str) -> NoReturn:
    raise EsprError(
        f"{where} ({word[:_SHOWN]!r}): a number that is NaN, infinite or beyond {LARGEST:.0e}"
    )
