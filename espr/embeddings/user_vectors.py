"""Users' word-vector files: read by gensim once, then memory-mapped.

The converted form lies in ``ESPR_CACHE`` (else the user's cache directory), in a folder per
source path: ``DIGEST.npy`` and ``DIGEST.txt`` as :mod:`espr.embeddings.vector_conversion` writes
them, and ``source.json``, written last, which names them beside the source's size, time of change,
SHA-256 and format. It may be deleted at any time. The id of the encoder is the name of the file
and the first letters of its SHA-256 (``ewe/3f2a51c09b7e``), since h belongs to the numbers.

EWE: Agrawal, An & Papagelis, "Learning emotion-enriched word representations" (COLING 2018).

184,000 x 300 numbers, 526 MB of text: converted in 5 s; as word2vec's binary, 222 MB, in 2 s. Then
loaded in 0.22 s, the start of Python included (``python -m tests.benchmarks.vector_files``).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from espr.checksums import file_sha256
from espr.embeddings.suggestion import Speller
from espr.embeddings.vector_conversion import Counts, convert
from espr.embeddings.vector_formats import Form, inspect
from espr.embeddings.word_vectors import Vectors
from espr.errors import EsprError
from espr.paths import cache_folder, data_folders

SCHEMA = "espr.word-vectors/1"
EWE = "ewe"
_EWE_FILES = ("ewe_uni.txt", "ewe_uni.txt.gz")
_VERSION = 1
_RECORD = "source.json"
_PART = "part-"
_DAY = 86_400  # s
_DIGITS = 12  # of a SHA-256 in ids and file names
_SUGGESTED_FROM = 50_000  # most frequent words: 5 ms a suggestion, and no misspellings of the web
_LONGEST_SUGGESTED = 30  # letters


@dataclass(frozen=True, slots=True)
class Source:
    """The file that vectors were made from."""

    path: str
    size: int
    mtime_ns: int
    sha256: str
    format: str


class FileVectors(Vectors):
    """Word vectors of a file.

    Attributes
    ----------
    source : Source
    counts : Counts
        What was left out: repeated words, zero vectors, other spellings in capitals or accents.
    """

    def __init__(
        self, name: str, source: Source, counts: Counts, words: list[str], rows: np.ndarray
    ) -> None:
        super().__init__(name, _VERSION, words, rows[:-1], np.array(rows[-1]))
        self.source = source
        self.counts = counts
        left_out = {
            "repeated words, the first of each kept": counts.duplicates,
            "words with a zero vector, left out": counts.zeros,
        }
        self.notes = tuple(f"{source.path}: {what}: {n:,}" for what, n in left_out.items() if n)

    @property
    def id(self) -> str:
        return f"{self.name}/{self.source.sha256[:_DIGITS]}"

    def cosines(self, vector: np.ndarray, count: int) -> np.ndarray:
        from gensim.models import KeyedVectors

        with np.errstate(invalid="ignore"):  # 0 / 0 where a vector has no length
            cosines = KeyedVectors.cosine_similarities(vector, self._rows[:count])
        finite: np.ndarray = np.nan_to_num(cosines)
        return finite

    def suggest(self, word: str, n: int = 3) -> tuple[str, ...]:
        if self._speller is None:
            plain = [
                known
                for known in self.words[:_SUGGESTED_FROM]
                if known.isascii() and known.isalpha() and len(known) <= _LONGEST_SUGGESTED
            ]
            if not plain:
                return ()
            self._speller = Speller(plain)
        return super().suggest(word, n)


def find_vector_file(name: str) -> Path | None:
    """The file that ``name`` means: ``ewe`` where the user has put it, or a path; else None.

    Raises
    ------
    EsprError
        When it is ``ewe`` and the user does not have it.
    """
    if name == EWE:
        return _find_ewe()
    path = Path(os.path.expanduser(name))
    looks_like_path = path.suffix or len(path.parts) > 1 or path.exists()
    return path if name and looks_like_path else None


def _find_ewe() -> Path:
    places = [folder / file for folder in data_folders() for file in _EWE_FILES]
    for place in places:
        if place.is_file():
            return place
    raise EsprError(
        "the vectors 'ewe' are not here: they are published by Agrawal, An & Papagelis "
        f"(COLING 2018) as ewe_uni.txt; put it at {places[-len(_EWE_FILES)]}, or give its path"
    )


def load_vector_file(path: Path) -> FileVectors:
    """The word vectors of a file, converted at the first time.

    Raises
    ------
    EsprError
        When the file is no word-vector file or is damaged, with the line where it can be told;
        when there is no room for the converted form.
    """
    path = Path(os.path.abspath(path))
    digest = hashlib.blake2b(os.fsencode(path), digest_size=8).hexdigest()
    place = cache_folder() / "word-vectors" / f"{_name_of(path)}-{digest}"
    converted = _open_converted(path, place)
    if converted is None:
        _make_converted(path, place)
        converted = _open_converted(path, place)
    if converted is None:
        raise EsprError(f"{path} or what was made of it in {place} changed meanwhile; try again")
    return converted


def _name_of(path: Path) -> str:
    """The encoder's name: that of the file, fit for an id and a file name."""
    stem = path.name.lower().removesuffix(".gz").rpartition(".")[0] or path.name.lower()
    name = re.sub(r"[^a-z0-9._-]+", "-", stem).strip("-.")[:60]
    return EWE if name == "ewe_uni" else name or "vectors"


