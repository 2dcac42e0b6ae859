"""The page of a comparison: what differs, the tempo of each over the piece, and their players."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from espr import __version__
from espr.catalog.catalog import Recording
from espr.pages import PageAudio
from espr.pages.drawings import draw_bar
from espr.pages.page import render_page
from espr.pages.ranking_page import ShownReason
from espr.pages.sounds import SOURCES, Sound
from espr.printable import clock
from espr.retrieval.difference_words import describe, plain_name
from espr.retrieval.differences import Difference, Verdict
from espr.retrieval.in_words import name_of, names_of
from espr.retrieval.results import BestWindow
from espr.retrieval.side_by_side import Performance, SideBySide

# Okabe & Ito's colours, which most eyes tell apart; further performances are grey
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_GREY = "#8a8a8a"
_LEAST = 5.0  # per cent above and below the axis


@dataclass(frozen=True, slots=True)
class Sounding:
    """A performance and its passage, as :func:`espr.pages.sounds.sounds_of` takes it."""

    source: Recording
    best_window: BestWindow
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class ShownPerformance:
    """One performance as the page shows it; times are seconds of the recording.

    ``curve`` is an SVG path, ``bars`` the moments of the reference and its own.
    """

    number: int
    name: str
    colour: str
    sentence: str
    best: tuple[float, float]
    duration: float
    reasons: tuple[ShownReason, ...]
    curve: str
    bars: list[tuple[float, float]]
    sound: Sound


def soundings_of(compared: SideBySide) -> list[Sounding]:
    """The passages that the players of the page play."""
    return [Sounding(one.recording, BestWindow(*one.passage, 0.0)) for one in compared.performances]


def compare_page(
    compared: SideBySide,
    bars: Sequence[list[tuple[float, float]]],
    sounds: Sequence[Sound],
    audio: PageAudio,
) -> str:
    """The page, as HTML; ``bars`` as :func:`espr.retrieval.side_by_side.bars_of` gives them."""
    names = names_of([one.recording for one in compared.performances])
    reach = _reach(compared)
    return render_page(
        "compare.html",
        sources=SOURCES[audio],
        title=f"{', '.join(names)}: {compared.piece.title}",
        piece=compared.piece,
        count=compared.count,
        takes=[
            _shown(compared, row, names, bars[row], sounds[row])
            for row in range(len(compared.performances))
        ],
        reference=compared.reference and name_of(compared.reference),
        averaged=compared.averaged,
        reach=reach,
        length=float(compared.positions[-1]) if len(compared.positions) else 0.0,
        pair=len(names) == 2,
        same_bars=any(bars),
        clips=audio is PageAudio.CLIPS,
        clock=clock,
        version=__version__,
    )


def _shown(
    compared: SideBySide,
    row: int,
    names: Sequence[str],
    bars: list[tuple[float, float]],
    sound: Sound,
) -> ShownPerformance:
    one = compared.performances[row]
    against = names[1 - row] if len(names) == 2 else "the mean of the others"
    return ShownPerformance(
        number=row + 1,
        name=names[row],
        colour=[*_COLOURS, *[_GREY] * len(names)][row],
        sentence=describe(one, names[row], against),
        best=one.passage,
        duration=round(one.recording.duration, 2),
        reasons=_reasons(one.differences),
        curve=_curve(compared, one),
        bars=bars,
        sound=sound,
    )


def _reasons(differences: Sequence[Difference]) -> tuple[ShownReason, ...]:
    scale = max(1.0, *(abs(each.value) for each in differences))
    return tuple(
        ShownReason(
            f"{each.value + 0.0:+.1f}".replace("-", "−"),
            f"{plain_name(each)}: {_verdict(each)}",
            draw_bar(each.value, scale),
        )
        for each in differences
    )


def _verdict(difference: Difference) -> str:
    if difference.verdict is Verdict.DIFFERS:
        return difference.feature.comparative(difference.value)
    return "alike" if difference.verdict is Verdict.ALIKE else "cannot be told apart"


def _reach(compared: SideBySide) -> float:
    """Per cent from the axis to the edge of the drawing."""
    percents = [
        abs(100.0 * (tempo - 1.0))
        for one in compared.performances
        if one.tempo_curve is not None
        for tempo in one.tempo_curve.tolist()
        if not math.isnan(tempo)
    ]
    return max(_LEAST, math.ceil(max(percents, default=0.0) / 5.0) * 5.0)


def _curve(compared: SideBySide, one: Performance) -> str:
    """The tempo against the mean as a path: seconds to the right, per cent upwards."""
    if one.tempo_curve is None:
        return ""
    path, pen = [], "M"
    for seconds, tempo in zip(compared.positions.tolist(), one.tempo_curve.tolist(), strict=True):
        if math.isnan(tempo):
            pen = "M"
            continue
        path.append(f"{pen}{seconds:g} {-100.0 * (tempo - 1.0):.2f}")
        pen = "L"
    return "".join(path)
