"""From words to the pieces and recordings that they may mean."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from espr.printable import clean

if TYPE_CHECKING:
    from espr.catalog.catalog import Catalog, Piece, Recording

_TRACK_OF_A_FILE = re.compile(r"(?P<file>.+) at (?P<minutes>\d+):(?P<seconds>\d\d)", re.DOTALL)


def find_pieces(catalog: Catalog, words: str) -> list[Piece]:
    """The pieces that ``words`` name: by slug, beginning of a slug, or words.

    A slug given in full names one piece; words match when each begins a word of the
    piece's slug, title or composer, whatever the case and accents. Where nothing matches,
    the beginning and the words of slugs that pieces had before they were renamed or merged do.
    """
    wanted = words.strip().casefold()
    # at a million recordings, reading all pieces takes 0.8 s
    named = catalog.rows("SELECT id FROM pieces WHERE slug = ?", [wanted])
    if found := catalog.pieces([row[0] for row in named]):
        return found
    pieces = catalog.pieces()
    exact = [piece for piece in pieces if piece.slug == wanted]
    if exact or not wanted:
        return exact
    aliases = dict(catalog.read_table("aliases"))

    def renamed(keys: set[str]) -> list[Piece]:
        ids = {row[0] for row in catalog.read_table("pieces") if row[1] in keys} if keys else set()
        return [piece for piece in pieces if piece.id in ids]

    if wanted in aliases and (found := renamed({aliases[wanted]})):
        return found
    begun = [piece for piece in pieces if piece.slug.startswith(wanted)]
    if begun:
        return begun
    described = [
        piece for piece in pieces if _matches(words, f"{piece.slug} {piece.title} {piece.composer}")
    ]
    return described or renamed(
        {key for slug, key in aliases.items() if slug.startswith(wanted) or _matches(words, slug)}
    )


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
    """Whether each of ``words`` begins a word of ``text``."""
    known = _words(text)
    wanted = _words(words)
    return bool(wanted) and all(any(word.startswith(w) for word in known) for w in wanted)


def _words(text: str) -> list[str]:
    """Words in lower case without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return plain.split()
