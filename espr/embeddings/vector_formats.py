"""The formats of word-vector files: which one a file is in.

Read are the text of GloVe (``word v1 … vd`` a line), the text of word2vec and fastText's
``.vec`` (the same after a first line ``words dimension``), the binary of word2vec (that first
line, then each word, a space and d little-endian float32), and gzip of each. The first bytes
decide, never the name of the file. Nothing is unpickled; what is something else is named.
"""

from __future__ import annotations

import gzip
import io
import zlib
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from espr.errors import EsprError

LARGEST_DIMENSION = 16_384
LONGEST_LINE = 1000 + 64 * LARGEST_DIMENSION  # bytes
_GZIP = b"\x1f\x8b"
_FASTTEXT = b"\xba\x16\x4f\x2f"  # FASTTEXT_FILEFORMAT_MAGIC_INT32


@dataclass(frozen=True, slots=True)
class Form:
    """What a file is: found by :func:`inspect`.

    Attributes
    ----------
    path : Path
    binary : bool
        word2vec's binary; text otherwise.
    promised : int or None
        The number of words in the header; None without a header.
    dimension : int
    compressed : bool
    """

    path: Path
    binary: bool
    promised: int | None
    dimension: int
    compressed: bool

    @property
    def name(self) -> str:
        """E.g. ``word2vec text, gzip``."""
        kind = "GloVe" if self.promised is None else "word2vec"
        return f"{kind} {'binary' if self.binary else 'text'}{', gzip' * self.compressed}"


def inspect(path: Path) -> Form:
    """The form of a word-vector file, from its first two lines.

    Raises
    ------
    EsprError
        When it is none: a folder, a pickle, an archive, empty, or any other text.
    """
    with opened(path) as (stream, compressed):
        first = stream.readline(LONGEST_LINE)
        sample = stream.read(LONGEST_LINE)
    _refuse_other_formats(path, first)
    fields = first.removeprefix(b"\xef\xbb\xbf").split()
    if len(fields) != 2 or not all(field.removeprefix(b"-").isdigit() for field in fields):
        return Form(path, False, None, _dimension_of(path, fields), compressed)
    if max(map(len, fields)) > 18:
        raise EsprError(f"{path}, line 1: no file has so many words or numbers")
    promised, dimension = map(int, fields)
    if promised < 1 or not 1 <= dimension <= LARGEST_DIMENSION:
        raise EsprError(
            f"{path}, line 1: promises {promised} words of {dimension} numbers; "
            f"there must be words, of 1 to {LARGEST_DIMENSION} numbers"
        )
    return Form(path, _is_binary(sample, dimension), promised, dimension, compressed)


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, bool]]:
    """The bytes of a file, unpacked; errors of reading and of gzip become one line."""
    if path.is_dir():
        raise EsprError(f"{path} is a folder, not a word-vector file")
    if not path.exists():
        raise EsprError(f"no word-vector file at {path}")
    if not path.is_file():
        raise EsprError(f"{path} is not a regular file")
    try:
        with path.open("rb") as raw:
            if raw.peek(2)[:2] != _GZIP:
                yield raw, False
                return
            with gzip.GzipFile(fileobj=raw) as unpacked:
                # buffered: a line of GzipFile's own costs a call of Python
                yield io.BufferedReader(cast(io.RawIOBase, unpacked), 1 << 20), True
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise EsprError(f"{path}: its gzip data are cut off or damaged ({error})") from error
    except OSError as error:
        raise EsprError(f"cannot read {path}: {error.strerror or error}") from error


def _refuse_other_formats(path: Path, start: bytes) -> None:
    if not start.strip():
        raise EsprError(f"{path} is empty: it holds no word vectors")
    if start[:1] == b"\x80" and start[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        raise EsprError(
            f"{path} is a Python pickle, which could run code and is never opened; "
            "save its vectors with gensim's save_word2vec_format"
        )
    if start[:4] == b"PK\x03\x04":
        raise EsprError(
            f"{path} is a zip archive, not a word-vector file; unpack it "
            "(an .npz table of embeddings is read by espr evaluate)"
        )
    if start[:4] == _FASTTEXT:
        raise EsprError(
            f"{path} is fastText's own binary model; give the .vec file that is published beside it"
        )
    if start[:6] == b"\x93NUMPY":
        raise EsprError(f"{path} is a bare array without words; save word2vec text instead")


def _dimension_of(path: Path, fields: list[bytes]) -> int:
    """How many numbers follow the word in the first line of a file without header."""
    trailing = next(
        (n for n, field in enumerate(reversed(fields)) if not is_number(field)), len(fields) - 1
    )
    is_text = not any(b"\0" in field for field in fields)
    if not is_text or not 1 <= trailing <= LARGEST_DIMENSION:
        text_of(path, 1, b" ".join(fields))  # what is not even text is reported
        raise EsprError(
            f"{path}, line 1: a word followed by 1 to {LARGEST_DIMENSION} numbers is expected; "
            "this is not a word-vector file"
        )
    return trailing


def _is_binary(sample: bytes, dimension: int) -> bool:
    """Whether what follows a header is no text: text that is wrong is still text, and its line
    can be named; floats have bytes that no text has, or at least no number in letters.
    """
    numbers = sample.partition(b"\n")[0].split()[-dimension:]
    if len(numbers) == dimension and all(map(is_number, numbers)):
        return False
    start = sample[:4096]
    try:
        getincrementaldecoder("utf-8")().decode(start)  # a letter may be cut at the end
    except UnicodeDecodeError:
        return True
    if any(byte < 32 and byte not in b"\t\n\r" for byte in start):
        return True
    floats = sample.partition(b" ")[2][: 4 * dimension]
    return len(floats) == 4 * dimension and not any(map(is_number, floats.split()))


def is_number(field: bytes) -> bool:
    """Whether a field of a line reads as a number, NaN and infinity included."""
    try:
        float(field)
    except ValueError:
        return False
    return True


def text_of(path: Path, line: int, word: bytes) -> str:
    """The word as text, or an error that names its line."""
    try:
        return word.decode()
    except UnicodeDecodeError as error:
        raise EsprError(f"{path}, line {line}: bytes that are not UTF-8") from error
