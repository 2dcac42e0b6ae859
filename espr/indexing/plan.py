"""What is to be done: a scan compared with the catalog, by size and mtime alone."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from espr.catalog.recordings import CatalogedFile
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
        Bytes of the file, when it was heard.
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
    vanished : list of CatalogedFile
        What is gone from the folders.
    lost : dict
        By size: that, and what is gone from elsewhere.
    barren : dict
        Folders without any audio → how many recordings of theirs the catalog keeps.
    again : Counter
        Id of an encoder → how many unchanged files it heard, and another one will hear now.
    unheard : Counter
        The same of files elsewhere, which nobody will hear now.
    """

    scan: Scan
    tasks: list[Task] = field(default_factory=list)
    unchanged: list[CatalogedFile] = field(default_factory=list)
    unreadable: list[Event] = field(default_factory=list)
    changed: dict[tuple[str, float], CatalogedFile] = field(default_factory=dict)
    vanished: list[CatalogedFile] = field(default_factory=list)
    lost: defaultdict[int, list[CatalogedFile]] = field(default_factory=lambda: defaultdict(list))
    barren: dict[str, int] = field(default_factory=dict)
    again: Counter[str] = field(default_factory=Counter)
    unheard: Counter[str] = field(default_factory=Counter)

    @property
    def size(self) -> int:
        """Bytes to hear."""
        return sum(task.source.size for task in self.tasks)


def plan_index(found: Scan, known: dict[tuple[str, float], CatalogedFile]) -> Plan:
    """Compare what lies on disk with what the catalog knows."""
    plan = Plan(found)
    plan.unreadable += [
        Event("unreadable", path, reason=reason) for path, reason in found.unreadable.items()
    ]
    present = {(source.path, source.start) for source in found.sources}
    new_sizes = {
        source.size for source in found.sources if (source.path, source.start) not in known
    }
    for place, item in known.items():
        if place in present:
            continue
        if found.covers(item.path):
            plan.vanished.append(item)
            plan.lost[item.size].append(item)
            continue
        if item.audio_hash and not item.heard:
            plan.unheard[item.encoder] += 1
        # Files elsewhere stay in the library, but one may have been moved from there to here.
        # Those of another size are not looked for: a stat a recording is slow over a network.
        if item.size in new_sizes and not (found.doubtful(item.path) or os.path.exists(item.path)):
            plan.lost[item.size].append(item)
    for source in found.sources:
        before = known.get((source.path, source.start))
        if before is None:
            lost = [item for item in plan.lost.get(source.size, ()) if item.heard]
            plan.tasks.append(Task(source, frozenset(item.audio_hash for item in lost)))
        elif not before.matches(source):
            same = {before.audio_hash} if before.heard else set()
            plan.tasks.append(Task(source, frozenset(same)))
            plan.changed[source.path, source.start] = before
            if before.is_of(source) and before.audio_hash and not before.heard:
                plan.again[before.encoder] += 1
        elif before.reason:
            plan.unreadable.append(
                Event("unreadable", before.path, before.start, reason=before.reason)
            )
        else:
            plan.unchanged.append(before)
    for folder in found.barren:
        kept = sum(item.path.startswith(folder.rstrip(os.sep) + os.sep) for item in known.values())
        if kept:
            plan.barren[folder] = kept
    return plan


def rehearse(plan: Plan) -> list[Event]:
    """What would happen; a new file with the size and mtime of a lost one is its move."""
    lost = {(item.size, item.mtime_ns): item for items in plan.lost.values() for item in items}
    moved = set()
    events = [*plan.unreadable]
    events += [Event("unchanged", k.path, k.start, seconds=k.duration) for k in plan.unchanged]
    for task in plan.tasks:
        source = task.source
        item = None
        if (source.path, source.start) not in plan.changed:
            item = lost.pop((source.size, source.mtime_ns), None)
        if item is not None:
            moved.add(item.id)
        events.append(Event("moved" if item else "indexed", source.path, source.start))
    events += [Event("removed", k.path, k.start) for k in plan.vanished if k.id not in moved]
    return events
