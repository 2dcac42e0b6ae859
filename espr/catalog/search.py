"""From what a user types to the pieces and recordings that it may mean.

What is read is the rows of the words that were typed, see :mod:`espr.catalog.name_words`, so that
a search takes the same time in a library of any size.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from espr.catalog.name_words import (
    ending,
    name_mark,
    slug_mark,
    spell,
    words_of,
    work_mark,
    work_of,
)
from espr.catalog.schema import storable

if TYPE_CHECKING:
    from espr.catalog.catalog import Catalog, Piece, Recording

_TRACK_OF_A_FILE = re.compile(r"(?P<file>.+) at (?P<minutes>\d+):(?P<seconds>\d\d)", re.DOTALL)
_LAST = "\U0010ffff"  # sorts after every other letter


def find_pieces(catalog: Catalog, text: str) -> list[Piece]:
    """The pieces that ``text`` names: by slug, beginning of a slug, or any of their names.

    A slug given in full names one piece, also one it had before it was renamed or merged. Words
    match when each begins a word of the piece's slug, title, composer or the title of one of its
    recordings, whatever the case and accents; a number must be whole. So do nicknames and catalogue
    numbers that the title does not hold: "mondschein", "op 27/2". Several fits are all returned.
    """
    wanted = storable(text.strip().casefold())
    if not wanted:
        return []
    with catalog.snapshot():
        for ids in _ids_of_pieces(catalog, text, wanted):
            if pieces := catalog.pieces(ids):
                return pieces
    return []


def _ids_of_pieces(catalog: Catalog, text: str, wanted: str) -> Iterator[list[int]]:
    """The ids of pieces that fit, the surest ways of naming one first."""
    yield [row[0] for row in catalog.rows("SELECT id FROM pieces WHERE slug = ?", [wanted])]
    yield _ids(catalog, "pieces", slug_mark(wanted, whole=True), whole=True)
    aliases = dict(catalog.read_table("aliases"))
    if wanted in aliases:
        yield _ids_by_key(catalog, {aliases[wanted]})
    yield _ids(catalog, "pieces", slug_mark(wanted))
    words = set(words_of(text))
    keys = {row[0]: row[1] for row in catalog.checked_pieces(_rarest(catalog, "pieces", words))}
    ids = {
        piece.id
        for piece in catalog.pieces(list(keys))
        if _matches(words, f"{work_of(keys[piece.id])} {piece.slug} {piece.title} {piece.composer}")
    }
    ids |= {
        recording.piece_id
        for recording in _recordings(catalog, _rarest(catalog, "recordings", words))
        if recording.piece_id is not None and _matches(words, recording.title)
    }
    yield sorted(ids | _ids_of_work(catalog, text))
    renamed = {
        key for slug, key in aliases.items() if slug.startswith(wanted) or _matches(words, slug)
    }
    yield _ids_by_key(catalog, renamed)


def _ids_of_work(catalog: Catalog, text: str) -> set[int]:
    """The pieces of the work that ``text`` names by nickname or catalogue number."""
    from espr.works.titles import read_title
    from espr.works.work_identification import identify

    ids: set[int] = set()
    for composer in _composers(catalog):
        identity = identify(read_title(text, composer), composer)
        if identity is None or not identity.sure:
            continue
        mark = work_mark(f"{composer}|{identity.work}")
        rows = catalog.checked_pieces(_ids(catalog, "pieces", mark))
        for piece, key, *_ in rows:
            _, work, part, *_ = f"{key}||".split("|")
            same = work == identity.work or work.startswith(f"{identity.work}/")
            if same and identity.part in ("", part):
                ids.add(piece)
    return ids


def _composers(catalog: Catalog) -> list[str]:
    """The composers by whose works pieces are grouped, one look-up each."""
    composers: set[str] = set()
    for table in ("words_of_pieces", "word_totals_of_pieces"):
        mark = work_mark("")
        while rows := catalog.rows(
            f"SELECT word FROM {table} WHERE word > ? AND word < ? ORDER BY word LIMIT 1",
            [mark, work_mark(_LAST)],
        ):
            composer = rows[0][0].removeprefix(work_mark("")).partition("|")[0]
            composers.add(composer)
            mark = work_mark(f"{composer}|{_LAST}")
    return sorted(composers)


def find_recordings(catalog: Catalog, text: str) -> list[Recording]:
    """The recordings that ``text`` names: a path, a file name, or words.

    A path may be absolute or the end of one, as ``espr pieces show`` prints it, in any Unicode
    form, and " at 0:40" behind it names the track of a one-file album that starts there. Words
    match when each begins a word of the performer, the title, the piece's slug or the file's name.
    """
    with catalog.snapshot():
        recordings = _track(catalog, text) or _at(catalog, text)
        if not recordings:
            words = set(words_of(text))
            described = _described(catalog, words)
            recordings = [
                recording
                for recording in _marked(catalog, text)
                if spell(_stem(recording)) == spell(text)
            ]
            if recordings:
                # a file by the name of a performer does not hide that performer's others
                recordings += [
                    recording
                    for recording in described
                    if recording not in recordings and _matches(words, recording.performer)
                ]
    return sorted(recordings or described, key=lambda r: (r.performer.casefold(), r.path, r.start))


def find_performers(catalog: Catalog, words: Iterable[str]) -> list[str]:
    """The performers of recordings whose names have one of these words, folded, as a whole word."""
    ids = {row for word in set(words) for row in _ids(catalog, "recordings", word, whole=True)}
    rows = catalog.rows(
        "SELECT DISTINCT performer FROM recordings WHERE id IN (SELECT value FROM json_each(?))",
        [json.dumps(sorted(ids))],
    )
    return sorted(row[0] for row in rows if row[0])


def _track(catalog: Catalog, text: str) -> list[Recording]:
    """The track of a one-file album that is named by its file and its start."""
    match = _TRACK_OF_A_FILE.fullmatch(text)
    if match is None:
        return []
    start = 60 * int(match["minutes"]) + int(match["seconds"])
    return [one for one in _at(catalog, match["file"]) if round(one.start) == start]


def _at(catalog: Catalog, text: str) -> list[Recording]:
    """The recordings in the file at the path ``text``, or at a path that ends so."""
    path = os.path.abspath(os.path.expanduser(text))
    exact = [one for one in _marked(catalog, path) if spell(one.path) == spell(path)]
    end = f"/{spell(text)}"
    return exact or [one for one in _marked(catalog, ending(text)) if spell(one.path).endswith(end)]


def _marked(catalog: Catalog, name: str) -> list[Recording]:
    return _recordings(catalog, _ids(catalog, "recordings", name_mark(name), whole=True))


def _stem(recording: Recording) -> str:
    return os.path.splitext(os.path.basename(recording.path))[0]


def _described(catalog: Catalog, words: set[str]) -> list[Recording]:
    """The recordings of whose names, and of whose piece's slug, each word begins a word."""
    if not words:
        return []
    rarest = min(
        sorted(words),
        key=lambda word: _count(catalog, "recordings", word) + _count(catalog, "pieces", word),
    )
    whole = rarest.isdigit()
    ids = _ids(catalog, "recordings", rarest, whole=whole)
    found = {one.id: one for one in _recordings(catalog, ids)}
    for piece in _ids(catalog, "pieces", rarest, whole=whole):
        found |= {one.id: one for one in catalog.recordings(piece)}
    candidates = list(found.values())
    of_pieces = {one.piece_id for one in candidates if one.piece_id is not None}
    slugs: dict[int | None, str] = {
        piece.id: piece.slug for piece in catalog.pieces(sorted(of_pieces))
    }
    return [one for one in candidates if _matches(words, _names(one, slugs.get(one.piece_id, "")))]


