"""Pieces and performers from the names of files and folders.

`piece_performer` counts where at least two files share the piece: "bach_Gould", "bach_Richter".
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from espr.folding import fold, words
from espr.works.catalogue_numbers import roman
from espr.works.composers import composers_in
from espr.works.title_terms import FORMS, TEMPO, terms
from espr.works.titles import without_track_number

_YEAR = re.compile(r"(?:18|19|20)\d\d")  # "Gould 1955" and "Gould 1981" are two takes
_NOT_A_NAME = re.compile(
    r"(?:no|nr|op|opus|bwv|k|kv|d|s|hob|woo|track|cd|disc|mvt|mov|movement|part|take|var|book|vol|"
    r"major|minor|dur|moll|sharp|flat|live|remaster(?:ed)?|final|copy|mix|master|edit|intro|outro|excerpt"
    r"|side|band|kbps|hz|bit|mono|stereo|left|right)?\.?\d*",
    re.IGNORECASE,
)


def stem(path: str) -> str:
    """The file name without folder and extension."""
    return os.path.splitext(os.path.basename(path))[0]


@lru_cache(maxsize=65536)
def _is_performer(text: str, *, beside_others: bool) -> bool:
    """Whether a text may name who plays; beside others that do, also "free-rubato" may."""
    found = [word for word in words(fold(text)) if not _YEAR.fullmatch(word)]
    if not found or not any(any(letter.isalpha() for letter in word) for word in found):
        return False
    return not any(
        _NOT_A_NAME.fullmatch(word)
        or roman(word)
        or term in FORMS
        or (term in TEMPO and not beside_others)
        for word in found
        for term in terms(word) or ("",)
    )


def split_name(path: str, *, beside_others: bool = False) -> tuple[str, str]:
    """`piece`, `performer` of "piece_performer", empty where the name is not of that form."""
    piece, mark, performer = stem(path).rpartition("_")
    piece, performer = piece.strip(" _-"), performer.strip(" _-")
    if (
        not mark
        or not re.search(r"[^\W\d_]", piece)
        or not _is_performer(performer, beside_others=beside_others)
    ):
        return "", ""
    return piece, performer


def shared_pieces(paths: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Path → piece, performer of the files `piece_performer` that share a piece with another."""
    by_piece: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    others = []
    for path in paths:
        piece, performer = split_name(path)
        if piece:
            by_piece[name_key(piece)][path] = (piece, performer)
        else:
            others.append(path)
    shared = {
        key: files
        for key, files in by_piece.items()
        if len({performer.lower() for _, performer in files.values()}) > 1
    }
    for path in others:
        piece, performer = split_name(path, beside_others=True)
        if name_key(piece) in shared:
            shared[name_key(piece)][path] = (piece, performer)
    return {path: found for files in shared.values() for path, found in files.items()}


def name_key(name: str) -> str:
    """A name without case, accents and punctuation: "My Waltz" and "my_waltz" are one."""
    return "-".join(words(fold(name))) or name


def readable(name: str) -> str:
    """A file or folder name as a title: "home_recording" → "home recording"."""
    return re.sub(r"\s+", " ", name.replace("_", " ")).strip(" -")


@lru_cache(maxsize=65536)
def folder_composer(folder: str) -> str:
    """The one composer whom the two nearest folders name, or ""."""
    parts = [part for part in folder.split(os.sep) if part]
    for part in reversed(parts[-3:]):
        found = composers_in(part, names_only=False)
        if len(found) == 1:
            return found[0].id
        if found:
            return ""
    return ""


def is_album(names: Sequence[str]) -> bool:
    """Whether the files of a folder are numbered tracks rather than takes of one piece."""
    if len(names) < 2:
        return False
    numbered = [re.match(r"\s*(?:[A-Za-z]+\s*)?\d+", name) is not None for name in names]
    return all(numbered)


@lru_cache(maxsize=65536)
def says_music(name: str) -> bool:
    """Whether a file name speaks of a form or a tempo, and so not only of a player."""
    found = terms(without_track_number(fold(name)))
    return any(term in FORMS or term in TEMPO for term in found)