# The converted form


def _open_converted(path: Path, place: Path) -> FileVectors | None:
    """The converted form; None when there is none, it is damaged, or the source differs now."""
    try:
        record = json.loads((place / _RECORD).read_bytes())
        source, counts = Source(**record["source"]), Counts(**record["counts"])
        if record["schema"] != SCHEMA or not _is_unchanged(path, source, counts, place):
            return None
        files = place / source.sha256[:_DIGITS]
        words = files.with_suffix(".txt").read_bytes().decode().split("\n")[:-1]
        rows = np.load(files.with_suffix(".npy"), mmap_mode="r", allow_pickle=False)
        if len(words) != counts.words or rows.shape[:-1] != (counts.words + 1,):
            return None
        return FileVectors(_name_of(path), source, counts, words, rows)
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError):
        return None  # a cache: what cannot be read is made again, or the source says why not


def _is_unchanged(path: Path, source: Source, counts: Counts, place: Path) -> bool:
    """By size and time of change; a file that was only touched is read through, once."""
    status = path.stat()
    if (status.st_size, status.st_mtime_ns) == (source.size, source.mtime_ns):
        return True
    if status.st_size != source.size or file_sha256(path) != source.sha256:
        return False
    with suppress(OSError), tempfile.TemporaryDirectory(prefix=_PART, dir=place) as part:
        # a cache that cannot be written is only slower
        touched = replace(source, mtime_ns=status.st_mtime_ns)
        _write_record(Path(part, _RECORD), touched, counts).replace(place / _RECORD)
    return True


def _write_record(file: Path, source: Source, counts: Counts) -> Path:
    record = {"schema": SCHEMA, "source": asdict(source), "counts": asdict(counts)}
    file.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    return file


def _make_converted(path: Path, place: Path) -> None:
    form = inspect(path)
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_PART, dir=place) as part:
            _convert_into(form, Path(part), place)
        with suppress(OSError):  # another process may sweep, too; what stays is swept next time
            _sweep(place)
    except OSError as error:
        raise EsprError(
            f"cannot keep the vectors of {path} in {place}: {error.strerror or error}; "
            "ESPR_CACHE names another folder"
        ) from error


def _convert_into(form: Form, part: Path, place: Path) -> None:
    """Convert in ``part``, then move the files to ``place``, the record last."""
    before = form.path.stat()
    vectors, words = part / "vectors.npy", part / "words.txt"
    counts = convert(form, vectors, words)
    digest = file_sha256(form.path)
    after = form.path.stat()
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise EsprError(f"{form.path} changed while it was read; try again")
    source = Source(str(form.path), after.st_size, after.st_mtime_ns, digest, form.name)
    files = place / digest[:_DIGITS]
    vectors.replace(files.with_suffix(".npy"))
    words.replace(files.with_suffix(".txt"))
    # it is what makes the others count
    _write_record(part / _RECORD, source, counts).replace(place / _RECORD)


def _sweep(place: Path) -> None:
    """Remove what an earlier source, or a conversion killed a day ago, left behind."""
    current = json.loads((place / _RECORD).read_bytes())["source"]["sha256"][:_DIGITS]
    for left in place.iterdir():
        if left.suffix in (".npy", ".txt") and left.stem != current:
            left.unlink(missing_ok=True)
        elif left.name.startswith(_PART) and left.stat().st_mtime < time.time() - _DAY:
            shutil.rmtree(left, ignore_errors=True)
