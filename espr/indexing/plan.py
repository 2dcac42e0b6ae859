"""What is to be done: a scan compared with the catalog, by size and mtime alone."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from espr.catalog.away import lies_in
from espr.catalog.models import ScannedFile
from espr.catalog.recordings import CatalogedFile
from espr.indexing.absence import away_folders
from espr.indexing.remote_files import is_url
from espr.indexing.scan import Scan
from espr.indexing.workers import Task

KINDS = ("indexed", "unchanged", "moved", "removed", "unreadable")


@dataclass(frozen=True, slots=True)
class Event:
    """One recording is done.

    Attributes
    ----------
    kind : str
        One of ``KINDS``; or ``grouped``, when its piece was found or changed afterwards.
    start : float
        Seconds into the file, where it is a track of a one-file album.
    piece : str
        Slug; empty when it is not known yet.
    seconds : float
        Of audio.
    reason : str
        Why it could not be read.
    size : int
        Bytes of the file, when it was analysed.
    """

    kind: str
    path: str
    start: float = 0.0
    piece: str = ""
    seconds: float = 0.0
    reason: str = ""
    size: int = 0


@dataclass
class Plan:
    """What is to be done.

    Attributes
    ----------
    changed : dict
        By path and start: what the catalog knows of files that are not as they were.
    deleted : list of CatalogedFile
        What is gone from the folders.
    move_candidates : dict
        By size: that, and what is gone from elsewhere.
    away : dict
        Folders whose drive seems to be away → how many of their recordings the catalog keeps.
    last_known : int
        The largest id of a recording that was known.
    without_notes : int
        Unchanged files that were analysed before notes were stored, and will be again.
    reindex : Counter
        Id of an encoder → how many unchanged files it analysed, and another one will now.
    not_analysed : Counter
        The same of files elsewhere, which nobody will analyse now.
    """

    scan: Scan
    tasks: list[Task] = field(default_factory=list)
    unchanged: list[CatalogedFile] = field(default_factory=list)
    unreadable: list[Event] = field(default_factory=list)
    changed: dict[tuple[str, float], CatalogedFile] = field(default_factory=dict)
    deleted: list[CatalogedFile] = field(default_factory=list)
    move_candidates: defaultdict[int, list[CatalogedFile]] = field(
        default_factory=lambda: defaultdict(list)
    )
    away: dict[str, int] = field(default_factory=dict)
    last_known: int = 0
    without_notes: int = 0
    reindex: Counter[str] = field(default_factory=Counter)
    not_analysed: Counter[str] = field(default_factory=Counter)

    @property
    def size(self) -> int:
        """Bytes to analyse."""
        return sum(task.source.size for task in self.tasks)


def plan_index(
    scan: Scan,
    known: Mapping[tuple[str, float], CatalogedFile],
    devices: Mapping[str, int] | None = None,
    away_before: Mapping[str, int] | None = None,
    *,
    forget_away: bool = False,
) -> Plan:
    """Compare what lies on disk with what the catalog knows.

    ``devices``, ``away_before``: see :mod:`espr.catalog.away`; ``forget_away``: what seems to be
    away is gone for good.
    """
    plan = Plan(scan, last_known=max((item.id for item in known.values()), default=0))
    plan.unreadable += [
        Event("unreadable", path, reason=reason) for path, reason in scan.unreadable.items()
    ]
    present = {(file.path, file.start) for file in scan.files}
    paths = {file.path for file in scan.files}
    absent = [item for place, item in known.items() if place not in present]
    covered = {item.id: item for item in absent if scan.covers(item.path)}
    away: set[str] = set()
    missing = [item.path for item in covered.values() if item.path not in paths]
    if missing and not forget_away:
        found = [
            item.path
            for item in known.values()
            if item.path in paths
            and not any(
                item.id > last and lies_in(item.path, [folder])
                for folder, last in (away_before or {}).items()
            )
        ]
        away = away_folders(scan, found, missing, devices or {})
    kept = {
        item.id for item in covered.values() if item.path not in paths and lies_in(item.path, away)
    }
    counts = Counter(
        folder
        for item in covered.values()
        for folder in away
        if item.id in kept and lies_in(item.path, [folder])
    )
    plan.away = dict(sorted(counts.items()))
    new_sizes = {file.size for file in scan.files if (file.path, file.start) not in known}
    for item in absent:
        if item.id in covered and item.id not in kept:
            plan.deleted.append(item)
            plan.move_candidates[item.size].append(item)
            continue
        if item.audio_hash and not item.analysed:
            plan.not_analysed[item.encoder] += 1
        # Files elsewhere stay in the library, but one may have been moved from there to here.
        # Those of another size are not looked for: a stat a recording is slow over a network.
        if item.size not in new_sizes or item.id in kept or is_url(item.path):
            continue
        if not os.path.exists(item.path):
            plan.move_candidates[item.size].append(item)
    for number, file in enumerate(scan.files, 1):
        _plan_file(plan, file, known.get((file.path, file.start)), plan.last_known + number)
    return plan


def _plan_file(plan: Plan, file: ScannedFile, before: CatalogedFile | None, new_id: int) -> None:
    if before is None:
        gone = [item for item in plan.move_candidates.get(file.size, ()) if item.analysed]
        plan.tasks.append(Task(file, frozenset(item.audio_hash for item in gone), new_id))
    elif not before.matches(file):
        same = {before.audio_hash} if before.analysed and not before.lacks_notes else set()
        plan.tasks.append(Task(file, frozenset(same)))
        plan.changed[file.path, file.start] = before
        if before.is_of(file) and before.audio_hash and not before.analysed:
            plan.reindex[before.encoder] += 1
        elif before.is_of(file) and before.audio_hash:
            plan.without_notes += 1
    elif before.reason:
        plan.unreadable.append(Event("unreadable", before.path, before.start, reason=before.reason))
    else:
        plan.unchanged.append(before)


def rehearse(plan: Plan) -> list[Event]:
    """What would happen; a new file with the size and mtime of one that is gone is its move."""
    gone = {
        (item.size, item.mtime_ns): item
        for items in plan.move_candidates.values()
        for item in items
    }
    moved = set()
    events = [*plan.unreadable]
    events += [Event("unchanged", k.path, k.start, seconds=k.duration) for k in plan.unchanged]
    for task in plan.tasks:
        source = task.source
        item = None
        if (source.path, source.start) not in plan.changed:
            item = gone.pop((source.size, source.mtime_ns), None)
        if item is not None:
            moved.add(item.id)
        events.append(Event("moved" if item else "indexed", source.path, source.start))
    events += [Event("removed", k.path, k.start) for k in plan.deleted if k.id not in moved]
    return events
