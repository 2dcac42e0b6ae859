"""The page of a ranking: the query and how it was read, and each performance with its player."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import PurePath

from espr import __version__
from espr.catalog.catalog import Piece, Recording
from espr.pages import PageAudio
from espr.pages.drawings import Bar, Timeline, draw_bar, draw_timeline
from espr.pages.page import render_page
from espr.pages.sounds import SOURCES, Sound
from espr.printable import clock
from espr.retrieval.explanation import rounded
from espr.retrieval.in_words import asked_for, by_piece, read_as, reasons_of
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
    recording : str
        Its key, see :func:`key_of`.
    rank, score
        None and "" where nothing was asked.
    verdict : str
        What is to be said of its distance to the first, or "".
    best : (float, float)
        Start and end of its best window.
    timeline : Timeline or None
        None where no windows are known.
    more : str
        Where more recordings like it are listed, or "".
    piece : Piece or None
        What it is of, where a page shows several pieces without order.
    """

    number: int
    recording: str
    name: str
    file: str
    best: tuple[float, float]
    timeline: Timeline | None
    sound: Sound
    rank: int | None = None
    score: str = ""
    verdict: str = ""
    tempo: str = ""
    reasons: tuple[ShownReason, ...] = ()
    features: tuple[ShownReason, ...] = ()
    more: str = ""
    piece: Piece | None = None


@dataclass(frozen=True, slots=True)
class ShownPiece:
    """The performances of one piece; ``title`` is "" where the page is of that piece only."""

    title: str
    takes: tuple[ShownTake, ...]


@dataclass(frozen=True, slots=True)
class RankingView:
    """A ranking as a page shows it.

    Attributes
    ----------
    title : str
        Of the page.
    asked, poles, readings : str, str, list of str
        What was typed, what it asks for, and how it was read beyond that, one line each.
    performances : int
        Of the piece, or recordings searched where ``piece`` is None.
    relative : bool
        Whether performances are compared with the mean of their piece.
    playlist : str
        Where the best windows are a playlist, or "".
    """

    title: str
    asked: str
    poles: str
    readings: list[str]
    piece: Piece | None
    performances: int
    relative: bool
    pieces: list[ShownPiece]
    notes: Sequence[str]
    playlist: str = ""

    @property
    def takes(self) -> list[ShownTake]:
        """All performances, in the order of the page."""
        return [take for piece in self.pieces for take in piece.takes]


def key_of(recording: Recording) -> str:
    """What a page calls a recording: its number, and the beginning of the hash of its audio.

    A number may be that of another recording when the library has changed, or is another one.
    """
    return f"{recording.id}-{recording.audio_hash[:8]}"


def ranking_page(ranking: Ranking, sounds: Sequence[Sound], audio: PageAudio) -> str:
    """The page, as HTML.

    Parameters
    ----------
    sounds : sequence of Sound
        What the player of each result plays.
    """
    view = ranking_view(ranking, sounds)
    return render_page(
        "ranking.html",
        sources=SOURCES[audio],
        title=view.title,
        view=view,
        audio=audio.value,
        clock=clock,
        version=__version__,
    )


def ranking_view(
    ranking: Ranking, sounds: Sequence[Sound], more: Callable[[Result], str] = lambda _: ""
) -> RankingView:
    """The same as plain data; ``more``: where more recordings like a result are listed."""
    poles, *readings = read_as(ranking.query, ranking.space)
    where = "the whole library" if ranking.piece is None else ranking.piece.title
    return RankingView(
        title=f"{ranking.query.name}: {where}",
        asked=asked_for(ranking.query, quotes="“”"),
        poles=poles,
        readings=readings,
        piece=ranking.piece,
        performances=ranking.performances,
        relative=ranking.centring == "piece",
        pieces=_pieces(ranking, sounds, more),
        notes=ranking.notes,
    )


def plain_takes(recordings: Sequence[Recording], sounds: Sequence[Sound]) -> list[ShownTake]:
    """Performances that nothing was asked of, as :func:`ranking_view` shows them."""
    names = name_takes([Take(one.performer, one.path, one.start) for one in recordings])
    return [
        ShownTake(
            number=number,
            recording=key_of(recording),
            name=name,
            file=_file(recording),
            best=(0.0, recording.duration),
            timeline=Timeline(round(recording.duration, 2), "", ""),
            sound=sound,
        )
        for number, recording, name, sound in zip(count(1), recordings, names, sounds, strict=False)
    ]


def _pieces(
    ranking: Ranking, sounds: Sequence[Sound], more: Callable[[Result], str]
) -> list[ShownPiece]:
    sound_of = dict(zip(map(id, ranking.results), sounds, strict=True))
    numbers = count(1)
    scale = max(float(abs(result.contributions).max()) for result in ranking.results)

    def show(result: Result, name: str) -> ShownTake:
        take = _take(ranking, result, next(numbers), name, scale, sound_of[id(result)])
        return replace(take, more=more(result))

    shown = []
    for title, of in by_piece(ranking):
        takes = [Take(one.source.performer, one.source.path, one.source.start) for one in of]
        shown.append(
            ShownPiece(
                title,
                tuple(
                    show(result, name) for result, name in zip(of, name_takes(takes), strict=True)
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
        recording=key_of(result.source),
        rank=result.rank,
        name=name,
        file=_file(result.source),
        score=signed(round(sum(rounded(result.contributions, 2)), 2), plus=""),
        verdict=_verdict(result),
        tempo="" if result.tempo is None else tempo_in_words(result.tempo),
        best=(window.start, min(window.end, duration)) if window else (0.0, duration),
        reasons=_reasons(ranking, result, REASONS, scale),
        features=_reasons(ranking, result, len(ranking.space), scale),
        timeline=draw_timeline(result) if window else None,
        sound=sound,
    )


def _file(recording: Recording) -> str:
    """The file's name, and where in it a track begins: no folders, which tell of their owner."""
    name = PurePath(recording.path).name
    return name if recording.whole else f"{name} at {clock(recording.start)}"


def _reasons(ranking: Ranking, result: Result, most: int, scale: float) -> tuple[ShownReason, ...]:
    found = reasons_of(ranking, result, most, brief=True)
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
