"""The records of a word-vector file, one per word, checked before gensim reads them.

gensim's ``KeyedVectors`` reads the numbers, but trusts the file: it allocates what a header
promises, ignores words beyond that, repeats the number of a line that has only one, stops at
blank lines and at words of several parts (GloVe 840B), and cannot name a line. So every record is
checked here first, and gensim gets a copy in which all have one form.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import BinaryIO, NoReturn

import numpy as np

from espr.embeddings.vector_formats import LONGEST_LINE, Form, is_number, opened, text_of
from espr.errors import EsprError

LONGEST_WORD = 1000  # bytes; the longest of fastText's Common Crawl have some hundreds
LARGEST = 1e18  # its square is a float32 still
_CHUNK = 1 << 20  # bytes
_COUNT_WIDTH = 20  # characters: the number of words is written last
_SHOWN = 40  # letters of a word in a message
_NO_BREAK_SPACE = "\u00a0".encode()  # within a word: gensim splits a line at spaces


def write_checked(form: Form, target: Path) -> int:
    """Write the records of a file as word2vec's text or binary form, and count them.

    Raises
    ------
    EsprError
        Naming the line, or the number of the word in a binary file: a wrong number of numbers,
        bytes that are not UTF-8, a word longer than ``LONGEST_WORD``, fewer or more words than the
        header promises; in a binary file also numbers that are not finite or beyond ``LARGEST``.
    """
    words = 0
    header = f"{{:{_COUNT_WIDTH}}} {form.dimension}\n"
    with target.open("wb") as file:
        file.write(header.format(0).encode())
        for _, record in _records(form):
            words += 1
            file.write(record)
        if form.promised is not None and words < form.promised:
            _fail_count(form, str(words))
        file.seek(0)
        file.write(header.format(words).encode())
    return words


def name_wrong_line(form: Form) -> None:
    """Raise an EsprError for the first line of a text file with what is no number of a vector."""
    for number, line in _records(form):
        word, *fields = line.split()
        where = f"{form.path}, line {number}"
        try:
            with np.errstate(over="ignore"):  # what is infinite is refused
                numbers = np.array(fields, np.float32)
        except ValueError as error:
            shown = next(field for field in fields if not is_number(field))[:20]
            raise EsprError(
                f"{where}: '{shown.decode('utf-8', 'replace')}' is not a number"
            ) from error
        _check_numbers(where, word, numbers)


def _records(form: Form) -> Iterator[tuple[int, bytes]]:
    """The number of a line, or of a word, from 1, and its record as it is written."""
    with opened(form.path) as (stream, _):
        records = (_binary_records if form.binary else _text_records)(form, stream)
        for words, record in enumerate(records, 1):
            if form.promised is not None and words > form.promised:
                _fail_count(form, "more")
            yield record


def _text_records(form: Form, stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Lines that are not blank, with one space between the fields."""
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
            yield number, _checked_line(form, number, line) + b"\n"


def _checked_line(form: Form, number: int, line: bytes) -> bytes:
    where = f"{form.path}, line {number}"
    word, _, numbers = line.partition(b" ")
    if not word:
        raise EsprError(f"{where}: no word before the numbers")
    if line.count(b" ") != form.dimension or b"  " in line:
        fields = line.split()
        split = len(fields) - form.dimension
        # GloVe 840B has words with spaces (". . ."); a number among them is one too many
        if split < 1 or any(map(is_number, fields[1:split])):
            raise EsprError(
                f"{where}: {len(fields) - 1} numbers after the word instead of {form.dimension}; "
                "is the file complete?"
            )
        word, numbers = _NO_BREAK_SPACE.join(fields[:split]), b" ".join(fields[split:])
        line = word + b" " + numbers
    if len(word) > LONGEST_WORD:
        raise EsprError(f"{where}: a word of {len(word):,} bytes; at most {LONGEST_WORD} are read")
    text_of(form.path, number, word)
    return line


def _binary_records(form: Form, stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    stream.readline(LONGEST_LINE)
    size = 4 * form.dimension
    buffer, at = b"", 0
    for number in count(1):
        while (end := buffer.find(b" ", at)) < 0 or len(buffer) <= end + size:
            if end < 0 and len(buffer) - at > LONGEST_WORD:
                _fail_length(form, number)
            more = stream.read(_CHUNK)
            if not more:
                if number > (form.promised or 0) and buffer[at:].strip():
                    _fail_count(form, "more")
                return
            buffer, at = buffer[at:] + more, 0
        word = _checked_word(form, number, buffer[at:end])
        numbers = np.frombuffer(buffer, "<f4", form.dimension, end + 1)
        _check_numbers(f"{form.path}, word {number}", word, numbers)
        at = end + 1 + size
        yield number, word + buffer[end:at]


def _checked_word(form: Form, number: int, word: bytes) -> bytes:
    word = word.lstrip(b"\n")  # word2vec.c ends every vector with a line
    try:
        word.decode()
    except UnicodeDecodeError as error:
        raise EsprError(
            f"{form.path}, word {number}: bytes that are not UTF-8; is the file damaged?"
        ) from error
    if len(word) > LONGEST_WORD:
        _fail_length(form, number)
    if not word or b"\n" in word:
        raise EsprError(f"{form.path}, word {number}: no word where one should be: damaged")
    return word


def are_sound(numbers: np.ndarray) -> bool:
    """Whether all are finite and within ``LARGEST``."""
    return bool(np.abs(numbers).max() <= LARGEST)  # NaN is not


def _check_numbers(where: str, word: bytes, numbers: np.ndarray) -> None:
    if not are_sound(numbers):
        raise EsprError(
            f"{where} ({word.decode()[:_SHOWN]!r}): a number that is NaN, infinite or beyond "
            f"{LARGEST:.0e}"
        )


def _fail_length(form: Form, number: int) -> NoReturn:
    raise EsprError(
        f"{form.path}, word {number}: longer than {LONGEST_WORD} bytes; is the file damaged?"
    )


def _fail_count(form: Form, words: str) -> NoReturn:
    raise EsprError(
        f"{form.path}, line 1: promises {form.promised} words, but there are {words}; "
        "is the file complete?"
    )
