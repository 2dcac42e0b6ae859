"""The page of a ranking: the query and how it was read, and each performance with its player."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import PurePath

from espr import __version__
from espr.pages import PageAudio
from espr.pages.drawings import Bar, Timeline, draw_bar, draw_timeline
from espr.pages.page import render_page
from espr.pages.sounds import MEDIA_SOURCES, Sound
from espr.printable import clock
from espr.retrieval.explanation import reasons, rounded
from espr.retrieval.in_words import asked_for, by_piece, read_as
from espr.retrieval.results import Ranking, Result
from espr.retrieval.tempo import tempo_in_words
from espr.works.take_names import Take, name_takes

REASONS = 3  # contributions shown of each performance; the others are one sum


@dataclass(frozen=True, slots=True)
class ShownReason:
    """One line beside a score: its number, its words and its bar."""

    value: str
    text: str
    bar: Bar


@dataclass(frozen=True, slots=True)
class ShownTake:
    """One performance as a page shows it; times are seconds of the recording.

    Attributes
    ----------
    number : int
        Its place on the page, from 1: the key that plays it.
    verdict : str
        What is to be said of its distance to the first, or "".
    best : (float, float)
        Start and end of its best window.
    timeline : Timeline or None
        None where no windows are known.
    """

    number: int
    rank: int
    name: str
    file: str
    score: str
    verdict: str
    tempo: str
    best: tuple[float, float]
    reasons: tuple[ShownReason, ...]
    features: tuple[ShownReason, ...]
    timeline: Timeline | None
    sound: Sound


@dataclass(frozen=True, slots=True)
class ShownPiece:
    """The performances of one piece; ``title`` is "" where the page is of that piece only."""

    title: str
    takes: tuple[ShownTake, ...]


def ranking_page(ranking: Ranking, sounds: Sequence[Sound], audio: PageAudio) -> str:
    """The page, as HTML.

    Parameters
    ----------
    sounds : sequence of Sound
        What the player of each result plays.
    """
    poles, *readings = read_as(ranking)
    return render_page(
        "ranking.html",
        media=MEDIA_SOURCES[audio],
        title=_title(ranking),
        asked=asked_for(ranking, quotes="“”"),
        poles=poles,
        readings=readings,
        piece=ranking.piece,
        performances=ranking.performances,
        relative=ranking.centring == "piece",
        pieces=_pieces(ranking, sounds),
        notes=ranking.notes,
        audio=audio.value,
        clock=clock,
        version=__version__,
    )


def _title(ranking: Ranking) -> str:
    where = "the whole library" if ranking.piece is None else ranking.piece.title
    return f"{ranking.query.name}: {where}"


def _pieces(ranking: Ranking, sounds: Sequence[Sound]) -> list[ShownPiece]:
    sound_of = dict(zip(map(id, ranking.results), sounds, strict=True))
    numbers = count(1)
    scale = max(float(abs(result.contributions).max()) for result in ranking.results)
    shown = []
    for title, of in by_piece(ranking):
        takes = [Take(one.source.performer, one.source.path, one.source.start) for one in of]
        shown.append(
            ShownPiece(
                title,
                tuple(
                    _take(ranking, result, next(numbers), name, scale, sound_of[id(result)])
                    for result, name in zip(of, name_takes(takes), strict=True)
                ),
            )
        )
    return shown


def _take(
    ranking: Ranking, result: Result, number: int, name: str, scale: float, sound: Sound
) -> ShownTake:
    window, duration = result.best_window, result.source.duration
    return ShownTake(
        number=number,
        rank=result.rank,
        name=name,
        file=_file(result),
        score=signed(round(sum(rounded(result.contributions, 2)), 2), plus=""),
        verdict=_verdict(result),
        tempo="" if result.tempo is None else tempo_in_words(result.tempo),
        best=(window.start, min(window.end, duration)) if window else (0.0, duration),
        reasons=_reasons(ranking, result, REASONS, scale),
        features=_reasons(ranking, result, len(ranking.space), scale),
        timeline=draw_timeline(result) if window else None,
        sound=sound,
    )


def _file(result: Result) -> str:
    """The file's name, and where in it a track begins: no folders, which tell of their owner."""
    name = PurePath(result.recording).name
    return name if result.source.whole else f"{name} at {clock(result.source.start)}"


def _reasons(ranking: Ranking, result: Result, most: int, scale: float) -> tuple[ShownReason, ...]:
    found = reasons(ranking.space, result.profile, result.contributions, most)
    return tuple(
        ShownReason(signed(one.value), one.text, draw_bar(one.value, scale)) for one in found
    )


def _verdict(result: Result) -> str:
    if result.separation is None or result.separation.told_apart is not False:
        return ""
    return "too close to the first to tell apart"


def signed(value: float, plus: str = "+") -> str:
    """A number with two digits and a true minus sign."""
    return f"{abs(value):.2f}" if value == 0 else f"{plus if value > 0 else '−'}{abs(value):.2f}"
