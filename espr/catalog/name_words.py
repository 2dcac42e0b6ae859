"""The words by which pieces and recordings are found: an index that grows with the library.

A search reads the rows of one word, so it takes the same time in a library of any size. Each
recording and each piece has *words* (of its names, folded, see :mod:`espr.folding`) and *marks*,
which stand for a whole name, path or slug. Triggers keep them, and beside them the count of the
rows of each word and the sum of their ids: a row that is lost is noticed, not missed.
"""

from __future__ import annotations

import hashlib
import json
import os
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from espr import folding
from espr.printable import clean

# Table whose rows have words → the columns that the words are of.
NAMED = {
    "pieces": ("key", "slug", "title", "composer"),
    "recordings": ("state", "path", "performer", "title"),
}
_SLUG, _WORK = "/", "#"  # begin the marks of a slug, and of a work


def words_of(text: str) -> list[str]:
    """The words of a name in lower case, without accents."""
    # folding changes nothing of plain letters but what stands between words
    return folding.words(text if text.isascii() else folding.fold(text))


def spell(name: str) -> str:
    """A name as it is printed, in one Unicode form and without letter case."""
    if name.isascii() and name.isprintable():
        return name.casefold()
    return unicodedata.normalize("NFC", clean(name, longest=len(name) + 4).casefold())


def name_mark(name: str) -> str:
    """What stands for a whole name or path, however it is spelled: 64 bits of a digest."""
    return _mark(spell(name))


def _mark(spelled: str) -> str:
    return "=" + hashlib.blake2b(spelled.encode(), digest_size=8).hexdigest()


def ending(path: str) -> str:
    """The last folder and the name of a path, or the name where there is no folder."""
    return path[path.rfind("/", 0, max(0, path.rfind("/"))) + 1 :]


def slug_mark(slug: str, *, whole: bool = False) -> str:
    """What stands for a slug, or, unless ``whole``, for all that begin so."""
    return f"{_SLUG}{slug}{_SLUG if whole else ''}"


def work_mark(key: str) -> str:
    """What stands for the composer, work and part of a grouping key, or for its beginning."""
    return _WORK + key


def work_of(key: str) -> str:
    """The composer, work and part of a grouping key; "" of a key by file, folder or work id."""
    return "" if ":" in key.partition("|")[0] else key


@lru_cache(maxsize=64)  # a trigger asks twice for each row
def piece_words(key: str, slug: str, title: str, composer: str) -> str:
    """The words and the marks of a piece, a JSON list."""
    work = work_of(key)
    marks = [slug_mark(slug, whole=True), *([work_mark(work)] if "|" in work else [])]
    return json.dumps(sorted({*marks, *words_of(f"{work} {slug} {title} {composer}")}))


@lru_cache(maxsize=4_096)  # a run stores recordings without names, and names them at its end
def recording_words(state: str, path: bytes, performer: str, title: str) -> str:
    """The words and the marks of a recording, a JSON list; one that cannot be read has none."""
    if state != "analysed":
        return "[]"
    words = {*_path_words(path), *words_of(f"{performer} {title}")}
    # words are letters and digits, marks digits of 16: nothing in them is written otherwise
    return '["' + '", "'.join(sorted(words)) + '"]'


@lru_cache(maxsize=64)  # a recording that is renamed stays where it is
def _path_words(path: bytes) -> tuple[str, ...]:
    whole = os.fsdecode(path)
    # spelled at once where its parts are then spelled, too
    spelled = spell(whole) if whole.isascii() and whole.isprintable() else ""
    name = (spelled or whole).rpartition("/")[2]
    stem = os.path.splitext(name)[0]
    names = (spelled or whole, ending(spelled or whole), name, stem)
    return (*map(_mark if spelled else name_mark, names), *words_of(stem))


# Functions of our own that the triggers call.
SQL_FUNCTIONS: dict[str, Callable[..., str]] = {
    "words_of_pieces": piece_words,
    "words_of_recordings": recording_words,
}


def _statements(table: str) -> tuple[str, ...]:
    columns = NAMED[table]
    words, totals = f"words_of_{table}", f"word_totals_of_{table}"

    def insert(row: str) -> str:
        arguments = ", ".join(f"{row}.{column}" for column in columns)
        return (
            f"INSERT INTO {words} SELECT value, {row}.id FROM"
            f" json_each(words_of_{table}({arguments}));"
        )

    def delete(row: str) -> str:
        arguments = ", ".join(f"{row}.{column}" for column in columns)
        return (
            f"DELETE FROM {words} WHERE id = {row}.id AND word IN"
            f" (SELECT value FROM json_each(words_of_{table}({arguments})));"
        )

    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))

    def words_without(one: str, other: str) -> str:
        found, left_out = (f"json_each(words_of_{table}({row}))" for row in (one, other))
        return f"SELECT value FROM {found} EXCEPT SELECT value FROM {left_out}"

    return (
        f"CREATE TABLE {words} (word TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (word, id))"
        " WITHOUT ROWID",
        f"CREATE TABLE {totals} (word TEXT PRIMARY KEY, count INTEGER NOT NULL, sum INTEGER"
        " NOT NULL) WITHOUT ROWID",
        f"CREATE TRIGGER {words}_added AFTER INSERT ON {words} BEGIN INSERT INTO {totals} VALUES"
        " (NEW.word, 1, NEW.id) ON CONFLICT (word) DO UPDATE SET count = count + 1,"
        " sum = sum + NEW.id; END",
        f"CREATE TRIGGER {words}_removed AFTER DELETE ON {words} BEGIN UPDATE {totals} SET"
        " count = count - 1, sum = sum - OLD.id WHERE word = OLD.word;"
        f" DELETE FROM {totals} WHERE word = OLD.word AND count = 0; END",
        f"CREATE TRIGGER {table}_named AFTER INSERT ON {table} BEGIN {insert('NEW')} END",
        f"CREATE TRIGGER {table}_renamed AFTER UPDATE OF {', '.join(columns)} ON {table}"
        f" WHEN ({old}) IS NOT ({new}) BEGIN DELETE FROM {words} WHERE id = OLD.id AND word IN"
        f" ({words_without(old, new)}); INSERT INTO {words} SELECT value, NEW.id FROM"
        f" ({words_without(new, old)}); END",
        f"CREATE TRIGGER {table}_unnamed AFTER DELETE ON {table} BEGIN {delete('OLD')} END",
    )


STATEMENTS = tuple(statement for table in NAMED for statement in _statements(table))
