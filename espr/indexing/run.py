"""Indexing: bring a library up to date with what lies on disk.

A scan is compared with the catalog by size and mtime; only what is new or changed goes to
the workers, and each recording is stored when it is done, so that an interruption costs
what was in flight. Then pieces are grouped over the whole library.
"""

from __future__ import annotations

import os
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from espr.audio.encoder import DEFAULT_AUDIO
from espr.audio.formats import AUDIO_SUFFIXES
from espr.catalog.away import read_away_folders, read_devices, store_folders
from espr.catalog.catalog import Catalog
from espr.catalog.corrections import store_manifest
from espr.catalog.recordings import (
    CatalogedFile,
    current_encoder,
    known_recordings,
    remove,
    store_analysis,
    store_current_encoder,
    store_place,
    store_unreadable,
)
from espr.catalog.regroup import bring_up_to_date
from espr.catalog.shards import Shard, ShardMark, read_shard, store_shard
from espr.encoders import load_audio_encoder, load_noting_encoder
from espr.errors import (
    DONE,
    INTERRUPTED,
    NO_LIBRARY,
    NONE_READABLE,
    NOTHING_MATCHED,
    SOME_UNREADABLE,
    EsprError,
)
from espr.indexing.absence import remember_devices
from espr.indexing.cluster import Cluster, analyse_on_cluster
from espr.indexing.embedded_sheets import split_albums
from espr.indexing.interrupts import interrupts_wait
from espr.indexing.plan import Event, Plan, plan_index, rehearse
from espr.indexing.scan import Scan, scan
from espr.indexing.sound_grouping import group_by_sound, outdated_in_words
from espr.indexing.workers import (
    Analysed,
    Load,
    Outcome,
    Recognised,
    Task,
    Unreadable,
    analyse_all,
    core_count,
)
from espr.works.grouping import read_manifest

_CHUNK = 5_000  # recordings reported at once


@dataclass
class Summary:
    """What was done.

    Attributes
    ----------
    counts : Counter
        By ``KINDS``.
    seconds : float
        Of audio that was analysed.
    left_out : Counter
        Files that are no audio, by suffix, and folders of waste, by name.
    notes : dict
        Paths of CUE sheets that split nothing and links that were not followed → reason.
    away : dict
        See :class:`Plan`.
    unmatched : list of str
        Paths in the manifest where the library has no recording.
    encoder : str
        Id of the audio encoder.
    reindexed : int
        Unchanged files that were analysed again, as only another encoder had analysed them, or
        their notes were not stored.
    not_analysed : int
        Recordings elsewhere that only another encoder has analysed.
    """

    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    left_out: Counter[str] = field(default_factory=Counter)
    notes: dict[str, str] = field(default_factory=dict)
    away: dict[str, int] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)
    interrupted: bool = False
    encoder: str = ""
    reindexed: int = 0
    not_analysed: int = 0

    @property
    def exit_code(self) -> int:
        read = self.counts["indexed"] + self.counts["unchanged"] + self.counts["moved"]
        if self.interrupted:
            return INTERRUPTED
        if self.counts["unreadable"]:
            return SOME_UNREADABLE if read else NONE_READABLE
        return DONE


class Listener:
    """Receives what happens while indexing; this one does nothing."""

    def planned(self, plan: Plan, encoder: str, jobs: int) -> None:
        """Before the first recording is analysed by ``jobs`` workers; by none here
        when it is rehearsed, or a cluster analyses.

        ``encoder``: the id of the one that will analyse.
        """

    def happened(self, event: Event) -> None:
        """Something is done."""

    def noticed(self, line: str) -> None:
        """Something that the user should know meanwhile."""

    def compared(self, done: int, total: int) -> None:
        """After each of the recordings that are compared by their notes."""


