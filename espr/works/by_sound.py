"""Strays that sound like others join them: recordings that neither tags nor names join to any.

A stray is what grouping left single. It joins the piece of the recording that it sounds most like;
strays that sound like one another alone make a piece of their own, under the key of the first of
them, so that it stays what it is when more join. What may be a performance or a variation of each,
joins a piece if it is so of several: a short or plain performance is like all others of its piece,
but not clearly like any. Nothing else moves: not what tags or names say something of, nor what the
user corrected, and nothing joins what the user assigned by itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from espr.works.grouping import SINGLE, Assignment

SOUND = "sound"

_FEWEST = 2  # performances of a piece that a recording may be like, without being sure of one,
_HALF_OF = 5  # and at least half of them; of more performances, of so many


class Link(NamedTuple):
    """Two recordings, by their ids, that sound like performances of one piece, or may be."""

    one: int
    other: int
    score: float
    is_sure: bool = True


def join_by_sound(
    assignments: Sequence[Assignment],
    links: Iterable[Link],
    *,
    copied: str,
    assigned: str,
    named: Collection[str],
) -> list[Assignment]:
    """The assignments, with strays joined.

    Parameters
    ----------
    copied, assigned : str
        The rules of a copy of another recording's audio, and of what the user assigned.
    named : collection of str
        Keys of pieces to which the user gave a title: they are no strays.
    """
    by_id = {assignment.id: assignment for assignment in assignments}
    rules: dict[str, set[str]] = defaultdict(set)
    first: dict[str, int] = {}
    for assignment in assignments:
        rules[assignment.key].add(assignment.rule)
        first[assignment.key] = min(assignment.id, first.get(assignment.key, assignment.id))
    strays = {key for key, of_key in rules.items() if of_key <= {SINGLE, copied}} - set(named)
    groups = _Groups(strays)
    anchors: dict[str, tuple[float, str]] = {}  # stray → the piece that it sounds most like
    among = [link for link in links if link.one in by_id and link.other in by_id]
    for link in among:
        if not link.is_sure:
            continue
        for one, other in ((link.one, link.other), (link.other, link.one)):
            key, piece = by_id[one].key, by_id[other].key
            if key not in strays or key == piece:
                continue
            if piece in strays:
                groups.join(key, piece)
            elif by_id[other].rule != assigned:
                anchors[key] = max(anchors.get(key, (0.0, "")), (link.score, piece))
    found: dict[str, str] = {}
    for keys in groups.of_several(anchors):
        pieces = [anchors[key] for key in keys if key in anchors]
        target = max(pieces)[1] if pieces else min(keys, key=lambda key: first[key])
        found |= dict.fromkeys(keys, target)
    found |= _likely_pieces(by_id, among, strays, found, copied, assigned)
    return [
        replace(assignment, key=found[assignment.key], rule=SOUND)
        if assignment.key in found
        else assignment
        for assignment in assignments
    ]


def _likely_pieces(
    by_id: dict[int, Assignment],
    links: Iterable[Link],
    strays: Collection[str],
    found: dict[str, str],
    copied: str,
    assigned: str,
) -> dict[str, str]:
    """Strays that nothing is surely like → the piece of which they may be like several."""
    sizes = Counter(
        found.get(one.key, one.key) for one in by_id.values() if one.rule not in (copied, assigned)
    )
    lonely = {*strays} - {*found, *found.values()}
    like: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for link in links:
        for one, other in ((link.one, link.other), (link.other, link.one)):
            key, piece = by_id[one].key, by_id[other].key
            if key in lonely and key != piece and by_id[other].rule not in (copied, assigned):
                like[key][found.get(piece, piece)].add(other)
    likely = {}
    for key, pieces in like.items():
        count, piece = max((len(others), piece) for piece, others in pieces.items())
        if count >= max(_FEWEST, min(sizes[piece], _HALF_OF) / 2):
            likely[key] = piece
    return likely


class _Groups:
    """Keys that were joined, directly or through others."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._parent = {key: key for key in keys}

    def _root(self, key: str) -> str:
        while self._parent[key] != key:
            self._parent[key] = self._parent[self._parent[key]]
            key = self._parent[key]
        return key

    def join(self, one: str, other: str) -> None:
        self._parent[self._root(one)] = self._root(other)

    def of_several(self, anchored: Collection[str]) -> list[list[str]]:
        """The groups of more than one key, and those that hold an anchored one."""
        groups: dict[str, list[str]] = defaultdict(list)
        for key in self._parent:
            groups[self._root(key)].append(key)
        return [
            sorted(keys)
            for keys in groups.values()
            if len(keys) > 1 or any(key in anchored for key in keys)
        ]
