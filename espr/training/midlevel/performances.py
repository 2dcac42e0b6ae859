"""Performances as MIDI tells them: every key and every move of the pedal, in seconds.

Sources: PercePiano (Park et al. 2024, MIT), ASAP (Foscarin et al., ISMIR 2020, CC BY-NC-SA
4.0) and ESPR's own (:mod:`espr.training.midlevel.performer`). Whatever belongs to a work of the
Con Espressione set, on which ESPR is judged, is left out altogether.
"""

from __future__ import annotations

import csv
import re
import struct
from collections import defaultdict, deque
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from espr.datasets.percepiano import segment_and_player, work_of
from espr.errors import EsprError
from espr.midi.performance import MidiPerformance

_LARGEST_FILE = 16 * 2**20  # bytes; the largest performance of ASAP has 0.4 MB
_SHORTEST_NOTE = 0.005  # s
_SUSTAIN, _DRUMS = 64, 9

# Composer, and what of a piece's title, folder or file name tells one of the works of the Con
# Espressione set, whole works with all their movements.
_OPUS = r"op(us)?[ _.]*"
LEFT_OUT: tuple[tuple[str, str], ...] = (
    ("bach", r"bwv[ _]?846"),
    (
        "beethoven",
        rf"piano_sonatas[/_]14(?!\d)|{_OPUS}27[ _.,/-]*(no)?[ _.]*2(?!\d)|moonlight|mondschein",
    ),
    ("brahms", rf"{_OPUS}119"),
    ("liszt", r"bagatelle"),
    ("mozart", r"piano_sonatas[/_]16(?!\d)|k(v|oechel)?[ _.]*545"),
    ("schumann", rf"arabes(k|qu)e|{_OPUS}18(?!\d)"),
    ("schumann", rf"kreisleriana|{_OPUS}16(?!\d)"),
)


def is_left_out(composer: str, title: str) -> bool:
    """Whether a piece belongs to a work on which ESPR is judged."""
    return any(
        name in composer.lower() and re.search(pattern, title.lower()) for name, pattern in LEFT_OUT
    )


def read_midi(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The notes (n, 4) and the pedal (m, 2) of a MIDI file; see :class:`MidiPerformance`.

    Raises
    ------
    EsprError
        When the file is missing, broken or without notes.
    """
    try:
        import mido
    except ImportError as error:
        raise EsprError("reading MIDI needs mido: pip install 'espr[train]' installs it") from error
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise EsprError(f"{path} is too large for a MIDI file of one performance")
        midi = mido.MidiFile(path, clip=True)
        if midi.ticks_per_beat <= 0:
            raise ValueError("it counts in SMPTE frames or no ticks at all")
        events = list(mido.merge_tracks(midi.tracks))
    except OSError as error:
        reason = error.strerror or str(error)
        raise EsprError(f"{path} cannot be read as MIDI: {reason}") from error
    except (
        EOFError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        struct.error,
        mido.KeySignatureError,
    ) as error:
        raise EsprError(
            f"{path} is no intact MIDI file: {error or type(error).__name__}"
        ) from error
    seconds, tempo = 0.0, 500_000
    held: dict[tuple[int, int], deque[int]] = defaultdict(deque)
    notes: list[list[float]] = []
    pedal: list[tuple[float, float]] = []
    for event in events:
        seconds += event.time * tempo * 1e-6 / midi.ticks_per_beat
        if event.type == "set_tempo":
            tempo = event.tempo
        elif event.type == "note_on" and event.velocity > 0 and event.channel != _DRUMS:
            held[event.channel, event.note].append(len(notes))
            notes.append([seconds, np.nan, event.note, event.velocity])
        elif event.type in ("note_on", "note_off"):
            if waiting := held[event.channel, event.note]:
                notes[waiting.popleft()][1] = seconds
        elif event.type == "control_change" and event.control == _SUSTAIN:
            pedal.append((seconds, float(event.value)))
    if not notes:
        raise EsprError(f"{path} has no notes")
    rows = np.array(notes)
    rows[:, 1] = np.where(np.isnan(rows[:, 1]), seconds, rows[:, 1])  # never released
    rows[:, 1] = np.maximum(rows[:, 1], rows[:, 0] + _SHORTEST_NOTE)
    return rows, np.array(pedal).reshape(-1, 2)


def percepiano_performances(folder: Path) -> Iterator[MidiPerformance]:
    """The clips of PercePiano in ``folder``, which holds ``midi``; a piece is a segment.

    A clip begins with its first note: many files have seconds of silence before.
    """
    paths = sorted((folder / "midi").glob("*.mid"))
    if not paths:
        raise EsprError(f"{folder / 'midi'} has no MIDI files; PercePiano is published with them")
    for path in paths:
        segment, _ = segment_and_player(path.stem)
        notes, pedal = read_midi(path)
        performance = MidiPerformance(
            notes=notes,
            pedal=pedal,
            name=path.stem,
            piece=segment,
            work=work_of(segment),
            source="percepiano",
            composer=segment.split("_")[0],
        )
        yield performance.between(float(notes[0, 0]), float(notes[:, 1].max()) + 1.0)


def asap_performances(
    folder: Path, composers: Collection[str] | None = None
) -> Iterator[MidiPerformance]:
    """The performances of ASAP in ``folder``, which holds ``metadata.csv``; no scores.

    Only those of ``composers``, where given: all 975 take minutes to read.
    """
    table = folder / "metadata.csv"
    try:
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EsprError(f"{table} cannot be read: {error}; ASAP is published with it") from error
    columns = {"composer", "title", "folder", "midi_performance"}
    if not rows or not columns <= set(rows[0]):
        raise EsprError(f"{table} lacks a column of {', '.join(sorted(columns))}")
    for row in rows:
        composer, place = row["composer"], row["folder"]
        if composers is not None and composer not in composers:
            continue
        if is_left_out(composer, place) or is_left_out(composer, row["title"]):
            continue
        notes, pedal = read_midi(folder / row["midi_performance"])
        yield MidiPerformance(
            notes=notes,
            pedal=pedal,
            name=row["midi_performance"].removesuffix(".mid"),
            piece=f"{composer}_{row['title']}",
            work=_asap_work(place),
            source="asap",
            composer=composer,
        )


def _asap_work(place: str) -> str:
    """The work of a folder: ``Beethoven/Piano_Sonatas/17-1_no_repeat`` is sonata 17."""
    parts = re.sub(r"_(no|extra)?(_\w+)?_?repeat$", "", place).split("/")
    sonata = re.match(r"(\d+)-\d", parts[-1])
    if sonata:
        return "/".join([*parts[:-1], sonata[1]])
    if parts[-1].startswith("bwv"):
        return f"{parts[0]}/{parts[-1]}"  # a prelude and its fugue
    return "/".join(parts[:2])
