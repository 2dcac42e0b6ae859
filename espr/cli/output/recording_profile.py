"""A portrait of one performance on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espr.audio.encoder import is_off_tune
from espr.cli.output.charts import bar, marks, sparkline
from espr.cli.output.ranking import WITH_BARS
from espr.cli.output.terminal_safe import clean
from espr.features import PEDAL, TEMPO, Feature
from espr.printable import clock
from espr.retrieval.in_words import name_of, title_of, tuning_in_words
from espr.retrieval.pedal import CLEAR
from espr.retrieval.tempo import tempo_in_words

if TYPE_CHECKING:
    from rich.console import Console

    from espr.retrieval.recording_profile import Portrait

SIDE = 5  # cells of a bar on each side of its axis
CHART = 22  # cells over time: what 80 columns leave


def print_portrait(console: Console, portrait: Portrait) -> None:
    """Print how a performance stands out from its piece, through time, and in words."""
    import numpy as np
    from rich.table import Table

    using = marks(console.encoding)
    for line in _heading(portrait):
        console.print(line, soft_wrap=True)  # a path is copied whole
    console.print()
    start, end = (clock(float(time)) for time in (portrait.times[0, 0], portrait.times[-1, 1]))
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("feature", no_wrap=True)
    has_bars = console.width >= WITH_BARS
    if has_bars:
        table.add_column("", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column(f"over time, {start}{using.dash}{end}", no_wrap=True)
    # One scale for all charts, which a rare outlier does not flatten.
    reach = max(1.0, float(np.percentile(np.abs(portrait.windows), 95)))
    rows = [
        (feature, float(value), windows)
        for feature, value, windows in zip(
            portrait.space.features, portrait.profile, portrait.windows.T, strict=True
        )
        if feature != TEMPO or portrait.tempo is not None  # known only against other performances
    ]
    if portrait.pedal is not None:
        rows.append((PEDAL, float(portrait.pedal.mean()), portrait.pedal))
    scale = max(1.0, *(abs(value) for _, value, _ in rows))
    for feature, exact, windows in rows:
        value = round(exact, 1) + 0.0
        table.add_row(
            feature.name.replace("_", " "),
            *([bar(value, scale, SIDE, using)] if has_bars else []),
            f"{value:+.1f}",
            _in_words(feature, value),
            ""
            if feature == TEMPO  # of the whole performance
            else sparkline(windows.tolist(), reach, CHART, using),
        )
    console.print(table)
    console.print()
    words = ", ".join(word for word, _ in portrait.words)
    console.print(f"Words nearest to it: {clean(words) or 'none'}")
    if portrait.unlike_reference:
        console.print(
            "Note: it does not sound like the solo piano music that the words were learned on;"
            " trust them less."
        )
    for note in portrait.notes:
        console.print(f"Note: {clean(note)}", soft_wrap=True)


def _in_words(feature: Feature, value: float) -> str:
    if feature == PEDAL and abs(value) < CLEAR:
        return "cannot be told"
    return feature.comparative(value) if value else ""


def _heading(portrait: Portrait) -> list[str]:
    recording, piece = portrait.recording, portrait.piece
    what = f": {title_of(piece)}" if piece is not None else ""
    lines = [
        f"{name_of(recording)}{what}, {clock(recording.duration)}",
        clean(recording.path),
    ]
    if portrait.tempo is not None:
        lines.append(f"Tempo: {tempo_in_words(portrait.tempo)}")
    if is_off_tune(portrait.tuning):
        lines.append(f"Tuning: {tuning_in_words(portrait.tuning)}")
    if portrait.performances > 1:
        lines.append(
            f"Against the mean of its {portrait.performances} performances,"
            " in standard deviations within a piece"
        )
    else:
        lines.append(
            "The only performance of its piece; against the reference recordings,"
            " in standard deviations"
        )
    return lines
