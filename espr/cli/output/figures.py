"""Pictures of performances as SVG or PNG: side by side, one through time, all of a piece as a map.

Drawn with matplotlib, the extra ``figures``. The same input writes the same file: no date, no
random ids. In SVG, names stay text.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from espr.cli.output.files import STANDARD_OUTPUT, check_target, write_file
from espr.cli.output.terminal_safe import clean, counted
from espr.errors import EsprError
from espr.printable import clock
from espr.retrieval.differences import Verdict
from espr.retrieval.in_words import name_of, names_of, title_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    from espr.retrieval.piece_map import PieceMap
    from espr.retrieval.recording_profile import Portrait
    from espr.retrieval.side_by_side import SideBySide
    from espr.retrieval.windows_beside import WindowsBeside

FORMATS = {"svg": b"<?xml", "png": b"\x89PNG"}  # how such a file begins
DPI = 200
# Okabe & Ito's colours, which most eyes tell apart; further performances are grey
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
GREY = "#9a9a9a"
_NAME = 24  # letters of a name
_ACROSS = 3  # features beside each other
_OTHER_SCRIPTS = ("Noto Sans CJK JP", "Noto Sans CJK SC", "Hiragino Sans", "PingFang SC",
                  "Noto Sans", "Noto Sans Hebrew", "Noto Sans Arabic", "Noto Sans Thai",
                  "Arial Unicode MS")  # fmt: skip


def check_figure(path: Path) -> None:
    """Raise where a figure cannot be drawn, before anything is computed for it."""
    check_target(path, "figure", FORMATS[_format(path)])
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise EsprError("--figure needs matplotlib; run: pip install 'espr[figures]'") from error


def _format(path: Path) -> str:
    """``svg`` or ``png``, by the name; standard output takes SVG, which is text."""
    kind = "svg" if path == STANDARD_OUTPUT else path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise EsprError(f"cannot draw {path}: its name must end in .svg or .png")
    return kind


@contextmanager
def _figure(path: Path, width: float, height: float) -> Iterator[Figure]:
    """A figure of so many inches, written to ``path`` at the end, whole or not at all."""
    from matplotlib import font_manager, rc_context
    from matplotlib.figure import Figure

    installed = set(font_manager.get_font_names())
    look: Any = {
        "svg.hashsalt": "espr",
        "svg.fonttype": "none",
        "text.parse_math": False,  # a dollar sign is one
        "font.family": ["DejaVu Sans", *(one for one in _OTHER_SCRIPTS if one in installed)],
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    kind = _format(path)
    with rc_context(look), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # it is drawn as a box
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure
        metadata = {"Date": None} if kind == "svg" else {"Software": None}
        drawn = io.BytesIO()
        figure.savefig(drawn, format=kind, dpi=DPI, metadata=metadata)
        write_file(path, drawn.getvalue(), "figure", FORMATS[kind])


def draw_side_by_side(path: Path, compared: SideBySide) -> None:
    """Draw the tempo of performances over the course of the piece, and what differs."""
    names = [
        clean(name, _NAME) for name in names_of([one.recording for one in compared.performances])
    ]
    colours = _colours(len(names))
    features = len(compared.space)
    with _figure(path, 8.0, 3.4 + 0.26 * features) as figure:
        figure.suptitle(title_of(compared.piece), x=0.01, ha="left", weight="bold")
        tempo, differences = figure.subplots(2, 1, height_ratios=[2.4, 0.4 + 0.26 * features])
        _draw_tempos(tempo, compared, names, colours)
        _draw_differences(differences, compared, names, colours)


def _colours(count: int) -> list[str]:
    return [*COLOURS, *[GREY] * count][:count]


def _draw_tempos(
    axes: Axes, compared: SideBySide, names: Sequence[str], colours: Sequence[str]
) -> None:
    axes.axhline(0.0, color="black", linewidth=0.6)
    for one, name, colour in zip(compared.performances, names, colours, strict=True):
        if one.tempo_curve is not None:
            percent = (one.tempo_curve - 1.0) * 100.0
            axes.plot(compared.positions, percent, color=colour, label=name, linewidth=1.3)
    if compared.reference is None:
        axes.text(0.5, 0.5, "no tempo is known", ha="center", transform=axes.transAxes)
    else:
        axes.set_xlabel(f"time in {clean(name_of(compared.reference), _NAME)}")
        axes.xaxis.set_major_formatter(_clock_of)
        axes.set_ylabel(f"% faster than the mean\nof {compared.averaged} performances")
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def _draw_differences(
    axes: Axes, compared: SideBySide, names: Sequence[str], colours: Sequence[str]
) -> None:
    shown = compared.performances
    features = [each.feature for each in shown[0].differences]
    if len(shown) == 2:
        shown = shown[:1]
        axes.set_xlabel(f"{names[0]} against {names[1]}, in standard deviations within a piece")
    else:
        axes.set_xlabel("against the mean of the others, in standard deviations within a piece")
    axes.axvline(0.0, color="black", linewidth=0.6)
    for one, colour in zip(shown, colours, strict=False):
        for each in one.differences:
            row = features.index(each.feature)
            certain = each.verdict is not Verdict.UNCLEAR
            axes.plot(
                each.value, row, "o", color=colour, markerfacecolor=colour if certain else "none"
            )
            if len(shown) == 1:
                ends = (each.value - each.margin, each.value + each.margin)
                axes.plot(ends, (row, row), color=colour, linewidth=1.0)
    axes.set_yticks(range(len(features)), [f"{one.low} … {one.high}" for one in features])
    axes.invert_yaxis()
    axes.set_title("hollow: cannot be told from chance", loc="right", fontsize=8)


def draw_portrait(path: Path, portrait: Portrait, others: Sequence[WindowsBeside]) -> None:
    """Draw the windows of a recording over time, by feature, and those of other performances."""
    features = portrait.space.measured.features
    rows = -(-len(features) // _ACROSS)
    middles = portrait.times.mean(axis=1)
    with _figure(path, 10.0, 0.8 + 1.5 * rows) as figure:
        what = f": {title_of(portrait.piece)}" if portrait.piece else ""
        heading = f"{name_of(portrait.recording)}{what}"
        figure.suptitle(clean(heading), x=0.01, ha="left", weight="bold")
        panels = list(figure.subplots(rows, _ACROSS, sharex=True, sharey=True, squeeze=False).flat)
        for place, (axes, feature) in enumerate(zip(panels, features, strict=False)):
            for other in others:
                axes.plot(other.moments, other.deviations[:, place], color="#cccccc", linewidth=0.8)
            axes.axhline(0.0, color="black", linewidth=0.5)
            axes.plot(middles, portrait.windows[:, place], color=COLOURS[0], linewidth=1.6)
            axes.set_title(f"{feature.low} … {feature.high}", fontsize=9)
            axes.xaxis.set_major_formatter(_clock_of)
            axes.xaxis.set_major_locator(_few_ticks())
        for axes in panels[len(features) :]:
            axes.set_visible(False)
        unit = "within a piece" if portrait.performances > 1 else "of the reference"
        figure.supylabel(f"standard deviations {unit}", fontsize=9)
        figure.supxlabel(
            f"blue: this performance; grey: {counted(len(others), 'other')} at the same place"
            if others else "time", fontsize=9,
        )  # fmt: skip


def draw_map(path: Path, mapped: PieceMap) -> None:
    """Draw the performances of a piece on a plane, the features as arrows."""
    names = [clean(name, _NAME) for name in names_of(mapped.recordings)]
    reach = float(np.abs(mapped.positions).max())
    lengths = np.linalg.norm(mapped.arrows, axis=1)
    longest = 0.9 * reach / lengths.max()
    with _figure(path, 8.0, 8.0) as figure:
        axes = figure.subplots()
        axes.set_title(title_of(mapped.piece), loc="left", weight="bold")
        for feature, arrow, length in zip(
            mapped.space.features, mapped.arrows, lengths, strict=True
        ):
            if length < 0.3 * lengths.max():  # it points out of the plane
                continue
            tip = arrow * longest
            axes.annotate("", tip, (0.0, 0.0), arrowprops={"arrowstyle": "->", "color": GREY})
            axes.annotate(
                feature.high, tip * 1.06, color="#666666", fontsize=8, style="italic",
                ha="center" if abs(tip[0]) < 0.3 * reach else "left" if tip[0] > 0 else "right",
                va="center",
            )  # fmt: skip
        axes.plot(*mapped.positions.T, "o", color=COLOURS[0], markersize=5)
        for name, position in zip(names, mapped.positions, strict=True):
            axes.annotate(name, position, (5, 4), textcoords="offset points", weight="bold")
        horizontal, vertical = (
            f"standard deviations within a piece ({share:.0%} of what differs)"
            for share in mapped.shares
        )
        axes.set(xlabel=horizontal, ylabel=vertical)
        axes.set_aspect("equal", adjustable="datalim")
        axes.margins(0.15)


def _clock_of(seconds: float, _: object) -> str:
    return clock(max(0.0, seconds))


def _few_ticks() -> MaxNLocator:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(4, steps=[1, 1.5, 3, 6])