def _names(recording: Recording, slug: str) -> str:
    return f"{recording.performer} {recording.title} {slug} {_stem(recording)}"


def _matches(words: Iterable[str], names: str) -> bool:
    """Whether each of ``words`` begins a word of ``names``, or is it where it is a number."""
    known = words_of(names)
    wanted = list(words)
    return bool(wanted) and all(
        w in known if w.isdigit() else any(word.startswith(w) for word in known) for w in wanted
    )


def _recordings(catalog: Catalog, ids: Sequence[int]) -> list[Recording]:
    """The recordings of these ids, none missing."""
    recordings = catalog.recordings_by_id(ids)
    if len(recordings) != len(ids):
        raise catalog.damaged("recordings are missing")
    return list(recordings.values())


def _ids_by_key(catalog: Catalog, keys: set[str]) -> list[int]:
    """The ids of the pieces of these grouping keys, as far as there are any."""
    return [row[0] for row in catalog.read_table("pieces") if row[1] in keys] if keys else []


def _rarest(catalog: Catalog, table: str, words: set[str]) -> list[int]:
    """The ids of the rows that have the rarest of ``words``."""
    if not words:
        return []
    rarest = min(sorted(words), key=lambda word: _count(catalog, table, word))
    return _ids(catalog, table, rarest, whole=rarest.isdigit())


def _count(catalog: Catalog, table: str, word: str) -> int:
    """How many words of rows begin with ``word``, or are it where it is a number."""
    counted = catalog.rows(
        f"SELECT coalesce(sum(count), 0) FROM word_totals_of_{table} WHERE word >= ? AND word < ?",
        [word, word + ("\0" if word.isdigit() else _LAST)],
    )
    return int(counted[0][0])


def _ids(catalog: Catalog, table: str, word: str, *, whole: bool = False) -> list[int]:
    """The ids of the rows of a table with a word that begins with ``word``, or is it; none lost."""
    condition = "word = ?" if whole else "word >= ? AND word < ?"
    limits = [word] if whole else [word, word + _LAST]
    rows = catalog.rows(f"SELECT word, id FROM words_of_{table} WHERE {condition}", limits)
    counts: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for each, identity in rows:
        counts[each] += 1
        sums[each] += identity
    kept = catalog.rows(
        f"SELECT word, count, sum FROM word_totals_of_{table} WHERE {condition}", limits
    )
    if {(each, counts[each], sums[each]) for each in counts} != set(kept):
        raise catalog.damaged(f"it has lost track of the names of its {table}")
    return sorted({identity for _, identity in rows})
