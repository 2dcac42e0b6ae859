"""From words to the pieces and recordings that they may mean."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from espr.printable import clean

if TYPE_CHECKING:
    from espr.catalog.catalog import Catalog, Piece, Recording

_TRACK_OF_A_FILE = re.compile(r"(?P<file>.+) at (?P<minutes>\d+):(?P<seconds>\d\d)", re.DOTALL)


def find_pieces(catalog: Catalog, words: str) -> list[Piece]:
    """The pieces that ``words`` name: by slug, beginning of a slug, or any of their names.

    A slug given in full names one piece, also one it had before it was renamed or merged. Words
    match when each begins a word of the piece's slug, title, composer or the title of one of its
    takes, whatever the case and accents; a number must be whole. So do nicknames and catalogue
    numbers that the title does not hold: "mondschein", "op 27/2". Several fits are all returned.
    """
    wanted = words.strip().casefold()
    if not wanted:
        return []
    with catalog.snapshot():
        for ids in _ids_of_pieces(catalog, words, wanted):
            # only what fits is read in full, and checked
            if found := catalog.pieces(ids):
                return found
    return []


def _ids_of_pieces(catalog: Catalog, words: str, wanted: str) -> Iterator[list[int]]:
    """The ids of pieces that fit, the surest ways of naming one first."""
    of_slug = "SELECT id FROM pieces WHERE slug = ?"
    yield [row[0] for row in catalog.rows(of_slug, [wanted])]
    aliases = dict(catalog.read_table("aliases"))
    of_key = "SELECT id FROM pieces WHERE key = ?"
    if wanted in aliases:
        yield [row[0] for row in catalog.rows(of_key, [aliases[wanted]])]
    begun = "SELECT id FROM pieces WHERE substr(slug, 1, ?) = ?"
    yield [row[0] for row in catalog.rows(begun, [len(wanted), wanted])]
    rows = catalog.rows("SELECT id, key, slug, title, composer FROM pieces")
    found = {row[0] for row in rows if _matches(words, " ".join([_work(row[1]), *row[2:]]))}
    found |= _ids_of_identity(words, rows)
    titles = catalog.rows("SELECT DISTINCT piece_id, title FROM recordings WHERE title != ''")
    found |= {identity for identity, title in titles if identity and _matches(words, title)}
    yield sorted(found)
    keys = {
        key for slug, key in aliases.items() if slug.startswith(wanted) or _matches(words, slug)
    }
    yield sorted(row[0] for row in rows if row[1] in keys)


def _work(key: str) -> str:
    """The composer, work and part of a grouping key; "" of a key by file, folder or work id."""
    return "" if ":" in key.partition("|")[0] else key


def _ids_of_identity(words: str, rows: Sequence[tuple[Any, ...]]) -> set[int]:
    """The pieces of the work that ``words`` name by nickname or catalogue number.

    ``rows``: id and key of each piece, and more.
    """
    from espr.works.titles import read_title
    from espr.works.work_identification import identify

    found: set[int] = set()
    of_composer: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        if "|" in _work(row[1]):
            composer, _, rest = row[1].partition("|")
            of_composer[composer].append((row[0], rest))
    for composer, pieces in of_composer.items():
        identity = identify(read_title(words, composer), composer)
        if identity is None or not identity.sure:
            continue
        for piece, rest in pieces:
            work, _, part = rest.partition("|")
            same = work == identity.work or work.startswith(f"{identity.work}/")
            if same and identity.part in ("", part.partition("|")[0]):
                found.add(piece)
    return found


def find_recordings(catalog: Catalog, text: str) -> list[Recording]:
    """The recordings that ``text`` names: a path, a file name, or words.

    A path may be absolute or the end of one, as ``espr pieces show`` prints it, in any Unicode
    form, and " at 0:40" behind it names the track of a one-file album that starts there. Words
    match when each begins a word of the performer, the title, the piece's slug or the file's name.
    """
    rows = catalog.names()
    paths = [(row[0], _spelt(row[1])) for row in rows]
    if match := _TRACK_OF_A_FILE.fullmatch(text):
        start = 60 * int(match["minutes"]) + int(match["seconds"])
        of_file = _in_order(catalog, _at(paths, match["file"]))
        if of_track := [recording for recording in of_file if round(recording.start) == start]:
            return of_track
    if ids := _at(paths, text):
        return _in_order(catalog, ids)
    slugs: dict[int | None, str] = {row[0]: row[2] for row in catalog.read_table("pieces")}
    named, played, described = [], [], []
    for identity, path, performer, title, piece_id in rows:
        stem = os.path.splitext(os.path.basename(path))[0]
        if _spelt(stem) == _spelt(text):
            named.append(identity)
        elif _matches(text, performer):
            played.append(identity)
        if _matches(text, f"{performer} {title} {slugs.get(piece_id, '')} {stem}"):
            described.append(identity)
    # a file by the name of a performer does not speak for that performer's others
    return _in_order(catalog, [*named, *played] if named else described)


def _at(paths: Sequence[tuple[int, str]], text: str) -> list[int]:
    """The ids of the recordings in the file at the path ``text``, or at a path that ends so."""
    absolute, ending = _spelt(os.path.abspath(os.path.expanduser(text))), f"/{_spelt(text)}"
    exact = [identity for identity, path in paths if path == absolute]
    return exact or [identity for identity, path in paths if path.endswith(ending)]


def _in_order(catalog: Catalog, ids: Sequence[int]) -> list[Recording]:
    found = catalog.recordings_by_id(ids)
    return sorted(found.values(), key=lambda r: (r.performer.casefold(), r.path, r.start))


def _spelt(name: str) -> str:
    """A name as it is printed, in one Unicode form and without letter case."""
    if name.isascii() and name.isprintable():
        return name.casefold()
    return unicodedata.normalize("NFC", clean(name, longest=len(name) + 4).casefold())


def _matches(words: str, text: str) -> bool:
    """Whether each of ``words`` begins a word of ``text``; a number must be whole."""
    known = _words(text)
    wanted = _words(words)
    return bool(wanted) and all(
        w in known if w.isdigit() else any(word.startswith(w) for word in known) for w in wanted
    )


def _words(text: str) -> list[str]:
    """Words in lower case without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return plain.split()
