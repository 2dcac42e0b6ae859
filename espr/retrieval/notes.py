"""What a user should know before trusting an order, one line each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from espr.catalog.catalog import Recording
from espr.features import Space
from espr.printable import counted
from espr.retrieval.explanation import heard_as, unlike_reference
from espr.retrieval.performances import PieceProfiles
from espr.retrieval.query_model import QueryModel
from espr.retrieval.query_profile import pull_apart
from espr.retrieval.results import Query, Result
from espr.retrieval.scoring import Scored
from espr.works.take_names import Take, name_take

NAMED = 3  # performances named in a note


def within_piece(
    profiles: PieceProfiles,
    results: Sequence[Result],
    liked: Recording | None,
    compared_with: str = "",
) -> tuple[str, ...]:
    """Notes on the ranking of a piece, ``results`` being all of its performances.

    ``compared_with``: the performer from whom deviations are counted, and who has none.
    """
    notes = []
    if len(profiles.recordings) == 1 and profiles.piece is not None:
        notes.append(f"'{profiles.piece.slug}' has 1 performance; at least 2 are needed to rank.")
    elif (close := _too_close(results, compared_with)) is not None:
        notes.append(close)
    notes += _left_out(liked)
    if profiles.copies:
        copies = "1 copy" if profiles.copies == 1 else f"{profiles.copies} copies"
        notes.append(f"Left out: {copies} of a recording that is shown.")
    if profiles.not_analysed:
        notes.append(not_analysed(profiles.not_analysed, profiles.model.audio))
    if profiles.away:
        notes.append(
            f"Left out: {counted(len(profiles.away), 'recording')} on a drive that was away when"
            " the library was last indexed."
        )
    mean = profiles.profiles.mean(axis=0, keepdims=True)
    if unlike_reference(profiles.model, mean)[0]:
        notes.append(
            "This piece does not sound like the solo piano music that the words were learned"
            " on; trust the order less."
        )
    return tuple(notes)


def on_tempo(profiles: PieceProfiles | None, asks_for_tempo: bool) -> tuple[str, ...]:
    """Where the tempo that the words ask for is not known; ``profiles``: None of a library."""
    if not asks_for_tempo or (profiles is not None and len(profiles.recordings) == 1):
        return ()
    if profiles is None:
        which = "Tempo is known only within a piece"
    elif not profiles.tempos:
        which = "The tempo of these performances against each other is not known"
    else:
        absent = [one for one in profiles.recordings if one.id not in profiles.tempos]
        name = _listed(absent) if absent else ""
        return (f"Too little of {name} matches the others to know the tempo.",) if absent else ()
    return (f"{which}; the density of notes stands for it.",)


def over_library(
    scored: Sequence[Scored], model: QueryModel, liked: Recording | None
) -> tuple[str, ...]:
    """Notes on the best performances of several pieces."""
    notes = _left_out(liked)
    profiles = np.array([one.profiles.profiles[one.row] for one in scored])
    far = unlike_reference(model, profiles)
    if far.any():
        names = _listed([one.recording for one, is_far in zip(scored, far, strict=True) if is_far])
        notes.append(
            f"Unlike the solo piano music that the words were learned on: {names};"
            " trust such scores less."
        )
    return tuple(notes)


def on_words(query: Query, space: Space) -> tuple[str, ...]:
    """Notes on words that cancel each other out, and on a text of which much was left out."""
    notes = []
    if query.mentions.strangers:
        notes.append(f"T{strangers(query.mentions.strangers)[1:]}; the name was left out.")
    if pull_apart(query.parts):
        left = ", ".join(heard_as(space, query.profile))
        notes.append(f"These words pull apart, and little is left of them: {left}.")
    unknown = sum(not term.known for term in query.terms)
    if unknown > len(query.terms) / 2:
        notes.append(f"{unknown} of {len(query.terms)} terms were left out; trust the order less.")
    return tuple(notes)


def strangers(names: Sequence[str]) -> str:
    """That the library has no performer of these names."""
    listed = " or ".join(repr(name) for name in names)
    return f"the library has no performer {listed}"


def not_analysed(count: int, encoder: str) -> str:
    """What to do about recordings that only another encoder has analysed."""
    return (
        f"Left out: {counted(count, 'recording')} not yet analysed by {encoder}."
        f" Run: espr index FOLDER --encoder {encoder.partition('/')[0]}"
    )


def missing_files(results: Sequence[Result]) -> tuple[str, ...]:
    """Which of the performances have no file any more."""
    gone = [result.source for result in results if result.is_missing]
    if not gone:
        return ()
    files = "The file" if len(gone) == 1 else "The files"
    are = "is" if len(gone) == 1 else "are"
    return (f"{files} of {_listed(gone)} {are} not there now. Run again: espr index FOLDER",)


def _left_out(liked: Recording | None) -> list[str]:
    return [] if liked is None else [f"{_name(liked)} is left out: the one to sound like."]


def _too_close(results: Sequence[Result], compared_with: str) -> str | None:
    """Which performances cannot be told from the first by this query."""
    if compared_with:
        results = [one for one in results if one.performer != compared_with]
    verdicts = [result.separation.told_apart for result in results[1:] if result.separation]
    if verdicts and all(verdict is None for verdict in verdicts):
        return "These performances are too short to say whether their order is more than chance."
    close = [
        result.source
        for result in results[1:]
        if result.separation is not None and result.separation.told_apart is False
    ]
    if not close:
        return None
    return (
        f"These words do not tell {_name(results[0].source)} from {_listed(close)}: the scores"
        " differ by less than they vary within the recordings."
    )


def _listed(recordings: Sequence[Recording]) -> str:
    names = [_name(recording) for recording in recordings]
    if len(names) > NAMED:
        names = [*names[: NAMED - 1], f"{len(names) - NAMED + 1} others"]
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0]


def _name(recording: Recording) -> str:
    return name_take(Take(recording.performer, recording.path, recording.start))