def index_folders(
    places: Sequence[str | os.PathLike[str]],
    library: str | os.PathLike[str] | None = None,
    *,
    encoder: str | None = None,
    jobs: int | None = None,
    manifest: str | os.PathLike[str] | None = None,
    dry_run: bool = False,
    forget_away: bool = False,
    alignment: bool = True,
    shard: Shard | None = None,
    cluster: Cluster | None = None,
    listener: Listener | None = None,
    load: Load | None = None,
) -> Summary:
    """Index folders and files into a library.

    Parameters
    ----------
    places : sequence of path
        Folders and audio files.
    library : path, optional
        The library's file; the user's own by default. It is made when there is none.
    encoder : str, optional
        The audio encoder's name; the one that the library was last indexed with by default, and
        ``DEFAULT_AUDIO`` for a new library. It is the library's from then on.
    jobs : int, optional
        Worker processes; one per core by default.
    manifest : path, optional
        A CSV that says piece and performer by path; remembered.
    dry_run : bool
        Only say what would be done.
    forget_away : bool
        Recordings whose drive seems to be away are gone for good.
    alignment : bool
        Recordings are compared by the notes that they play; else no notes are written down.
    shard : Shard, optional
        Only this share of the files, into a library of its own; recordings are compared by their
        notes when it is merged with the others.
    cluster : Cluster, optional
        Whose workers analyse, instead of processes here.
    load : callable
        From the encoder's name to the encoder, here and in every worker; by default
        ``load_noting_encoder``, without alignment ``load_audio_encoder``.

    Raises
    ------
    EsprError
        When a folder does not exist (2), the library is in use (11) or none (12). What was
        finished until then is kept.
    """
    listener = listener or Listener()
    encoder = encoder or _encoder_of(library)
    load = load or (load_noting_encoder if alignment else load_audio_encoder)
    loaded = load(encoder)
    encoder_id, with_notes = loaded.id, alignment and loaded.writes_notes
    entries = {} if manifest is None else read_manifest(os.fspath(manifest))
    result = scan(places)
    if not (result.files or result.unreadable or result.dangling):
        raise EsprError(_no_audio(result), NOTHING_MATCHED)
    mark = None
    if shard is not None:
        mark = ShardMark(shard, len(result.files), tuple(result.places), finished=False)
        result.files = [file for file in result.files if shard.holds(file.path)]
    if dry_run:
        known, devices, away, outdated = _known_if_any(library, encoder_id, with_notes)
        result.files = split_albums(result.files, known, result.notes)
        plan = plan_index(result, known, devices, away, forget_away=forget_away)
        summary = _summary(plan, encoder_id)
        listener.planned(plan, encoder_id, 0)
        if outdated and shard is None:
            listener.noticed(outdated)
        for event in rehearse(plan):
            summary.counts[event.kind] += 1
            listener.happened(event)
        return summary
    with Catalog.open(library, write=True) as catalog:
        known = known_recordings(catalog, encoder_id, with_notes=with_notes)
        _refuse_other_share(catalog, shard, is_empty=not known)
        result.files = split_albums(result.files, known, result.notes)
        devices, away = read_devices(catalog), read_away_folders(catalog)
        plan = plan_index(result, known, devices, away, forget_away=forget_away)
        if manifest is not None:
            paths = {file.path for file in result.files} | {path for path, _ in known}
            entries = {_path_on_disk(path, paths): entry for path, entry in entries.items()}
            store_manifest(catalog, manifest, entries)
        run = _Run(*(catalog, encoder_id, plan, listener, mark, cluster), with_notes=with_notes)
        run.summary.unmatched = sorted(path for path in entries if path not in paths)
        return run.index_all(encoder, load, jobs or core_count())


def _path_on_disk(path: str, paths: Collection[str]) -> str:
    """``path``, or the one of ``paths`` that differs from it in its Unicode form alone."""
    if path in paths or path.isascii():
        return path
    wanted = unicodedata.normalize("NFC", path)
    same = (other for other in paths if unicodedata.normalize("NFC", other) == wanted)
    return next(same, path)


def _no_audio(result: Scan) -> str:
    places = ", ".join(result.places)
    return f"no audio files in {places}; ESPR reads {' '.join(sorted(AUDIO_SUFFIXES))}"


