"""From what a user types to one piece or one recording, or an error that lists the choices."""

from __future__ import annotations

import os
from collections.abc import Sequence

from espr.catalog.catalog import Catalog, Piece, Recording
from espr.catalog.search import find_pieces, find_recordings
from espr.errors import NOTHING_MATCHED, WRONG_INPUT, EsprError
from espr.printable import print_track

LISTED = 8  # candidates named in an error; more do not fit a line


def find_piece(catalog: Catalog, words: str) -> Piece:
    """The piece that a slug, its beginning, or words of its title name.

    Raises
    ------
    EsprError
        Exit code 1 when there is none (naming the nearest), 2 when there are several.
    """
    found = find_pieces(catalog, words)
    if len(found) == 1:
        return found[0]
    if found:
        raise EsprError(
            f"{words!r} names {len(found)} pieces: {_listed([piece.slug for piece in found])};"
            " give one of these to --piece",
            WRONG_INPUT,
        )
    near = _nearest(words, catalog.pieces())
    hint = f"did you mean {_listed(near, 'or')}?" if near else "espr pieces lists what there is"
    raise EsprError(f"no piece {words!r} in the library; {hint}", NOTHING_MATCHED)


def find_recording(
    catalog: Catalog, text: str, among: Sequence[Recording] | None = None
) -> Recording:
    """The recording that a path, a file name, a performer or words name.

    ``among``: when several match, those in this list are meant.
    """
    found = find_recordings(catalog, text)
    if len(found) > 1 and among is not None:
        ids = {recording.id for recording in among}
        found = [recording for recording in found if recording.id in ids] or found
    if len(found) > 1:  # copies of one recording are one recording
        ids = {recording.id for recording in found}
        found = [recording for recording in found if recording.duplicate_of not in ids]
    if len(found) == 1:
        return found[0]
    if found:
        names = [print_track(os.path.basename(r.path), r.start, whole=r.whole) for r in found]
        if len(set(names)) < len(names):
            names = [print_track(r.path, r.start, whole=r.whole) for r in found]
        raise EsprError(
            f"{text!r} names {len(found)} recordings: {_listed(names)}; name one of them",
            WRONG_INPUT,
        )
    raise EsprError(
        f"no recording {text!r} in the library; name it by path, file name or performer,"
        " as espr pieces show PIECE lists them",
        NOTHING_MATCHED,
    )


def _nearest(words: str, pieces: Sequence[Piece]) -> list[str]:
    """Slugs that are spelled like ``words`` as a whole or in one of their parts."""
    from difflib import SequenceMatcher

    wanted = "-".join(words.lower().split())

    def likeness(piece: Piece) -> float:
        candidates = [piece.slug, *piece.slug.split("-"), piece.slug[: len(wanted)]]
        return max(SequenceMatcher(None, wanted, candidate).ratio() for candidate in candidates)

    # 0.6 is difflib's own cutoff for a close match.
    scored = [(likeness(piece), piece.slug) for piece in pieces]
    near = sorted((-score, slug) for score, slug in scored if score >= 0.6)
    return [slug for _, slug in near[:3]]


def _listed(names: Sequence[str], last: str = "") -> str:
    """``a, b, c and 4 more``; with ``last``, ``a, b or c``."""
    if last and len(names) > 1:
        return ", ".join(names[:-1]) + f" {last} {names[-1]}"
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {more} more" if more > 0 else "")
