"""Where tags and names say one thing and the sound another; what would put it right.

A recording that sounds like none of its piece, two pieces that sound like one or may be one, and a
recording that is an excerpt of another. Nothing of this is done unasked: each doubt comes with the
command that accepts it. What the user assigned, or a manifest says, is not doubted. A recording
that plays several pieces is only reported.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from espr.alignment.comparison import COPY, OTHER, PART, SAME_PIECE
from espr.catalog.excerpts import Excerpt, excerpts_of, longer_of
from espr.catalog.recordings import current_encoder
from espr.catalog.regroup import ASSIGNED
from espr.catalog.sound import Alignment, all_alignments
from espr.works.grouping import SINGLE

if TYPE_CHECKING:
    from espr.catalog.catalog import Catalog, Piece, Recording

_CERTAIN = (ASSIGNED, "manifest")


@dataclass(frozen=True, slots=True)
class Doubted:
    """Recordings of a piece that do not sound like its others.

    Attributes
    ----------
    recordings : tuple of (Recording, Piece or None)
        Each, with the piece that it does sound like, if there is one.
    compared : int
        Recordings of the piece that were compared with one another.
    """

    piece: Piece
    recordings: tuple[tuple[Recording, Piece | None], ...]
    compared: int


@dataclass(frozen=True, slots=True)
class SoundAlike:
    """Two pieces of which recordings sound like performances of one; the first is the larger.

    Attributes
    ----------
    pairs : int
        Of recordings.
    perhaps : bool
        They may as well be variations, or songs over the same chords.
    """

    piece: Piece
    other: Piece
    pairs: int
    perhaps: bool = False


@dataclass(frozen=True, slots=True)
class PartOf:
    """A recording that is a part of another, which is of another piece.

    Attributes
    ----------
    whole : Recording
    piece : Piece
        Of the whole.
    excerpt : Excerpt
    """

    whole: Recording
    piece: Piece
    excerpt: Excerpt


@dataclass(frozen=True, slots=True)
class Several:
    """A recording that plays several pieces, each with a recording that plays it alone."""

    recording: Recording
    excerpts: tuple[tuple[Excerpt, Piece], ...]


@dataclass(frozen=True, slots=True)
class Doubts:
    """All doubts of a library.

    Attributes
    ----------
    compared : int
        Recordings whose notes are known.
    encoder : str
        Name of the audio encoder that the library was last indexed with, or "".
    """

    doubted: tuple[Doubted, ...]
    alike: tuple[SoundAlike, ...]
    parts: tuple[PartOf, ...]
    several: tuple[Several, ...]
    compared: int
    encoder: str


def find_doubts(catalog: Catalog) -> Doubts:
    """The doubts of a library, by the pieces' slugs."""
    within: dict[int, list[Alignment]] = defaultdict(list)
    across: list[Alignment] = []
    with catalog.snapshot():
        piece_of = catalog.pieces_of()
        for found in all_alignments(catalog):
            one, other = piece_of.get(found.one), piece_of.get(found.other)
            if one is not None and one == other:
                within[one].append(found)
            elif one is not None and other is not None:
                across.append(found)
        # what is of one piece, and unlike nothing in it, is not read
        within = {
            piece: of_piece
            for piece, of_piece in within.items()
            if any(found.kind == OTHER for found in of_piece)
        }
        compared_ids = {
            identity
            for found in chain(across, *within.values())
            for identity in (found.one, found.other)
        }
        recordings = catalog.recordings_by_id(sorted(compared_ids))
        ids = {piece_of[identity] for identity in compared_ids}
        pieces = {piece.id: piece for piece in catalog.pieces(sorted(ids))}
        compared, _ = catalog.totals().get("note_vectors", (0, 0))
        encoder = (current_encoder(catalog) or "").partition("/")[0]
    likest = _likest(across, recordings, pieces)
    doubted = [
        doubt
        for piece, of_piece in within.items()
        if (doubt := _doubted(pieces[piece], of_piece, recordings, likest)) is not None
    ]
    parts, several = _excerpts(across, recordings, pieces)
    return Doubts(
        tuple(sorted(doubted, key=lambda doubt: doubt.piece.slug)),
        (*_alike(across, recordings, pieces), *_akin(across, recordings, pieces)),
        parts,
        several,
        compared,
        encoder,
    )


def _likest(
    across: list[Alignment], recordings: dict[int, Recording], pieces: dict[int, Piece]
) -> dict[int, Piece]:
    """Recording → the other piece that it sounds most like."""
    best: dict[int, tuple[float, int]] = {}
    for found in across:
        if found.kind not in (COPY, SAME_PIECE):
            continue
        for identity in (found.one, found.other):
            piece = recordings[found.partner(identity)].piece_id or 0
            best[identity] = max(best.get(identity, (0.0, 0)), (found.comparison.score, piece))
    return {identity: pieces[piece] for identity, (_, piece) in best.items()}