def _refuse_other_share(catalog: Catalog, shard: Shard | None, *, is_empty: bool) -> None:
    """Raise where a library is another shard, or a shard and all were asked for, or all."""
    mark = read_shard(catalog)
    before = None if mark is None else mark.shard
    if before != shard and not (before is None and is_empty):
        what = "no shard" if before is None else f"shard {before}"
        how = "leave --shard out" if before is None else f"add --shard {before}"
        raise EsprError(f"the library {catalog.path} is {what}; {how}, or give another --library")


def _encoder_of(library: str | os.PathLike[str] | None) -> str:
    """The name of the encoder that a library goes on with."""
    try:
        with Catalog.open(library) as catalog:
            known = current_encoder(catalog)
    except EsprError as error:
        if error.exit_code != NO_LIBRARY:
            raise
        known = None
    return known.partition("/")[0] if known else DEFAULT_AUDIO


def _known_if_any(
    library: str | os.PathLike[str] | None, encoder_id: str, with_notes: bool
) -> tuple[dict[tuple[str, float], CatalogedFile], dict[str, int], dict[str, int], str]:
    try:
        with Catalog.open(library) as catalog:
            known = known_recordings(catalog, encoder_id, with_notes=with_notes)
            outdated = outdated_in_words(catalog)
            return known, read_devices(catalog), read_away_folders(catalog), outdated
    except EsprError as error:
        if error.exit_code != NO_LIBRARY:
            raise
        return {}, {}, {}, ""


def _summary(plan: Plan, encoder: str) -> Summary:
    return Summary(
        encoder=encoder,
        left_out=plan.scan.left_out,
        notes=plan.scan.notes,
        away=plan.away,
        reindexed=plan.reindex.total() + plan.without_notes,
        not_analysed=plan.not_analysed.total(),
    )


