"""``espr export``: recordings for other programs: Sonic Visualiser, spreadsheets, players."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from espr.cli.completions import FILE, FOLDER, PIECE, RECORDING
from espr.cli.options import LibraryFile, SpaceName
from espr.errors import SOME_UNREADABLE, EsprError
from espr.printable import LONGEST_PATH, clean

if TYPE_CHECKING:
    import numpy as np

    from espr.catalog.catalog import Recording
    from espr.library import Library

# what --sonic-visualiser, --csv and --m3u write, and how each begins
_KINDS = (("session", b"BZh"), ("table of windows", b"recording,"), ("playlist", b"#EXTM3U"))


def export(
    recordings: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RECORDING]...", click_type=RECORDING, help="Each as espr show takes it."
        ),
    ] = None,
    piece: Annotated[
        str | None,
        typer.Option("--piece", "-p", click_type=PIECE, help="All performances of this piece."),
    ] = None,
    sonic_visualiser: Annotated[
        bool,
        typer.Option("--sonic-visualiser", help="A session: one recording's windows and tempo."),
    ] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="The windows as CSV, in measured units.")
    ] = False,
    m3u: Annotated[bool, typer.Option("--m3u", help="A playlist of whole recordings.")] = False,
    relative_to: Annotated[
        Path | None,
        typer.Option(
            "--relative-to",
            metavar="FOLDER",
            click_type=FOLDER,
            help="With --m3u: write paths relative to this folder of music.",
        ),
    ] = None,
    mpd: Annotated[
        bool, typer.Option("--mpd", help="With --m3u: name tracks of CUE sheets as MPD does.")
    ] = False,
    to: Annotated[
        Path,
        typer.Option(
            "--to", metavar="FILE", click_type=FILE, help="The file; - is standard output."
        ),
    ] = Path("-"),
    space: SpaceName = None,
    library: LibraryFile = None,
) -> None:
    """Write recordings for other programs: --sonic-visualiser, --csv or --m3u."""
    if sonic_visualiser + as_csv + m3u != 1:
        raise EsprError("name one of --sonic-visualiser, --csv and --m3u")
    if (relative_to or mpd) and not m3u:
        raise EsprError("--relative-to and --mpd belong to --m3u")
    if not recordings and piece is None:
        raise EsprError("name recordings, or --piece for all of a piece")

    from espr.cli.output.files import check_target, write_file

    kind, begins = _KINDS[(sonic_visualiser, as_csv, m3u).index(True)]
    check_target(to, kind, begins, is_text=not sonic_visualiser)
    from espr.library import Library

    left_out: Sequence[str] = ()
    with Library.open(library, space=space) as opened:
        chosen = _chosen(opened, recordings or [], piece)
        if m3u:
            from espr.pages.playlists import playlist
            from espr.retrieval.passages import whole_recordings

            made = playlist(whole_recordings(chosen), relative_to, name_tracks=mpd)
            content, left_out = made.content, made.left_out
        elif as_csv:
            content = _csv(opened, chosen).encode()
        elif len(chosen) != 1:
            raise EsprError(f"a session is of one recording, not of {len(chosen)}")
        else:
            content = _session(opened, chosen[0])
    write_file(to, content, kind, begins, is_text=not sonic_visualiser)
    for reason in left_out:
        print(f"espr: {clean(reason, LONGEST_PATH)}", file=sys.stderr)
    if left_out:
        raise typer.Exit(SOME_UNREADABLE)


def _chosen(library: Library, names: list[str], piece: str | None) -> list[Recording]:
    """The recordings that were named, or those of the piece, copies left out."""
    from espr.retrieval.lookup import find_piece, find_recording

    catalog = library.catalog
    with catalog.snapshot():
        among = None if piece is None else catalog.recordings(find_piece(catalog, piece).id)
        if names:
            return [find_recording(catalog, name, among) for name in names]
        return [one for one in among or () if one.duplicate_of is None]


def _csv(library: Library, recordings: list[Recording]) -> str:
    from espr.cli.output.json_csv import csv_text
    from espr.cli.output.terminal_safe import csv_safe
    from espr.retrieval.performances import windows_of

    names = library.model.space.measured.names
    rows: list[list[str | float]] = [
        ["recording", "performer", "title", "start_in_file", "start", "end", *names]
    ]
    for one in recordings:
        windows = windows_of(library.catalog, one, library.model)
        whose = [clean(one.path, LONGEST_PATH), csv_safe(one.performer), csv_safe(one.title)]
        for (start, end), features in zip(windows.times, windows.features, strict=True):
            times = (one.start + start, start, end)
            rows.append(
                [
                    *whose,
                    *(round(float(time), 3) for time in times),
                    *(float(f"{value:.6g}") for value in features[: len(names)]),
                ]
            )
    return csv_text(rows)


def _session(library: Library, recording: Recording) -> bytes:
    """The windows of a recording, three features a pane, and its tempo."""
    from espr.audio.readers import read_blocks
    from espr.cli.output.sonic_visualiser import Curve, session
    from espr.retrieval.recording_profile import portray

    try:
        rate = next((rate for rate, _ in read_blocks(recording.path, recording.start)), None)
    except EsprError as error:
        raise EsprError(f"{recording.path} {error}") from error
    if rate is None:
        raise EsprError(f"{recording.path} holds no audio")
    catalog, model = library.catalog, library.model
    with catalog.snapshot():
        portrait = portray(catalog, library.words, model, recording)
        moments, percent = _tempo(library, recording)
    middles = (recording.start + portrait.times.mean(axis=1)).tolist()
    curves = [
        Curve(f"{feature.low} … {feature.high}", "SD", middles, values.tolist())
        for feature, values in zip(
            portrait.space.measured.features, portrait.windows.T, strict=False
        )
    ]
    panes = [curves[place : place + 3] for place in range(0, len(curves), 3)]
    if len(moments):
        seconds = (recording.start + moments).tolist()
        panes.append([Curve("faster than the mean", "%", seconds, percent.tolist())])
    return session(recording.path, rate, recording.start + recording.duration, panes)


def _tempo(library: Library, recording: Recording) -> tuple[np.ndarray, np.ndarray]:
    """How much faster than the mean of its piece it is, in per cent, and when in the recording."""
    import numpy as np

    from espr.retrieval.performances import profiles_beside
    from espr.retrieval.same_bars import piece_tempo_curves, time_map
    from espr.retrieval.side_by_side import MOST_CURVES

    beside = profiles_beside(library.catalog, recording, library.model).recordings
    others = [one.id for one in beside if one.id != recording.id][: MOST_CURVES - 1]
    curves = piece_tempo_curves(library.catalog, [recording.id, *others])
    if curves is None or recording.id not in curves.tempos:
        return np.zeros(0), np.zeros(0)
    moments = curves.positions
    if curves.reference != recording.id:
        moments = time_map(library.catalog, curves.reference, recording.id).at_all(moments)
    percent = 100.0 * (curves.tempos[recording.id] - 1.0)
    known = np.isfinite(moments) & np.isfinite(percent)
    return moments[known], percent[known]
