"""Performances of a piece set side by side: what differs, and the tempo over the course of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from espr.catalog.catalog import Catalog, Piece, Recording
from espr.catalog.search import find_recordings
from espr.errors import NOTHING_MATCHED, EsprError
from espr.features import PEDAL, Space
from espr.printable import print_track
from espr.retrieval.differences import Difference, differences
from espr.retrieval.explanation import unlike_reference
from espr.retrieval.lookup import find_piece, find_recording
from espr.retrieval.pedal import pedal_deviations
from espr.retrieval.performances import piece_profiles, windows_of
from espr.retrieval.query_model import QueryModel
from espr.retrieval.ranking import best_window, cosine
from espr.retrieval.results import DIGITS, named, piece_document
from espr.retrieval.same_bars import piece_tempo_curves, time_map
from espr.retrieval.tempo import piece_tempos

SCHEMA = "espr.compare/1"
MOST_CURVES = 40  # performances: of more, the mean tempo is that of those that are compared


@dataclass(frozen=True, slots=True)
class Performance:
    """One of the performances that are compared.

    Attributes
    ----------
    profile : np.ndarray, shape=(d,)
        Deviation from the mean of all performances of the piece, in standard deviations within one;
        the last of ``space`` is the pedal, where that of all is known.
    differences : tuple of Difference
        From the other one, or the mean of the others, strongest first.
    tempo : float or None
        How many times as fast it is as the other one, or the others; None where that is not known.
    tempo_curve : np.ndarray or None, shape=(n,)
        How many times as fast as the mean of all it is at each position, nan where that is not
        known; None where it is not known anywhere.
    passage : tuple of float
        Start and end in seconds of the window that shows the differences best; of two
        performances, the same bars of both where the notes show them.
    """

    recording: Recording
    profile: np.ndarray
    differences: tuple[Difference, ...]
    tempo: float | None
    tempo_curve: np.ndarray | None
    passage: tuple[float, float]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Performances of a piece, compared with each other.

    Attributes
    ----------
    count : int
        How many performances of the piece there are, those that are not compared included.
    reference : Recording or None
        The performance in whose time positions are; None where no tempo curve is known.
    positions : np.ndarray, shape=(n,)
        Seconds in the reference.
    averaged : int
        How many performances the mean of the tempo curves is of.
    """

    piece: Piece
    count: int
    space: Space
    audio: str
    centring: str
    performances: tuple[Performance, ...]
    reference: Recording | None
    positions: np.ndarray
    averaged: int

    def document(self) -> dict[str, Any]:
        """The comparison as ``espr compare --json`` prints it."""
        return {
            "schema": SCHEMA,
            "space": self.space.name,
            "audio": self.audio.partition("/")[0],
            "encoders": {"audio": self.audio},
            "centring": self.centring,
            "piece": piece_document(self.piece, self.count),
            "performances": [self._performance(one) for one in self.performances],
            "tempo_curves": self.reference
            and {
                "recording": self.reference.path,
                "start": round(self.reference.start, 3),
                "positions": self.positions.tolist(),
                "performances": self.averaged,
            },
        }

    def _performance(self, one: Performance) -> dict[str, Any]:
        source = one.recording
        return {
            "recording": source.path,
            "start": round(source.start, 3),
            "end": None if source.end is None else round(source.end, 3),
            "duration": round(source.duration, 3),
            "performer": source.performer,
            "title": source.title,
            "profile": named(self.space, one.profile),
            "tempo": None if one.tempo is None else round(one.tempo, DIGITS),
            "tempo_curve": None
            if one.tempo_curve is None
            else [
                None if np.isnan(value) else round(value, DIGITS)
                for value in one.tempo_curve.tolist()
            ],
            "passage": dict(
                zip(("start", "end"), (round(time, 3) for time in one.passage), strict=True)
            ),
            "differences": {
                each.feature.name: {
                    "difference": round(each.value, DIGITS),
                    "margin": None if each.margin is None else round(each.margin, DIGITS),
                    "verdict": str(each.verdict),
                }
                for each in one.differences
            },
        }


def find_performances(
    catalog: Catalog, names: Sequence[str], piece: str | None = None
) -> tuple[Piece, list[Recording]]:
    """The recordings of one piece that names mean; all of ``piece`` without names.

    A name that fits several recordings means the one of the piece that fits all names.

    Raises
    ------
    EsprError
        When a name fits none or several, or they are of different pieces.
    """
    if piece is not None:
        found = find_piece(catalog, piece)
    elif (common := _common_piece(catalog, names)) is not None:
        (found,) = catalog.pieces([common])
    else:
        fewest_first = sorted(names, key=lambda name: len(find_recordings(catalog, name)))
        raise _no_common_piece([find_recording(catalog, name) for name in fewest_first])
    recordings = catalog.recordings(found.id)
    if not names:
        return found, recordings
    chosen = [find_recording(catalog, name, recordings) for name in names]
    for recording in chosen:
        if recording.piece_id != found.id:
            raise _no_common_piece([*(one for one in chosen if one is not recording), recording])
    return found, chosen


def _common_piece(catalog: Catalog, names: Sequence[str]) -> int | None:
    """The only piece that has a recording for each name."""
    pieces = [{one.piece_id for one in find_recordings(catalog, name)} for name in names]
    common = set.intersection(*pieces) - {None} if pieces else set()
    return common.pop() if len(common) == 1 else None