class _Run:
    """One run of indexing."""

    def __init__(
        self,
        catalog: Catalog,
        encoder_id: str,
        plan: Plan,
        listener: Listener,
        mark: ShardMark | None = None,
        cluster: Cluster | None = None,
        *,
        with_notes: bool,
    ) -> None:
        self.catalog = catalog
        self.cluster = cluster
        self.with_notes = with_notes
        self.mark = mark
        self.encoder_id = encoder_id
        self.plan = plan
        self.listener = listener
        self.summary = _summary(plan, encoder_id)
        self.candidates: dict[str, list[CatalogedFile]] = defaultdict(list)
        for items in plan.move_candidates.values():
            for item in items:
                if item.audio_hash:
                    self.candidates[item.audio_hash].append(item)
        self.moved: set[int] = set()
        self.again: list[Task] = []

    def index_all(self, encoder: str, load: Load, jobs: int) -> Summary:
        if self.mark is not None:
            store_shard(self.catalog, self.mark)
        try:
            here = 0 if self.cluster is not None else min(jobs, len(self.plan.tasks))
            self.listener.planned(self.plan, self.encoder_id, here)
            self._report_known()
            self._analyse(self.plan.tasks, encoder, load, jobs)
            self._analyse(self.again, encoder, load, jobs)
            # Only now: until all is analysed, what is gone may turn up elsewhere.
            gone = [item for item in self.plan.deleted if item.id not in self.moved]
            with interrupts_wait():
                remove(self.catalog, [item.id for item in gone])
                for item in gone:
                    self._report(Event("removed", item.path, item.start, seconds=item.duration))
            # Not before all is done: an interrupted library answers by what analysed it whole.
            store_current_encoder(self.catalog, self.encoder_id)
            self._remember_folders()
            if self.mark is not None:
                store_shard(self.catalog, replace(self.mark, finished=True))
        except KeyboardInterrupt:
            self.summary.interrupted = True
        except EsprError:  # a cluster that is gone: what it analysed can be asked
            bring_up_to_date(self.catalog)
            raise
        self._group()
        return self.summary

    def _group(self) -> None:
        """Find the pieces; by tags and names alone in a shard, or where the user has no time."""
        if not self.summary.interrupted and self.mark is None:
            try:
                listener = self.listener
                changed = group_by_sound(self.catalog, listener.compared, listener.noticed)
                self._report_grouped(changed)
                return
            except KeyboardInterrupt:
                self.summary.interrupted = True
        self._report_grouped(bring_up_to_date(self.catalog))

    def _remember_folders(self) -> None:
        scan, before = self.plan.scan, read_away_folders(self.catalog)
        away = {folder: last for folder, last in before.items() if not scan.covers(folder)}
        away |= {folder: before.get(folder, self.plan.last_known) for folder in self.plan.away}
        store_folders(self.catalog, remember_devices(scan, read_devices(self.catalog), away), away)

    def _report_known(self) -> None:
        for event in self.plan.unreadable:
            self._report(event)
        slugs = self.catalog.slugs() if self.plan.unchanged else {}
        for item in self.plan.unchanged:
            slug = slugs.get(item.id, "")
            self._report(Event("unchanged", item.path, item.start, slug, item.duration))

    def _report_grouped(self, ids: Sequence[int]) -> None:
        for first in range(0, len(ids), _CHUNK):
            found = self.catalog.recordings_by_id(ids[first : first + _CHUNK]).values()
            of_these = {r.piece_id for r in found if r.piece_id is not None}
            slugs = {piece.id: piece.slug for piece in self.catalog.pieces(sorted(of_these))}
            for recording in found:
                slug = slugs.get(recording.piece_id or 0, "")
                self.listener.happened(
                    Event("grouped", recording.path, recording.start, slug, recording.duration)
                )

    def _analyse(self, tasks: Sequence[Task], encoder: str, load: Load, jobs: int) -> None:
        if self.cluster is None:
            outcomes = analyse_all(tasks, encoder, load, jobs)
        else:
            outcomes = analyse_on_cluster(
                *(tasks, encoder, self.encoder_id, load, self.cluster, jobs),
                self.listener.noticed,
            )
        with closing(outcomes):
            for task, outcome in outcomes:
                with interrupts_wait():  # what is stored is reported and counted
                    self._store(task, outcome)

    def _store(self, task: Task, outcome: Outcome) -> None:
        """Store what became of one recording, and report it."""
        source = task.source
        if isinstance(outcome, Unreadable):
            reason, retry = outcome.reason, outcome.retry
            store_unreadable(
                self.catalog, source, self.encoder_id, reason, retry=retry, new_id=task.new_id
            )
            self._report(
                Event("unreadable", source.path, source.start, reason=reason, size=source.size)
            )
            return
        known = self.plan.changed.get((source.path, source.start))
        moved = self._claim(outcome.audio_hash) if known is None else None
        known = known or moved
        with self.catalog.transaction():
            if known and (moved or isinstance(outcome, Recognised)):
                store_place(self.catalog, known.id, source, outcome.tags)
            if isinstance(outcome, Analysed):
                analysis = outcome.analysis
                if not self.with_notes:
                    analysis = replace(analysis, notes=None)
                store_analysis(
                    self.catalog, source, outcome.tags, analysis, self.encoder_id, task.new_id
                )
        if isinstance(outcome, Analysed):
            seconds = outcome.analysis.duration
            self.summary.seconds += seconds
        elif known:
            seconds = known.duration
        else:  # the second copy of a file that moved
            self.again.append(Task(source, new_id=task.new_id))
            return
        kind = "moved" if moved else "indexed"
        self._report(Event(kind, source.path, source.start, seconds=seconds, size=source.size))

    def _claim(self, audio_hash: str) -> CatalogedFile | None:
        """A lost recording of this audio; each is found again only once."""
        items = self.candidates.get(audio_hash)
        if not items:
            return None
        item = items.pop()
        self.moved.add(item.id)
        return item

    def _report(self, event: Event) -> None:
        self.summary.counts[event.kind] += 1
        self.listener.happened(event)
