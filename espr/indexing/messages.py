"""Tasks and outcomes as plain dicts of text, numbers and bytes: what travels to another machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from espr.audio.encoder import Analysis, Windows
from espr.catalog.models import ScannedFile
from espr.features import get_space
from espr.indexing.workers import Analysed, Outcome, Recognised, Task, Unreadable
from espr.works.tags import Tags

Message = dict[str, Any]


def task_message(task: Task, path: str) -> Message:
    """A task, whose file the other machine sees at ``path``."""
    source = task.source
    return {
        "path": os.fsencode(path),  # a name need not be UTF-8
        "start": source.start,
        "end": source.end,
        "size": source.size,
        "mtime_ns": source.mtime_ns,
        "cue": None if source.cue is None else source.cue.to_json(),
        "hashes": sorted(task.hashes),
    }


def read_task(message: Mapping[str, Any]) -> Task:
    """The task that a message holds."""
    cue = message["cue"]
    source = ScannedFile(
        path=os.fsdecode(message["path"]),
        start=message["start"],
        end=message["end"],
        size=message["size"],
        mtime_ns=message["mtime_ns"],
        cue=None if cue is None else Tags.from_json(cue),
    )
    return Task(source, frozenset(message["hashes"]))


def outcome_message(outcome: Outcome) -> Message:
    """What became of a task."""
    if isinstance(outcome, Unreadable):
        return {"reason": outcome.reason, "retry": outcome.retry}
    if isinstance(outcome, Recognised):
        return {"audio_hash": outcome.audio_hash, "tags": outcome.tags.to_json()}
    analysis, windows = outcome.analysis, outcome.analysis.windows
    return {
        "tags": outcome.tags.to_json(),
        "space": windows.space.name,
        "times": windows.times.astype("<f8").tobytes(),
        "features": windows.features.astype("<f4").tobytes(),
        "duration": analysis.duration,
        "audio_hash": analysis.audio_hash,
        "notes": None if analysis.notes is None else analysis.notes.astype("<f8").tobytes(),
        "tuning": analysis.tuning,
        "pedal": None if analysis.pedal is None else analysis.pedal.astype("<f8").tobytes(),
    }


def read_outcome(message: Mapping[str, Any]) -> Outcome:
    """The outcome that a message holds."""
    if "reason" in message:
        return Unreadable(message["reason"], message["retry"])
    tags = Tags.from_json(message["tags"])
    if "space" not in message:
        return Recognised(message["audio_hash"], tags)
    times = np.frombuffer(message["times"], "<f8").reshape(-1, 2)
    features = np.frombuffer(message["features"], "<f4").reshape(len(times), -1)
    notes, pedal = (
        None if rows is None else np.frombuffer(rows, "<f8").reshape(-1, 2)
        for rows in (message["notes"], message["pedal"])
    )
    return Analysed(
        Analysis(
            windows=Windows(times, features, get_space(message["space"])),
            duration=message["duration"],
            audio_hash=message["audio_hash"],
            timings={},
            notes=notes,
            tuning=message["tuning"],
            pedal=pedal,
        ),
        tags,
    )
