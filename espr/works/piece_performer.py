"""Files named `piece_performer`, where two share the piece: "bach_Gould", "bach_Richter"."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable

from espr.folding import fold
from espr.works.composers import composers_in
from espr.works.name_fields import is_person, says_music
from espr.works.performers import is_known_performer
from espr.works.readable_names import name_key, stem
from espr.works.repertoire import composer_of_name
from espr.works.title_terms import terms


def split_name(path: str, *, beside_others: bool = False) -> tuple[str, str]:
    """`piece`, `performer` of "piece_performer", empty where the name is not of that form."""
    piece, mark, performer = stem(path).rpartition("_")
    piece, performer = piece.strip(" _-"), performer.strip(" _-")
    if (
        not mark
        or not re.search(r"[^\W\d_]", piece)
        or not is_person(performer, beside_others=beside_others)
    ):
        return "", ""
    return piece, performer


def _speaks_of_music(piece: str) -> bool:
    folded = fold(piece)
    named = composers_in(piece, names_only=False) or composer_of_name(terms(folded))
    return bool(named) or says_music(piece)


def shared_pieces(paths: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    """Path → key, piece, performer of the files that share a piece with another.

    That two names begin alike is no evidence by itself: the beginning must speak of music, or the
    ends be known players.
    """
    by_piece: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    others = []
    for path in paths:
        piece, performer = split_name(path)
        if piece:
            by_piece[name_key(piece)][path] = (piece, performer)
        else:
            others.append(path)
    shared = {key: files for key, files in by_piece.items() if _is_piece(files)}
    for path in others:
        piece, performer = split_name(path, beside_others=True)
        if name_key(piece) in shared:
            shared[name_key(piece)][path] = (piece, performer)
    return {
        path: (f"name:{key}", piece, performer)
        for key, files in shared.items()
        for path, (piece, performer) in files.items()
    }


def _is_piece(files: dict[str, tuple[str, str]]) -> bool:
    performers = {performer.lower() for _, performer in files.values()}
    if len(performers) < 2:
        return False
    piece = next(iter(files.values()))[0]
    together = len({os.path.dirname(path) for path in files}) == 1
    return _speaks_of_music(piece) or (
        together and all(is_known_performer(performer) for performer in performers)
    )