def _doubted(
    piece: Piece,
    alignments: list[Alignment],
    recordings: dict[int, Recording],
    likest: dict[int, Piece],
) -> Doubted | None:
    """The recordings of a piece that are unlike the most of it that hangs together."""
    ids = sorted({each for found in alignments for each in (found.one, found.other)})
    main = _main_group(ids, alignments)
    doubted = []
    for identity in ids:
        kinds = {
            found.kind
            for found in alignments
            if identity in (found.one, found.other)
            and (not main or found.partner(identity) in main)
        }
        certain = recordings[identity].rule in _CERTAIN
        if identity not in main and kinds == {OTHER} and not certain:
            doubted.append((recordings[identity], likest.get(identity)))
    return Doubted(piece, tuple(doubted), len(ids)) if doubted else None


def _main_group(ids: list[int], alignments: list[Alignment]) -> set[int]:
    """The most recordings that sound alike, directly or through others; empty where none do."""
    group_of = {identity: {identity} for identity in ids}
    for found in alignments:
        if found.kind in (COPY, SAME_PIECE):
            joined = group_of[found.one] | group_of[found.other]
            for identity in joined:
                group_of[identity] = joined
    largest = max(group_of.values(), key=lambda group: (len(group), -min(group)))
    return largest if len(largest) > 1 else set()


def _alike(
    across: list[Alignment], recordings: dict[int, Recording], pieces: dict[int, Piece]
) -> tuple[SoundAlike, ...]:
    counts: dict[tuple[int, int], int] = defaultdict(int)
    for found in across:
        one, other = recordings[found.one], recordings[found.other]
        if found.kind in (COPY, SAME_PIECE) and not {one.rule, other.rule} & set(_CERTAIN):
            larger, smaller = _larger_first(pieces[one.piece_id or 0], pieces[other.piece_id or 0])
            counts[larger.id, smaller.id] += 1
    found_pairs = [
        SoundAlike(pieces[larger], pieces[smaller], count)
        for (larger, smaller), count in counts.items()
    ]
    return tuple(sorted(found_pairs, key=lambda found: (found.piece.slug, found.other.slug)))


def _akin(
    across: list[Alignment], recordings: dict[int, Recording], pieces: dict[int, Piece]
) -> tuple[SoundAlike, ...]:
    """Of each stray the piece that it is the most akin to: songs over four chords all are."""
    best: dict[int, tuple[float, int]] = {}
    for found in across:
        if not found.comparison.akin:
            continue
        for stray, other in ((found.one, found.other), (found.other, found.one)):
            if recordings[stray].rule == SINGLE and recordings[other].rule not in _CERTAIN:
                candidate = (found.comparison.score, recordings[other].piece_id or 0)
                best[stray] = max(best.get(stray, (0.0, 0)), candidate)
    found_pairs = set()
    for stray, (_, other) in best.items():
        larger, smaller = _larger_first(pieces[recordings[stray].piece_id or 0], pieces[other])
        found_pairs.add(SoundAlike(larger, smaller, 1, perhaps=True))
    return tuple(sorted(found_pairs, key=lambda found: (found.piece.slug, found.other.slug)))


def _larger_first(one: Piece, other: Piece) -> list[Piece]:
    return sorted((one, other), key=lambda piece: (-piece.count, piece.slug))


def _excerpts(
    across: list[Alignment], recordings: dict[int, Recording], pieces: dict[int, Piece]
) -> tuple[tuple[PartOf, ...], tuple[Several, ...]]:
    """The longest of what each excerpt is a part of; and what plays several pieces."""
    of_whole: dict[int, list[Alignment]] = defaultdict(list)
    for found in across:
        if found.kind == PART:
            of_whole[longer_of(found)].append(found)
    parts: dict[int, PartOf] = {}
    several = []
    for whole, alignments in of_whole.items():
        excerpts = excerpts_of(whole, alignments, recordings)
        played = [pieces[one.recording.piece_id or 0] for one in excerpts]
        if len({piece.id for piece in played}) > 1:
            several.append(Several(recordings[whole], tuple(zip(excerpts, played, strict=True))))
            continue
        for found in alignments:
            part = recordings[found.partner(whole)]
            before = parts.get(part.id)
            if part.rule in _CERTAIN or (
                before is not None and before.whole.duration >= recordings[whole].duration
            ):
                continue
            begin, end, *_ = found.seen_from(whole).stretches[0]
            piece = pieces[recordings[whole].piece_id or 0]
            parts[part.id] = PartOf(recordings[whole], piece, Excerpt(part, begin, end))
    return (
        tuple(sorted(parts.values(), key=lambda part: part.excerpt.recording.path)),
        tuple(sorted(several, key=lambda found: found.recording.path)),
    )