def _no_common_piece(recordings: Sequence[Recording]) -> EsprError:
    one, *others = recordings
    other = next((each for each in others if each.piece_id != one.piece_id), one)
    names = [print_track(each.path, each.start, whole=each.whole) for each in (one, other)]
    return EsprError(
        f"{names[0]} and {names[1]} are not of one piece; compare performances of the same,"
        " or say so: espr pieces assign"
    )


def set_side_by_side(
    catalog: Catalog, model: QueryModel, names: Sequence[str], piece: str | None = None
) -> SideBySide:
    """Compare the performances that names mean, or all of a piece.

    Raises
    ------
    EsprError
        As :func:`find_performances`; when there are fewer than two, or two are one performance.
    """
    found, recordings = find_performances(catalog, names, piece)
    beside = piece_profiles(catalog, found, model)
    rows = _rows(catalog, model, beside.recordings, recordings, by_name=bool(names))
    if len(rows) < 2:
        raise EsprError(
            f"piece '{found.slug}' has {len(rows)} performance to compare; 2 are needed",
            NOTHING_MATCHED,
        )
    space = model.space.measured  # the tempo is compared note by note
    profiles = beside.deviations(beside.profiles)[rows, : len(space)]
    chosen = [beside.recordings[row] for row in rows]
    analysed = [windows_of(catalog, recording, model) for recording in chosen]
    windows = [beside.deviations(one.features)[:, : len(space)] for one in analysed]
    passages = [
        _passage(
            profile - (profiles.sum(axis=0) - profile) / (len(rows) - 1), deviations, one.times
        )
        for profile, deviations, one in zip(profiles, windows, analysed, strict=True)
    ]
    if not unlike_reference(model, beside.profiles[rows]).any() and (
        pedal := pedal_deviations(catalog, chosen, analysed, beside.recordings)
    ):
        space = Space(space.name, (*space.features, PEDAL))
        profiles = np.column_stack([profiles, [one.mean() for one in pedal]])
        windows = [np.column_stack(pair) for pair in zip(windows, pedal, strict=True)]
    if len(chosen) == 2:
        passages[1] = _same_bars(catalog, chosen, passages[0]) or passages[1]
    tempos = piece_tempos(catalog, beside.recordings)
    known = {one.id: np.log(tempos[one.id]) for one in chosen if one.id in tempos}
    averaged = chosen if len(beside.recordings) > MOST_CURVES else beside.recordings
    curves = piece_tempo_curves(catalog, [one.id for one in averaged])
    return SideBySide(
        piece=found,
        count=len(beside.recordings),
        space=space,
        audio=model.audio,
        centring=model.centring,
        performances=tuple(
            Performance(
                recording,
                profile,
                listed,
                _tempo(known, recording.id),
                curves.tempos.get(recording.id) if curves else None,
                passage,
            )
            for recording, profile, listed, passage in zip(
                chosen, profiles, differences(space, profiles, windows), passages, strict=True
            )
        ),
        reference=next((one for one in averaged if curves and one.id == curves.reference), None),
        positions=curves.positions if curves else np.zeros(0),
        averaged=len(curves.tempos) if curves else 0,
    )


def _rows(
    catalog: Catalog,
    model: QueryModel,
    performances: Sequence[Recording],
    recordings: Sequence[Recording],
    *,
    by_name: bool,
) -> list[int]:
    """Which of the distinct performances of a piece the recordings are.

    Those that were named must be there, and be different ones.
    """
    row_of = {one.id: row for row, one in enumerate(performances)}
    rows = []
    for recording in recordings:
        row = row_of.get(recording.id, row_of.get(recording.duplicate_of or recording.id))
        if row is None and by_name:
            windows_of(catalog, recording, model)  # raises: it was not analysed
        elif row is not None:
            rows.append(row)
    if by_name and len(set(rows)) < len(rows):
        twice = performances[next(row for row in rows if rows.count(row) > 1)]
        name = print_track(twice.path, twice.start, whole=twice.whole)
        raise EsprError(f"two of these are one performance, {name}; name different ones")
    return list(dict.fromkeys(rows))


def _passage(
    difference: np.ndarray, deviations: np.ndarray, times: np.ndarray
) -> tuple[float, float]:
    """The window that lies furthest where a performance differs from the others."""
    row = best_window(cosine(difference, deviations), times)
    return float(times[row, 0]), float(times[row, 1])


def _same_bars(
    catalog: Catalog, pair: Sequence[Recording], passage: tuple[float, float]
) -> tuple[float, float] | None:
    """A passage of the first recording in the second; None where that is not known."""
    there = time_map(catalog, pair[0].id, pair[1].id)
    start, end = (there.at(seconds) if there else None for seconds in passage)
    if start is None or end is None or end <= start:
        return None
    return start, end


def _tempo(logarithms: dict[int, float], recording: int) -> float | None:
    """How many times as fast a recording is as the mean of the others."""
    others = [value for other, value in logarithms.items() if other != recording]
    if recording not in logarithms or not others:
        return None
    return float(np.exp(logarithms[recording] - np.mean(others)))


def bars_of(catalog: Catalog, compared: SideBySide) -> list[list[tuple[float, float]]]:
    """For each performance, moments of the reference and those in it that play the same bars.

    Both in seconds, the first increasing; empty where the notes do not show it.
    """
    reference = compared.reference
    found: list[list[tuple[float, float]]] = []
    for one in compared.performances:
        moments = compared.positions
        if reference is not None and one.recording.id != reference.id:
            moments = time_map(catalog, reference.id, one.recording.id).at_all(moments)
        pairs = zip(compared.positions.tolist(), moments.tolist(), strict=True)
        found.append([(at, round(there, 2)) for at, there in pairs if not np.isnan(there)])
    return found
