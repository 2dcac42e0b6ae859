"""What to call the takes of a piece: their player, else what differs between them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from espr.printable import at_start
from espr.works.readable_names import readable, stem


class Take(NamedTuple):
    """One take of a piece; `performer` is "" where nobody is known."""

    performer: str
    path: str
    start: float = 0.0


def name_takes(takes: Sequence[Take]) -> list[str]:
    """A name for each take of a piece, in the same order.

    Where no performer is known it is what differs between the takes: the name of the file, else of
    the nearest folder that differs, else both; never a title that all of them share.
    """
    unnamed = [take for take in takes if not take.performer]
    told = _what_differs(unnamed)
    return [take.performer or told[take] for take in takes]


def name_take(take: Take) -> str:
    """What to call a take where the others of its piece are not at hand."""
    return name_takes([take])[0]


def _what_differs(takes: Sequence[Take]) -> dict[Take, str]:
    levels = [_names(take) for take in takes]
    if len(takes) == 1:
        own, *folders = levels[0]  # "01" alone tells nobody anything
        enough = any(letter.isalpha() for letter in own) or not folders
        return {takes[0]: own if enough else f"{own}, {folders[0]}"}
    depth = max((len(names) for names in levels), default=0)
    of_level = [[names[level] if level < len(names) else "" for names in levels]
                for level in range(depth)]  # fmt: skip
    for names in of_level:
        if len(set(names)) == len(takes) and "" not in names:
            return dict(zip(takes, names, strict=True))
    telling = [names for names in of_level if len(set(names)) > 1][:2]
    joined = [", ".join(filter(None, parts)) for parts in zip(*telling, strict=True)]
    joined = joined or [names[0] for names in levels]
    count = Counter(joined)
    return {
        take: name if count[name] == 1 else os.path.basename(take.path)
        for take, name in zip(takes, joined, strict=True)
    }


def _names(take: Take) -> list[str]:
    """The names of a file and its folders, from the file outwards."""
    start = at_start(take.start) if take.start else ""
    folders = [part for part in os.path.dirname(take.path).split(os.sep) if part]
    return [readable(stem(take.path)) + start, *(readable(part) for part in reversed(folders))]
